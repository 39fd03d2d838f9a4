"""What has to change on the server. Pure: values wanted against the row as it is.

A row here is flat: body keys and custom-field keys side by side. Values wanted hold None where a field is to be
emptied; a key that is absent is left alone.
"""

from collections.abc import Mapping, Set
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import is_nothing
from destination_pipedrive.flow import MappedRecord, Rejected
from destination_pipedrive.mapping.stream_sync import StreamSync, fills, targets_of
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.planning.conflicts import is_small
from destination_pipedrive.session import Session

Row = Mapping[str, Any]


def changes(
    wanted: Mapping[str, Any], current: Row, targets: Mapping[str, Field], currency: str = ""
) -> dict[str, Any]:
    """The body keys to send, with their values: only what differs from ``current``.

    ``currency`` is used for money that has none, neither wanted nor on the server.
    """
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        target = targets[key]
        if target.create_only:
            continue
        merged = target.merge(current.get(key), value, currency)
        if not target.equal(current.get(key), merged):
            found[key] = merged
    return found


def complete_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a POST sends: nothing empty."""
    return {key: value for key, value in values.items() if not is_nothing(value)}


class Content:
    """The contents of writes to one object."""

    def __init__(self, session: Session, spec: ObjectSpec) -> None:
        self._session = session
        self._spec = spec

    def new_row(self, sync: StreamSync, draft: MappedRecord) -> dict[str, Any]:
        """The values of a new row, with the defaults. Raises Rejected when something that it needs is missing."""
        targets = targets_of(sync)
        wanted = {**self._session.defaults(self._spec), **self.prepared(draft, None)}
        currency = self._currency(wanted, targets)
        new = {key: value for key, value in wanted.items() if not targets[key].update_only}
        values = complete_values({key: targets[key].merge(None, v, currency) for key, v in new.items()})
        require(self._spec, values.keys())
        return values

    def require(self, draft: MappedRecord) -> None:
        """Raises Rejected when a new row would lack something even if each of its parents were found."""
        require(self._spec, self.prepared(draft, None).keys() | {link.key for link in draft.links})

    def changes(self, sync: StreamSync, draft: MappedRecord, current: Mapping[str, Any]) -> dict[str, Any]:
        """The fields to send, with their values."""
        targets = targets_of(sync)
        wanted = self.prepared(draft, current)
        found = changes(wanted, current, targets, self._currency(wanted, targets))
        kept = [key for key in found if fills(sync, key) and not targets[key].is_empty(current.get(key))]
        kept += [key for key, least in sync.columns.least.items() if is_small(current.get(key), found.get(key), least)]
        return {key: value for key, value in found.items() if key not in kept}

    def prepared(self, draft: MappedRecord, current: Mapping[str, Any] | None) -> dict[str, Any]:
        """The values of a record as this object takes them."""
        return self._spec.prepare(draft.values, current) if self._spec.prepare else draft.values

    def _currency(self, wanted: Mapping[str, Any], targets: Mapping[str, Field]) -> str:
        money = [value for key, value in wanted.items() if value and targets[key].type.needs_currency]
        return self._session.account.currency() if any("currency" not in value for value in money) else ""


def require(spec: ObjectSpec, keys: Set[str]) -> None:
    """Raises Rejected when a new row of these fields would lack something."""
    missing = spec.missing(keys)
    if missing:
        names = " or ".join(f"`{key}`" for key in missing)
        raise Rejected("required_field_missing", f"a new {spec.noun} needs {names}.", missing[0])
