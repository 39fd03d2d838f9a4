"""Currencies, filters, web hooks and call logs."""

from pipedrive_sandbox.actions import account, account_reads, lists, writes
from pipedrive_sandbox.actions.writes import old_record
from pipedrive_sandbox.model import shapes
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import FIXED, MOMENT, TIMES, Column, Key, defaults, plain
from pipedrive_sandbox.model.resource import Param, Resource, Route, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

CURRENCY_COLUMNS = (
    *defaults(id=None, code="", name="", decimal_points=2, symbol="", active_flag=True, is_custom_flag=False),
)

FILTER_TYPES = ("deals", "leads", "org", "people", "products", "activity", "projects")
FILTER_COLUMNS = (
    Column("id"),
    Column("name", "", write=v.TITLE, update=v.TEXT),
    *defaults(filter_code=None, is_editable=True, active_flag=True),
    Column("type", "deals", write=Key("string", required=True, choices=FILTER_TYPES), update=FIXED),
    *defaults(temporary_flag=None, user_id=1, visible_to="7", last_used_time=None, custom_view_id=None),
    *TIMES,
    Column("conditions", {}, write=v.REQUIRED_OBJECT, update=v.REQUIRED_OBJECT, is_shown=False),
)

EVENT_OBJECTS = (
    *("activity", "board", "deal", "deal_installment", "deal_product", "lead", "note", "organization", "person"),
    *("phase", "pipeline", "product", "project", "stage", "task", "user", "*"),
)
WEBHOOK_COLUMNS = (
    *defaults(id=None, company_id=7001, owner_id=1),
    Column("user_id", 1, write=v.OWNER),
    Column("event_action", "*", write=Key("string", required=True, choices=("create", "change", "delete", "*"))),
    Column("event_object", "*", write=Key("string", required=True, choices=EVENT_OBJECTS)),
    Column("subscription_url", "", write=v.REQUIRED_TEXT),
    Column("version", "2.0", write=Key("string", choices=("1.0", "2.0"))),
    *defaults(is_active=1, remove_time=None, type="general"),
    *plain("http_auth_user http_auth_password", write=v.OPTIONAL_TEXT),
    *defaults(remove_reason=None, last_delivery_time=None, last_http_status=None, admin_id=1),
    Column("name", "", write=v.TITLE),
    Column("add_time", MOMENT),
    Column("update_time", MOMENT, is_shown=False),
)

OUTCOMES = ("connected", "no_answer", "left_message", "left_voicemail", "wrong_number", "busy")
CALL_COLUMNS = (
    Column("id"),
    Column("activity_id", write=Key("integer", refers="activities")),
    Column("person_id", write=v.PERSON),
    Column("org_id", write=v.ORGANIZATION),
    Column("deal_id", write=v.DEAL),
    Column("lead_id", write=v.LEAD),
    Column("subject", "", write=v.TEXT),
    Column("duration", "0", write=v.TEXT),
    Column("outcome", "connected", write=Key("string", required=True, choices=OUTCOMES)),
    Column("from_phone_number", write=v.TEXT),
    Column("to_phone_number", "", write=v.REQUIRED_TEXT),
    Column("has_recording", False),
    *plain("start_time end_time", MOMENT, write=Key("spaced_datetime", required=True)),
    Column("user_id", 1, write=v.OWNER),
    Column("company_id", 7001),
    Column("note", write=v.TEXT),
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


CURRENCY = Resource("currencies", "Currency", "v1", "base", CURRENCY_COLUMNS)
FILTER = Resource(
    "filters", "Filter", "v1", "deals contacts activities", FILTER_COLUMNS, shapes.spaced_times, seed=saved_filter
)
WEBHOOK = Resource("webhooks", "Webhook", "v1", "admin", WEBHOOK_COLUMNS, shapes.millisecond_times, seed=webhook)
CALL_LOG = Resource("callLogs", "Call log", "v1", "phone-integration", CALL_COLUMNS, shapes.spaced_times, seed=call_log)
TABLES = (
    CURRENCY.at(get("/currencies", 20, lists.currencies, "term"), params={"term": v.WORD}),
    FILTER.at(
        get("/filters", 20, lists.whole, "type"),
        Route("POST", "/filters", 10, account.save_filter, "include_field_code"),
        get("/filters/{id}", 2, account.show_filter, "include_field_code"),
        Route("PUT", "/filters/{id}", 10, account.save_filter, "include_field_code"),
        Route("DELETE", "/filters/{id}", 6, writes.delete),
        get("/filters/helpers", 20, account_reads.always(account_reads.HELPERS)),
        filters=v.same("type"),
        params={"type": Param("choice", FILTER_TYPES)},
        deleted="active_flag",
    ),
    WEBHOOK.at(
        get("/webhooks", 10, account.list_webhooks),
        Route("POST", "/webhooks", 10, account.create_webhook, status=201),
        Route("DELETE", "/webhooks/{id}", 6, account.removing(account.WEBHOOKS)),
    ),
    CALL_LOG.at(
        get("/callLogs", 20, lists.by_offset, v.OFFSET),
        *old_record("/callLogs", update=None, delete=account.removing({"success": True})),
        id_kind="text",
        page_limit=50,
    ),
)
