"""Settles a batch of records of one object: map, find, compare, decide, send. Each ends as exactly one result."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import is_nothing
from destination_pipedrive.flow import MappedRecord, Rejected, Result, Step
from destination_pipedrive.mapping.stream_sync import InFlightRecord, Room, StreamSync, fills, targets_of
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.planning.coalescing import coalesce
from destination_pipedrive.planning.conflicts import Newest
from destination_pipedrive.planning.diff import Content
from destination_pipedrive.planning.planner import Decisions
from destination_pipedrive.references.resolver import Awaited, ReferenceResolver
from destination_pipedrive.results.plan_report import Line
from destination_pipedrive.session import Session
from destination_pipedrive.writing.actions import ActionRunner
from destination_pipedrive.writing.ordering import conflict_groups, run_groups
from pipedrive_client.errors import Gone


class BatchProcessor:
    """Writes records of one object."""

    def __init__(
        self,
        session: Session,
        spec: ObjectSpec,
        parents: ReferenceResolver,
        room: Room,
        automations: Mapping[int, ActionRunner],
    ) -> None:
        self._session = session
        self._room = room
        self._spec = spec
        self._parents = parents
        self._matcher = session.matcher(spec)
        self._executor = session.executor(spec)
        self._content = Content(session, spec)
        self._decisions = Decisions(self._matcher, self._content)
        self._automations = automations
        self._newest = Newest()

    def settle(self, items: Sequence[InFlightRecord]) -> None:
        """Bring every record to its result. Raises what ends the run; records settled until then are counted."""
        mapped = [item for item in items if self._map(item)]
        if self._spec.below:
            self._link_early(mapped)
        if self._session.config.conflict_policy == "source_wins":
            coalesce(mapped)
        for sync in {id(item.sync): item.sync for item in mapped}.values():
            self._look_up(sync, [item.draft for item in mapped if item.sync is sync])
        self._parents.resolve(item.draft for item in mapped if self._needs_parents(item.sync, item.draft))
        run_groups(self._session.pool, conflict_groups(mapped, self._shared), self._settle)
        self._matcher.forget_fetched()

    def _map(self, item: InFlightRecord) -> bool:
        try:
            item.draft = item.sync.columns.draft(item.message["record"]["data"])
        except Rejected as error:
            is_gone = item.sync.operation == "delete" and error.result.field in self._spec.narrowed_by
            self._count(item, Result("unchanged") if is_gone else error.result)
            return False
        needed = item.sync.columns.needed
        if needed is not None:
            # No parent is created for the sake of a deletion.
            kept = [replace(link, create_if_missing=False) for link in item.draft.links if link.key in needed]
            item.draft.links[:] = kept
        condition = item.sync.rules.create_when
        data = item.sync.columns.spelled(item.message["record"]["data"])
        item.draft.may_create = condition is None or condition.matches(data, self._session.context)
        return True

    def _link_early(self, items: Sequence[InFlightRecord]) -> None:
        """Rows are looked for below their parents, so these come first; what cannot be linked yet says so later."""
        self._parents.resolve(item.draft for item in items)
        for item in items:
            with suppress(Awaited, Rejected):
                self._link(item.sync, item.draft)

    def _look_up(self, sync: StreamSync, drafts: list[MappedRecord]) -> None:
        self._matcher.want(sync.columns.fields.values(), sync.keys)
        self._matcher.prepare(drafts, sync.keys)

    def _needs_parents(self, sync: StreamSync, draft: MappedRecord) -> bool:
        """False for a record that will not be written: no parent is created for its sake."""
        if sync.by_fingerprint or sync.is_narrowed:
            return bool(draft.links)
        step = self._decisions.of(sync, draft) if draft.links else None
        if not isinstance(step, Step) or step.action == "delete":
            return False
        linked = {link.key for link in draft.links}
        return step.row_id is not None or not self._spec.missing(self._content.prepared(draft, None).keys() | linked)

    def _shared(self, item: InFlightRecord) -> Iterator[Hashable]:
        """What two records must not have in common to be written at the same time."""
        draft = item.draft
        if item.sync.operation == "insert":
            yield repr(sorted(draft.values.items(), key=_first))
        if draft.row_id:
            yield draft.row_id
        for key in item.sync.keys:
            for value in [] if key.is_id else self._matcher.key_values(key, draft):
                yield key.key, value
        yield from self._matcher.find(draft, item.sync.keys).ids

    def _settle(self, item: InFlightRecord) -> None:
        if self._room.blocks(self._shared(item)):
            self._room.add(item, self._shared(item))
            return
        keys = list(self._shared(item)) if item.draft.links else []
        try:
            result = self._act(item.sync, item.draft)
            self._run_actions(item)
        except Awaited:
            self._room.add(item, keys)
            return
        except Rejected as error:
            result = error.result
        self._count(item, result)

    def _run_actions(self, item: InFlightRecord) -> None:
        """What the record triggers, once its row is there."""
        rules = item.sync.rules
        if rules.actions and item.draft.written_id is not None:
            data = item.sync.columns.spelled(item.message["record"]["data"])
            self._automations[id(item.sync)].run(item.draft.written_id, data)

    def _count(self, item: InFlightRecord, result: Result) -> None:
        self._session.results.add(item.tally, item.sync.stream.full_name, self._spec.name, item.number, result)
        if self._session.plan and result.outcome in ("rejected", "skipped"):
            action = "reject" if result.outcome == "rejected" else "leave"
            self._session.plan.add(Line(action, self._spec.name, f"#{item.number}", result.sentence))
        if result.outcome == "rejected":
            self._parents.reject(self._spec.name, item.draft)
            self._session.rejects.add(item.message, self._spec.name, result)

    def _act(self, sync: StreamSync, draft: MappedRecord) -> Result:
        if sync.by_fingerprint or sync.is_narrowed:
            self._link(sync, draft)
        refusal = self._missing_parent(draft)
        if refusal and sync.operation == "delete" and refusal.result.code == "parent_not_found":
            return Result("unchanged")
        if refusal:
            raise refusal
        step = self._decisions.of(sync, draft)
        if isinstance(step, Result):
            return step
        if step.action == "delete" and step.row_id:
            return Result("deleted" if self._executor.delete(step.row_id) else "unchanged")
        if step.row_id is None:
            self._content.require(draft)
        self._link(sync, draft)
        if step.row_id is None:
            return self._create(sync, draft)
        try:
            return self._update(sync, draft, step.row_id)
        except Gone:
            self._matcher.drop(step.row_id)
            return self._after_gone(sync, draft)

    def _after_gone(self, sync: StreamSync, draft: MappedRecord) -> Result:
        """The row was deleted between look-up and write: another one has the key, or the option decides."""
        match = self._matcher.find(draft, sync.keys)
        if len(match.ids) == 1:
            return self._update(sync, draft, match.ids[0])
        if sync.rules.on_gone == "create" and sync.operation == "upsert" and draft.may_create:
            return self._create(sync, draft)
        return Result("rejected", "no_match", match.key, f"the {self._spec.noun} was deleted meanwhile.")

    def _link(self, sync: StreamSync, draft: MappedRecord) -> None:
        for link in draft.links:
            parent_id = self._parents.id_of(link, sync.rules.on_missing_parent)
            if parent_id is not None:
                draft.values[link.key] = parent_id
        draft.links.clear()

    def _missing_parent(self, draft: MappedRecord) -> Rejected | None:
        """Why a row below another one cannot be looked for: it does not say which, or that one cannot be read."""
        below = self._spec.below
        if below and is_nothing(draft.values.get(below.key)):
            return Rejected("match_key_missing", f"`{below.key}` is empty, and the row belongs to it.", below.key)
        return self._matcher.refusal(draft)

    def _create(self, sync: StreamSync, draft: MappedRecord) -> Result:
        values = self._content.new_row(sync, draft)
        row = self._executor.create(values, targets_of(sync))
        draft.written_id = row["id"]
        if sync.is_newest_wins:
            self._newest.note(row, draft.changed_at)
        return Result("created")

    def _update(self, sync: StreamSync, draft: MappedRecord, row_id: int) -> Result:
        draft.written_id = row_id
        targets = targets_of(sync)
        unread = [key for key in draft.values if targets[key].may_be_unread]
        changed = self._content.changes(sync, draft, self._matcher.row(row_id, unread))
        if changed and (sync.is_newest_wins or any(fills(sync, key) for key in changed)):
            # Somebody may have changed the row since it was listed.
            current = self._matcher.read(row_id)
            changed = self._content.changes(sync, draft, current)
            if changed and sync.is_newest_wins and self._is_late(sync, draft, current):
                return Result("skipped", "", "", f"Pipedrive's {self._spec.noun} was changed later than the record.")
        if not changed:
            return Result("unchanged")
        self._restore(row_id, changed, targets)
        if changed and self._spec.sent_along:
            current = self._matcher.row(row_id, self._spec.sent_along)
            changed = {**{key: current.get(key) for key in self._spec.sent_along}, **changed}
        if changed:
            self._executor.update(row_id, changed, targets)
        if sync.is_newest_wins:
            self._newest.note(self._matcher.row(row_id), draft.changed_at)
        return Result("updated")

    def _is_late(self, sync: StreamSync, draft: MappedRecord, current: Mapping[str, Any]) -> bool:
        return self._newest.is_in_pipedrive(current, draft.changed_at, sync.rules.updated_at_field)

    def _restore(self, row_id: int, changed: dict[str, Any], targets: Mapping[str, Field]) -> None:
        """An archived row takes no change but its own restoring, which is therefore sent alone and first."""
        if not self._matcher.row(row_id).get("is_archived"):
            return
        if changed.get("is_archived") is not False:
            raise Rejected("refused_by_pipedrive", f"the {self._spec.noun} is archived; restore it to change it.")
        self._executor.update(row_id, {"is_archived": changed.pop("is_archived")}, targets)


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]
