"""Deals and their participants.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from random import Random

from pipedrive_sandbox.actions import children, deals, lists
from pipedrive_sandbox.actions.routes import record
from pipedrive_sandbox.model import shapes, shapes_account
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, Key, blank, plain
from pipedrive_sandbox.model.keys import (
    BOOLEAN,
    CUSTOM_FIELDS,
    DATE,
    DATETIME,
    LABELS,
    NUMBER,
    OPTIONAL_TEXT,
    ORGANIZATION,
    OWNER,
    PERCENT,
    PERSON,
    SPACED_DATETIME,
    TITLE,
    VISIBLE_TO,
)
from pipedrive_sandbox.model.params import MAIL_TIMES, OF_EVERYONE, OFFSET, PAGE, RECORD, SORT_TIMES, SORTED, UPDATED
from pipedrive_sandbox.model.resource import Resource, Route
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.seeds.values import day
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("title", "", write=TITLE, field=("Title", "varchar")),
    Column("creator_user_id", 1, field=("Creator", "user")),
    Column("owner_id", 1, write=OWNER, field=("Owner", "user")),
    Column("value", 0, write=NUMBER, field=("Value", "monetary")),
    Column("person_id", write=PERSON, field=("Contact person", "people")),
    Column("org_id", write=ORGANIZATION, field=("Organization", "org")),
    Column("stage_id", 1, write=Key("integer", refers="stages"), field=("Stage", "stage")),
    Column("pipeline_id", 1, write=Key("integer", refers="pipelines"), field=("Pipeline", "double")),
    Column("currency", "EUR", write=Key("currency"), field=("Currency", "varchar")),
    Column("archive_time", write=SPACED_DATETIME, is_optional=True),
    Column("add_time", MOMENT, field=("Created", "date")),
    Column("update_time", MOMENT, field=("Updated", "date")),
    Column("stage_change_time", field=("Last stage change", "date")),
    Column("status", "open", write=Key("string", choices=("open", "won", "lost")), field=("Status", "status")),
    Column("is_archived", False, write=BOOLEAN),
    Column("is_deleted", False, write=BOOLEAN),
    Column("probability", write=PERCENT, field=("Probability", "int")),
    Column("lost_reason", write=OPTIONAL_TEXT, field=("Lost reason", "varchar_options")),
    Column("visible_to", 3, write=VISIBLE_TO, field=("Visible to", "visible_to")),
    Column("close_time", write=Key("datetime", nullable=True), field=("Closed", "date")),
    Column("won_time", write=DATETIME, field=("Won time", "date")),
    Column("lost_time", write=DATETIME, field=("Lost time", "date")),
    Column("local_won_date", is_optional=True),
    Column("local_lost_date", is_optional=True),
    Column("local_close_date", is_optional=True),
    Column("expected_close_date", write=DATE, field=("Expected close date", "date"), is_optional=True),
    Column("label_ids", [], write=LABELS, field=("Labels", "set", {"Hot": "red", "Warm": "yellow", "Cold": "blue"})),
    Column("origin", "API"),
    *plain("origin_id", "channel", "channel_id", "source_lead_id", "acv", "arr", "mrr"),
    Column("custom_fields", {}, write=CUSTOM_FIELDS, is_shown=False),
)

PARTICIPANT_COLUMNS = (
    Column("deal_id"),
    Column("person_id", write=Key("integer", required=True, refers="persons")),
    Column("active_flag", True),
    Column("added_by_user_id", 1),
    *TIMES,
)

PARTICIPANT_CHANGE_COLUMNS = (
    Column("action", "added"),
    Column("actor_user_id", 1),
    Column("person_id"),
    Column("time", MOMENT),
)

OF_DEALS = (*OF_EVERYONE, *MAIL_TIMES, "first_won_time", "products_count", "participants_count", "source_lead_id")


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


DEAL_FILTERS = ("filter_id", "ids", "owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "status")

ARCHIVED_DEALS = (*DEAL_FILTERS, *UPDATED, *SORTED, "include_fields", "custom_fields", *PAGE)

DEALS = Resource(
    "deals",
    "Deal",
    "v2",
    columns=COLUMNS,
    scopes=("deals",),
    shape=shapes.deal,
    fields="dealFields",
    prepare=deals.prepare,
    filters={name: name for name in ("owner_id", "person_id", "org_id", "pipeline_id", "stage_id")},
    sortable=SORT_TIMES,
    include_fields=OF_DEALS,
    routes=(
        Route("GET", "/deals", 10, lists.deals, (*DEAL_FILTERS, *UPDATED, *SORTED, *RECORD, *PAGE)),
        Route("GET", "/deals/archived", 20, lists.archived_deals, ARCHIVED_DEALS),
        *record("/deals", query=RECORD, update=deals.update_deal),
    ),
    seed=deal,
)

PARTICIPANTS = Resource(
    "deal_participants",
    "Participant",
    "v1",
    columns=PARTICIPANT_COLUMNS,
    scopes=("deals",),
    shape=shapes_account.participant,
    parent="deals",
    parent_column="deal_id",
    routes=(
        Route("GET", "/deals/{id}/participants", 10, lists.children_by_offset, OFFSET),
        Route("POST", "/deals/{id}/participants", 10, children.add_participant),
        Route("DELETE", "/deals/{id}/participants/{deal_participant_id}", 6, children.delete_participant),
    ),
    seed=participant,
)

PARTICIPANT_CHANGES = Resource(
    "participant_changes",
    "Change",
    "v1",
    columns=PARTICIPANT_CHANGE_COLUMNS,
    scopes=("deals",),
    shape=shapes_account.change,
    parent="deals",
    parent_column="deal_id",
    direction="desc",
    routes=(Route("GET", "/deals/{id}/participantsChangelog", 10, lists.children, ("limit", "cursor")),),
)


TABLES = (DEALS, PARTICIPANTS, PARTICIPANT_CHANGES)
