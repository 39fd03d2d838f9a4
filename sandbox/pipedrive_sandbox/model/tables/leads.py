"""Leads, their labels and sources."""

from pipedrive_sandbox.actions import deals, lists, prepare
from pipedrive_sandbox.actions.writes import old_record
from pipedrive_sandbox.model import shapes_v1
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import FIXED, TIMES, Column, Key, blank, plain
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker
from pipedrive_sandbox.seeds.values import day
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id", field=("ID", "varchar")),
    Column("title", "", write=v.TITLE, field=("Title", "varchar")),
    Column("owner_id", 1, write=v.OWNER, field=("Owner", "user")),
    Column("creator_id", 1),
    Column("label_ids", [], write=Key("lead_labels"), field=("Labels", "set")),
    Column(
        "person_id",
        write=v.PERSON,
        update=Key("integer", nullable=True, refers="persons"),
        field=("Contact person", "people"),
    ),
    Column(
        "organization_id",
        write=v.ORGANIZATION,
        update=Key("integer", nullable=True, refers="organizations"),
        field=("Organization", "org"),
    ),
    *plain("source_name origin", default="API"),
    Column("origin_id", write=v.OPTIONAL_TEXT, update=FIXED),
    Column("channel", write=v.OPTIONAL_INTEGER),
    Column("channel_id", write=v.OPTIONAL_TEXT),
    Column("source_deal_id"),
    Column("is_archived", False, update=v.BOOLEAN),
    Column("archive_time"),
    Column("was_seen", False, write=v.BOOLEAN),
    Column("value", write=Key("lead_value", nullable=True), field=("Value", "monetary")),
    Column("expected_close_date", write=v.DATE, update=v.OPTIONAL_DATE, field=("Expected close date", "date")),
    Column("next_activity_id"),
    *TIMES,
    Column("visible_to", "3", write=Key("string", choices=("1", "3", "5", "7"))),
    Column("cc_email", "sandbox@pipedrivemail.example"),
    Column("is_deleted", False, is_shown=False),
    Column("custom_fields", {}, is_shown=False),
)

LABEL_COLORS = ("blue", "brown", "dark-gray", "gray", "green", "orange", "pink", "purple", "red", "yellow")
LABEL_COLUMNS = (
    Column("id"),
    Column("name", "", write=v.TITLE),
    Column("color", "blue", write=Key("string", required=True, choices=LABEL_COLORS)),
    *TIMES,
)


def lead(maker: Maker, number: int) -> Row:
    """A lead, tied to a person or an organization; one in six archived."""
    random = maker.random
    person_id, times = maker.pick("persons", 0.8), maker.times()
    is_archived = random.random() < 0.17
    amount = {"amount": random.randrange(1, 500) * 10, "currency": random.choice(("EUR", "USD"))}
    return {
        **blank(COLUMNS),
        **times,
        "title": f"{random.choice(words.COMPANY_WORDS)} lead {number}",
        "owner_id": maker.owner(),
        "label_ids": random.sample(maker.lead_labels, random.choice((0, 1, 2))),
        "person_id": person_id,
        "organization_id": maker.pick("organizations", 0.4 if person_id else 1),
        "is_archived": is_archived,
        "archive_time": times["update_time"] if is_archived else None,
        "was_seen": random.random() < 0.5,
        "value": amount if random.random() < 0.6 else None,
        "expected_close_date": day(random) if random.random() < 0.3 else None,
        **maker.custom("dealFields"),
    }


LEAD_FILTERS = "owner_id person_id organization_id"

LEAD_SORT = ("id", "title", "owner_id", "creator_id", "was_seen", "expected_close_date", "next_activity_id")

LEAD = Resource(
    "leads",
    "Lead",
    "v1",
    "leads",
    COLUMNS,
    shapes_v1.lead,
    prepare.lead,
    lead,
).at(fields="dealFields", id_kind="uuid", order="add_time")
LEAD_LABEL = Resource(
    "leadLabels", "Lead label", "v1", "leads", LABEL_COLUMNS, shapes_v1.lead_label, id_kind="uuid", order="add_time"
)
LEAD_SOURCE = Resource("leadSources", "Lead source", "v1", "leads", plain("name"))
TABLES = (
    LEAD.at(
        get("/leads", 20, lists.leads, f"{v.OFFSET} {LEAD_FILTERS} filter_id updated_since sort"),
        get("/leads/archived", 40, lists.leads, f"{v.OFFSET} {LEAD_FILTERS} filter_id sort"),
        *old_record("/leads", verb="PATCH", status=201, create=deals.create_lead, update=deals.update_lead),
        filters=v.same(LEAD_FILTERS),
        sortable=(*LEAD_SORT, "add_time", "update_time"),
    ),
    LEAD_LABEL.at(get("/leadLabels", 10, lists.whole), *old_record("/leadLabels", verb="PATCH", shown=None)),
    LEAD_SOURCE.at(get("/leadSources", 2, lists.whole)),
)
