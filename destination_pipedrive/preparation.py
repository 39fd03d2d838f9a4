"""The first step of a batch: what each record says about its row, and what it has in common with others."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from operator import itemgetter

from destination_pipedrive.flow import Outcome, Reject, Rejected
from destination_pipedrive.mapping.mapper import UNREADABLE
from destination_pipedrive.mapping.stream_sync import InFlightRecord
from destination_pipedrive.matching.rows import record_keys
from destination_pipedrive.writing.object_writer import ObjectWriter
from pipedrive_client.errors import TransientError
from pipedrive_client.expressions.nodes import Context

#: Tells how a record ended.
Report = Callable[[InFlightRecord, Outcome], None]


class Preparation:
    """Maps the records of one object. ``set_aside`` takes those for which Pipedrive keeps failing."""

    def __init__(
        self,
        objects: ObjectWriter,
        set_aside: Callable[[InFlightRecord, TransientError, int], None],
        context: Context,
        report: Report,
    ) -> None:
        self._objects = objects
        self._set_aside = set_aside
        self._context = context
        self._report = report

    def map(self, record: InFlightRecord, start: int) -> bool:
        """Whether the record can be written. Otherwise it has its outcome, or is set aside."""
        try:
            self._map(record)
            return True
        except Rejected as error:
            is_gone = record.sync.operation == "delete" and error.change.field in self._objects.spec.narrowed_by
            self._report(record, Outcome("unchanged") if is_gone else Outcome.of_rejection(error.change))
        except TransientError as error:
            self._set_aside(record, error, start)
        except UNREADABLE as error:
            reason = f"the record cannot be read ({type(error).__name__})."
            self._report(record, Outcome("rejected", code="invalid_value", reason=reason))
        return False

    def _map(self, record: InFlightRecord) -> None:
        sync, data = record.sync, record.data
        record.mapped = sync.columns.map(sync.copy.translated(data) if sync.copy else data)
        if sync.copy:
            sync.copy.mark(record)
        if self._objects.ids.names:
            record.mapped.replace(self._objects.ids.realized(record.mapped.values))
        needed = sync.columns.needed
        if needed is not None:
            # No parent is created for the sake of a deletion.
            kept = [replace(each, create_if_missing=False) for each in record.mapped.references if each.key in needed]
            record.mapped.references[:] = kept
        condition = sync.rules.create_when
        record.mapped.may_create = condition is None or condition.matches(sync.columns.spelled(data), self._context)
        record.identity = tuple(self.identity(record))
        record.is_mapped = True

    def identity(self, record: InFlightRecord) -> list[Hashable]:
        """What two records have in common that may be the same row."""
        mapped = record.mapped
        known_by = record_keys(self._objects.spec, mapped, record.sync.keys)
        found: list[Hashable] = [(key.key, value) for key, values in known_by if not key.is_id for value in values]
        if record.sync.operation == "insert":
            found.append(repr(sorted(mapped.values.items(), key=itemgetter(0))))
        if mapped.row_id:
            found.append(("id", mapped.row_id))
        if mapped.references:
            keys = {key.key for key in record.sync.keys}
            found += ((each.key, each.by) for each in mapped.references if each.key in keys)
        return found


def link_copies(
    records: Sequence[InFlightRecord],
    may_wait: bool,
    defer: Callable[[InFlightRecord, Iterable[str]], None],
    finish: Callable[[InFlightRecord, Reject], None],
) -> list[InFlightRecord]:
    """The records, those of another account with the ids of this one; without those that wait, or are rejected."""
    copies = {id(record.sync): record.sync.copy for record in records if record.sync.copy}
    for number, copy in copies.items():
        copy.look_up([record for record in records if id(record.sync) == number])
    left = []
    for record in records:
        try:
            awaited = record.sync.copy.link(record, may_wait) if record.sync.copy else None
        except Rejected as error:
            finish(record, error.change)
            continue
        if awaited:
            defer(record, awaited)
        else:
            left.append(record)
    return left
