"""The types that pass between the steps of a write. Plain data: no step's own code lives here.

record ─ mapping ─▶ MappedRecord ─ matching ─▶ Match ─ planning ─▶ Change ─ writing ─▶ Outcome ─▶ results, states
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Row = dict[str, Any]
OutcomeKind = Literal["created", "updated", "unchanged", "deleted", "skipped", "rejected"]
OUTCOMES: tuple[OutcomeKind, ...] = ("created", "updated", "unchanged", "deleted", "skipped", "rejected")
#: How many failing requests in a row are an outage.
MOST_ASIDE = 3
#: Code of a rejection -> the words that open its sentence.
CODES = {
    "required_field_missing": "Required field missing",
    "duplicate_found": "Duplicate found",
    "ambiguous_match": "Duplicate found",
    "no_match": "No match",
    "match_key_missing": "Required field missing",
    "invalid_value": "Invalid value",
    "unknown_option": "Unknown option",
    "unknown_field": "Unknown field",
    "parent_not_found": "Parent not found",
    "parent_rejected": "Parent rejected",
    "no_open_deal": "No open deal",
    "permission_denied": "Permission denied",
    "feature_limit": "Feature limit reached",
    "refused_by_pipedrive": "Refused by Pipedrive",
}


# mapping


@dataclass(frozen=True)
class Reference:
    """The parent of a row, known by ``name``, ``domain``, ``email`` …; ``key`` is the body key that takes its id."""

    parent: str
    key: str
    by: tuple[tuple[str, str], ...]
    create_if_missing: bool

    @cached_property
    def name(self) -> tuple[str, Any]:
        """What two references to one parent have in common."""
        return self.parent, self.by

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """How the parent is known."""
        return tuple(kind for kind, _ in self.by)


@dataclass(frozen=True)
class CopiedRow:
    """A row of another account: its ``origin``, the id there as text, and the ``first`` outcome of a record whose
    second part is still to be written.
    """

    origin: str = ""
    first: OutcomeKind | None = None


@dataclass
class MappedRecord:
    """What a record says about one row. ``values`` by body key, None where the field is to be emptied.

    ``changed_at`` is the sender's change time, as the record has it. ``references`` leave the list as their ids are
    found. ``left_out`` are the columns whose values are not sent because Pipedrive does not take them. ``known_by``:
    some match keys, with the values of this record for them, ``prepared``: the values as a new row takes them, both
    once they were asked for. ``copied``: in a copy, the row that it comes from.
    """

    values: dict[str, Any] = field(default_factory=dict)
    row_id: Any = None
    references: list[Reference] = field(default_factory=list)
    may_create: bool = True
    changed_at: Any = None
    left_out: list[str] = field(default_factory=list)
    known_by: tuple[Any, list[Any]] | None = None
    prepared: dict[str, Any] | None = None
    copied: CopiedRow | None = None

    def replace(self, values: dict[str, Any]) -> None:
        """Take other values; what the record is known by is worked out anew."""
        self.values = values
        self.known_by = self.prepared = None


# matching


@dataclass(frozen=True)
class OtherRows:
    """Rows that share the key ``same`` with a record and are other rows: the key ``differs``, tried before, has another
    value there. ``ids``: some of them, the oldest first. Only where ``differs`` is your external ID do they stand in
    the record's way.
    """

    ids: tuple[Any, ...] = ()
    same: str = ""
    differs: str = ""


NO_OTHERS = OtherRows()


@dataclass(frozen=True)
class Match:
    """Which rows a record is about: ``ids``, the oldest first, and ``key``, the name of the key that decided.

    ``key`` is empty when the record has none. Without ``ids`` there is no such row, unless ``asked`` is false: then a
    key was not looked up, or a parent that tells rows apart is not known yet, and ``ids`` are those that it may be.
    """

    key: str = ""
    ids: tuple[Any, ...] = ()
    others: OtherRows = NO_OTHERS
    asked: bool = True

    @property
    def first(self) -> Any:
        """The id of the oldest row; None without any."""
        return self.ids[0] if self.ids else None


# planning


@dataclass(frozen=True)
class Create:
    """A new row. ``row_id`` stands for its id until Pipedrive gives it one."""

    after: Row
    row_id: Any = None
    reason: str = ""


@dataclass(frozen=True)
class Update:
    """New values of some fields. ``recheck``: somebody else's change since ``before`` was read must not be lost."""

    row_id: Any
    before: Mapping[str, Any]
    changed: Row
    recheck: bool = False
    reason: str = ""


@dataclass(frozen=True)
class Delete:
    """A row to delete. ``before`` is the row as it is."""

    row_id: Any
    before: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True)
class NoOp:
    """Nothing to do: the row is as the record wants it, or is not there as the record wants it."""

    row_id: Any = None
    reason: str = ""


@dataclass(frozen=True)
class Skip:
    """Left alone because a rule of the mapping says so."""

    reason: str
    code: str = ""


@dataclass(frozen=True)
class Reject:
    """The record cannot be written; the others go on."""

    code: str
    reason: str
    field: str = ""


Change = Create | Update | Delete | NoOp | Skip | Reject


class Rejected(Exception):
    """Raised where a record turns out to be one that cannot be written."""

    def __init__(self, code: str, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.change = Reject(code, reason, field)


# writing


@dataclass(frozen=True)
class Outcome:
    """How one record ended. ``code``, ``field`` and ``reason`` tell why it was rejected or skipped."""

    kind: OutcomeKind
    row_id: Any = None
    changed: tuple[str, ...] = ()
    code: str = ""
    field: str = ""
    reason: str = ""

    @classmethod
    def of_rejection(cls, change: Reject) -> "Outcome":
        """The outcome of a record that cannot be written."""
        return cls("rejected", code=change.code, field=change.field, reason=change.reason)

    @property
    def sentence(self) -> str:
        """The reason with the words people know it by."""
        return f"{CODES[self.code]}: {self.reason}" if self.code in CODES else self.reason


@dataclass
class Tally:
    """Records of one stream since its last state, by outcome."""

    counts: defaultdict[OutcomeKind, int] = field(default_factory=lambda: defaultdict(int))


def is_planned(row_id: Any) -> bool:
    """True for the id of a row that does not exist yet, alone or behind that of its parent."""
    return str(row_id).rsplit("/", 1)[-1].startswith(("-", "new-"))


def row_age(row_id: int) -> tuple[bool, int]:
    """By what ids are put in the order in which their rows were created; planned rows count down from -1."""
    return row_id < 0, abs(row_id)
