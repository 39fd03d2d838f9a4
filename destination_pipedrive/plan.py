"""What to do with a record: operation and match to one decision. Pure."""

from dataclasses import dataclass
from typing import Literal

from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.results import Result
from destination_pipedrive.rules import Rules

Action = Literal["create", "update", "delete"]


@dataclass(frozen=True)
class Match:
    """What was found: ``ids`` of the rows that have the key, the oldest first.

    ``key`` is the key's name, empty when the record has none.
    """

    key: str = ""
    ids: tuple[int, ...] = ()

    @property
    def is_unknown_id(self) -> bool:
        """True when the record names an id that does not exist."""
        return self.key == "id" and not self.ids


@dataclass(frozen=True)
class Step:
    """One thing to do: ``row_id`` is the row to update or delete, None for a new one."""

    action: Action
    row_id: int | None = None


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
