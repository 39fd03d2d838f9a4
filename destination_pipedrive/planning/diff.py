"""What has to change on the server. Pure: values wanted against the row as it is.

A row here is flat: body keys and custom-field keys side by side. Values wanted hold None where a field is to be
emptied; a key that is absent is left alone.
"""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import is_nothing

Row = Mapping[str, Any]
Fields = Mapping[str, Field]


def changed_fields(wanted: Row, current: Row, fields: Fields, currency: str = "") -> dict[str, Any]:
    """The body keys to send, with their values: only what differs from ``current``.

    ``currency`` is used for money that has none, neither wanted nor on the server.
    """
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        field = fields[key]
        if field.create_only:
            continue
        before = current.get(key)
        merged = field.merge(before, value, currency)
        if merged is not before and not field.equal(before, merged):
            found[key] = merged
    return found


def still_changed(changed: Row, before: Row, fields: Fields) -> dict[str, Any]:
    """Those of some new values that differ from the row as it was."""
    return {key: value for key, value in changed.items() if not fields[key].equal(before.get(key), value)}


def new_row(values: Row, fields: Fields, currency: str) -> dict[str, Any]:
    """What a POST sends: whole values, nothing empty."""
    return complete_values({key: fields[key].merge(None, value, currency) for key, value in values.items()})


def complete_values(values: Row) -> dict[str, Any]:
    """The values that are not empty."""
    return {key: value for key, value in values.items() if not is_nothing(value)}
