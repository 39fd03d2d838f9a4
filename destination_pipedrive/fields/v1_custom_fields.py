"""Leads: v1 keeps the deals' custom fields flat, beside the built-in keys, with suffixed siblings for their parts.

Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
"""

from collections.abc import Iterable, Mapping
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import is_nothing


def read_flat(row: Mapping[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """The custom fields of a v1 row in the v2 form; unset ones are absent there and None here."""
    return {field.key: _read(row, field) for field in fields}


def write_flat(values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """A v1 body: every part of a custom field under its own key."""
    body: dict[str, Any] = {}
    for key, value in values.items():
        if not fields[key].custom:
            body[key] = value
        elif isinstance(value, Mapping):
            body[key] = value.get("value")
            body.update((f"{key}_{part}", each) for part, each in value.items() if part != "value")
        else:
            body[key] = ",".join(map(str, value)) if isinstance(value, list) else value
    return body


def _read(row: Mapping[str, Any], field: Field) -> Any:
    value = row.get(field.key)
    if is_nothing(value):
        return None
    if field.type.merges:
        return [int(each) for each in value.split(",")] if isinstance(value, str) else value
    if not field.siblings or isinstance(value, Mapping):
        return value
    return {"value": value} | {part: row.get(f"{field.key}_{part}") for part in field.siblings}
