"""Rows of the API as flat rows: body keys and custom-field keys side by side, only what may be compared."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from destination_pipedrive.fields.field import PLANNED_KEY, Field
from destination_pipedrive.fields.parsing import BadValue, identifier
from destination_pipedrive.fields.v1_custom_fields import read_flat
from destination_pipedrive.flow import MappedRecord, Row
from destination_pipedrive.matching.keys import MatchKey, key_values
from destination_pipedrive.objects.spec import Below, ObjectSpec
from pipedrive_client.endpoints import MAX_CUSTOM_FIELDS
from pipedrive_client.pagination import own_id

#: What is kept of a row besides its fields.
KEPT = ("id", "is_archived", "add_time", "update_time", "stage_change_time")
#: A key with the normal forms of a record's values for it; without values the record does not have the key.
KeyValues = tuple[MatchKey, list[Any]]


class RowFlattener:
    """Knows which fields of one object are compared, and which of them have to be asked for."""

    def __init__(self, spec: ObjectSpec) -> None:
        self.requested: frozenset[str] = frozenset()
        self._spec = spec
        self._kept = frozenset((*KEPT, *(field.key for field in spec.fields)))
        #: Fields of which a row says whether it was read with them.
        self._telling = frozenset(
            (*(field.key for field in spec.fields if field.on_request or field.detail), *spec.sent_along)
        )
        self._renamed = {field.shown_as: field.key for field in spec.fields if field.shown_as}
        self._custom: set[str] = set()
        self._on_request: set[str] = set()
        self._targets: dict[str, Field] = {}
        #: The custom fields that are compared, empty.
        self.no_custom_values: dict[str, None] = {}

    def require_fields(self, targets: Iterable[Field], keys: Iterable[MatchKey]) -> None:
        """Remember which fields are compared."""
        self._custom.update(part.key for key in keys for part in key.fields if part.custom)
        for target in targets:
            self._targets.update({target.key: target} if target.custom else {})
            (self._custom if target.custom else self._on_request).update([target.key] * target.is_asked_for)
            beside = (self._spec.read_beside or {}).get(target.key)
            if beside and beside not in self._on_request:
                self._on_request.add(beside)
                self._kept |= {beside}
        self.no_custom_values = dict.fromkeys(self._custom)

    def request(self) -> None:
        """From now on lists are read with the custom fields that are known to be required."""
        self.requested = frozenset(self._custom)

    def lacks(self, keys: Iterable[MatchKey]) -> bool:
        """True when rows were read without a field of one of these keys."""
        return any(part.custom and part.key not in self.requested for key in keys for part in key.fields)

    @property
    def params(self) -> dict[str, str]:
        """The parameters of a list: only the custom fields that are needed, as far as the API lets them be chosen."""
        # Projects and leads have no such parameter; the lists that have it take ids, too.
        few = 0 < len(self.requested) <= MAX_CUSTOM_FIELDS and self._spec.reads_ids
        real = sorted(key for key in self.requested if not key.startswith(PLANNED_KEY))
        return {**({"custom_fields": ",".join(real)} if few and real else {}), **self.includes}

    @property
    def includes(self) -> dict[str, str]:
        """The parameters of one row."""
        return {"include_fields": ",".join(sorted(self._on_request))} if self._on_request else {}

    def completed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The answer about one row, with the fields that were asked for and are not set."""
        return {**dict.fromkeys(self._on_request), **row}

    def flat(self, row: Mapping[str, Any], every: bool = False) -> Row:
        """A flat row; ``every`` for the answer about one row, which holds all custom fields.

        What is empty is left out, as most fields of most rows are: it says no more and takes memory.
        """
        kept, telling = self._kept, self._telling
        flat = {key: value for key, value in row.items() if key in kept and (value is not None or key in telling)}
        flat.update((key, row[shown]) for shown, key in self._renamed.items() if shown in row)
        own = row.get(self._spec.item_id)
        if self._spec.is_nested:
            flat["id"] = self._nested_id(row)
        else:
            # Nearly always a number, which takes no call: this is done for every row of an account.
            flat["id"] = own if own.__class__ is int and own and not self._spec.text_ids else self.own_id(row)
        if self._spec.flat_custom:
            return flat | read_flat(row, self._targets.values())
        found = row.get("custom_fields")
        custom = found if isinstance(found, Mapping) else {}
        wanted = custom.keys() | self._custom if every else self.requested
        flat.update((key, custom.get(key)) for key in wanted)
        if not every:
            flat.update((key, row.get(key)) for key in self._on_request)
        return flat

    def own_id(self, row: Mapping[str, Any]) -> Any:
        """A row's id as the API shows it. Raises TransientError where it cannot be read."""
        return own_id(row, self._spec.path, self._spec.item_id, self._spec.text_ids)

    def live(self, found: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Rows of a list, flat, without those that were deleted."""
        return [self.flat(row) for row in found if not self.is_gone(row)]

    def is_gone(self, row: Mapping[str, Any]) -> bool:
        """True for a row that was deleted, as v2, v1 or the mailbox says it."""
        is_inactive = row.get("active_flag") is False and not self._spec.keeps_inactive
        return bool(row.get("is_deleted") or row.get("deleted_flag")) or is_inactive

    def _nested_id(self, row: Mapping[str, Any]) -> str:
        """The id of a row that the API knows only below its parent: both ids in one text."""
        assert self._spec.below is not None
        return nested_id(identifier(row[self._spec.below.key]), self.own_id(row))


def nested_id(parent: Any, own: Any) -> str:
    """The id of a row below a parent."""
    return f"{parent}/{own}"


def parent_of(below: Below, record: MappedRecord) -> int | None:
    """The id of the parent that a record names, below zero for one that exists in a plan only; None without one."""
    try:
        return parent_id(record.values.get(below.key))
    except BadValue:
        return None


def parent_id(value: Any) -> int:
    """The id in a field that names a parent. Raises BadValue."""
    return value if isinstance(value, int) else identifier(value)


def record_keys(spec: ObjectSpec, record: MappedRecord, keys: Sequence[MatchKey]) -> list[KeyValues]:
    """The keys with a record's values for them; ``id`` has the id that the record names. Worked out once."""
    if record.known_by is None or record.known_by[0] is not keys:
        record.known_by = keys, _record_keys(spec, record, keys)
    return record.known_by[1]


def _record_keys(spec: ObjectSpec, record: MappedRecord, keys: Iterable[MatchKey]) -> list[KeyValues]:
    prepared = record.prepared = spec.prepare(record.values, None) if spec.prepare else record.values
    values = record.values if prepared is record.values else {**record.values, **prepared}
    return [(key, _own_ids(spec, record) if key.is_id else key_values(key, values)) for key in keys]


def _own_ids(spec: ObjectSpec, record: MappedRecord) -> list[Any]:
    """The id that a record names; below a parent, where the API needs both, together with the parent's."""
    if record.row_id is None:
        return []
    if not spec.is_nested or spec.below is None:
        return [record.row_id]
    parent = parent_of(spec.below, record)
    return [nested_id(parent, record.row_id)] if parent is not None else []
