"""Leads: v1 keeps the deals' custom fields flat, beside the built-in keys, with suffixed siblings for their parts.

Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
"""

from collections.abc import Iterable, Mapping
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import ADDRESS_PARTS, is_nothing

#: Kind -> parts that have a sibling key of their own.
SIBLINGS: dict[str, tuple[str, ...]] = {
    "monetary": ("currency",),
    "daterange": ("until",),
    "time": ("timezone_id", "timezone_name"),
    "timerange": ("until", "timezone_id", "timezone_name"),
    "address": tuple(part for part in ADDRESS_PARTS if part != "value"),
}


def read_flat(row: Mapping[str, Any], targets: Iterable[Field]) -> dict[str, Any]:
    """The custom fields of a v1 row in the v2 form; unset ones are absent there and None here."""
    return {target.key: _read(row, target) for target in targets}


def write_flat(values: Mapping[str, Any], targets: Mapping[str, Field]) -> dict[str, Any]:
    """A v1 body: every part of a custom field under its own key."""
    body: dict[str, Any] = {}
    for key, value in values.items():
        target = targets[key]
        if not target.custom:
            body[key] = value
        elif isinstance(value, Mapping):
            body[key] = value.get("value")
            body.update((f"{key}_{part}", each) for part, each in value.items() if part != "value")
        else:
            body[key] = ",".join(map(str, value)) if isinstance(value, list) else value
    return body


def _read(row: Mapping[str, Any], target: Field) -> Any:
    value = row.get(target.key)
    if is_nothing(value):
        return None
    if target.kind == "set":
        return [int(each) for each in value.split(",")] if isinstance(value, str) else value
    if target.kind not in SIBLINGS or isinstance(value, Mapping):
        return value
    return {"value": value} | {part: row.get(f"{target.key}_{part}") for part in SIBLINGS[target.kind]}
