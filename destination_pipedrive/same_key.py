"""Records of one batch that are the same row: the last word on each field counts for all of them. Pure.

Without this the earlier record would be written and the later one over it, in every run again.
"""

from collections.abc import Hashable, Iterable
from typing import Protocol

from destination_pipedrive.draft import Draft
from destination_pipedrive.keys import MatchKey, key_values
from destination_pipedrive.routes import Route

#: Fields to which every record adds, so that none of them takes back what another one said.
ADDED_TO = frozenset({"contacts"})
OPERATIONS = frozenset({"upsert", "update"})


class Record(Protocol):
    """A record on its way."""

    @property
    def route(self) -> Route:
        """Where it goes."""

    @property
    def draft(self) -> Draft:
        """What it says."""


def agree(records: Iterable[Record]) -> None:
    """Let records with the same key say the same, in their order."""
    groups: dict[Hashable, list[Record]] = {}
    for record in records:
        key = _key(record)
        if key is not None:
            groups.setdefault((id(record.route), key), []).append(record)
    for group in groups.values():
        if len(group) > 1:
            _share(group)


def _key(record: Record) -> Hashable:
    """The first key that the record has; None where records are not matched, or by all that they say."""
    route = record.route
    if route.operation not in OPERATIONS or route.by_fingerprint:
        return None
    return next((found for key in route.keys if (found := _value(key, record)) is not None), None)


def _value(key: MatchKey, record: Record) -> Hashable:
    if key.is_id:
        return ("id", record.draft.row_id) if record.draft.row_id is not None else None
    values = key_values(key, record.draft.values)
    return (key.key, values[0]) if values else None


def _share(group: list[Record]) -> None:
    targets = group[0].route.columns.targets
    said = {
        key: value
        for record in group
        for key, value in record.draft.values.items()
        if targets[key].kind not in ADDED_TO
    }
    links = {link.key: link for record in group for link in record.draft.links}
    for record in group:
        record.draft.values.update(said)
        record.draft.links[:] = links.values()
