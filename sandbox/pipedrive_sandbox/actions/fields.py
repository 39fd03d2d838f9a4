"""Writes of field definitions and their options (v2)."""

from typing import Any

from pipedrive_sandbox.actions.single import find
from pipedrive_sandbox.actions.writes import answer
from pipedrive_sandbox.messages import Response, success
from pipedrive_sandbox.model.bodies import read_body, read_json, read_object, refuse_key
from pipedrive_sandbox.model.column import Key
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import add_field, custom_key, new_options

WITH_OPTIONS = ("enum", "set")
OF_FIELDS = {
    "dealFields": ("deals", "leads"),
    "personFields": ("persons",),
    "organizationFields": ("organizations",),
    "productFields": ("products",),
    "projectFields": ("projects",),
}
OPTION_ID = Key("integer", required=True)
OPTION_LABEL = Key("string", required=True, longest=255, least=1)


def create_field(call: Call) -> Response:
    """A new custom field; `options` are required for enum and set, and only allowed there."""
    body = read_body(call, call.resource.create)
    field_type, options = body.pop("field_type"), body.pop("options", None)
    if (field_type in WITH_OPTIONS) != (options is not None):
        raise refuse_key(call, "options", f"Options do not fit the field type '{field_type}'")
    made = new_options(call.state, [option["label"] for option in options]) if options else None
    key = custom_key(f"{call.resource.name}/{call.rows.version}/{body['field_name']}")
    times = {"add_time": call.now(), "update_time": call.now()}
    row = add_field(call.state, call.resource.name, key, body.pop("field_name"), field_type, made, **body, **times)
    return answer(call, row)


def update_field(call: Call) -> Response:
    """Change name, description or visibility; code and type are fixed."""
    row = find(call)
    body = read_body(call, call.resource.update)
    return answer(call, call.save({**row, **body, "update_time": call.now()}))


def delete_field(call: Call) -> Response:
    """Delete a custom field; its values vanish from the records."""
    row = find(call)
    if not row["is_custom_field"]:
        raise refuse_key(call, "field_code", "A built-in field can not be deleted")
    return answer(call, call.save({**row, "active_flag": False, "update_time": call.now()}))


def add_options(call: Call) -> Response:
    """Add options, all or none; answers only with the new ones."""
    row = _find_with_options(call)
    sent = [read_object(call, each, {"label": OPTION_LABEL}) for each in _array(call)]
    made = new_options(call.state, [each["label"] for each in sent])
    _save_options(call, row, [*row["options"], *made])
    return _options_answer(made)


def rename_options(call: Call) -> Response:
    """Rename options, all or none; answers only with those."""
    row = _find_with_options(call)
    sent = [read_object(call, each, {"id": OPTION_ID, "label": OPTION_LABEL}) for each in _array(call)]
    _require_options(call, row, [each["id"] for each in sent])
    labels = {each["id"]: each["label"] for each in sent}
    now = call.now()
    options = [
        {**option, "label": labels[option["id"]], "update_time": now} if option["id"] in labels else option
        for option in row["options"]
    ]
    _save_options(call, row, options)
    return _options_answer([option for option in options if option["id"] in labels])


def delete_options(call: Call) -> Response:
    """Delete options, all or none; answers only with those."""
    row = _find_with_options(call)
    ids = [read_object(call, each, {"id": OPTION_ID})["id"] for each in _array(call)]
    _require_options(call, row, ids)
    gone = [option for option in row["options"] if option["id"] in ids]
    row = {**row, "options_deleted": [*row["options_deleted"], *gone]}
    _save_options(call, row, [option for option in row["options"] if option["id"] not in ids])
    _clear_options(call, row["field_code"], set(ids))
    return _options_answer(gone)


def _clear_options(call: Call, key: str, ids: set[int]) -> None:
    for collection in OF_FIELDS.get(call.resource.name, ()):
        for row in list(call.state.store[collection].rows.values()):
            custom = dict(row["custom_fields"])
            old = custom.pop(key, None)
            left = _without(old, ids)
            if left != old:
                call.state.put(collection, {**row, "custom_fields": custom if left is None else {**custom, key: left}})


def _without(value: Any, ids: set[int]) -> Any:
    if isinstance(value, list):
        return [option for option in value if option not in ids] or None
    return None if value in ids else value


def _array(call: Call) -> list[Any]:
    sent = read_json(call)
    if not isinstance(sent, list) or not sent:
        raise refuse_key(call, "body", "The value is not a valid 'array'")
    return sent


def _find_with_options(call: Call) -> Row:
    row = find(call)
    if row["options"] is None:
        raise refuse_key(call, "field_code", f"The field type '{row['field_type']}' has no options")
    return row


def _require_options(call: Call, row: Row, ids: list[int]) -> None:
    known = {option["id"] for option in row["options"]}
    for option_id in ids:
        if option_id not in known:
            raise refuse_key(call, "id", f"The option {option_id} does not exist")


def _save_options(call: Call, row: Row, options: list[Row]) -> None:
    call.save({**row, "options": options, "update_time": call.now()})


def _options_answer(options: list[Row]) -> Response:
    shown = [{"id": option["id"], "label": option["label"]} for option in options]
    return success(shown, additional_data=None)
