"""What the source read of one account, in words that mean the same in another account: no ids, no keys. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Rows = Mapping[str, list[dict[str, Any]]]
#: Column -> the stream whose rows its ids are of.
REFERENCES = {
    "org_id": "organizations",
    "organization_id": "organizations",
    "rel_owner_org_id": "organizations",
    "rel_linked_org_id": "organizations",
    "calculated_related_org_id": "organizations",
    "org_ids": "organizations",
    "person_id": "persons",
    "person_ids": "persons",
    "deal_id": "deals",
    "deal_ids": "deals",
    "lead_id": "leads",
    "product_id": "products",
    "project_id": "projects",
    "parent_task_id": "tasks",
    "parent_role_id": "roles",
    "stage_id": "stages",
    "pipeline_id": "pipelines",
    "board_id": "boards",
    "phase_id": "phases",
    "activity_type_id": "activity_types",
    **dict.fromkeys(("owner_id", "user_id", "creator_user_id", "creator_id", "added_by_user_id"), "users"),
    **dict.fromkeys(("last_update_user_id", "assignee_ids", "admin_id"), "users"),
}
#: Types of custom fields that refer to rows -> their stream.
TYPES = {"org": "organizations", "people": "persons", "user": "users", "deal": "deals", "lead": "leads"}
#: Stream -> what its rows are called in every account, where they do not carry the id of the first one.
NAMES = {
    "users": ("email",),
    "pipelines": ("name",),
    "stages": ("pipeline_id", "name"),
    "activity_types": ("name",),
    "roles": ("name",),
    "boards": ("name",),
    "phases": ("board_id", "name"),
    "tasks": ("title",),
}
#: Streams of definitions -> the streams whose rows have columns of their custom fields.
DEFINITIONS = {
    "deal_fields": ("deals", "leads"),
    "person_fields": ("persons",),
    "organization_fields": ("organizations",),
    "product_fields": ("products",),
    "project_fields": ("projects",),
}
#: Streams whose copied rows carry the id that they had.
WITH_OLD_ID = frozenset({"organizations", "persons", "deals", "leads", "products", "projects"})
#: How the column ends that holds the parts of an address, and the part that Pipedrive makes from the others.
PARTS, FORMATTED = "_parts", "formatted_address"
#: Stands for a row that was deleted, or that is not among those that were read.
GONE = "gone"
#: A row with its name.
Named = tuple[str, dict[str, Any]]


@dataclass
class Account:
    """One account as it was read. ``old_id``: the column that holds the id a row had in the other account."""

    rows: Rows
    schemas: Mapping[str, Mapping[str, Any]]
    old_id: str = ""
    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for stream in sorted(self.rows, key=_is_called_after_others):
            for row in self.rows[stream]:
                if "id" in row:
                    self._names[stream, _key(row["id"])] = self._name_of(stream, row)

    def canonical(self, stream: str) -> list[Named]:
        """The rows that are not deleted, without ids; each with its name, empty where nothing but its content tells."""
        fields = self._custom_columns(stream)
        return [
            (self._name_of(stream, row) if stream in WITH_OLD_ID else "", dict(self._columns(row, fields)))
            for row in self.rows.get(stream, [])
            if not _is_deleted(row)
        ]

    def _name_of(self, stream: str, row: Row) -> str:
        """What a row is called in both accounts."""
        if stream in NAMES:
            return " / ".join(str(self._translated(column, row.get(column))) for column in NAMES[stream])
        return _key(row.get(self.old_id) or row["id"]) if self.old_id else _key(row["id"])

    def _columns(self, row: Row, fields: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, Any]]:
        for column, value in row.items():
            if column in fields:
                name, stream = fields[column]
                if name.endswith(PARTS):
                    yield from _parts_of_address(name, value)
                elif name:
                    yield name, self._reference(stream, value) if stream else value
            elif column == "user" and isinstance(value, Mapping):
                # What somebody is called is up to him.
                yield column, value.get("email")
            elif column not in ("id", "label_ids", self.old_id):
                yield column, self._translated(column, value)

    def _translated(self, column: str, value: Any) -> Any:
        if column in REFERENCES:
            return self._reference(REFERENCES[column], value)
        if isinstance(value, list):
            return [self._translated("", each) for each in value]
        if isinstance(value, Mapping):
            return {name: self._translated(name, each) for name, each in value.items() if each is not None}
        return value

    def _reference(self, stream: str, value: Any) -> Any:
        if isinstance(value, list):
            return sorted(str(self._reference(stream, each)) for each in value)
        if isinstance(value, Mapping):
            value = value.get("id")
        return None if value is None else self._names.get((stream, _key(value)), GONE)

    def _custom_columns(self, stream: str) -> dict[str, tuple[str, str]]:
        """Column -> what it is called in both accounts, empty for ids of options, and the stream it refers to."""
        found = {}
        for column, schema in self.schemas.get(stream, {}).items():
            key, suffix = schema.get("x-pipedrive-field"), schema.get("x-pipedrive-suffix", "")
            if key and column != self.old_id:
                label, kind, number = self._definitions(stream)[key]
                name = f"{label} ({kind}{f', {number}' if number > 1 else ''}){suffix}"
                found[column] = ("" if suffix in ("_id", "_ids") else name, TYPES.get(kind, ""))
        return found

    def _definitions(self, stream: str) -> dict[str, tuple[str, str, int]]:
        seen: Counter[tuple[str, str]] = Counter()
        found = {}
        for name, streams in DEFINITIONS.items():
            for row in self.rows.get(name, []) if stream in streams else ():
                place = (row["field_name"], row["field_type"])
                seen[place] += 1
                found[row["field_code"]] = (*place, seen[place])
        return found


def _is_called_after_others(stream: str) -> bool:
    return any(column in REFERENCES for column in NAMES.get(stream, ()))


def _parts_of_address(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The parts that can be written, and the one that Pipedrive makes from them."""
    parts = value if isinstance(value, Mapping) else {}
    yield name, {part: each for part, each in parts.items() if part != FORMATTED} or None
    yield FORMATTED, parts.get(FORMATTED)


def _is_deleted(row: Row) -> bool:
    return bool(row.get("is_deleted") or row.get("active_flag") is False)


def _key(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
