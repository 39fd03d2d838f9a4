"""One copied stream on its way: its records translated and linked, and the rows that are their copies."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from destination_pipedrive.copying.claims import Claims
from destination_pipedrive.copying.links import Link, linked, links_in, references_of
from destination_pipedrive.copying.old_ids import OldIds
from destination_pipedrive.copying.translator import Translator, origin_of
from destination_pipedrive.flow import CopiedRow, Match, Outcome, Rejected
from destination_pipedrive.mapping.stream_sync import InFlightRecord
from destination_pipedrive.objects.records import OBJECTS

#: What a row can be without any more changes: it is archived once everything else is written.
ARCHIVING = ("is_archived", "archive_time")
#: Outcomes of which a second part may follow.
DONE = frozenset({"created", "updated", "unchanged"})


class StreamCopy:
    """The copy of one stream. ``may_come``: whether a stream that is not at its end may bring rows of an object."""

    def __init__(
        self, translator: Translator, old_ids: OldIds, claims: Claims | None, may_come: Callable[[str], bool]
    ) -> None:
        self._translator = translator
        self._old_ids = old_ids
        self._claims = claims
        self._may_come = may_come
        self._known: dict[Link, Any] = {}
        #: Which fields refer to what; anew when a record brought another field.
        self._references: tuple[int, dict[str, str]] = (0, {})
        #: Links that were left out because their rows have no copy, by field.
        self.unlinked: Counter[str] = Counter()

    # map

    def translated(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a record in the words of this account."""
        return self._translator.translated(record)

    def mark(self, record: InFlightRecord) -> None:
        """Remember where the record comes from."""
        record.mapped.copied = CopiedRow(origin_of(record.data))

    # link

    def look_up(self, records: Iterable[InFlightRecord]) -> None:
        """Find the copies of all rows that these records refer to. Raises what the client raises."""
        wanted: dict[str, list[str]] = {}
        for record in records:
            for _, (name, origin) in links_in(record.mapped.values, self._refers(record)):
                wanted.setdefault(name, []).append(origin)
        self._known = self._old_ids.find(wanted)

    def link(self, record: InFlightRecord, may_wait: bool) -> frozenset[str]:
        """Put the ids of copies into a record; the objects that it has to wait for, none when it can be written.

        What refers to a row that comes later than this one, and archiving, is put off until then. Raises Rejected when
        a row is missing without which there is none.
        """
        mapped, refers = record.mapped, self._refers(record)
        missing = [(key, link[0]) for key, link in links_in(mapped.values, refers) if link not in self._known]
        if record.sync.operation == "delete":
            record.mapped = replace(mapped, values=linked(mapped.values, refers, self._known), known_by=None)
            return frozenset()
        awaited = frozenset(name for _, name in missing if may_wait and self._is_first(record, name))
        if awaited:
            return awaited
        copied = mapped.copied or CopiedRow()
        values = linked(mapped.values, refers, self._known)
        put_off = set() if copied.first else {name for _, name in missing}
        if values.get("is_archived") is True and not copied.first:
            values = {key: value for key, value in values.items() if key not in ARCHIVING}
            put_off |= self._later(record)
        self._require(record, values, missing)
        if put_off:
            record.again = (mapped, frozenset(put_off))
        else:
            self.unlinked.update(key for key, _ in missing)
        record.mapped = replace(mapped, values=values, known_by=None, references=[])
        return frozenset()

    # match

    def choose(self, record: InFlightRecord, match: Match, is_equal: Callable[[Any], bool]) -> Match:
        """The match with the row that is the copy, among rows that are equal in the key."""
        copied = record.mapped.copied
        return self._claims.choose(copied.origin if copied else "", match, is_equal) if self._claims else match

    def settle(self, record: InFlightRecord, outcome: Outcome) -> None:
        """Remember which row is the copy of the record's."""
        if self._claims and record.mapped.copied and outcome.kind in DONE:
            self.claim(record, outcome.row_id)
        elif self._claims and record.mapped.copied:
            self._claims.release(record.mapped.copied.origin)

    def claim(self, record: InFlightRecord, row_id: Any) -> None:
        """A row, also one that is only planned, is the copy of the record's."""
        if self._claims and record.mapped.copied:
            self._claims.claim(record.mapped.copied.origin, row_id)

    # report

    def left_out(self) -> Iterator[str]:
        """A sentence for each field of which values were left out."""
        stream = self._translator.copied.spec.name
        custom = self._translator.custom.left_out if self._translator.custom else Counter[str]()
        for name, count in (self._translator.left_out + custom).items():
            yield f"{stream}: {values_left_out(count)} of `{name}` that match nothing in this account."
        for name, count in self.unlinked.items():
            yield f"{stream}: {values_left_out(count)} of `{name}` that refer to rows which were not copied."

    def _refers(self, record: InFlightRecord) -> dict[str, str]:
        count, refers = len(record.sync.columns.fields), self._translator.copied.refers
        if count != self._references[0]:
            self._references = (count, references_of(record.sync.fields, refers))
        return self._references[1]

    def _is_first(self, record: InFlightRecord, name: str) -> bool:
        """Whether a row waits for the rows of an object: those come first, and may still come."""
        return OBJECTS[name].rank < record.sync.spec.rank and self._may_come(name)

    def _later(self, record: InFlightRecord) -> set[str]:
        """The objects of which rows may be written below one that is archived."""
        return {
            name for name, spec in OBJECTS.items() if spec.rank >= record.sync.spec.rank and self._may_come(name)
        } | {record.sync.spec.name}

    def _require(self, record: InFlightRecord, values: Mapping[str, Any], missing: Sequence[tuple[str, str]]) -> None:
        spec = record.sync.spec
        needed = {*spec.required, *([spec.below.key] if spec.below else ())}
        lost = next(((key, name) for key, name in missing if key in needed and key not in values), None)
        has_parent = not (spec.one_of and spec.needs_one) or any(key in values for key in spec.one_of)
        if lost or not has_parent:
            key, name = lost or next(iter(missing), (spec.one_of[0], "any object"))
            raise Rejected("parent_not_found", f"the row of {name} that it belongs to has no copy here.", key)


def settled(
    record: InFlightRecord, outcome: Outcome, defer: Callable[[InFlightRecord, Iterable[str]], None]
) -> Outcome | None:
    """How a copied record ended; None when its second part is still to be written, for which it waits."""
    assert record.sync.copy is not None
    record.sync.copy.settle(record, outcome)
    again, record.again = record.again, None
    if again and outcome.kind in DONE:
        mapped, awaited = again
        origin = mapped.copied.origin if mapped.copied else ""
        record.mapped = replace(mapped, copied=CopiedRow(origin, outcome.kind))
        defer(record, awaited)
        return None
    first = record.mapped.copied.first if record.mapped.copied else None
    is_more = outcome.kind == "unchanged" or first == "created"
    return replace(outcome, kind=first) if first and outcome.kind in DONE and is_more else outcome


def values_left_out(count: int) -> str:
    """The head of a sentence on values of a field."""
    return f"left out {count:,} {'value' if count == 1 else 'values'}"
