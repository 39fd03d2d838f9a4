"""What is meant to happen to each record of a batch, from the rows that are found for it."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from destination_pipedrive.flow import Match, NoOp, Reject, Rejected
from destination_pipedrive.mapping.stream_sync import InFlightRecord
from destination_pipedrive.matching.matcher import NO_FIELDS, Matcher
from destination_pipedrive.planning.planner import Decision, Intent, Planner, alike
from pipedrive_client.errors import Refused


class Decider:
    """Decides about the records of one object. ``as_rejection``: a refusal as what a record is told."""

    def __init__(
        self, matcher: Matcher, planner: Planner, as_rejection: Callable[[InFlightRecord, Rejected | Refused], Reject]
    ) -> None:
        self._matcher = matcher
        self._planner = planner
        self._as_rejection = as_rejection

    def decisions(self, records: list[InFlightRecord]) -> dict[int, Decision]:
        """Decisions about the records that have nothing in common with earlier ones; the others are decided on once
        those are planned.
        """
        found: dict[int, Decision] = {}
        seen: set[Hashable] = set()
        for record in records:
            if seen.isdisjoint(record.identity):
                decision = self.decide(record)
                assert record.match is not None
                rows = {("row", row_id) for row_id in record.match.ids}
                if seen.isdisjoint(rows):
                    found[id(record)] = decision
                seen |= rows
            seen.update(record.identity)
        return found

    def decide(self, record: InFlightRecord) -> Decision:
        """What is meant to happen to a record whose rows are looked for now. Raises what the client raises."""
        sync, mapped = record.sync, record.mapped
        refusal = self._missing_parent(record)
        if refusal:
            record.match = Match()
            is_gone = sync.operation == "delete" and refusal.code == "parent_not_found"
            return NoOp() if is_gone else refusal
        fields = alike(sync) if sync.is_keyless or sync.is_narrowed else NO_FIELDS
        match = self._matcher.match(mapped, sync.keys, fields)
        if sync.is_keyless:
            match = replace(match, ids=tuple(row_id for row_id in match.ids if self._is_equal(record, row_id))[:1])
        if sync.copy:
            match = sync.copy.choose(record, match, lambda row_id: self._is_equal(record, row_id))
        record.match = match
        decision = self._planner.decide(sync, mapped, match)
        if isinstance(decision, Intent) and decision.action == "create":
            return self._planner.lacks(mapped) or decision
        return decision

    def _missing_parent(self, record: InFlightRecord) -> Reject | None:
        """Why a row below another one cannot be looked for: it does not say which, or that one cannot be read."""
        below = self._planner.spec.below
        if below and record.mapped.values.get(below.key) in (None, ""):
            return Reject("match_key_missing", f"`{below.key}` is empty, and the row belongs to it.", below.key)
        refusal = self._matcher.refusal(record.mapped)
        return self._as_rejection(record, refusal) if refusal else None

    def _is_equal(self, record: InFlightRecord, row_id: Any) -> bool:
        return not self._planner.difference(record.sync, record.mapped, self._matcher.rows.row(row_id))


def needs_parents(decision: Decision | None) -> bool:
    """False for a record that will not be written: no parent is looked for, or created, for its sake."""
    return decision is None or (isinstance(decision, Intent) and decision.action != "delete")
