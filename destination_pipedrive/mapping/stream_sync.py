"""One incoming stream on its way to an object, and one of its records on its way."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import MappedRecord, Match, Outcome, Tally
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.protocol.json_lines import OddMessage
from pipedrive_client.lenient_json import mended


class Copy(Protocol):
    """What is done with the records of a stream of another account, which are copied."""

    def translated(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a record in the words of this account."""

    def mark(self, record: "InFlightRecord") -> None:
        """Remember where the record comes from."""

    def look_up(self, records: Iterable["InFlightRecord"]) -> None:
        """Find the copies of all rows that these records refer to."""

    def link(self, record: "InFlightRecord", may_wait: bool) -> frozenset[str]:
        """Put the ids of copies into a record; the objects that it has to wait for. Raises Rejected."""

    def choose(self, record: "InFlightRecord", match: Match, is_equal: Callable[[Any], bool]) -> Match:
        """The match with the row that is the copy, among rows that are equal in the key."""

    def claim(self, record: "InFlightRecord", row_id: Any) -> None:
        """A row is the copy of the record's."""

    def settle(self, record: "InFlightRecord", outcome: Outcome) -> None:
        """Take note of how a record ended."""

    def left_out(self) -> Iterable[str]:
        """A sentence for each field of which values were left out."""


@dataclass(frozen=True)
class StreamSync:
    """One incoming stream on its way. A mirror is an upsert that also deletes in the end.

    ``rules`` have the keys resolved; ``columns`` grows with the columns seen. ``deletes``: what becomes of the records
    that meet `delete_when`; ``is_keyless``: rows have no key, equal in all that is mapped is the same row; ``copy``:
    the records are those of another account.
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
    deletes: "StreamSync | None" = None
    copy: Copy | None = None

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The fields that the stream may write, by body key; it grows with the columns seen."""
        return self.columns.known

    @cached_property
    def is_narrowed(self) -> bool:
        """True when a key such as a subject tells rows apart only below one person, deal or organization."""
        is_apart = bool(self.spec.fingerprint or self.spec.narrowed_by)
        is_keyed = is_apart and any(not key.is_id for key in self.keys)
        return is_keyed and self.operation != "insert" and not self.is_keyless

    @cached_property
    def is_linked_first(self) -> bool:
        """True when a row can only be looked for once its parents are known."""
        parents = set((self.spec.parents or {}).values())
        is_key = any(part.key in parents for key in self.keys for part in key.fields)
        return is_key or self.is_keyless or self.is_narrowed or self.spec.below is not None

    @cached_property
    def is_newest_wins(self) -> bool:
        """True when the later change wins."""
        return self.policy == "newest_wins"

    @cached_property
    def may_wait(self) -> bool:
        """True when an update may wait for a later record of its row: nothing but its own row follows from it."""
        return not self.is_newest_wins and not self.rules.actions and self.copy is None

    def fills(self, key: str) -> bool:
        """Whether a field is written only where it is empty."""
        return self.policy == "destination_wins" or self.columns.modes.get(key) == "fill"


@dataclass
class InFlightRecord:
    """One record: ``number`` counts the stream's records from 1, ``sequence`` those of the run.

    ``message`` is the RECORD as it came, ``tally`` counts it for its state; ``arrived`` is the time of the run's clock
    in seconds. ``identity``: what it has in common with other records that may be the same row. ``again``: of a copied
    record, what is to be written once rows of some objects are there.
    """

    sync: StreamSync
    number: int
    message: Mapping[str, Any]
    tally: Tally
    sequence: int = 0
    arrived: float = 0.0
    mapped: MappedRecord = field(default_factory=MappedRecord)
    is_mapped: bool = False
    is_deferred: bool = False
    identity: tuple[Hashable, ...] = ()
    match: Match | None = None
    again: tuple[MappedRecord, frozenset[str]] | None = None

    #: The record's columns, as far as Pipedrive could take them.
    data: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        """Only what was not plain JSON has to be mended."""
        data = self.message["record"].get("data")
        self.data = mended(data) if isinstance(self.message, OddMessage) else data
