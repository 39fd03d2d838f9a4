"""Applies planned changes: what they need first, then each row's change at once, and what follows from it."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter, itemgetter
from typing import Any, Protocol

from destination_pipedrive.flow import (
    Change,
    Create,
    Delete,
    MappedRecord,
    NoOp,
    Outcome,
    Reject,
    Rejected,
    Skip,
    Update,
)
from destination_pipedrive.mapping.stream_sync import InFlightRecord
from destination_pipedrive.matching.keys import MatchKey, key_values
from destination_pipedrive.planning.coalescing import Fields, RowChange
from destination_pipedrive.planning.conflicts import Newest
from destination_pipedrive.planning.planner import late, raised
from destination_pipedrive.results.refusals import RefusedRecord, failing, rejected
from destination_pipedrive.writing.action_queue import ActionQueue
from destination_pipedrive.writing.failures import Failures
from destination_pipedrive.writing.object_writer import ObjectWriter
from destination_pipedrive.writing.ordering import conflict_groups, run_groups
from destination_pipedrive.writing.placeholders import planned_in
from destination_pipedrive.writing.provisioning import Provisioning
from pipedrive_client.errors import NotFound, Refused, TransientError

Report = Callable[[InFlightRecord, Outcome], None]
#: Plans one record anew, against the rows as they are; True when its row was deleted since. Raises Rejected, and
#: what the client raises.
Replan = Callable[[InFlightRecord, bool], Change]


class Parents(Protocol):
    """The parents of rows."""

    def create(self, row_ids: Iterable[int]) -> None:
        """Create those of some planned rows that are parents."""

    def reject(self, object_name: str, record: MappedRecord) -> None:
        """Remember a row that was rejected, so that its children say so."""


class Applier:
    """Applies changes of one object. ``apply`` belongs to one thread and returns when all is written."""

    def __init__(
        self,
        objects: ObjectWriter,
        references: Parents,
        provisioning: Provisioning,
        actions: ActionQueue,
        report: Report,
        failures: Failures,
    ) -> None:
        self._objects = objects
        self._failures = failures
        self._rows = objects.rows
        self._references = references
        self._provisioning = provisioning
        self._actions = actions
        self._report = report
        self._newest = Newest()

    def make_ready(self, changes: Sequence[RowChange]) -> None:
        """Create the parents and options that changes need.

        Also those of each single record: where the folded change is refused, or the later change wins, each of them is
        written by itself.
        """
        numbers = list(dict.fromkeys(number for row in changes for number in _planned_ids(row)))
        if numbers:
            self._provisioning.create(numbers)
            self._references.create(numbers)

    def apply(self, changes: Sequence[RowChange], replan: Replan) -> None:
        """Write changes, then run what they trigger. Raises what ends the run."""
        if changes:
            self.make_ready(changes)
            in_turn = [row for row in changes if len(row.parts) > 1 and row.record.sync.is_newest_wins]
            at_once = [row for row in changes if not any(row is each for each in in_turn)]
            groups = conflict_groups(at_once, _content)
            run_groups(self._objects.pool, groups, lambda row: self._write(row, replan))
            self._write_in_turn(in_turn, replan)
        self._actions.run(self._objects.pool, self._report)

    def late_events(self) -> Iterator[str]:
        """A sentence for each stream whose actions met events that came too late."""
        return self._actions.late_events()

    def finish(self, record: InFlightRecord, outcome: Outcome) -> None:
        """The row of a record is as it wants it: run its actions later, or report it at once."""
        if record.sync.rules.actions and outcome.row_id is not None and outcome.kind != "deleted":
            self._actions.add(record, outcome)
        else:
            self._report(record, outcome)

    def _write(self, row: RowChange, replan: Replan) -> None:
        start = self._failures.start()
        try:
            outcome = self._carry_out(row.record, row.change, row.fields)
        except NotFound:
            self._rows.drop(row.change.row_id)
            for record, _ in row.parts:
                self._alone(record, replan, is_gone=True)
        except TransientError as error:
            self._undo(row.change)
            for record, _ in row.parts:
                self.set_aside(record, error, start)
        except (Rejected, Refused) as error:
            if len(row.parts) > 1:
                self._one_by_one(row, replan)
                return
            self._undo(row.change)
            self._failures.record_outcome(start, "rejected")
            self.refuse(row.record, as_rejection(row.record, error))
        else:
            for record, each in _outcomes(row, outcome):
                self._failures.record_outcome(start, each.kind)
                self.finish(record, each)

    def _write_in_turn(self, rows: Sequence[RowChange], replan: Replan) -> None:
        """Write rows of which the later change wins, record by record in the order in which they came: each is planned
        anew, and may be about a row that one before it wrote.
        """
        for row in rows:
            self._undo(row.change)
        records = sorted((record for row in rows for record, _ in row.parts), key=attrgetter("sequence"))
        run_groups(
            self._objects.pool, [records] if records else [], lambda record: self._alone(record, replan, is_gone=False)
        )

    def _one_by_one(self, row: RowChange, replan: Replan) -> None:
        """Each record by itself: what is wrong with one of them is not the others' fault."""
        self._undo(row.change)
        for record, _ in row.parts:
            self._alone(record, replan, is_gone=False)

    def _alone(self, record: InFlightRecord, replan: Replan, is_gone: bool) -> None:
        start = self._failures.start()
        change: Change = NoOp()
        try:
            # Its parents were planned when it was mapped, and may be found by their real ids only.
            record.mapped.replace(self._objects.ids.realized(record.mapped.values))
            change = replan(record, is_gone)
            if isinstance(change, Create):
                change = Create(change.after, self._objects.enter_planned(change.after))
            outcome = self._carry_out(record, change, record.sync.fields)
        except NotFound:
            # Another row may have the key; the one that is gone is not found again.
            assert isinstance(change, Update | Delete)
            self._rows.drop(change.row_id)
            self._alone(record, replan, is_gone=True)
        except TransientError as error:
            self._undo(change)
            self.set_aside(record, error, start)
        except (Rejected, Refused) as error:
            self._undo(change)
            self._failures.record_outcome(start, "rejected")
            self.refuse(record, as_rejection(record, error))
        else:
            self._failures.record_outcome(start, outcome.kind)
            self.finish(record, outcome)

    def _carry_out(self, record: InFlightRecord, change: Change, fields: Fields) -> Outcome:
        """Raises Rejected, NotFound, and what the client raises."""
        if isinstance(change, Update) and change.recheck:
            change = self._rechecked(record, change)
        if isinstance(change, Create):
            row_id = self._objects.create(change, fields)
            if record.sync.is_newest_wins:
                self._remember_time(record, row_id)
            return Outcome("created", row_id, tuple(change.after))
        if isinstance(change, Update):
            self._objects.update(change, fields)
            if record.sync.is_newest_wins:
                self._remember_time(record, change.row_id)
            return Outcome("updated", change.row_id, tuple(change.changed))
        if isinstance(change, Delete):
            return Outcome("deleted" if self._objects.delete(change) else "unchanged", change.row_id)
        if isinstance(change, Skip):
            return Outcome("skipped", code=change.code, reason=change.reason)
        if isinstance(change, Reject):
            raise raised(change)
        assert isinstance(change, NoOp)
        self._objects.forget_planned(change.row_id)
        return Outcome("unchanged", change.row_id)

    def _rechecked(self, record: InFlightRecord, change: Update) -> Change:
        """The change against the row as it is now: somebody may have changed it since it was listed."""
        self._objects.forget_planned(change.row_id)
        current = self._rows.read(change.row_id)
        again = self._objects.planner.again(record.sync, change, current)
        is_late = isinstance(again, Update) and record.sync.is_newest_wins and self._is_late(record, current)
        return late(self._objects.spec.noun) if is_late else again

    def _is_late(self, record: InFlightRecord, current: dict[str, Any]) -> bool:
        column = record.sync.rules.updated_at_field
        return self._newest.is_in_pipedrive(current, record.mapped.changed_at, column)

    def _remember_time(self, record: InFlightRecord, row_id: Any) -> None:
        self._newest.remember(self._rows.row(row_id), record.mapped.changed_at)

    def _undo(self, change: Change) -> None:
        """Find the row as it is on the server again."""
        if isinstance(change, Delete):
            self._rows.undelete(dict(change.before))
        elif isinstance(change, Create | Update | NoOp):
            self._objects.forget_planned(change.row_id)

    def set_aside(self, record: InFlightRecord, error: TransientError, start: int) -> None:
        """Let a record on which Pipedrive keeps failing wait for others. Raises TransientError in an outage."""
        self._failures.add(error, start, lambda final: self.refuse(record, as_rejection(record, failing(final))))

    def refuse(self, record: InFlightRecord, change: Reject) -> None:
        """Reject a record; its children will say so."""
        self._references.reject(self._objects.spec.name, record.mapped)
        self._report(record, Outcome.of_rejection(change))


def as_rejection(record: InFlightRecord, error: Rejected | Refused) -> Reject:
    """The rejection; one by Pipedrive tells by which key the record is known, so that it can be found."""
    if isinstance(error, Refused):
        error = rejected(error)
    key = next((each.name for each in record.sync.keys if _has(record.mapped, each)), "")
    if not key or not isinstance(error, RefusedRecord):
        return error.change
    return replace(error.change, reason=f"{error.change.reason} Match key: `{key}`.")


def _has(mapped: MappedRecord, key: MatchKey) -> bool:
    return mapped.row_id is not None if key.is_id else bool(key_values(key, mapped.values))


def _planned_ids(row: RowChange) -> list[int]:
    """The planned ids among the values that the changes of a row send."""
    changes = (row.change, *(each for _, each in row.parts if each is not row.change))
    sent = [
        each.after if isinstance(each, Create) else each.changed
        for each in changes
        if isinstance(each, Create | Update)
    ]
    return [number for values in sent for number in planned_in(values)]


def _content(row: RowChange) -> list[Hashable]:
    """Equal new rows are created one after the other, so that one whose answer is lost is not taken for another; and
    copied ones that Pipedrive puts behind those that are there, in their order.
    """
    if not isinstance(row.change, Create):
        return []
    found: list[Hashable] = [repr(sorted(row.change.after.items(), key=itemgetter(0)))]
    sync = row.record.sync
    if sync.copy and "order_nr" in sync.spec.read_only:
        found.append(("order_nr", *(row.change.after.get(key) for key in sync.spec.narrowed_by)))
    return found


def _outcomes(row: RowChange, outcome: Outcome) -> list[tuple[InFlightRecord, Outcome]]:
    """The row's outcome for the first record that writes it; the later ones find it as they want it."""
    is_told, found = False, []
    for record, change in row.parts:
        if isinstance(change, Skip):
            each = Outcome("skipped", outcome.row_id, code=change.code, reason=change.reason)
        elif isinstance(change, NoOp) or is_told:
            each = Outcome("unchanged", outcome.row_id)
        else:
            is_told, each = True, outcome
        found.append((record, each))
    return found
