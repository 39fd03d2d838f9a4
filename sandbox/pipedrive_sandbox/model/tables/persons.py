"""Persons."""

from random import Random

from pipedrive_sandbox.actions import account_reads, lists, prepare
from pipedrive_sandbox.actions.writes import record
from pipedrive_sandbox.model import shapes
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import FIXED, MOMENT, Column, Key, blank
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("name", "", write=Key("string", longest=255), field=("Name", "varchar")),
    Column("first_name", write=v.TEXT, field=("First name", "varchar")),
    Column("last_name", write=v.TEXT, field=("Last name", "varchar")),
    Column("owner_id", 1, write=v.OWNER, field=("Owner", "user")),
    Column("org_id", write=v.ORGANIZATION, field=("Organization", "org")),
    Column("add_time", MOMENT, write=v.DATETIME, update=FIXED, field=("Created", "date")),
    Column("update_time", MOMENT, field=("Updated", "date")),
    Column("emails", [], write=v.CONTACTS, field=("Email", "varchar")),
    Column("phones", [], write=v.CONTACTS, field=("Phone", "phone")),
    Column("is_deleted", False),
    Column("visible_to", 3, write=v.VISIBLE_TO, field=("Visible to", "visible_to")),
    Column(
        "label_ids",
        [],
        write=v.LABELS,
        field=("Labels", "set", {"Customer": "green", "Prospect": "orange", "Partner": "purple"}),
    ),
    Column("picture_id", field=("Picture", "picture"), is_optional=True),
    Column("postal_address", write=v.ADDRESS, is_optional=True),
    Column("notes", write=v.TEXT, is_optional=True),
    Column("im", [], write=v.CONTACTS, is_optional=True),
    Column("birthday", write=v.DATE, is_optional=True),
    Column("job_title", write=v.TEXT, is_optional=True),
    Column(
        "marketing_status",
        "no_consent",
        write=Key("string", choices=("no_consent", "unsubscribed", "subscribed", "archived")),
        is_shown=False,
    ),
    Column("doi_status", 1, is_shown=False),
    Column("custom_fields", {}, write=v.CUSTOM_FIELDS, is_shown=False),
)

OF_PERSONS = (
    *v.OF_EVERYONE,
    *v.DEAL_COUNTERS,
    *v.MAIL_TIMES,
    "participant_open_deals_count",
    "participant_closed_deals_count",
    "marketing_status",
    "doi_status",
)


def person(maker: Maker, number: int) -> Row:
    """A person; some have a second email address, some none."""
    random = maker.random
    first, last = random.choice(words.FIRST_NAMES), random.choice(words.LAST_NAMES)
    return {
        **blank(COLUMNS),
        **maker.times(),
        "name": f"{first} {last}",
        "first_name": first,
        "last_name": last,
        "owner_id": maker.owner(),
        "org_id": maker.pick("organizations", 0.8),
        "emails": _emails(random, number),
        "phones": [{"value": f"+372 5{number:07}", "primary": True, "label": "work"}] if random.random() < 0.7 else [],
        "label_ids": maker.some_labels("personFields"),
        "is_deleted": random.random() < 0.02,
        **maker.custom("personFields"),
    }


def _emails(random: Random, number: int) -> list[Row]:
    if random.random() < 0.1:
        return []
    emails = [{"value": f"person{number}@company{number % 60 + 1}.example", "primary": True, "label": "work"}]
    if random.random() < 0.2:
        emails.append({"value": f"Home.{number}@Mail.Example", "primary": False, "label": "home"})
    return emails


PERSON = Resource(
    "persons", "Person", "v2", "contacts", COLUMNS, shapes.record, prepare.person, person, fields="personFields"
)
TABLES = (
    PERSON.at(
        get("/persons", 10, lists.persons, f"{v.CONTACT_LIST} org_id deal_id"),
        *record("/persons", query=v.RECORD),
        filters=v.same("owner_id org_id"),
        sortable=v.SORT_TIMES,
        include_fields=OF_PERSONS,
    ),
    PERSON.at(get("/persons/{id}/picture", 1, account_reads.picture)),
)
