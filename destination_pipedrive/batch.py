"""Settles a batch of records of one object: map, find, compare, decide, send. Each ends as exactly one result."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from destination_pipedrive.fields.field import Target
from destination_pipedrive.fields.parsing import is_nothing
from destination_pipedrive.flow import Draft, Rejected, Result, Step
from destination_pipedrive.mapping.stream_sync import Item, Room, Route, fills, targets_of
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.planning.coalescing import agree
from destination_pipedrive.planning.conflicts import Newest
from destination_pipedrive.planning.diff import Content
from destination_pipedrive.planning.planner import Decisions
from destination_pipedrive.references.resolver import Awaited, Parents
from destination_pipedrive.results.plan_report import Line
from destination_pipedrive.session import Services
from destination_pipedrive.writing.actions import Automation
from destination_pipedrive.writing.ordering import chains, run_chains
from pipedrive_client.errors import Gone


class Writer:
    """Writes records of one object."""

    def __init__(
        self, services: Services, spec: ObjectSpec, parents: Parents, room: Room, automations: Mapping[int, Automation]
    ) -> None:
        self._services = services
        self._room = room
        self._spec = spec
        self._parents = parents
        self._finder = services.finder(spec)
        self._sender = services.sender(spec)
        self._content = Content(services, spec)
        self._decisions = Decisions(self._finder, self._content)
        self._automations = automations
        self._newest = Newest()

    def settle(self, items: Sequence[Item]) -> None:
        """Bring every record to its result. Raises what ends the run; records settled until then are counted."""
        mapped = [item for item in items if self._map(item)]
        if self._spec.below:
            self._link_early(mapped)
        if self._services.config.conflict_policy == "source_wins":
            agree(mapped)
        for route in {id(item.route): item.route for item in mapped}.values():
            self._look_up(route, [item.draft for item in mapped if item.route is route])
        self._parents.resolve(item.draft for item in mapped if self._needs_parents(item.route, item.draft))
        run_chains(self._services.pool, chains(mapped, self._shared), self._settle)
        self._finder.forget_fetched()

    def _map(self, item: Item) -> bool:
        try:
            item.draft = item.route.columns.draft(item.message["record"]["data"])
        except Rejected as error:
            is_gone = item.route.operation == "delete" and error.result.field in self._spec.narrowed_by
            self._count(item, Result("unchanged") if is_gone else error.result)
            return False
        needed = item.route.columns.needed
        if needed is not None:
            # No parent is created for the sake of a deletion.
            kept = [replace(link, create_if_missing=False) for link in item.draft.links if link.key in needed]
            item.draft.links[:] = kept
        condition = item.route.rules.create_when
        data = item.message["record"]["data"]
        item.draft.may_create = condition is None or condition.matches(data, self._services.context)
        return True

    def _link_early(self, items: Sequence[Item]) -> None:
        """Rows are looked for below their parents, so these come first; what cannot be linked yet says so later."""
        self._parents.resolve(item.draft for item in items)
        for item in items:
            with suppress(Awaited, Rejected):
                self._link(item.route, item.draft)

    def _look_up(self, route: Route, drafts: list[Draft]) -> None:
        self._finder.want(route.columns.targets.values(), route.keys)
        self._finder.prepare(drafts, route.keys)

    def _needs_parents(self, route: Route, draft: Draft) -> bool:
        """False for a record that will not be written: no parent is created for its sake."""
        if route.by_fingerprint or route.is_narrowed:
            return bool(draft.links)
        step = self._decisions.of(route, draft) if draft.links else None
        if not isinstance(step, Step) or step.action == "delete":
            return False
        linked = {link.key for link in draft.links}
        return step.row_id is not None or not self._spec.missing(self._content.prepared(draft, None).keys() | linked)

    def _shared(self, item: Item) -> Iterator[Hashable]:
        """What two records must not have in common to be written at the same time."""
        draft = item.draft
        if item.route.operation == "insert":
            yield repr(sorted(draft.values.items(), key=_first))
        if draft.row_id:
            yield draft.row_id
        for key in item.route.keys:
            for value in [] if key.is_id else self._finder.key_values(key, draft):
                yield key.key, value
        yield from self._finder.find(draft, item.route.keys).ids

    def _settle(self, item: Item) -> None:
        if self._room.blocks(self._shared(item)):
            self._room.add(item, self._shared(item))
            return
        keys = list(self._shared(item)) if item.draft.links else []
        try:
            result = self._act(item.route, item.draft)
            self._run_actions(item)
        except Awaited:
            self._room.add(item, keys)
            return
        except Rejected as error:
            result = error.result
        self._count(item, result)

    def _run_actions(self, item: Item) -> None:
        """What the record triggers, once its row is there."""
        rules = item.route.rules
        if rules.actions and item.draft.written_id is not None:
            self._automations[id(item.route)].run(item.draft.written_id, item.message["record"]["data"])

    def _count(self, item: Item, result: Result) -> None:
        self._services.results.add(item.tally, item.route.stream.full_name, self._spec.name, item.number, result)
        if self._services.plan and result.outcome in ("rejected", "skipped"):
            action = "reject" if result.outcome == "rejected" else "leave"
            self._services.plan.add(Line(action, self._spec.name, f"#{item.number}", result.sentence))
        if result.outcome == "rejected":
            self._parents.reject(self._spec.name, item.draft)
            self._services.rejects.add(item.message, self._spec.name, result)

    def _act(self, route: Route, draft: Draft) -> Result:
        if route.by_fingerprint or route.is_narrowed:
            self._link(route, draft)
        refusal = self._missing_parent(draft)
        if refusal and route.operation == "delete" and refusal.result.code == "parent_not_found":
            return Result("unchanged")
        if refusal:
            raise refusal
        step = self._decisions.of(route, draft)
        if isinstance(step, Result):
            return step
        if step.action == "delete" and step.row_id:
            return Result("deleted" if self._sender.delete(step.row_id) else "unchanged")
        if step.row_id is None:
            self._content.require(draft)
        self._link(route, draft)
        if step.row_id is None:
            return self._create(route, draft)
        try:
            return self._update(route, draft, step.row_id)
        except Gone:
            self._finder.drop(step.row_id)
            return self._after_gone(route, draft)

    def _after_gone(self, route: Route, draft: Draft) -> Result:
        """The row was deleted between look-up and write: another one has the key, or the option decides."""
        match = self._finder.find(draft, route.keys)
        if len(match.ids) == 1:
            return self._update(route, draft, match.ids[0])
        if route.rules.on_gone == "create" and route.operation == "upsert" and draft.may_create:
            return self._create(route, draft)
        return Result("rejected", "no_match", match.key, f"the {self._spec.noun} was deleted meanwhile.")

    def _link(self, route: Route, draft: Draft) -> None:
        for link in draft.links:
            parent_id = self._parents.id_of(link, route.rules.on_missing_parent)
            if parent_id is not None:
                draft.values[link.key] = parent_id
        draft.links.clear()

    def _missing_parent(self, draft: Draft) -> Rejected | None:
        """Why a row below another one cannot be looked for: it does not say which, or that one cannot be read."""
        below = self._spec.below
        if below and is_nothing(draft.values.get(below.key)):
            return Rejected("match_key_missing", f"`{below.key}` is empty, and the row belongs to it.", below.key)
        return self._finder.refusal(draft)

    def _create(self, route: Route, draft: Draft) -> Result:
        values = self._content.new_row(route, draft)
        row = self._sender.create(values, targets_of(route))
        draft.written_id = row["id"]
        if route.is_newest_wins:
            self._newest.note(row, draft.changed_at)
        return Result("created")

    def _update(self, route: Route, draft: Draft, row_id: int) -> Result:
        draft.written_id = row_id
        targets = targets_of(route)
        unread = [key for key in draft.values if targets[key].may_be_unread]
        changed = self._content.changes(route, draft, self._finder.row(row_id, unread))
        if changed and (route.is_newest_wins or any(fills(route, key) for key in changed)):
            # Somebody may have changed the row since it was listed.
            current = self._finder.read(row_id)
            changed = self._content.changes(route, draft, current)
            if changed and route.is_newest_wins and self._is_late(route, draft, current):
                return Result("skipped", "", "", f"Pipedrive's {self._spec.noun} was changed later than the record.")
        if not changed:
            return Result("unchanged")
        self._restore(row_id, changed, targets)
        if changed and self._spec.sent_along:
            current = self._finder.row(row_id, self._spec.sent_along)
            changed = {**{key: current.get(key) for key in self._spec.sent_along}, **changed}
        if changed:
            self._sender.update(row_id, changed, targets)
        if route.is_newest_wins:
            self._newest.note(self._finder.row(row_id), draft.changed_at)
        return Result("updated")

    def _is_late(self, route: Route, draft: Draft, current: Mapping[str, Any]) -> bool:
        return self._newest.is_in_pipedrive(current, draft.changed_at, route.rules.updated_at_field)

    def _restore(self, row_id: int, changed: dict[str, Any], targets: Mapping[str, Target]) -> None:
        """An archived row takes no change but its own restoring, which is therefore sent alone and first."""
        if not self._finder.row(row_id).get("is_archived"):
            return
        if changed.get("is_archived") is not False:
            raise Rejected("refused_by_pipedrive", f"the {self._spec.noun} is archived; restore it to change it.")
        self._sender.update(row_id, {"is_archived": changed.pop("is_archived")}, targets)


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]
