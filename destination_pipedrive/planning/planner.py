"""What to do with a record: which of the rows that were found it is about, and what that means."""

from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.flow import MappedRecord, Match, Result, Step
from destination_pipedrive.mapping.stream_sync import StreamSync, targets_of
from destination_pipedrive.matching.keys import MatchKey, key_values
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.planning.diff import Content


def plan(operation: str, rules: Rules, spec: ObjectSpec, match: Match) -> Step | Result:
    """The step to take, or the result when there is none."""
    if operation == "insert":
        # Only the sender's own id is looked up here: the same record comes again after a crash.
        return Result("unchanged") if match.ids else Step("create")
    if not match.key:
        return _without_key(operation, rules, spec)
    if len(match.ids) > 1:
        return _ambiguous(operation, rules, spec, match)
    if match.ids:
        return _found(operation, rules, match.ids[0])
    return _not_found(operation, rules, spec, match)


def allowed(step: Step | Result, may_create: bool) -> Step | Result:
    """The step, unless it creates a row that `create_when` does not want."""
    if isinstance(step, Step) and step.action == "create" and not may_create:
        return Result("skipped", reason="it is not there, and the record does not meet `create_when`.")
    return step


def _without_key(operation: str, rules: Rules, spec: ObjectSpec) -> Step | Result:
    if operation == "upsert" and not rules.require_match_key:
        return Step("create") if rules.create else Result("skipped", "no_match", "", "creating is switched off.")
    keys = " or ".join(f"`{key}`" for key in rules.match_on or spec.match_on)
    field = (rules.match_on or spec.match_on)[0]
    return Result("rejected", "match_key_missing", field, f"the match key {keys} is empty.")


def _ambiguous(operation: str, rules: Rules, spec: ObjectSpec, match: Match) -> Step | Result:
    if rules.on_ambiguous == "reject":
        ids = ", ".join(str(each) for each in sorted(match.ids)[:10])
        reason = f"{len(match.ids)} {spec.name} have the same `{match.key}` (ids {ids})."
        return Result("rejected", "ambiguous_match", match.key, reason)
    return _found(operation, rules, match.ids[0 if rules.on_ambiguous == "oldest" else -1])


def _found(operation: str, rules: Rules, row_id: int) -> Step | Result:
    if operation == "delete":
        return Step("delete", row_id)
    if operation == "upsert" and rules.on_duplicate == "create":
        return Step("create")
    if operation == "upsert" and rules.on_duplicate == "skip":
        return Result("skipped", "duplicate_found", "", f"id {row_id} has the same key, and `on_duplicate` is `skip`.")
    if not rules.update:
        return Result("skipped", "", "", "`update` is switched off.")
    return Step("update", row_id)


def _not_found(operation: str, rules: Rules, spec: ObjectSpec, match: Match) -> Step | Result:
    if operation == "delete":
        return Result("unchanged")
    if match.is_unknown_id:
        return Result("rejected", "no_match", "id", f"no {spec.noun} has this id.")
    if operation == "update":
        return Result(
            "rejected", "no_match", match.key, f"no {spec.noun} has this `{match.key}`, and updates never create."
        )
    if not rules.create:
        return Result("skipped", "no_match", match.key, f"no {spec.noun} has this `{match.key}`, and `create` is off.")
    return Step("create")


class Decisions:
    """Decides about records of one object whose rows were looked up."""

    def __init__(self, matcher: Matcher, content: Content) -> None:
        self._matcher = matcher
        self._content = content

    def of(self, sync: StreamSync, draft: MappedRecord) -> Step | Result:
        """The step to take, or the result when there is none."""
        match = self._matcher.find(draft, sync.keys)
        if sync.is_narrowed and match.key != "id":
            match = Match(match.key, tuple(row_id for row_id in match.ids if self._is_beside(row_id, draft, sync)))
        if sync.rules.external_id_field and sync.keys and match.key != sync.keys[0].name:
            kept = tuple(row_id for row_id in match.ids if not self._is_of_another(row_id, draft, sync.keys[0]))
            if match.ids and not kept:
                return self._duplicate(sync, match, draft)
            match = Match(match.key, kept)
        if sync.by_fingerprint:
            is_there = any(not self._content.changes(sync, draft, self._matcher.row(row_id)) for row_id in match.ids)
            return Result("unchanged") if is_there else allowed(Step("create"), draft.may_create)
        return allowed(plan(sync.operation, sync.rules, self._matcher.spec, match), draft.may_create)

    def _is_of_another(self, row_id: int, draft: MappedRecord, external: MatchKey) -> bool:
        """Whether a row that was found by another key carries another one of the sender's ids."""
        own = self._matcher.key_values(external, draft)
        held = key_values(external, self._matcher.row(row_id, (external.key,))) if own else []
        return bool(held) and not set(held) & set(own)

    def _duplicate(self, sync: StreamSync, match: Match, draft: MappedRecord) -> Step | Result:
        """Giving the row this record's id would take it from the record whose id it has, and back in every run."""
        if sync.operation == "upsert" and sync.rules.on_duplicate == "create":
            return allowed(Step("create"), draft.may_create)
        field = sync.rules.external_id_field
        why = f"id {match.ids[0]} has the same `{match.key}` and another `{field}`."
        return Result("rejected", "duplicate_found", match.key, why)

    def _is_beside(self, row_id: int, draft: MappedRecord, sync: StreamSync) -> bool:
        """Whether a row belongs to what the record says it belongs to."""
        row, targets = self._matcher.row(row_id), targets_of(sync)
        wanted = self._content.prepared(draft, None)
        narrow = self._matcher.spec.narrowed_by or [key for key in wanted if targets[key].type.names_parent]
        owners = {key: wanted[key] for key in narrow if key in wanted}
        return all(targets[key].holds(row.get(key), value) for key, value in owners.items())
