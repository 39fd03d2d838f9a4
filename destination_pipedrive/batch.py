"""The steps of one batch of records of one object, each once: map, match, plan, apply. Each record has one outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from destination_pipedrive.flow import Change, Create, Delete, NoOp, Outcome, Reject, Rejected, Skip, Update
from destination_pipedrive.mapping.stream_sync import InFlightRecord
from destination_pipedrive.planning.coalescing import HeldChanges, RowChange
from destination_pipedrive.planning.decisions import Decider, needs_parents
from destination_pipedrive.planning.planner import Decision, Intent, alike
from destination_pipedrive.preparation import Preparation, Report, link_copies
from destination_pipedrive.references.deferral import DeferredQueue
from destination_pipedrive.references.resolver import Awaited, ReferenceResolver
from destination_pipedrive.writing.apply import Applier, as_rejection
from destination_pipedrive.writing.failures import Failures
from destination_pipedrive.writing.object_writer import ObjectWriter
from destination_pipedrive.writing.ordering import run_groups
from pipedrive_client.errors import Refused, TransientError
from pipedrive_client.expressions.nodes import Context


@dataclass
class _Plan:
    """What is known of a batch while it is planned: decisions by record, changes by row."""

    decisions: dict[int, Decision]
    rows: dict[Any, RowChange]


class BatchProcessor:
    """Processes the records of one object. Used by one thread; what it writes is written by several."""

    def __init__(
        self,
        objects: ObjectWriter,
        references: ReferenceResolver,
        deferred: DeferredQueue,
        held: HeldChanges,
        applier: Applier,
        context: Context,
        report: Report,
        failures: Failures,
    ) -> None:
        self._objects = objects
        self._failures = failures
        self._spec = objects.spec
        self._matcher = objects.matcher
        self._rows = objects.rows
        self._planner = objects.planner
        self._references = references
        self._deferred = deferred
        self._held = held
        self._applier = applier
        self._decider = Decider(objects.matcher, objects.planner, as_rejection)
        self._preparation = Preparation(objects, applier.set_aside, context, report)
        self._report = report
        self._may_wait = True
        self._start = 0
        #: By the ``id`` of a stream's sync the fields that a row may have been read without.
        self._unread: dict[int, tuple[str, ...]] = {}

    def process(self, records: Sequence[InFlightRecord], may_wait: bool = True) -> None:
        """Bring every record to its outcome, or let it wait: for a parent that may come (unless ``may_wait`` is
        false), or for a later record of its row. Raises what ends the run; what was written until then is reported.
        """
        self._may_wait = may_wait
        self._start = self._failures.start()
        mapped = [record for record in records if record.is_mapped or self._preparation.map(record, self._start)]
        if self._deferred.oldest is not None:
            mapped = [record for record in mapped if not self._waits_behind(record)]
        for record in mapped:
            if record.sync.copy:
                mapped = link_copies(mapped, self._may_wait, self._deferred.add, self._finish)
                break
        plan = self._plan(mapped)
        self._apply(plan)
        self._references.finish()
        self._objects.forget_batch()

    def release_held(self) -> None:
        """Write the changes that are held."""
        if len(self._held):
            self._applier.apply(self._held.pop_all(), self.replan)

    def late_events(self) -> Iterator[str]:
        """A sentence for each stream whose actions met events that came too late."""
        return self._applier.late_events()

    def _waits_behind(self, record: InFlightRecord) -> bool:
        """Let a record wait behind one of its row that waits: records of one row keep their order."""
        if not self._deferred.blocks(self._spec.name, record.identity):
            return False
        self._deferred.add(record, ())
        return True

    # match and decide

    def _plan(self, records: list[InFlightRecord]) -> _Plan:
        records = self._linked_first(records)
        syncs = {id(record.sync): record.sync for record in records}
        self._unread |= {number: sync.columns.unread for number, sync in syncs.items()}
        for sync in syncs.values():
            self._rows.require_fields(sync.columns.fields.values(), sync.keys)
            self._matcher.prepare([record.mapped for record in records if record.sync is sync], sync.keys)
        decisions = self._decider.decisions(records)
        wanted = [record for record in records if needs_parents(decisions.get(id(record)))]
        self._references.look_up(record.mapped for record in wanted)
        unreadable = self._read_whole(decisions, records)
        plan = _Plan(decisions, {})
        for record in records:
            if id(record) not in unreadable:
                self._plan_one(record, plan)
        return plan

    def _linked_first(self, records: list[InFlightRecord]) -> list[InFlightRecord]:
        """Link what can only be looked for below its parents; without those left that wait or are rejected."""
        first = [record for record in records if record.sync.is_linked_first and record.mapped.references]
        if not first:
            return records
        self._references.look_up(record.mapped for record in first)
        left = {id(record) for record in first if not self._is_linked(record)}
        for record in first:
            record.identity = (*record.identity, *self._preparation.identity(record))
        return [record for record in records if id(record) not in left]

    def _is_linked(self, record: InFlightRecord) -> bool:
        try:
            self._link(record)
        except Awaited:
            self._defer(record)
            return False
        except Rejected as error:
            is_gone = record.sync.operation == "delete" and error.change.code == "parent_not_found"
            self._finish(record, NoOp() if is_gone else error.change)
            return False
        return True

    def _read_whole(self, decisions: dict[int, Decision], records: list[InFlightRecord]) -> set[int]:
        """Read rows again that were read without a field that is compared; several at a time.

        The ``id`` of records whose rows cannot be read: they are rejected, or set aside.
        """
        if not any(self._unread.values()) and not self._spec.sent_along:
            return set()
        lacking: dict[Any, tuple[list[str], list[InFlightRecord]]] = {}
        for record in records:
            decision = decisions.get(id(record))
            if isinstance(decision, Intent) and decision.action == "update":
                needed = self._needed(record)
                if self._rows.lacks(decision.row_id, needed):
                    keys, owners = lacking.setdefault(decision.row_id, ([], []))
                    keys += needed
                    owners.append(record)
        unreadable: set[int] = set()

        def read(row: tuple[Any, tuple[list[str], list[InFlightRecord]]]) -> None:
            row_id, (keys, owners) = row
            if not self._is_read(row_id, keys, owners):
                unreadable.update(map(id, owners))

        run_groups(self._objects.pool, [[row] for row in lacking.items()], read)
        return unreadable

    def _is_read(self, row_id: Any, keys: list[str], owners: list[InFlightRecord]) -> bool:
        try:
            self._rows.row_or_none(row_id, keys)
            return True
        except TransientError as error:
            for record in owners:
                self._applier.set_aside(record, error, self._start)
        except Refused as error:
            for record in owners:
                self._finish(record, as_rejection(record, error))
        return False

    def _needed(self, record: InFlightRecord) -> list[str]:
        unread, values = self._unread.get(id(record.sync)), record.mapped.values
        if not unread:
            return list(self._spec.sent_along)
        return [*(key for key in unread if key in values), *self._spec.sent_along]

    # plan

    def _plan_one(self, record: InFlightRecord, plan: _Plan) -> None:
        try:
            decision = plan.decisions.get(id(record)) or self._decider.decide(record)
            change = self._change(record, decision)
        except Awaited:
            self._defer(record)
            return
        except TransientError as error:
            self._applier.set_aside(record, error, self._start)
            return
        except (Rejected, Refused) as error:
            change = as_rejection(record, error)
        self._enter(record, change, plan)

    def _change(self, record: InFlightRecord, decision: Decision) -> Change:
        """The change that is decided on. Raises Rejected or Awaited when a parent is not there."""
        if not isinstance(decision, Intent):
            return decision
        if decision.action == "delete":
            return Delete(decision.row_id, self._rows.row(decision.row_id))
        self._link(record)
        if decision.action == "create":
            return self._planner.create(record.sync, record.mapped)
        row = self._rows.row_or_none(decision.row_id, self._needed(record))
        if row is None:
            return self._after_gone(record)
        return self._planner.update(record.sync, record.mapped, decision.row_id, row)

    def _after_gone(self, record: InFlightRecord) -> Change:
        """The row was deleted between look-up and write: another one has the key, or the option decides."""
        sync, mapped = record.sync, record.mapped
        match = self._matcher.match(mapped, sync.keys, alike(sync))
        if len(match.ids) == 1:
            return self._planner.update(sync, mapped, match.ids[0], self._rows.row(match.ids[0]))
        if sync.rules.on_gone == "create" and sync.operation == "upsert" and mapped.may_create:
            return self._planner.create(sync, mapped)
        return Reject("no_match", f"the {self._spec.noun} was deleted in the meantime.", match.key)

    def _link(self, record: InFlightRecord) -> None:
        """Put the ids of its parents into a record."""
        mapped = record.mapped
        if not mapped.references:
            return
        self._references.look_up([mapped])
        on_missing = record.sync.rules.on_missing_parent
        found = {each.key: self._references.id_of(each, on_missing, self._may_wait) for each in mapped.references}
        mapped.replace({**mapped.values, **{key: row_id for key, row_id in found.items() if row_id is not None}})
        mapped.references.clear()

    def _defer(self, record: InFlightRecord) -> None:
        self._deferred.add(record, self._references.awaited(record.mapped))

    def _enter(self, record: InFlightRecord, change: Change, plan: _Plan) -> None:
        """Let later records see what is planned. What says nothing about a row that is planned is finished."""
        if isinstance(change, Create):
            row_id = self._objects.enter_planned(change.after)
            if record.sync.copy:
                record.sync.copy.claim(record, row_id)
            change = replace(change, row_id=row_id)
            plan.rows[row_id] = RowChange(change, [(record, change)])
            return
        row_id = change.row_id if isinstance(change, Update | Delete | NoOp) else (record.match and record.match.first)
        open_change = plan.rows.get(row_id) or self._held.pop(row_id)
        if open_change:
            plan.rows[row_id] = open_change
        if isinstance(change, Reject) or not (open_change or isinstance(change, Update | Delete)):
            self._finish(record, change)
            return
        if isinstance(change, Update):
            self._objects.enter_changed(change)
        elif isinstance(change, Delete):
            self._rows.drop(row_id)
        if open_change:
            open_change.add(record, change)
        elif isinstance(change, Update | Delete):
            plan.rows[row_id] = RowChange(change, [(record, change)])

    def _finish(self, record: InFlightRecord, change: Change) -> None:
        """A record without anything to write."""
        if isinstance(change, Reject):
            self._applier.refuse(record, change)
        elif isinstance(change, Skip):
            self._report(
                record, Outcome("skipped", record.match and record.match.first, code=change.code, reason=change.reason)
            )
        else:
            assert isinstance(change, NoOp)
            self._applier.finish(record, Outcome("unchanged", change.row_id))

    # apply

    def _apply(self, plan: _Plan) -> None:
        now = []
        for row_id, row in plan.rows.items():
            if not (isinstance(row.change, Update) and self._hold(row_id, row)):
                now.append(row)
        self._applier.apply([*now, *self._held.due()], self.replan)

    def _hold(self, row_id: Any, change: RowChange) -> bool:
        """Let an update wait for later records of its row; what it needs is created at once."""
        if not all(record.sync.may_wait for record, _ in change.parts):
            return False
        self._applier.make_ready([change])
        try:
            self._held.put(row_id, change.realized(self._objects.ids.realized))
        except (Rejected, TransientError):
            return False
        return True

    def replan(self, record: InFlightRecord, is_gone: bool) -> Change:
        """Plan one record anew, by itself; ``is_gone``: its row was deleted since. Raises Rejected, and what the
        client raises.
        """
        return self._after_gone(record) if is_gone else self._change(record, self._decider.decide(record))
