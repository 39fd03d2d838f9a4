"""Custom fields as columns: their JSON schemas, and the plan that turns a row's values into them.

A plan is compiled once per stream; per record it only walks the fields. Values come in the v2 form
(``custom_fields``: key -> value); :func:`lead_values` brings the flat v1 form of leads into it.
Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipedrive_client.field_definitions import Field
from pipedrive_client.field_types import ADDRESS_PARTS, DATE, FORMATTED_ADDRESS, Schema, api_field_type
from source_pipedrive.records.converters import UNREADABLE, boolean, date, integer, number, text

Row = dict[str, Any]
#: Writes one value into a record's columns.
Write = Callable[[Any, Row], None]

#: The column of the API's own object.
CUSTOM_FIELDS = "custom_fields"
#: The keywords that tell, in a discovered schema, which field a column holds, and which of the field's columns it is.
FIELD_KEY = "x-pipedrive-field"
SUFFIX_KEY = "x-pipedrive-suffix"


def column_schemas(fields: Iterable[Field], names: Mapping[str, str]) -> Schema:
    """Column name -> JSON schema for all custom fields. ``names``: field key -> column name."""
    properties: Schema = {}
    for field in fields:
        for column in api_field_type(field.type).columns:
            properties[names[field.key] + column.suffix] = column.schema | {
                "description": f"Custom field “{field.label}” ({field.type}), key {field.key}.",
                FIELD_KEY: field.key,
                **({SUFFIX_KEY: column.suffix} if column.suffix else {}),
            }
    return properties


def known_names(properties: Mapping[str, Any]) -> dict[str, str]:
    """Field key -> the name that its columns begin with, by a discovered schema; some columns may be deselected."""
    found: dict[str, str] = {}
    for name, column in properties.items():
        key, suffix = (column.get(FIELD_KEY), column.get(SUFFIX_KEY, "")) if isinstance(column, dict) else (None, "")
        if isinstance(key, str) and isinstance(suffix, str) and name.endswith(suffix):
            found[key] = name.removesuffix(suffix)
    return found


@dataclass(frozen=True)
class Names:
    """Names that are known without another call: id -> name, for fields that refer to a user."""

    users: Mapping[int, str | None]


def compile_plan(fields: Iterable[Field], names: Mapping[str, str], known: Names) -> dict[str, Write]:
    """Field key -> function that writes the field's value into a record's columns. A field without a name has none."""
    return {field.key: _writer(field, names[field.key], known) for field in fields if field.key in names}


def _writer(field: Field, name: str, known: Names) -> Write:
    api_type = api_field_type(field.type)
    columns = [name + suffix for suffix in api_type.suffixes]
    if field.type == "enum":
        return partial(_write_enum, columns, {option.id: option.label for option in field.options})
    if field.type == "set":
        return partial(_write_set, columns, {option.id: option.label for option in field.options})
    if api_type.is_reference:
        return partial(_write_reference, columns, known.users if field.type == "user" else {}, field.type == "lead")
    if field.type == "address":
        return partial(_write_address, columns)
    converts = [_converter(schema) for schema in api_type.schemas]
    if len(columns) > 1:
        return partial(_write_compound, columns, converts[0], api_type.parts, converts[-1])
    return partial(_write_one, columns[0], converts[0])


def _converter(schema: Schema) -> Callable[[Any], Any]:
    """How a column of a schema reads its value."""
    if schema == DATE:
        return date
    return {"number": number, "boolean": boolean}.get(schema["type"][1], text)


def _write_one(column: str, convert: Callable[[Any], Any], value: Any, out: Row) -> None:
    out[column] = None
    out[column] = None if value is None else convert(value)


def _write_enum(columns: list[str], labels: Mapping[int | str, str], value: Any, out: Row) -> None:
    out[columns[0]] = out[columns[1]] = None
    option = integer(value["id"] if isinstance(value, dict) else value) if value is not None else None
    out[columns[0]], out[columns[1]] = labels.get(option) if option is not None else None, option


def _write_set(columns: list[str], labels: Mapping[int | str, str], value: Any, out: Row) -> None:
    out[columns[0]] = out[columns[1]] = None
    if value is None:
        return
    if not isinstance(value, list):
        raise ValueError("not a list")
    ids = [_option(item) for item in value]
    out[columns[0]] = [labels.get(option) if option is not None else None for option in ids]
    out[columns[1]] = ids
    if None in ids:
        raise ValueError("not an option")


def _option(item: Any) -> int | None:
    """The id of one chosen option; None when it cannot be read, which must not cost the others."""
    try:
        return integer(item["id"] if isinstance(item, dict) else item)
    except UNREADABLE:
        return None


def _write_reference(columns: list[str], names: Mapping[int, str | None], is_text: bool, value: Any, out: Row) -> None:
    out[columns[0]] = out[columns[1]] = None
    if value is None:
        return
    given = value if isinstance(value, dict) else {}
    raw = given.get("id", given.get("value")) if given else value
    target = raw if raw is None else text(raw) if is_text else integer(raw)
    if target is None:
        return
    out[columns[0]], out[columns[1]] = {"id": target}, target
    name = given.get("name") or (names.get(target) if isinstance(target, int) else None)
    if name:
        out[columns[0]] = {"id": target, "name": text(name)}


def _write_compound(
    columns: list[str],
    first: Callable[[Any], Any],
    parts: tuple[str, ...],
    rest: Callable[[Any], Any],
    value: Any,
    out: Row,
) -> None:
    given = value if isinstance(value, dict) else {"value": value}
    for column in columns:
        out[column] = None
    for column, part in zip(columns, parts, strict=True):
        item = given.get(part)
        out[column] = None if item is None else first(item) if part == "value" else rest(item)


def _write_address(columns: list[str], value: Any, out: Row) -> None:
    given = value if isinstance(value, dict) else {"value": value}
    out[columns[0]] = None
    out[columns[1]] = {part: item for part, item in given.items() if part != "value" and item is not None} or None
    out[columns[0]] = None if given.get("value") is None else text(given["value"])


def lead_values(fields: Iterable[Field], row: Mapping[str, Any]) -> dict[str, Any]:
    """The custom fields of a v1 lead (flat keys with suffixed siblings, unset ones absent) in the v2 form."""
    return {field.key: _lead_value(field, row) for field in fields}


def _lead_value(field: Field, row: Mapping[str, Any]) -> Any:
    key = field.key
    value = row.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, dict | list):
        return value
    if field.type == "set":
        return [part for part in str(value).split(",") if part]
    if field.type == "monetary":
        return {"value": value, "currency": row.get(f"{key}_currency")}
    if field.type in ("daterange", "time", "timerange"):
        # v1 sends a timezone's id only; a number in a column of names would be worse than nothing.
        zone = row.get(f"{key}_timezone_name")
        return {"value": value, "until": row.get(f"{key}_until"), "timezone_name": zone}
    if field.type == "address":
        parts = {part: row.get(f"{key}_{part}") for part in (*ADDRESS_PARTS, FORMATTED_ADDRESS)}
        return {"value": value, **{part: item for part, item in parts.items() if item is not None}}
    return value
