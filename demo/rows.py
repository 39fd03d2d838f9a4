"""A row of the API in words: labels in the place of keys, names in the place of ids of options. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Row = Mapping[str, Any]
#: Columns that say when a row was touched, not what is in it.
STAMPS = frozenset({"update_time"})


def readable(row: Row, fields: Iterable[Row]) -> dict[str, str]:
    """Field -> its value as text. ``fields``: the definitions, as the API lists them."""
    defined = {field["field_code"]: field for field in fields}
    plain = {name: value for name, value in row.items() if name != "custom_fields" and name not in STAMPS}
    found = {}
    for key, value in {**plain, **(row.get("custom_fields") or {})}.items():
        field = defined.get(key, {})
        found[field.get("field_name", key) if key not in row else key] = _text(value, _labels(field))
    return found


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """The fields whose values differ, with both."""
    names = {**before, **after}
    return [(name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)]


def _labels(field: Row) -> dict[Any, str]:
    return {option["id"]: str(option["label"]) for option in field.get("options") or ()}


def _text(value: Any, labels: Mapping[Any, str]) -> str:
    if value is None:
        return "(empty)"
    if isinstance(value, list):
        return ", ".join(_text(each, labels) for each in value) or "(empty)"
    if isinstance(value, Mapping):
        return str(value.get("value", value))
    return labels.get(value, str(value))
