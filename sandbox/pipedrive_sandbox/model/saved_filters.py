"""Saved filters of the account (`/v1/filters`) applied to rows."""

import operator as op
from collections.abc import Callable
from typing import Any

from pipedrive_sandbox.messages import not_found
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row

Check = Callable[[Row], bool]

OPERATORS = {"=": op.eq, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}


def saved_filter(call: Call, filter_id: int) -> Check:
    """The test of a saved filter; one without conditions passes every row. Raises 404 for an unknown id."""
    found = call.state.store.find("filters", filter_id)
    if found is None or not found.get("active_flag", True):
        raise not_found(call.resource.version, "Filter")
    groups = (found.get("conditions") or {}).get("conditions", [])
    checks = [_group(call, group) for group in groups if group.get("conditions")]
    return lambda row: all(check(row) for check in checks)


def _group(call: Call, group: dict[str, Any]) -> Check:
    checks = [_condition(call, condition) for condition in group["conditions"]]
    combine = any if group.get("glue") == "or" else all
    return lambda row: combine(check(row) for check in checks)


def _condition(call: Call, condition: dict[str, Any]) -> Check:
    column, is_custom = _column(call, str(condition["field_id"]))
    operator, wanted = condition["operator"], condition.get("value")

    def passes(row: Row) -> bool:
        value = row.get("custom_fields", {}).get(column) if is_custom else row.get(column)
        return _compare(value.get("value") if isinstance(value, dict) else value, operator, wanted)

    return passes


def _column(call: Call, field_id: str) -> tuple[str, bool]:
    for definition in call.definitions():
        if field_id in (str(definition["numeric_id"]), definition["field_code"]):
            return definition["field_code"], definition["is_custom_field"]
    return field_id, False


def _compare(value: Any, operator: str, wanted: Any) -> bool:
    if operator in ("IS NULL", "IS NOT NULL"):
        return (value is None) == (operator == "IS NULL")
    if operator == "!=":
        return str(value) != str(wanted)
    if value is None:
        return False
    if "LIKE" in operator:
        return _like(str(value).casefold(), operator, str(wanted).casefold())
    left, right = _comparable(value, wanted)
    return bool(OPERATORS[operator](left, right))


def _like(value: str, operator: str, wanted: str) -> bool:
    is_found = wanted in value if "'%$%'" in operator else value.startswith(wanted)
    return is_found != operator.startswith("NOT")


def _comparable(value: Any, wanted: Any) -> tuple[Any, Any]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value), float(wanted)
        except (TypeError, ValueError):
            return str(value), str(wanted)
    text = str(value)
    return text[: len(str(wanted))] if len(str(wanted)) == 10 else text, str(wanted)
