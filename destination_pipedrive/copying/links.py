"""Ids of other rows in the values of a record: which there are, and the values with the ids of their copies. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from destination_pipedrive.fields.field import Field

Values = dict[str, Any]
#: (object, old id) -> id here.
Known = Mapping[tuple[str, str], Any]
#: Object and old id of a row that is referred to.
Link = tuple[str, str]


def references_of(fields: Mapping[str, Field], built_in: Mapping[str, str]) -> dict[str, str]:
    """Body key -> the object whose ids it holds; ``built_in``: those of built-in fields."""
    return {key: name for key, field in fields.items() if (name := field.refers if field.custom else built_in.get(key))}


def links_in(values: Mapping[str, Any], refers: Mapping[str, str]) -> Iterator[tuple[str, Link]]:
    """Body key and link of every row that the values refer to."""
    for key, name in refers.items():
        for each in _entries(values.get(key)):
            row_id = _id_of(each)
            if row_id is not None:
                yield key, (name, str(row_id))


def linked(values: Values, refers: Mapping[str, str], known: Known) -> Values:
    """The values with the ids of copies; what refers to a row without one is left out."""
    found = dict(values)
    for key, name in refers.items():
        value = values.get(key)
        if value is None:
            continue
        entries = [each for entry in _entries(value) if (each := _linked_entry(entry, name, known)) is not None]
        if isinstance(value, list):
            found[key] = entries
        elif entries:
            found[key] = entries[0]
        else:
            del found[key]
    return found


def _entries(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _id_of(entry: Any) -> Any:
    """The id of a row, alone or of a participant; None for a guest who is no person."""
    return entry.get("person_id") if isinstance(entry, Mapping) else entry


def _linked_entry(entry: Any, name: str, known: Known) -> Any:
    row_id = known.get((name, str(_id_of(entry))))
    if not isinstance(entry, Mapping):
        return row_id
    if entry.get("person_id") is None:
        return entry
    rest = {key: value for key, value in entry.items() if key != "person_id"}
    is_known_otherwise = bool(rest.keys() & {"email", "user_id"})
    return {**entry, "person_id": row_id} if row_id is not None else rest if is_known_otherwise else None
