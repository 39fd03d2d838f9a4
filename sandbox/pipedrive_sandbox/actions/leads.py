"""Writes of leads: v1 bodies with flat custom field keys of deals."""

from typing import Any

from pipedrive_sandbox.actions.deals import refuse_archived
from pipedrive_sandbox.actions.writes import add, answer, change, find_to_write
from pipedrive_sandbox.messages import Response
from pipedrive_sandbox.model.bodies import read_json, read_object, refuse_key
from pipedrive_sandbox.model.custom_fields import read_custom_value
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row

KEY_LENGTH = 40


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
    if field_type == "enum" and isinstance(value, str) and value.isdigit():
        value = int(value)
    elif field_type == "set" and isinstance(value, str):
        value = [int(option) for option in value.split(",") if option.isdigit()]
    elif value is not None and (parts or field_type in ("monetary", "daterange", "time", "timerange", "address")):
        value = value if isinstance(value, dict) else {"value": value, **parts}
    try:
        return read_custom_value(call, definition, value)
    except ValueError as error:
        raise refuse_key(call, key, f'"{key}" {error}') from None
