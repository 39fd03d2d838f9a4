"""Deals and their participants."""

from random import Random

from pipedrive_sandbox.actions import children, deals, lists
from pipedrive_sandbox.actions.writes import record
from pipedrive_sandbox.model import shapes, shapes_old
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, Key, blank, defaults, plain
from pipedrive_sandbox.model.resource import Resource, Route, get
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.seeds.values import day
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("title", "", write=v.TITLE, field=("Title", "varchar")),
    Column("creator_user_id", 1, field=("Creator", "user")),
    Column("owner_id", 1, write=v.OWNER, field=("Owner", "user")),
    Column("value", 0, write=v.NUMBER, field=("Value", "monetary")),
    Column("person_id", write=v.PERSON, field=("Contact person", "people")),
    Column("org_id", write=v.ORGANIZATION, field=("Organization", "org")),
    Column("stage_id", 1, write=Key("integer", refers="stages"), field=("Stage", "stage")),
    Column("pipeline_id", 1, write=Key("integer", refers="pipelines"), field=("Pipeline", "double")),
    Column("currency", "EUR", write=Key("currency"), field=("Currency", "varchar")),
    Column("archive_time", write=v.SPACED_DATETIME, is_optional=True),
    Column("add_time", MOMENT, field=("Created", "date")),
    Column("update_time", MOMENT, field=("Updated", "date")),
    Column("stage_change_time", field=("Last stage change", "date")),
    Column("status", "open", write=Key("string", choices=("open", "won", "lost")), field=("Status", "status")),
    *plain("is_archived is_deleted", False, write=v.BOOLEAN),
    Column("probability", write=v.PERCENT, field=("Probability", "int")),
    Column("lost_reason", write=v.OPTIONAL_TEXT, field=("Lost reason", "varchar_options")),
    Column("visible_to", 3, write=v.VISIBLE_TO, field=("Visible to", "visible_to")),
    Column("close_time", write=Key("datetime", nullable=True), field=("Closed", "date")),
    Column("won_time", write=v.DATETIME, field=("Won time", "date")),
    Column("lost_time", write=v.DATETIME, field=("Lost time", "date")),
    *plain("local_won_date local_lost_date local_close_date", is_optional=True),
    Column("expected_close_date", write=v.DATE, field=("Expected close date", "date"), is_optional=True),
    Column("label_ids", [], write=v.LABELS, field=("Labels", "set", {"Hot": "red", "Warm": "yellow", "Cold": "blue"})),
    Column("origin", "API"),
    *plain("origin_id channel channel_id source_lead_id acv arr mrr"),
    Column("custom_fields", {}, write=v.CUSTOM_FIELDS, is_shown=False),
)

PARTICIPANT_COLUMNS = (
    Column("deal_id"),
    Column("person_id", write=Key("integer", required=True, refers="persons")),
    *defaults(active_flag=True, added_by_user_id=1),
    *TIMES,
)

PARTICIPANT_CHANGE_COLUMNS = (*defaults(action="added", actor_user_id=1, person_id=None, time=MOMENT),)

OF_DEALS = (*v.OF_EVERYONE, *v.MAIL_TIMES, "first_won_time", "products_count", "participants_count", "source_lead_id")


def deal(maker: Maker, number: int) -> Row:
    """A deal: one in ten archived, three in a hundred deleted."""
    random = maker.random
    stage, times = random.choice(maker.stages), maker.times()
    closing = random.random()
    row = {
        **blank(COLUMNS),
        **times,
        "title": f"{random.choice(words.COMPANY_WORDS)} {random.choice(words.DEAL_WORDS)} {number}",
        "owner_id": maker.owner(),
        "value": random.choice((0, round(random.uniform(100, 90_000), 2), random.randrange(1, 100) * 1000)),
        "currency": random.choice(("EUR", "EUR", "USD", "GBP")),
        "person_id": maker.pick("persons", 0.8),
        "org_id": maker.pick("organizations", 0.8),
        "stage_id": stage["id"],
        "pipeline_id": stage["pipeline_id"],
        "stage_change_time": times["add_time"] if random.random() < 0.5 else None,
        "expected_close_date": _close_date(random) if random.random() < 0.5 else None,
        "label_ids": maker.some_labels("dealFields"),
        "is_deleted": random.random() < 0.03,
        **_outcome(times["update_time"], closing),
        **maker.custom("dealFields"),
    }
    if random.random() < 0.1:
        row.update(is_archived=True, archive_time=times["update_time"])
    if number % 25 == 0:
        row["title"] += f" {random.choice(words.EMOJI)}"
    return row


def _close_date(random: Random) -> str:
    return "0000-00-00" if random.random() < 0.03 else day(random)


def _outcome(moment: str, closing: float) -> Row:
    if closing < 0.6:
        return {}
    if closing < 0.8:
        return {"status": "won", "won_time": moment, "close_time": moment, "local_won_date": moment[:10]}
    lost = {"status": "lost", "lost_time": moment, "close_time": moment, "local_lost_date": moment[:10]}
    return {**lost, "lost_reason": "Price" if closing < 0.9 else None}


def participant(maker: Maker, _number: int) -> Row:
    """A person who takes part in a deal."""
    _, deal, person = maker.once(lambda: ("participant", maker.pick("deals"), maker.pick("persons")))
    return made(maker, PARTICIPANT_COLUMNS, deal_id=deal, person_id=person)


DEAL_FILTERS = "filter_id ids owner_id person_id org_id pipeline_id stage_id status"

ARCHIVED_DEALS = f"{DEAL_FILTERS} {v.UPDATED} {v.SORTED} include_fields custom_fields {v.PAGE}"

DEAL = Resource("deals", "Deal", "v2", "deals", COLUMNS, shapes.deal, deals.prepare, deal, fields="dealFields")
PARTICIPANT = Resource(
    "deal_participants", "Participant", "v1", "deals", PARTICIPANT_COLUMNS, shapes_old.participant, seed=participant
)
PARTICIPANT_CHANGE = Resource(
    "participant_changes", "Change", "v1", "deals", PARTICIPANT_CHANGE_COLUMNS, shapes_old.change
)
TABLES = (
    DEAL.at(
        get("/deals", 10, lists.deals, f"{DEAL_FILTERS} {v.UPDATED} {v.SORTED} {v.RECORD} {v.PAGE}"),
        get("/deals/archived", 20, lists.deals, ARCHIVED_DEALS),
        *record("/deals", query=v.RECORD, update=deals.update_deal),
        filters=v.same("owner_id person_id org_id pipeline_id stage_id"),
        sortable=v.SORT_TIMES,
        include_fields=OF_DEALS,
    ),
    PARTICIPANT.below(
        "deals",
        get("/deals/{id}/participants", 10, lists.children_by_offset, v.OFFSET),
        Route("POST", "/deals/{id}/participants", 10, children.add_participant),
        Route("DELETE", "/deals/{id}/participants/{deal_participant_id}", 6, children.delete_participant),
    ),
    PARTICIPANT_CHANGE.below(
        "deals", get("/deals/{id}/participantsChangelog", 10, lists.children, v.PAGE), direction="desc"
    ),
)
