"""`column_names` of the config: names that columns of custom fields keep, whatever becomes of their labels."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import Problems
from pipedrive_client.field_definitions import MAX_COLUMN_BYTES, snake_case

_KEYS = ("field", "column")


@dataclass(frozen=True)
class ColumnName:
    """One entry. ``place`` is its name in the config, ``field`` a custom field's key or label."""

    place: str
    field: str
    column: str


def parse_column_names(config: Mapping[str, Any]) -> tuple[ColumnName, ...]:
    """The entries, as far as they can be judged without the account. Raises ConfigError with all that is wrong."""
    entries = config.get("column_names")
    if entries in (None, "", []):
        return ()
    if not isinstance(entries, list):
        raise ConfigError("`column_names` must be a list of objects with `field` and `column`.")
    if config.get("custom_fields") == "object":
        raise ConfigError(
            "`column_names` names columns, but with `custom_fields` as `object` there are none: choose "
            "`object_and_columns`, or leave `column_names` empty."
        )
    problems = Problems()
    found = problems.each(lambda one: _entry(f"column_names[{one[0]}]", one[1]), list(enumerate(entries)))
    problems.each(lambda number: _check_alone(found[number], found[:number]), range(len(found)))
    problems.check()
    return tuple(found)


def _entry(place: str, entry: Any) -> ColumnName:
    if not isinstance(entry, Mapping):
        raise ConfigError(f"`{place}` must be an object with `field` and `column`.")
    unknown = next((key for key in entry if key not in _KEYS), None)
    if unknown is not None:
        raise ConfigError(f"`{place}.{unknown}` is not known; an entry has {' and '.join(_KEYS)}.")
    for key in _KEYS:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            what = "the key or the label of a custom field" if key == "field" else "the name of a column"
            raise ConfigError(f"`{place}.{key}` must be {what}.")
    return ColumnName(place, entry["field"].strip(), _column(f"{place}.column", entry["column"].strip()))


def _column(place: str, column: str) -> str:
    """A name as the connector itself would give it: what else a warehouse would fold it to, nobody knows."""
    column = unicodedata.normalize("NFC", column)
    name = snake_case(column)
    if name != column:
        advice = f" `{name}` would do." if name else ""
        raise ConfigError(
            f"`{place}`: `{column}` cannot be the name of a column, which has lower-case letters, digits and single "
            f"underscores between them.{advice}"
        )
    if len(name.encode()) > MAX_COLUMN_BYTES:
        raise ConfigError(f"`{place}`: a column's name has at most {MAX_COLUMN_BYTES} bytes, this one has more.")
    return name


def _check_alone(entry: ColumnName, before: list[ColumnName]) -> None:
    """Raise ConfigError for a field that has an entry already."""
    for one in before:
        if one.field == entry.field:
            raise ConfigError(f"`{entry.place}.field`: `{entry.field}` has a name already, by `{one.place}`.")
