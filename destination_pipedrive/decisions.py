"""What to do with a record: which of the rows that were found it is about, and what that means."""

from destination_pipedrive.content import Content, targets_of
from destination_pipedrive.diff import is_same
from destination_pipedrive.draft import Draft
from destination_pipedrive.keys import MatchKey, key_values
from destination_pipedrive.match import Finder
from destination_pipedrive.plan import Match, Step, allowed, plan
from destination_pipedrive.results import Result
from destination_pipedrive.routes import Route

#: Kinds of fields that say to what a row belongs.
PARENT_KINDS = ("reference", "participants")


class Decisions:
    """Decides about records of one object whose rows were looked up."""

    def __init__(self, finder: Finder, content: Content) -> None:
        self._finder = finder
        self._content = content

    def of(self, route: Route, draft: Draft) -> Step | Result:
        """The step to take, or the result when there is none."""
        match = self._finder.find(draft, route.keys)
        if route.is_narrowed and match.key != "id":
            match = Match(match.key, tuple(row_id for row_id in match.ids if self._is_beside(row_id, draft, route)))
        if route.rules.external_id_field and route.keys and match.key != route.keys[0].name:
            kept = tuple(row_id for row_id in match.ids if not self._is_of_another(row_id, draft, route.keys[0]))
            if match.ids and not kept:
                return self._duplicate(route, match, draft)
            match = Match(match.key, kept)
        if route.by_fingerprint:
            is_there = any(not self._content.changes(route, draft, self._finder.row(row_id)) for row_id in match.ids)
            return Result("unchanged") if is_there else allowed(Step("create"), draft.may_create)
        return allowed(plan(route.operation, route.rules, self._finder.spec, match), draft.may_create)

    def _is_of_another(self, row_id: int, draft: Draft, external: MatchKey) -> bool:
        """Whether a row that was found by another key carries another one of the sender's ids."""
        own = self._finder.key_values(external, draft)
        held = key_values(external, self._finder.row(row_id, (external.key,))) if own else []
        return bool(held) and not set(held) & set(own)

    def _duplicate(self, route: Route, match: Match, draft: Draft) -> Step | Result:
        """Giving the row this record's id would take it from the record whose id it has, and back in every run."""
        if route.operation == "upsert" and route.rules.on_duplicate == "create":
            return allowed(Step("create"), draft.may_create)
        field = route.rules.external_id_field
        why = f"id {match.ids[0]} has the same `{match.key}` and another `{field}`."
        return Result("rejected", "duplicate_found", match.key, why)

    def _is_beside(self, row_id: int, draft: Draft, route: Route) -> bool:
        """Whether a row belongs to what the record says it belongs to."""
        row, targets = self._finder.row(row_id), targets_of(route)
        wanted = self._content.prepared(draft, None)
        narrow = self._finder.spec.narrowed_by or [key for key in wanted if targets[key].kind in PARENT_KINDS]
        owners = {key: wanted[key] for key in narrow if key in wanted}
        return all(is_same(targets[key], row.get(key), value) for key, value in owners.items())
