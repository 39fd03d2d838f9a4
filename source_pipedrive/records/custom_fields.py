"""Custom fields as columns: their JSON schemas, and the plan that turns a row's values into them.

A plan is compiled once per stream; per record it only walks the fields. Values come in the v2 form
(``custom_fields``: key -> value); :func:`lead_values` brings the flat v1 form of leads into it.
Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipedrive_client.field_definitions import Field
from pipedrive_client.field_types import ADDRESS_PARTS, DATE, FORMATTED_ADDRESS, Schema, api_field_type
from pipedrive_client.typed_rows import WithoutNulls
from source_pipedrive.records.converters import UNREADABLE, Converter, boolean, date, integer, number, text
from source_pipedrive.records.custom_layout import FieldWriter, Typed, Write, compound
from source_pipedrive.records.usual_values import AS_IS, KINDS, PLAIN

Row = dict[str, Any]

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


def compile_plan(fields: Iterable[Field], names: Mapping[str, str], known: Names) -> dict[str, FieldWriter]:
    """Field key -> what writes the field's values into a record's columns. A field without a name has none."""
    return {field.key: _writer(field, names[field.key], known) for field in fields if field.key in names}


def _writer(field: Field, name: str, known: Names) -> FieldWriter:
    api_type = api_field_type(field.type)
    columns = tuple(name + suffix for suffix in api_type.suffixes)
    if len(columns) == 2:
        pair, labels = (columns[0], columns[1]), {option.id: option.label for option in field.options}
        if field.type == "enum":
            return _enum(name, pair, labels)
        if field.type == "set":
            return _set(name, pair, labels)
        if field.type == "address":
            return _address(name, pair)
        if api_type.is_reference:
            return _reference(name, pair, known.users if field.type == "user" else {}, field.type == "lead")
    converts = [_converter(schema) for schema in api_type.schemas]
    if len(columns) == 1:
        return _one(name, columns, converts[0])
    reads = [converts[0] if part == "value" else converts[-1] for part in api_type.parts]
    parts = list(zip(columns, api_type.parts, reads, strict=True))
    return compound(name, parts, _compound_writer(parts))


#: The columns of a field that has two.
Pair = tuple[str, str]
Labels = Mapping[int | str, str]


def _one(name: str, columns: tuple[str, ...], convert: Converter) -> FieldWriter:
    """One value as it is."""
    is_usual = AS_IS[convert]
    typed = Typed(KINDS[convert], test="" if convert in PLAIN else is_usual)
    return FieldWriter(name, columns, _one_writer(columns[0], convert), is_usual, typed=typed)


def _enum(name: str, columns: Pair, labels: Labels) -> FieldWriter:
    """One option, mostly as its id."""
    write, usual = _enum_writer(*columns, labels), ("{1}[{0}]", "{0}")
    typed = Typed(int, test="{0} in {1}", cells=usual, known=labels)
    return FieldWriter(name, columns, write, f"{{0}}.__class__ is int and {typed.test}", usual, labels, typed)


def _set(name: str, columns: Pair, labels: Labels) -> FieldWriter:
    """Several options, mostly as their ids."""
    write, usual = _set_writer(*columns, labels), ("{0}_0", "{0}")
    typed = Typed(list, test="None not in ({0}_0 := [*map({1}, {0})])", cells=usual, known=labels.get)
    is_usual = f"{{0}}.__class__ is list and are_integers({{0}}) and {typed.test}"
    return FieldWriter(name, columns, write, is_usual, usual, labels.get, typed)


def _address(name: str, columns: Pair) -> FieldWriter:
    """An object of parts, of which ``value`` is the whole text."""
    is_usual = "{0}.__class__ is dict and (({0}_0 := {0}.get('value')) is None or {0}_0.__class__ is str)"
    write, usual = _address_writer(*columns), ("{0}_0", "{1}({0})")
    return FieldWriter(name, columns, write, is_usual, usual, _address_parts, typed_parts=_typed_address)


def _typed_address(keys: Sequence[str]) -> Typed:
    """Parts that are not null stand in an object again, where there are any."""
    found = {key: f"{{0}}.part_{number}" for number, key in enumerate(keys)}
    whole = found.pop("value", "None")
    test = f"({{0}}_0 := {{1}}.of({', '.join(found.values())})) != {{1}}.nothing"
    kinds = [(key, str if key == "value" else object) for key in keys]
    return Typed(object, kinds, test, (whole, "{0}_0"), WithoutNulls(found))


def _reference(name: str, columns: Pair, users: Mapping[int, str | None], is_text: bool) -> FieldWriter:
    """Another row, mostly as its id."""
    write = _reference_writer(*columns, users, is_text)
    whole = "{{'id': {0}}}"
    if users:
        whole = f"{{{{'id': {{0}}, 'name': {{1}}[{{0}}]}}}} if {{1}}.get({{0}}) else {whole}"
    usual, typed = (whole, "{0}"), None if is_text else Typed(int, cells=(whole, "{0}"), known=users)
    return FieldWriter(name, columns, write, "" if is_text else AS_IS[integer], usual, users, typed)


def _converter(schema: Schema) -> Converter:
    """How a column of a schema reads its value."""
    if schema == DATE:
        return date
    return {"number": number, "boolean": boolean}.get(schema["type"][1], text)


# A writer is called for a value that is there; its columns are null before. What it cannot read stays so.


def _one_writer(column: str, convert: Converter) -> Write:
    def write(value: Any, out: Row) -> None:
        out[column] = convert(value)

    return write


def _enum_writer(label: str, id_column: str, labels: Labels) -> Write:
    def write(value: Any, out: Row) -> None:
        option = integer(value["id"] if isinstance(value, dict) else value)
        if option is not None:
            out[label], out[id_column] = labels.get(option), option

    return write


def _set_writer(label: str, ids_column: str, labels: Labels) -> Write:
    def write(value: Any, out: Row) -> None:
        if not isinstance(value, list):
            raise ValueError("not a list")
        ids = [_option(item) for item in value]
        out[label] = [labels.get(option) if option is not None else None for option in ids]
        out[ids_column] = ids
        if None in ids:
            raise ValueError("not an option")

    return write


def _option(item: Any) -> int | None:
    """The id of one chosen option; None when it cannot be read, which must not cost the others."""
    try:
        return integer(item["id"] if isinstance(item, dict) else item)
    except UNREADABLE:
        return None


def _reference_writer(column: str, id_column: str, names: Mapping[int, str | None], is_text: bool) -> Write:
    def write(value: Any, out: Row) -> None:
        given = value if isinstance(value, dict) else {}
        raw = given.get("id", given.get("value")) if given else value
        target = raw if raw is None else text(raw) if is_text else integer(raw)
        if target is None:
            return
        out[column], out[id_column] = {"id": target}, target
        name = given.get("name") or (names.get(target) if isinstance(target, int) else None)
        if name:
            out[column] = {"id": target, "name": text(name)}

    return write


def _compound_writer(parts: list[tuple[str, str, Converter]]) -> Write:
    """``parts``: column, the part of the value that it holds, how that is read."""

    def write(value: Any, out: Row) -> None:
        given = value if isinstance(value, dict) else {"value": value}
        for column, part, convert in parts:
            if part in given and given[part] is not None:
                out[column] = convert(given[part])

    return write


def _address_writer(column: str, parts_column: str) -> Write:
    def write(value: Any, out: Row) -> None:
        given = value if isinstance(value, dict) else {"value": value}
        out[parts_column] = _address_parts(given)
        if given.get("value") is not None:
            out[column] = text(given["value"])

    return write


def _address_parts(value: Row) -> Row | None:
    parts = {part: item for part, item in value.items() if item is not None}
    parts.pop("value", None)
    return parts or None


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
