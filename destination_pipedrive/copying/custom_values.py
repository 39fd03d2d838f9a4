"""Custom fields of another account, in whatever columns the source gave them, as columns of this account. Pure.

A field's columns are told by the schema of the stream, else by the names that the source derives from the field
definitions. Options and users become those of this account; ids of other rows stay, until they are linked.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from destination_pipedrive.copying.source_account import paired_options
from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import UnknownField
from destination_pipedrive.fields.parsing import from_json, is_nothing
from pipedrive_client.field_definitions import Field
from pipedrive_client.field_types import ID, MANY_IDS, api_field_type

#: Keywords of a discovered schema that tell which custom field a column holds, and which of its columns it is.
FIELD_KEY, SUFFIX_KEY = "x-pipedrive-field", "x-pipedrive-suffix"
#: The column of the API's own object.
CUSTOM_FIELDS = "custom_fields"
#: The id of a user of the other account -> that of the same user here, None when there is none.
UserId = Callable[[Any], int | None]
Parts = dict[str, Any]


@dataclass(frozen=True)
class CopiedField:
    """A field of the other account with the one that is its copy, and the ids of their options."""

    source: Field
    target: Field
    options: Mapping[str, int | str]
    labels: Mapping[str, int | str]

    @classmethod
    def of(cls, source: Field, target: Field) -> "CopiedField":
        """The pair."""
        options = paired_options(source, target)
        by_label = {each.label.strip(): options[str(each.id)] for each in source.options if str(each.id) in options}
        return cls(source, target, options, by_label)

    def option(self, value: Any) -> int | str | None:
        """The option here of an option's id or label there; None when the field has none such."""
        given = value.get("id", value.get("label")) if isinstance(value, Mapping) else value
        given = int(given) if isinstance(given, float) and given.is_integer() else given
        found = self.options.get(str(given).strip())
        return self.labels.get(str(given).strip()) if found is None else found


@dataclass
class CustomValues:
    """The custom fields of one stream's records. ``left_out`` counts values that mean nothing here, by label."""

    directory: FieldDirectory
    fields: Mapping[str, CopiedField]
    schemas: Mapping[str, Any]
    user_id: UserId
    left_out: Counter[str] = field(default_factory=Counter)
    _places: dict[str, tuple[str, str] | None] = field(default_factory=dict)

    def columns(self, record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Column of this account -> value, for each custom field that the record has."""
        for key, parts in self._gathered(record).items():
            copied = self.fields.get(key)
            if copied is None:
                continue
            for suffix, value in self._translated(copied, parts):
                yield copied.target.key + suffix, value

    def _gathered(self, record: Mapping[str, Any]) -> dict[str, Parts]:
        """Field key there -> its parts; the API's own object gives what no column does."""
        whole = from_json(record.get(CUSTOM_FIELDS))
        known = whole.keys() & self.fields.keys() if isinstance(whole, Mapping) else ()
        found: dict[str, Parts] = {key: {"": self._whole(key, whole)} for key in known}
        of_columns: dict[str, Parts] = {}
        for column, value in record.items():
            place = self._place(column)
            if place:
                of_columns.setdefault(place[0], {})[place[1]] = value
        return {**found, **of_columns}

    def _whole(self, key: str, values: Mapping[str, Any]) -> Any:
        """The value of a field; of a lead its parts stand beside it."""
        value, parts = values[key], api_field_type(self.fields[key].source.type).siblings
        if is_nothing(value) or isinstance(value, Mapping):
            return value
        beside = {part: each for part in parts if (each := values.get(f"{key}_{part}")) is not None}
        return {"value": value, **beside} if beside else value

    def _place(self, column: str) -> tuple[str, str] | None:
        try:
            return self._places[column]
        except KeyError:
            self._places[column] = self._found(column)
            return self._places[column]

    def _found(self, column: str) -> tuple[str, str] | None:
        schema = self.schemas.get(column)
        key = schema.get(FIELD_KEY) if isinstance(schema, Mapping) else None
        if isinstance(key, str):
            return key, str(schema.get(SUFFIX_KEY) or "") if isinstance(schema, Mapping) else ""
        try:
            place = self.directory.find(column)
        except UnknownField:
            return None
        return (place.field.key, place.part) if place and place.field.custom else None

    def _translated(self, copied: CopiedField, parts: Parts) -> Iterator[tuple[str, Any]]:
        kind = copied.source.type
        if kind in ("enum", "set"):
            ids = parts.get(ID if kind == "enum" else MANY_IDS)
            yield "", self._options(copied, parts.get("") if is_nothing(ids) else ids, kind == "set")
        elif api_field_type(kind).is_reference:
            own = parts.get(ID)
            value = from_json(parts.get("")) if is_nothing(own) else own
            given = value.get("id", value.get("value")) if isinstance(value, Mapping) else value
            yield "", self._user(copied, given) if kind == "user" else given
        else:
            yield from parts.items()

    def _options(self, copied: CopiedField, value: Any, is_list: bool) -> Any:
        value = from_json(value)
        if is_nothing(value):
            return None
        given = value if isinstance(value, list) else str(value).split(",") if is_list else [value]
        found = [copied.option(each) for each in given]
        self.left_out[copied.source.label] += found.count(None)
        kept = [each for each in found if each is not None]
        return kept or None if is_list else next(iter(kept), None)

    def _user(self, copied: CopiedField, value: Any) -> int | None:
        found = None if is_nothing(value) else self.user_id(value)
        self.left_out[copied.source.label] += found is None and not is_nothing(value)
        return found
