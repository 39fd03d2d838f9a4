"""Organizations and their relationships."""

from pipedrive_sandbox.actions import lists, prepare, single
from pipedrive_sandbox.actions.writes import old_record, record
from pipedrive_sandbox.model import shapes, shapes_old
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import FIXED, MOMENT, TIMES, Column, Key, blank, plain
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.seeds.values import ADDRESS_PARTS, address
from pipedrive_sandbox.store.collection import Row

BUILT_IN_PARTS = ADDRESS_PARTS[:-1]
COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("name", "", write=v.TITLE, field=("Name", "varchar")),
    Column("owner_id", 1, write=v.OWNER, field=("Owner", "user")),
    Column("add_time", MOMENT, write=v.DATETIME, update=FIXED, field=("Created", "date")),
    Column("update_time", MOMENT, field=("Updated", "date")),
    Column("is_deleted", False),
    Column("visible_to", 3, write=v.VISIBLE_TO, field=("Visible to", "visible_to")),
    Column("address", write=v.ADDRESS, field=("Address", "address")),
    Column(
        "label_ids",
        [],
        write=v.LABELS,
        field=("Labels", "set", {"Customer": "green", "Supplier": "gray", "Важный": "red"}),
    ),
    Column("website", write=v.OPTIONAL_TEXT, field=("Website", "varchar"), is_optional=True),
    Column("linkedin", write=v.OPTIONAL_TEXT, field=("LinkedIn profile", "varchar"), is_optional=True),
    Column(
        "industry",
        write=v.OPTIONAL_INTEGER,
        field=("Industry", "enum", ("Software", "Manufacturing", "Retail")),
        is_optional=True,
    ),
    Column("annual_revenue", write=v.OPTIONAL_INTEGER, field=("Annual revenue", "double"), is_optional=True),
    Column("employee_count", write=v.OPTIONAL_INTEGER, field=("Number of employees", "int"), is_optional=True),
    Column("custom_fields", {}, write=v.CUSTOM_FIELDS, is_shown=False),
)

RELATIONSHIP_COLUMNS = (
    Column("type", "related", write=Key("string", required=True, choices=("parent", "related"))),
    *plain("rel_owner_org_id rel_linked_org_id", write=Key("integer", required=True, refers="organizations")),
    Column("active_flag", True),
    *TIMES,
    Column("org_id", write=v.ORGANIZATION, is_stored=False),
)

OF_ORGANIZATIONS = (*v.OF_EVERYONE, *v.DEAL_COUNTERS, "people_count")


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


ORGANIZATION = Resource("organizations", "Organization", "v2", "contacts", COLUMNS, shapes.record, seed=organization)
RELATIONSHIP = Resource(
    "organizationRelationships",
    "Organization relationship",
    "v1",
    "contacts",
    RELATIONSHIP_COLUMNS,
    shapes_old.relationship,
    prepare.relationship,
    relationship,
    deleted="active_flag",
)
TABLES = (
    ORGANIZATION.at(
        get("/organizations", 10, lists.by_cursor, v.CONTACT_LIST),
        *record("/organizations", query=v.RECORD),
        filters=v.same("owner_id"),
        sortable=v.SORT_TIMES,
        include_fields=OF_ORGANIZATIONS,
        fields="organizationFields",
    ),
    RELATIONSHIP.at(
        get("/organizationRelationships", 20, lists.relationships, "org_id"),
        *old_record("/organizationRelationships", shown=None),
        params={"org_id": v.NEEDED_ID},
    ),
    RELATIONSHIP.at(get("/organizationRelationships/{id}", 2, single.show, "org_id")),
)
