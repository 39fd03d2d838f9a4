"""One record on its way, and where it waits."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import MappedRecord, Tally
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.objects.spec import ObjectSpec


@dataclass(frozen=True)
class StreamSync:
    """One incoming stream on its way. A mirror is an upsert that also deletes in the end.

    ``rules`` have the keys resolved; ``columns`` grows with the columns seen.
    """

    stream: ConfiguredStream
    spec: ObjectSpec
    operation: str
    rules: Rules
    keys: tuple[MatchKey, ...]
    columns: RecordMapper
    mirrors: bool = False
    policy: str = "source_wins"
    is_keyless: bool = False

    @property
    def is_narrowed(self) -> bool:
        """True when a key such as a subject tells rows apart only below one person, deal or organization."""
        is_apart = bool(self.spec.fingerprint or self.spec.narrowed_by)
        is_keyed = is_apart and any(not key.is_id for key in self.keys)
        return is_keyed and self.operation != "insert" and not self.by_fingerprint

    @property
    def is_newest_wins(self) -> bool:
        """True when the later change wins."""
        return self.policy == "newest_wins"

    @property
    def is_destination_wins(self) -> bool:
        """True when only empty fields are written."""
        return self.policy == "destination_wins"

    @property
    def by_fingerprint(self) -> bool:
        """True when rows have no key: equal in all that is mapped is the same row."""
        return self.is_keyless


def targets_of(sync: StreamSync) -> Mapping[str, Field]:
    """The fields that a stream may write, by body key."""
    return {**sync.columns.directory.built_in, **sync.columns.fields}


def fills(sync: StreamSync, key: str) -> bool:
    """Whether a field is written only where it is empty."""
    return sync.is_destination_wins or sync.columns.modes.get(key) == "fill"


def _empty() -> MappedRecord:
    return MappedRecord({})


@dataclass
class InFlightRecord:
    """One record: ``number`` counts the stream's records from 1, ``sequence`` those of the run.

    ``message`` is the RECORD as it came, ``tally`` counts it for its state.
    """

    sync: StreamSync
    number: int
    message: Mapping[str, Any]
    tally: Tally
    sequence: int = 0
    draft: MappedRecord = field(default_factory=_empty)


class Room(Protocol):
    """Where records wait whose parent may still come."""

    def add(self, item: InFlightRecord, keys: Iterable[Hashable]) -> None:
        """Let a record wait."""

    def blocks(self, keys: Iterable[Hashable]) -> bool:
        """True when a record with one of these keys waits."""
