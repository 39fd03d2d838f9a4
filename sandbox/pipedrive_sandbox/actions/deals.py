"""What makes a deal consistent: stage and pipeline, status and its times, archiving; and writes of leads, whose bodies
have the custom fields of deals as flat keys (v1)."""

from operator import itemgetter
from typing import Any

from pipedrive_sandbox.actions.writes import add, answer, change, find_to_write, update
from pipedrive_sandbox.messages import Response, forbidden
from pipedrive_sandbox.model.bodies import read_json, read_object, refuse_key
from pipedrive_sandbox.model.custom_fields import read_custom_value
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row

KEY_LENGTH = 40
CLOSING_TIMES = ("close_time", "won_time", "lost_time", "local_won_date", "local_lost_date", "local_close_date")


def update_deal(call: Call) -> Response:
    """Change a deal; an archived one can only be un-archived (403 otherwise)."""
    refuse_archived(call)
    return update(call)


def refuse_archived(call: Call) -> None:
    """Raises 403 for any change of an archived record but `{"is_archived": false}`."""
    if find_to_write(call)["is_archived"] and read_json(call) != {"is_archived": False}:
        noun = call.resource.noun.lower()
        raise forbidden(call.resource.version, f"Archived {noun} can not be edited")


def prepare(call: Call, row: Row, body: Row, before: Row | None) -> None:
    """Complete a deal before it is stored."""
    if body.get("is_deleted"):
        raise refuse_key(call, "is_deleted", "The value is not allowed, use DELETE")
    if before is None and "currency" not in body:
        row["currency"] = company_currency(call)
    _set_stage(call, row, body, before)
    _set_status(call, row, body, before)
    if "is_archived" in body:
        row["archive_time"] = (body.get("archive_time") or call.now()) if body["is_archived"] else None


def company_currency(call: Call) -> str:
    """The currency of what names none."""
    return str((call.state.store.find("users", call.user_id) or {}).get("default_currency", "EUR"))


def _set_stage(call: Call, row: Row, body: Row, before: Row | None) -> None:
    if "stage_id" not in body:
        pipeline_id = (
            body.get("pipeline_id") or (before or {}).get("pipeline_id") or _first(call, "pipelines", {})["id"]
        )
        if before is None or pipeline_id != before["pipeline_id"]:
            row["stage_id"] = _first(call, "stages", {"pipeline_id": pipeline_id}).get("id")
    stage = call.state.store.find("stages", row["stage_id"]) or {}
    row["pipeline_id"] = stage.get("pipeline_id", row["pipeline_id"])
    if before is not None and row["stage_id"] != before["stage_id"]:
        row["stage_change_time"] = call.now()


def _set_status(call: Call, row: Row, body: Row, before: Row | None) -> None:
    for name in ("lost_reason", "lost_time"):
        if body.get(name) is not None and row["status"] != "lost":
            raise refuse_key(call, name, "The value is only allowed when status is 'lost'")
    old = "open" if before is None else before["status"]
    if row["status"] == old:
        return
    row.update({name: body.get(name) for name in CLOSING_TIMES})
    if row["status"] != "lost":
        row["lost_reason"] = None
    if row["status"] != "open":
        _close(row, body.get(f"{row['status']}_time") or call.now())


def _close(row: Row, moment: str) -> None:
    status = row["status"]
    row[f"{status}_time"], row[f"local_{status}_date"] = moment, moment[:10]
    row["close_time"] = row["close_time"] or moment
    row["local_close_date"] = row["close_time"][:10]


def _first(call: Call, collection: str, wanted: dict[str, Any]) -> Row:
    rows = [
        row
        for row in call.state.store[collection].rows.values()
        if not row["is_deleted"] and all(row[name] == value for name, value in wanted.items())
    ]
    return min(rows, key=itemgetter("order_nr", "id"), default={})


def create_lead(call: Call) -> Response:
    """A new lead."""
    return answer(call, add(call, _read(call, is_new=True)))


def update_lead(call: Call) -> Response:
    """Change a lead; an archived one can only be un-archived (403 otherwise)."""
    before = find_to_write(call)
    refuse_archived(call)
    return answer(call, change(call, before, _read(call, is_new=False)))


def _read(call: Call, is_new: bool) -> Row:
    sent = read_json(call)
    custom = _custom_part(call, sent) if isinstance(sent, dict) else {}
    plain = {name: value for name, value in sent.items() if name[:KEY_LENGTH] not in custom} if custom else sent
    body = read_object(call, plain, call.resource.create if is_new else call.resource.update)
    if custom:
        body["custom_fields"] = {key: _value(call, key, parts) for key, parts in custom.items()}
    return body


def _custom_part(call: Call, sent: Row) -> dict[str, dict[str, Any]]:
    """Custom keys with their suffixed siblings: `{key: {"": value, "currency": …}}`."""
    found: dict[str, dict[str, Any]] = {}
    known = call.custom_keys()
    for name, value in sent.items():
        key, suffix = name[:KEY_LENGTH], name[KEY_LENGTH:].removeprefix("_")
        if key in known:
            found.setdefault(key, {})[suffix] = value
    return found


def _value(call: Call, key: str, parts: dict[str, Any]) -> Any:
    definition, value = call.custom_keys()[key], parts.pop("", None)
    field_type = definition["field_type"]
    if field_type == "enum" and isinstance(value, str) and value.isdecimal():
        value = int(value)
    elif field_type == "set" and isinstance(value, str):
        value = [int(option) for option in value.split(",") if option.isdecimal()]
    elif value is not None and (parts or field_type in ("monetary", "daterange", "time", "timerange", "address")):
        value = value if isinstance(value, dict) else {"value": value, **parts}
    try:
        return read_custom_value(call, definition, value)
    except ValueError as error:
        raise refuse_key(call, key, f'"{key}" {error}') from None
