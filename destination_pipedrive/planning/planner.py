"""What to do about a record: from the rows that were found to one change. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import (
    Change,
    Create,
    MappedRecord,
    Match,
    NoOp,
    OtherRows,
    Reject,
    Rejected,
    Row,
    Skip,
    Update,
    is_planned,
)
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.matching.keys import is_indexed, label, parent_fields
from destination_pipedrive.objects.spec import FieldSpec, ObjectSpec
from destination_pipedrive.planning.conflicts import is_small
from destination_pipedrive.planning.diff import changed_fields, new_row


@dataclass(frozen=True)
class Intent:
    """What is meant to happen to a record: whether its values are needed, and its parents, follows from it."""

    action: Literal["create", "update", "delete"]
    row_id: Any = None


Decision = Intent | NoOp | Skip | Reject


def decide(operation: str, rules: Rules, spec: ObjectSpec, match: Match) -> Decision:
    """What the operation does about the rows that were found."""
    if operation == "insert":
        # Only your external ID is looked up here: the same record comes again after a crash.
        return NoOp(match.ids[0], "it was created before.") if match.ids else Intent("create")
    if not match.key:
        return _without_key(operation, rules, spec)
    if len(match.ids) > 1:
        return _ambiguous(operation, rules, spec, match)
    if match.ids:
        return _found(operation, rules, match.ids[0])
    return _not_found(operation, rules, spec, match)


def _without_key(operation: str, rules: Rules, spec: ObjectSpec) -> Decision:
    if operation == "upsert" and not rules.require_match_key:
        return Intent("create") if rules.create else Skip("`create` is off.", "no_match")
    names = [label(each) for each in rules.match_on or spec.match_on]
    keys = " or ".join(f"`{key}`" for key in names)
    return Reject("match_key_missing", f"the match key {keys} is empty.", names[0])


def _ambiguous(operation: str, rules: Rules, spec: ObjectSpec, match: Match) -> Decision:
    if rules.on_ambiguous == "reject":
        ids = ", ".join("new" if is_planned(each) else str(each) for each in sorted(match.ids)[:10])
        return Reject(
            "ambiguous_match", f"{len(match.ids)} {spec.name} have the same `{match.key}` (ids {ids}).", match.key
        )
    return _found(operation, rules, match.ids[0 if rules.on_ambiguous == "oldest" else -1])


def _found(operation: str, rules: Rules, row_id: Any) -> Decision:
    if operation == "delete":
        return Intent("delete", row_id)
    if operation == "upsert" and rules.on_duplicate == "create":
        return Intent("create")
    if operation == "upsert" and rules.on_duplicate == "skip":
        return Skip(f"{_shown(row_id)} has the same key, and `on_duplicate` is `skip`.", "duplicate_found")
    if not rules.update:
        return Skip("`update` is off.")
    return Intent("update", row_id)


def _shown(row_id: Any) -> str:
    return "the row of an earlier record" if is_planned(row_id) else f"id {row_id}"


def _not_found(operation: str, rules: Rules, spec: ObjectSpec, match: Match) -> Decision:
    if operation == "delete":
        return NoOp(reason="it is not there.")
    if match.key == "id":
        return Reject("no_match", f"no {spec.noun} has this id.", "id")
    if operation == "update":
        return Reject("no_match", f"no {spec.noun} has this `{match.key}`, and updates never create.", match.key)
    if not rules.create:
        return Skip(f"no {spec.noun} has this `{match.key}`, and `create` is off.", "no_match")
    return Intent("create")


def duplicate(sync: StreamSync, others: OtherRows, may_create: bool) -> Decision:
    """A row has the record's key but another external ID. Giving it this record's ID would take it from the record
    whose ID it has, and back in every run.
    """
    if sync.operation == "upsert" and sync.rules.on_duplicate == "create":
        return allowed(Intent("create"), may_create)
    why = f"{_shown(others.ids[0])} has the same `{others.same}` and another `{sync.rules.external_id_field}`."
    return Reject("duplicate_found", why, others.same)


def _is_external(sync: StreamSync, name: str) -> bool:
    return any(key.form == "external_id" and key.name == name for key in sync.keys)


def alike(sync: StreamSync) -> Mapping[str, Field]:
    """The fields besides the key in which a row that a record is about is the same."""
    if sync.is_keyless:
        written = sync.columns.fields.items()
        return {key: field for key, field in written if _is_compared(field) and not _is_lenient(sync, key)}
    return parent_fields(sync.spec, sync.fields) if sync.is_narrowed else {}


def _is_compared(field: Field) -> bool:
    """Whether equal rows have equal values of a field that lists show."""
    return is_indexed(field) and not (field.create_only or field.hidden or field.may_be_unread)


def _is_lenient(sync: StreamSync, key: str) -> bool:
    """Whether a row may differ from the record in a field without a write."""
    return key in sync.columns.min_change or sync.fills(key)


def allowed(decision: Decision, may_create: bool) -> Decision:
    """The decision, unless it creates a row that `create_when` does not want."""
    if isinstance(decision, Intent) and decision.action == "create" and not may_create:
        return Skip("the row does not exist, and the record does not meet `create_when`.")
    return decision


@dataclass
class Planner:
    """Plans the records of one object. ``defaults``: owner and visibility of new rows; ``currency``: of money
    that names none.
    """

    spec: ObjectSpec
    defaults: Mapping[str, Any] = field(default_factory=dict)
    currency: Callable[[], str] = str

    def decide(self, sync: StreamSync, mapped: MappedRecord, match: Match) -> Decision:
        """What is meant to happen. Needs no parent, and no row but those in ``match``."""
        if match.others.ids and not match.ids and _is_external(sync, match.others.differs):
            return duplicate(sync, match.others, mapped.may_create)
        if sync.is_keyless:
            return NoOp(match.ids[0]) if match.ids else allowed(Intent("create"), mapped.may_create)
        decision = decide(sync.operation, sync.rules, self.spec, match)
        return decision if mapped.may_create else allowed(decision, may_create=False)

    def lacks(self, mapped: MappedRecord) -> Reject | None:
        """Why no new row can be made of this record even if each of its parents is found; None when one can."""
        keys = {*self.prepared(mapped, None), *(each.key for each in mapped.references)}
        return self._missing(keys, mapped)

    def create(self, sync: StreamSync, mapped: MappedRecord) -> Change:
        """The new row, its references resolved."""
        fields = sync.fields
        prepared = {key: value for key, value in self.prepared(mapped, None).items() if not fields[key].update_only}
        return self.new(prepared, fields, mapped)

    def new(self, values: Mapping[str, Any], fields: Mapping[str, Field], mapped: MappedRecord) -> Create | Reject:
        """The new row of these values, with the defaults, as far as they are not empty."""
        wanted = {**self.defaults, **values}
        row = new_row(wanted, fields, self._currency(wanted, fields))
        return self._missing(set(row), mapped) or Create(row)

    def update(self, sync: StreamSync, mapped: MappedRecord, row_id: Any, current: Row) -> Change:
        """The fields that differ from the row as it is."""
        found = self.difference(sync, mapped, current)
        if not found:
            return NoOp(row_id)
        if current.get("is_archived") and found.get("is_archived") is not False:
            return Reject("refused_by_pipedrive", f"the {self.spec.noun} is archived; restore it to change it.")
        recheck = sync.is_newest_wins or any(sync.fills(key) for key in found)
        return Update(row_id, current, found, recheck)

    def again(self, sync: StreamSync, change: Update, current: Row) -> Update | NoOp:
        """A change that was planned, against the row as it is meanwhile."""
        found = changed_fields(change.changed, current, sync.fields, self._currency(change.changed, sync.fields))
        left = {key: value for key, value in found.items() if not _is_kept(sync, key, current.get(key), value)}
        return Update(change.row_id, current, left) if left else NoOp(change.row_id)

    def difference(self, sync: StreamSync, mapped: MappedRecord, current: Mapping[str, Any]) -> Row:
        """The fields to send, with their values."""
        fields, wanted = sync.fields, self.prepared(mapped, current)
        found = changed_fields(wanted, current, fields, self._currency(wanted, fields))
        return {key: value for key, value in found.items() if not _is_kept(sync, key, current.get(key), value)}

    def prepared(self, mapped: MappedRecord, current: Mapping[str, Any] | None) -> dict[str, Any]:
        """The values of a record as this object takes them."""
        if self.spec.prepare is None:
            return mapped.values
        if current is not None:
            return self.spec.prepare(mapped.values, current)
        if mapped.prepared is None:
            mapped.prepared = self.spec.prepare(mapped.values, None)
        return mapped.prepared

    def _missing(self, keys: set[str], mapped: MappedRecord) -> Reject | None:
        missing = self.spec.missing(keys) if self.spec.one_of or not keys.issuperset(self.spec.required) else ()
        if not missing or (mapped.copied and missing == self.spec.one_of and not self.spec.needs_one):
            return None
        names = " or ".join(f"`{key}`" for key in missing)
        return Reject("required_field_missing", f"a new {self.spec.noun} needs {names}.", missing[0])

    def _currency(self, wanted: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
        structures = ((key, value) for key, value in wanted.items() if value and isinstance(value, dict | list))
        money = [value for key, value in structures if fields[key].type.needs_currency]
        return self.currency() if any("currency" not in value for value in money) else ""


def _is_kept(sync: StreamSync, key: str, current: Any, wanted: Any) -> bool:
    """Whether a field that differs is left as it is: it is filled already, or differs too little."""
    if sync.fills(key) and not sync.fields[key].is_empty(current):
        return True
    return key in sync.columns.min_change and is_small(current, wanted, sync.columns.min_change[key])


def late(noun: str) -> Skip:
    """`newest_wins`: the row in Pipedrive was changed later."""
    return Skip(f"Pipedrive's {noun} was changed later than the record.")


def raised(change: Reject) -> Rejected:
    """A rejection as the exception that ends the treatment of its record."""
    return Rejected(change.code, change.reason, change.field)


def defaults_of(spec: ObjectSpec, owner: int | None, visible_to: int | None) -> dict[str, Any]:
    """Owner and visibility of what is created, where the object has them."""
    found: dict[str, Any] = {}
    if spec.field("owner_id") and owner is not None:
        found["owner_id"] = owner
    if spec.field("visible_to") and visible_to is not None:
        is_text = spec.field("visible_to") == FieldSpec("visible_to", "visible_to_text")
        found["visible_to"] = str(visible_to) if is_text else visible_to
    return found
