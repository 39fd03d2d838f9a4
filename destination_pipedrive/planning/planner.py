"""What to do with a record: which of the rows that were found it is about, and what that means."""

from collections.abc import Mapping

from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import MappedRecord, Match, OtherRows, Result, Step
from destination_pipedrive.mapping.stream_sync import StreamSync, fills, targets_of
from destination_pipedrive.matching.keys import INDEXED_KINDS, label, parent_fields
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
    names = list(map(label, rules.match_on or spec.match_on))
    keys = " or ".join(f"`{name}`" for name in names)
    return Result("rejected", "match_key_missing", names[0], f"the match key {keys} is empty.")


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
    if match.is_unknown_id and match.others.ids:
        why = f"the {spec.noun} of this id has another `{match.others.differs}`."
        return Result("rejected", "no_match", "id", why)
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
        match = self.match(sync, draft)
        if not match.ids and match.others.ids and _is_external(sync, match.others.differs):
            return self._duplicate(sync, match.others, draft)
        if sync.by_fingerprint:
            rows = (self._matcher.rows.row(row_id) for row_id in match.ids)
            is_there = any(not self._content.changes(sync, draft, row) for row in rows)
            return Result("unchanged") if is_there else allowed(Step("create"), draft.may_create)
        return allowed(plan(sync.operation, sync.rules, self._matcher.spec, match), draft.may_create)

    def match(self, sync: StreamSync, draft: MappedRecord) -> Match:
        """The rows that a record is about."""
        return self._matcher.match(draft, sync.keys, self._alike(sync))

    def _alike(self, sync: StreamSync) -> Mapping[str, Field]:
        """The fields besides the key in which a row that the record is about is the same."""
        if sync.by_fingerprint:
            written = sync.columns.targets.items()
            return {key: field for key, field in written if _is_compared(field) and key not in _lenient(sync)}
        return parent_fields(sync.spec, targets_of(sync)) if sync.is_narrowed else {}

    def _duplicate(self, sync: StreamSync, others: OtherRows, draft: MappedRecord) -> Step | Result:
        """Giving the row this record's id would take it from the record whose id it has, and back in every run."""
        if sync.operation == "upsert" and sync.rules.on_duplicate == "create":
            return allowed(Step("create"), draft.may_create)
        field = sync.rules.external_id_field
        why = f"id {others.ids[0]} has the same `{others.same}` and another `{field}`."
        return Result("rejected", "duplicate_found", others.same, why)


def _is_external(sync: StreamSync, name: str) -> bool:
    return any(key.form == "external_id" and key.name == name for key in sync.keys)


def _is_compared(field: Field) -> bool:
    """Whether equal rows have equal values of a field that lists show."""
    return field.kind in INDEXED_KINDS and not (field.create_only or field.hidden or field.may_be_unread)


def _lenient(sync: StreamSync) -> frozenset[str]:
    """Fields in which a row may differ from the record without a write."""
    return frozenset((*sync.columns.least, *(key for key in sync.columns.targets if fills(sync, key))))
