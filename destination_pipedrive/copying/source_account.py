"""What ids and keys of the account that records come from mean: its users, stages, labels and field definitions.

Learned from its own streams before anything else is copied. Pure.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.copying.table import FIELD_STREAMS, NAME_STREAMS
from destination_pipedrive.fields.parsing import from_json
from pipedrive_client.field_definitions import FIELD_PATHS, Field

Row = Mapping[str, Any]
#: The key of a custom field.
_CUSTOM_KEY = re.compile("[0-9a-f]{40}")
#: What tells fields of an object apart that people do not: label, type, and which of several.
FieldName = tuple[str, str, int]


class SourceAccount:
    """The account that records come from."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[str, Row]] = {name: {} for name in NAME_STREAMS}
        self._fields: dict[str, dict[str, Field]] = {}

    def add(self, stream: str, row: Row) -> None:
        """Learn from one record of a stream that tells of the account."""
        if stream in NAME_STREAMS:
            key = row.get("key_string") if stream == "activity_types" else row.get("id")
            self._rows[stream][str(key)] = row
        elif name := FIELD_STREAMS.get(stream):
            options = from_json(row.get("options"))
            field = Field.from_api({**(row if "field_code" in row else _second_version(row)), "options": options})
            self._fields.setdefault(FIELD_PATHS[name], {})[field.key] = field

    def fields(self, object_name: str) -> tuple[Field, ...]:
        """The definitions of an object's fields, in their order; leads have those of deals."""
        path = FIELD_PATHS.get(object_name, "")
        return tuple(self._fields.get(path, {}).values())

    def field(self, object_name: str, key: str) -> Field | None:
        """The definition of a field."""
        return self._fields.get(FIELD_PATHS.get(object_name, ""), {}).get(key)

    def email(self, user_id: Any) -> str:
        """The email address of a user; empty when it is not known."""
        return str(self._row("users", user_id).get("email") or "")

    def name(self, stream: str, row_id: Any) -> str:
        """The name of a pipeline, stage, label or type; empty when it is not known."""
        return str(self._row(stream, row_id).get("name") or "")

    def pipeline_of(self, stage_id: Any) -> str:
        """The name of the pipeline of a stage."""
        return self.name("pipelines", self._row("stages", stage_id).get("pipeline_id"))

    def type_name(self, row_id: Any) -> str:
        """The name of the activity type of an id; elsewhere types go by their key."""
        types = self._rows["activity_types"].values()
        return next((str(row.get("name")) for row in types if str(row.get("id")) == str(row_id)), "")

    def _row(self, stream: str, row_id: Any) -> Row:
        return self._rows[stream].get(str(row_id), {})


def _second_version(row: Row) -> Row:
    """A definition of the first version of the API, as the source gives it in the place of another connector."""
    key = str(row.get("key") or "")
    return {
        **row,
        "field_code": key,
        "field_name": row.get("name"),
        "is_custom_field": bool(_CUSTOM_KEY.fullmatch(key)),
    }


def named_fields(fields: Iterable[Field]) -> Iterator[tuple[FieldName, Field]]:
    """Custom fields with what they are known by in every account: the third `Region` of a type is its third copy."""
    seen: Counter[tuple[str, str]] = Counter()
    for field in fields:
        if field.is_custom:
            place = (field.label.strip(), field.type)
            yield (*place, seen[place]), field
            seen[place] += 1


def paired_options(source: Field, target: Field) -> dict[str, int | str]:
    """Id of each option of the other account, as text -> the id of the option of the same label here."""
    left: dict[str, list[int | str]] = {}
    for option in target.options:
        left.setdefault(option.label.strip(), []).append(option.id)
    found: dict[str, int | str] = {}
    for option in source.options:
        ids = left.get(option.label.strip())
        if ids:
            found[str(option.id)] = ids.pop(0) if len(ids) > 1 else ids[0]
    return found


def missing_options(source: Field, target: Field) -> tuple[str, ...]:
    """Labels of options that the field of this account lacks, as often as they are missing."""
    there = Counter(option.label.strip() for option in target.options)
    found = []
    for option in source.options:
        label = option.label.strip()
        if there[label]:
            there[label] -= 1
        elif label:
            found.append(label)
    return tuple(found)
