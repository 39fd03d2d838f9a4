"""Currencies, filters, web hooks and call logs.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from pipedrive_sandbox.actions import account, account_reads, lists, single, writes
from pipedrive_sandbox.model import shapes
from pipedrive_sandbox.model.column import FIXED, MOMENT, TIMES, Column, Key, plain
from pipedrive_sandbox.model.keys import (
    DEAL,
    LEAD,
    OPTIONAL_TEXT,
    ORGANIZATION,
    OWNER,
    PERSON,
    REQUIRED_OBJECT,
    REQUIRED_TEXT,
    TEXT,
    TITLE,
)
from pipedrive_sandbox.model.params import OFFSET, WORD
from pipedrive_sandbox.model.resource import Param, Resource, Route, read_only
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

CURRENCY_COLUMNS = (
    Column("id"),
    *plain("code", "name", default=""),
    Column("decimal_points", 2),
    Column("symbol", ""),
    Column("active_flag", True),
    Column("is_custom_flag", False),
)

FILTER_TYPES = ("deals", "leads", "org", "people", "products", "activity", "projects")
FILTER_COLUMNS = (
    Column("id"),
    Column("name", "", write=TITLE, update=TEXT),
    Column("filter_code"),
    *plain("is_editable", "active_flag", default=True),
    Column("type", "deals", write=Key("string", required=True, choices=FILTER_TYPES), update=FIXED),
    Column("temporary_flag"),
    Column("user_id", 1),
    Column("visible_to", "7"),
    *plain("last_used_time", "custom_view_id"),
    *TIMES,
    Column("conditions", {}, write=REQUIRED_OBJECT, update=REQUIRED_OBJECT, is_shown=False),
)

EVENT_OBJECTS = (
    *("activity", "board", "deal", "deal_installment", "deal_product", "lead", "note", "organization", "person"),
    *("phase", "pipeline", "product", "project", "stage", "task", "user", "*"),
)
WEBHOOK_COLUMNS = (
    Column("id"),
    Column("company_id", 7001),
    Column("owner_id", 1),
    Column("user_id", 1, write=OWNER),
    Column("event_action", "*", write=Key("string", required=True, choices=("create", "change", "delete", "*"))),
    Column("event_object", "*", write=Key("string", required=True, choices=EVENT_OBJECTS)),
    Column("subscription_url", "", write=REQUIRED_TEXT),
    Column("version", "2.0", write=Key("string", choices=("1.0", "2.0"))),
    Column("is_active", 1),
    Column("remove_time"),
    Column("type", "general"),
    Column("http_auth_user", write=OPTIONAL_TEXT),
    Column("http_auth_password", write=OPTIONAL_TEXT),
    *plain("remove_reason", "last_delivery_time", "last_http_status"),
    Column("admin_id", 1),
    Column("name", "", write=TITLE),
    Column("add_time", MOMENT),
    Column("update_time", MOMENT, is_shown=False),
)

OUTCOMES = ("connected", "no_answer", "left_message", "left_voicemail", "wrong_number", "busy")
CALL_COLUMNS = (
    Column("id"),
    Column("activity_id", write=Key("integer", refers="activities")),
    Column("person_id", write=PERSON),
    Column("org_id", write=ORGANIZATION),
    Column("deal_id", write=DEAL),
    Column("lead_id", write=LEAD),
    Column("subject", "", write=TEXT),
    Column("duration", "0", write=TEXT),
    Column("outcome", "connected", write=Key("string", required=True, choices=OUTCOMES)),
    Column("from_phone_number", write=TEXT),
    Column("to_phone_number", "", write=REQUIRED_TEXT),
    Column("has_recording", False),
    Column("start_time", MOMENT, write=Key("spaced_datetime", required=True)),
    Column("end_time", MOMENT, write=Key("spaced_datetime", required=True)),
    Column("user_id", 1, write=OWNER),
    Column("company_id", 7001),
    Column("note", write=TEXT),
)


def saved_filter(maker: Maker, number: int) -> Row:
    """A filter: open deals, or valuable ones."""
    condition = (
        {"object": "deal", "field_id": "status", "operator": "=", "value": "open", "extra_value": None},
        {"object": "deal", "field_id": "value", "operator": ">", "value": "10000", "extra_value": None},
    )[number % 2]
    groups = [{"glue": "and", "conditions": [condition]}, {"glue": "or", "conditions": []}]
    return made(maker, FILTER_COLUMNS, name=f"Filter {number}", conditions={"glue": "and", "conditions": groups})


def webhook(maker: Maker, number: int) -> Row:
    """A webhook."""
    return made(maker, WEBHOOK_COLUMNS, name=f"Hook {number}", subscription_url=f"https://hooks.example/{number}")


def call_log(maker: Maker, _number: int) -> Row:
    """A logged call with a person."""
    moment = maker.times()["add_time"]
    times = {"start_time": moment, "end_time": moment}
    return made(maker, CALL_COLUMNS, to_phone_number="+372 5000000", person_id=maker.pick("persons"), **times)


CURRENCIES = Resource(
    "currencies",
    "Currency",
    "v1",
    columns=CURRENCY_COLUMNS,
    scopes=("base",),
    params={"term": WORD},
    routes=(Route("GET", "/currencies", 20, lists.currencies, ("term",)),),
)

FILTERS = Resource(
    "filters",
    "Filter",
    "v1",
    columns=FILTER_COLUMNS,
    scopes=("deals", "contacts", "activities"),
    shape=shapes.spaced_times,
    deleted="active_flag",
    filters={"type": "type"},
    params={"type": Param("choice", FILTER_TYPES)},
    routes=(
        Route("GET", "/filters", 20, lists.whole, ("type",)),
        Route("POST", "/filters", 10, account.save_filter, ("include_field_code",)),
        Route("GET", "/filters/{id}", 2, account.show_filter, ("include_field_code",)),
        Route("PUT", "/filters/{id}", 10, account.save_filter, ("include_field_code",)),
        Route("DELETE", "/filters/{id}", 6, writes.delete),
    ),
    seed=saved_filter,
)

WEBHOOKS = Resource(
    "webhooks",
    "Webhook",
    "v1",
    columns=WEBHOOK_COLUMNS,
    scopes=("admin",),
    shape=shapes.millisecond_times,
    routes=(
        Route("GET", "/webhooks", 10, account.list_webhooks),
        Route("POST", "/webhooks", 10, account.create_webhook, status=201),
        Route("DELETE", "/webhooks/{id}", 6, account.delete_webhook),
    ),
    seed=webhook,
)

CALL_LOGS = Resource(
    "callLogs",
    "Call log",
    "v1",
    columns=CALL_COLUMNS,
    scopes=("phone-integration",),
    shape=shapes.spaced_times,
    id_kind="text",
    page_limit=50,
    routes=(
        Route("GET", "/callLogs", 20, lists.by_offset, OFFSET),
        Route("POST", "/callLogs", 10, writes.create),
        Route("GET", "/callLogs/{id}", 2, single.show),
        Route("DELETE", "/callLogs/{id}", 6, account.delete_silently),
    ),
    seed=call_log,
)


HELPERS = read_only("/filters/helpers", 20, account_reads.filter_helpers, *FILTERS.scopes)
TABLES = (CURRENCIES, FILTERS, HELPERS, WEBHOOKS, CALL_LOGS)
