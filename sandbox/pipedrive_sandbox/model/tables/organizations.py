"""Organizations and their relationships.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from pipedrive_sandbox.actions import lists, prepare, single
from pipedrive_sandbox.actions.routes import old_record, record
from pipedrive_sandbox.model import shapes, shapes_account
from pipedrive_sandbox.model.column import FIXED, MOMENT, TIMES, Column, Key, blank
from pipedrive_sandbox.model.keys import (
    ADDRESS,
    CUSTOM_FIELDS,
    DATETIME,
    LABELS,
    OPTIONAL_INTEGER,
    OPTIONAL_TEXT,
    ORGANIZATION,
    OWNER,
    TITLE,
    VISIBLE_TO,
)
from pipedrive_sandbox.model.params import CONTACT_LIST, DEAL_COUNTERS, NEEDED_ID, OF_EVERYONE, RECORD, SORT_TIMES
from pipedrive_sandbox.model.resource import Resource, Route
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.seeds.values import ADDRESS_PARTS, address
from pipedrive_sandbox.store.collection import Row

BUILT_IN_PARTS = ADDRESS_PARTS[:-1]
COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("name", "", write=TITLE, field=("Name", "varchar")),
    Column("owner_id", 1, write=OWNER, field=("Owner", "user")),
    Column("add_time", MOMENT, write=DATETIME, update=FIXED, field=("Created", "date")),
    Column("update_time", MOMENT, field=("Updated", "date")),
    Column("is_deleted", False),
    Column("visible_to", 3, write=VISIBLE_TO, field=("Visible to", "visible_to")),
    Column("address", write=ADDRESS, field=("Address", "address")),
    Column(
        "label_ids",
        [],
        write=LABELS,
        field=("Labels", "set", {"Customer": "green", "Supplier": "gray", "Важный": "red"}),
    ),
    Column("website", write=OPTIONAL_TEXT, field=("Website", "varchar"), is_optional=True),
    Column("linkedin", write=OPTIONAL_TEXT, field=("LinkedIn profile", "varchar"), is_optional=True),
    Column(
        "industry",
        write=OPTIONAL_INTEGER,
        field=("Industry", "enum", ("Software", "Manufacturing", "Retail")),
        is_optional=True,
    ),
    Column("annual_revenue", write=OPTIONAL_INTEGER, field=("Annual revenue", "double"), is_optional=True),
    Column("employee_count", write=OPTIONAL_INTEGER, field=("Number of employees", "int"), is_optional=True),
    Column("custom_fields", {}, write=CUSTOM_FIELDS, is_shown=False),
)

RELATIONSHIP_COLUMNS = (
    Column("type", "related", write=Key("string", required=True, choices=("parent", "related"))),
    Column("rel_owner_org_id", write=Key("integer", required=True, refers="organizations")),
    Column("rel_linked_org_id", write=Key("integer", required=True, refers="organizations")),
    Column("active_flag", True),
    *TIMES,
    Column("org_id", write=ORGANIZATION, is_stored=False),
)

OF_ORGANIZATIONS = (*OF_EVERYONE, *DEAL_COUNTERS, "people_count")


def organization(maker: Maker, number: int) -> Row:
    """An organization with a website of its own."""
    random = maker.random
    name = (
        f"{random.choice(words.COMPANY_WORDS)} {random.choice(words.COMPANY_KINDS)} {random.choice(words.LEGAL_FORMS)}"
    )
    has_site = random.random() < 0.8
    return {
        **blank(COLUMNS),
        **maker.times(),
        "name": f"{name} {number}",
        "owner_id": maker.owner(),
        "address": address(random, BUILT_IN_PARTS) if random.random() < 0.7 else None,
        "label_ids": maker.some_labels("organizationFields"),
        "website": f"https://www.company{number}.example/about" if has_site else None,
        "employee_count": random.randrange(1, 5000) if random.random() < 0.5 else None,
        "is_deleted": random.random() < 0.02,
        **maker.custom("organizationFields"),
    }


def relationship(maker: Maker, _number: int) -> Row:
    """A relationship of two organizations."""
    owner, linked = maker.pick("organizations"), maker.pick("organizations")
    kind = maker.random.choice(("parent", "related"))
    return made(maker, RELATIONSHIP_COLUMNS, type=kind, rel_owner_org_id=owner, rel_linked_org_id=linked)


ORGANIZATIONS = Resource(
    "organizations",
    "Organization",
    "v2",
    columns=COLUMNS,
    scopes=("contacts",),
    shape=shapes.record,
    fields="organizationFields",
    filters={"owner_id": "owner_id"},
    sortable=SORT_TIMES,
    include_fields=OF_ORGANIZATIONS,
    routes=(
        Route("GET", "/organizations", 10, lists.by_cursor, CONTACT_LIST),
        *record("/organizations", query=RECORD),
    ),
    seed=organization,
)

RELATIONSHIPS = Resource(
    "organizationRelationships",
    "Organization relationship",
    "v1",
    columns=RELATIONSHIP_COLUMNS,
    scopes=("contacts",),
    shape=shapes_account.relationship,
    deleted="active_flag",
    prepare=prepare.relationship,
    params={"org_id": NEEDED_ID},
    routes=(
        Route("GET", "/organizationRelationships", 20, lists.relationships, ("org_id",)),
        *old_record("/organizationRelationships", show=None),
    ),
    seed=relationship,
)

RELATIONSHIP = Resource(
    "organizationRelationship",
    "Organization relationship",
    "v1",
    scopes=("contacts",),
    collection="organizationRelationships",
    shape=shapes_account.relationship,
    deleted="active_flag",
    routes=(Route("GET", "/organizationRelationships/{id}", 2, single.show, ("org_id",)),),
)


TABLES = (ORGANIZATIONS, RELATIONSHIPS, RELATIONSHIP)
