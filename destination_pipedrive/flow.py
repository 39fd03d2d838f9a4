"""What a record says about one row, on its way from the mapping to the writer."""

from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["created", "updated", "unchanged", "deleted", "skipped", "rejected"]
OUTCOMES: tuple[Outcome, ...] = ("created", "updated", "unchanged", "deleted", "skipped", "rejected")
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


@dataclass(frozen=True)
class Result:
    """How one record ended. ``code``, ``field`` and ``reason`` tell why it was rejected or skipped."""

    outcome: Outcome
    code: str = ""
    field: str = ""
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The reason with the words people know it by."""
        return f"{CODES[self.code]}: {self.reason}" if self.code in CODES else self.reason


class Rejected(Exception):
    """This record cannot be written; the others go on."""

    def __init__(self, code: str, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.result = Result("rejected", code, field, reason)


@dataclass
class Tally:
    """Records of one stream since its last state."""

    kept: int = 0
    rejected: int = 0


@dataclass(frozen=True)
class Reference:
    """The parent of a row, known by ``name``, ``domain`` or ``email``; ``key`` is the body key that takes its id."""

    parent: str
    key: str
    by: tuple[tuple[str, str], ...]
    create_if_missing: bool


@dataclass
class MappedRecord:
    """What a record says about one row. ``values`` by body key, None where the field is to be emptied.

    ``changed_at`` is the sender's change time, as the record has it.
    """

    values: dict[str, Any]
    row_id: Any = None
    links: list[Reference] = field(default_factory=list)
    may_create: bool = True
    written_id: Any = None
    changed_at: Any = None


Action = Literal["create", "update", "delete"]


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
    def is_unknown_id(self) -> bool:
        """True when the record names an id that does not exist."""
        return self.key == "id" and not self.ids


@dataclass(frozen=True)
class Step:
    """One thing to do: ``row_id`` is the row to update or delete, None for a new one."""

    action: Action
    row_id: int | None = None


Row = dict[str, Any]


def is_planned(row_id: Any) -> bool:
    """True for the id of a row that exists in a dry run only, alone or behind that of its parent."""
    return str(row_id).rsplit("/", 1)[-1].startswith(("-", "new-"))


def row_age(row_id: int) -> tuple[bool, int]:
    """By what ids are put in the order in which their rows were created; planned rows count down from -1."""
    return row_id < 0, abs(row_id)
