"""What has to change on the server. Pure: values wanted against the row as it is.

A row here is flat: body keys and custom-field keys side by side. Values wanted hold None where a field is to be
emptied; a key that is absent is left alone.
"""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.fields.field import Field

#: Read values that say nothing.
NOTHING: tuple[Any, ...] = (None, "", [], {})
Row = Mapping[str, Any]
Fields = Mapping[str, Field]


def changed_fields(wanted: Row, current: Row, fields: Fields, currency: str = "") -> dict[str, Any]:
    """The body keys to send, with their values: only what differs from ``current``.

    ``currency`` is used for money that has none, neither wanted nor on the server. A value that is there as it is
    wanted stays as it is, unless it is a list to be taken away.
    """
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        field, before = fields[key], current.get(key)
        is_same = before.__class__ is value.__class__ and before == value and field.merging != "remove"
        if is_same or field.create_only:
            continue
        merged = field.merge(before, value, currency)
        if merged is not before and not field.equal(before, merged):
            found[key] = merged
    return found


def still_changed(changed: Row, before: Row, fields: Fields) -> dict[str, Any]:
    """Those of some new values that differ from the row as it was."""
    return {key: value for key, value in changed.items() if not fields[key].equal(before.get(key), value)}


def new_row(values: Row, fields: Fields, currency: str) -> dict[str, Any]:
    """What a POST sends: whole values, nothing empty."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        field = fields[key]
        whole = field.merge(None, value, currency) if field.is_merged else value
        if whole not in NOTHING:
            found[key] = whole
    return found
