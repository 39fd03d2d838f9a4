"""Bodies of writes: parsed, checked key by key, every problem named in one answer."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from pipedrive_sandbox.messages import forbidden, invalid, v1_error
from pipedrive_sandbox.model.column import Key
from pipedrive_sandbox.model.custom_fields import read_custom_fields
from pipedrive_sandbox.model.kinds import not_a, require_row
from pipedrive_sandbox.model.kinds_nested import KINDS
from pipedrive_sandbox.model.resource import Call

FORM_TYPE = "application/x-www-form-urlencoded"


def read_json(call: Call) -> Any:
    """The body as JSON; v1 also takes a form. Raises 400."""
    if call.resource.version == "v1" and call.request.header("content-type").startswith(FORM_TYPE):
        return dict(parse_qsl(call.request.body.decode(), keep_blank_values=True))
    try:
        return call.request.json()
    except ValueError:
        raise invalid(call.resource.version, ["body: The value is not valid JSON"]) from None


def read_body(call: Call, keys: Mapping[str, Key]) -> dict[str, Any]:
    """The checked body as stored. Raises 400 with every problem, 403 for a field that the plan lacks."""
    body = read_object(call, read_json(call), keys)
    missing = next((name for name in body if name in call.state.settings.fields_off), None)
    if missing:
        raise forbidden(call.resource.version, f"The field {missing} is not available on your current plan")
    return body


def read_object(call: Call, sent: Any, keys: Mapping[str, Key], is_strict: bool = True) -> dict[str, Any]:
    """A checked object. Unknown keys are refused when strict, else dropped."""
    if not isinstance(sent, dict):
        raise invalid(call.resource.version, ["body: The value is not a valid 'object'"])
    checked: dict[str, Any] = {}
    problems = []
    for name, value in sent.items():
        if name not in keys:
            if is_strict:
                problems.append(_sentence(call, name, f"Parameter '{name}' is not allowed for this request"))
            continue
        try:
            checked[name] = _check(call, keys[name], value)
        except ValueError as error:
            problems.append(_sentence(call, name, str(error)))
    missing = [name for name, key in keys.items() if key.required and name not in sent]
    problems += [_sentence(call, name, f"Parameter '{name}' is required") for name in missing]
    if problems:
        raise invalid(call.resource.version, problems)
    return checked


def refuse_key(call: Call, name: str, problem: str) -> Exception:
    """400 about one key."""
    if call.resource.version == "v1":
        return v1_error(400, problem)
    return invalid("v2", [f"{name}: {problem}"])


def _check(call: Call, key: Key, value: Any) -> Any:
    if value is None:
        may_unlink = bool(key.refers) and call.state.settings.null_unlinks
        if key.nullable or may_unlink:
            return None
        raise not_a(TYPE_NAMES.get(key.kind, key.kind))
    if key.kind == "custom_fields":
        return read_custom_fields(call, value)
    value = KINDS[key.kind](call, key, value)
    if key.choices and value not in key.choices:
        raise ValueError(f"The value '{value}' is not one of [{', '.join(str(choice) for choice in key.choices)}]")
    if key.refers:
        require_row(call, key.refers, value)
    return value


def _sentence(call: Call, name: str, problem: str) -> str:
    if call.resource.version == "v2":
        return f"{name}: {problem}"
    if problem.endswith("is required"):
        return f'"{name}" is required'
    return f'"{name}" is not allowed' if problem.endswith("for this request") else f'"{name}" {problem}'


TYPE_NAMES = {
    **dict.fromkeys(("date", "datetime", "spaced_datetime", "clock", "currency", "activity_type"), "string"),
    **dict.fromkeys(("labels", "contacts", "participants", "attendees", "prices"), "array"),
    **dict.fromkeys(("address", "custom_fields"), "object"),
}
