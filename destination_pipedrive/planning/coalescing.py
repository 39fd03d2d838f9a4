"""Records of one batch that are the same row: the last word on each field counts for all of them. Pure.

Without this the earlier record would be written and the later one over it, in every run again.
"""

from collections.abc import Hashable, Iterable
from typing import Any, Protocol

from destination_pipedrive.flow import MappedRecord, Reference
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.matching.keys import MatchKey, key_values

OPERATIONS = frozenset({"upsert", "update"})


class Record(Protocol):
    """A record on its way."""

    @property
    def sync(self) -> StreamSync:
        """Where it goes."""

    @property
    def draft(self) -> MappedRecord:
        """What it says."""


def coalesce(records: Iterable[Record]) -> None:
    """Let records with the same key say the same, in their order."""
    groups: dict[Hashable, list[Record]] = {}
    for record in records:
        key = _key(record)
        if key is not None:
            groups.setdefault((id(record.sync), key), []).append(record)
    for group in groups.values():
        if len(group) > 1:
            _share(group)


def _key(record: Record) -> Hashable:
    """The first key that the record has; None where records are not matched, or by all that they say."""
    sync = record.sync
    if sync.operation not in OPERATIONS or sync.by_fingerprint:
        return None
    own = next((found for key in sync.keys if (found := _value(key, record)) is not None), None)
    return None if own is None else (own, _parents(record) if own[0] != "id" and sync.is_narrowed else ())


def _parents(record: Record) -> Hashable:
    """To what a record says that it belongs, where a key tells rows apart below one parent only."""
    targets, narrow = record.sync.columns.fields, record.sync.spec.narrowed_by
    keys = narrow or [key for key, target in targets.items() if target.type.names_parent]
    values = (repr(record.draft.values.get(key)) for key in sorted(keys))
    links = sorted((link.key, link.by) for link in record.draft.links if not narrow or link.key in narrow)
    return (*values, *links)


def _value(key: MatchKey, record: Record) -> tuple[str, Hashable] | None:
    if key.is_id:
        return ("id", record.draft.row_id) if record.draft.row_id is not None else None
    values = key_values(key, record.draft.values)
    return (key.key, values[0]) if values else None


def _share(group: list[Record]) -> None:
    targets = group[0].sync.columns.fields
    said: dict[str, Any] = {}
    links: dict[str, Reference] = {}
    for record in group:
        for key, value in record.draft.values.items():
            # To such a field every record adds, so that none of them takes back what another one said.
            if not targets[key].is_added_to:
                said[key] = value
                links.pop(key, None)
        for link in record.draft.links:
            links[link.key] = link
            said.pop(link.key, None)
    for record in group:
        record.draft.values.update(said)
        for key in links:
            record.draft.values.pop(key, None)
        record.draft.links[:] = links.values()
