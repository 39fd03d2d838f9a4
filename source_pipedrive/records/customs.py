"""How custom fields stand in a record: not at all, as the API's object, as columns of their own, or as both."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipedrive_client.field_definitions import Field
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS, lead_values
from source_pipedrive.records.custom_layout import (
    Count,
    FieldWriter,
    TypedBlock,
    columns_block,
    have_same_keys,
    typed_block,
)
from source_pipedrive.records.problems import Problems
from source_pipedrive.records.row_layout import Block, Layouts, ReadRow

Row = dict[str, Any]
Keys = tuple[str, ...]


class Plan:
    """How custom fields are read, and the layouts that were met so far; this one is of a stream that has none.

    One plan takes the place of another as a whole, as several threads use it.
    """

    def __init__(self) -> None:
        self.layouts = Layouts[ReadRow]()

    def keys_of(self, row: Row) -> Keys | None:  # noqa: ARG002
        """The keys of a row's custom fields; None where something else stands in their place."""
        return ()

    def block(self, keys: Keys, problems: Problems) -> Block:  # noqa: ARG002
        """The code that reads custom fields with these keys."""
        return Block()

    def typed_block(self, rows: Sequence[Row], problems: Problems) -> TypedBlock | None:  # noqa: ARG002
        """The code for typed rows that are like these; None where custom fields cannot be typed."""
        return TypedBlock()


class NoCustoms:
    """A stream without custom fields."""

    def __init__(self) -> None:
        self.plan = Plan()

    def owns(self, key: str) -> bool:  # noqa: ARG002
        """No key belongs to a custom field."""
        return False

    def write(self, row: Row, out: Row, problems: Problems) -> None:
        """Nothing to write."""


class ObjectCustoms(NoCustoms):
    """Custom fields as the API's own object; of leads, whose fields are flat, an object of those keys."""

    def __init__(self, flat_keys: frozenset[str] = frozenset()) -> None:
        self._flat = flat_keys
        self.plan = _ObjectPlan(self.found)

    def owns(self, key: str) -> bool:
        """``custom_fields``, and a lead's 40-character keys with their suffixes."""
        return key == CUSTOM_FIELDS or key[:40] in self._flat

    def found(self, row: Row) -> Any:
        """What a row has for the object, which may be anything."""
        if self._flat:
            return {key: value for key, value in row.items() if key[:40] in self._flat}
        return row.get(CUSTOM_FIELDS)

    def write(self, row: Row, out: Row, problems: Problems) -> None:
        """Put the object into the record."""
        out[CUSTOM_FIELDS] = _checked(self.found(row), problems)


def _checked(found: Any, problems: Problems) -> Row | None:
    """The API's object of custom fields; what else stands in its place is counted."""
    if found is None or isinstance(found, dict):
        return found
    problems.count(CUSTOM_FIELDS)
    return None


#: ``found`` takes the object out of a row; None where something else is.
_OBJECT = """
    out["custom_fields"] = found(row)
"""


class _ObjectPlan(Plan):
    def __init__(self, found: Callable[[Row], Any]) -> None:
        super().__init__()
        self._found = found

    def block(self, keys: Keys, problems: Problems) -> Block:  # noqa: ARG002
        found = self._found
        return Block(
            code=_OBJECT, columns=(CUSTOM_FIELDS,), known={"found": lambda row: _checked(found(row), problems)}
        )

    def typed_block(self, rows: Sequence[Row], problems: Problems) -> TypedBlock | None:  # noqa: ARG002
        """None: the object would be checked for nothing."""
        return None


class ColumnCustoms(NoCustoms):
    """Custom fields as typed columns. ``names``: field key -> column, ``plan``: field key -> its writer.

    ``fresh`` is asked for a newer plan when a key is not in this one. ``whole`` puts the API's object before them.
    """

    def __init__(
        self,
        fields: Iterable[Field],
        names: Mapping[str, str],
        plan: Mapping[str, FieldWriter],
        flat: bool,
        fresh: Callable[[], "ColumnCustoms"] | None = None,
        whole: ObjectCustoms | None = None,
    ) -> None:
        self.plan: ColumnPlan = ColumnPlan(tuple(fields), names, plan, flat, whole, self._renewed)
        self._flat = flat
        self._fresh = fresh
        self._whole = whole
        self._lock = threading.Lock()

    def owns(self, key: str) -> bool:
        """``custom_fields``, or in leads a 40-character key with or without a suffix."""
        if self._whole:
            return self._whole.owns(key)
        return key[:40] in self.plan.fields if self._flat else key == CUSTOM_FIELDS

    def write(self, row: Row, out: Row, problems: Problems) -> None:
        """Write every custom field's columns into the record, value by value."""
        plan = self.plan
        values = _checked(plan.values(row), problems)
        if self._whole:
            out[CUSTOM_FIELDS] = None if values is None else self._whole.found(row)
        out.update(plan.empty)
        unknown = plan.write(values or {}, out, problems.count)
        if values and unknown:
            plan = plan.renewed()
            for column in plan.empty:
                out.setdefault(column, None)
            problems.undeclare(plan.write({key: values[key] for key in unknown}, out, problems.count))

    def _renewed(self, plan: "ColumnPlan") -> "ColumnPlan":
        """A newer plan, made once for all threads: a key that is unknown to it stays so."""
        with self._lock:
            if self.plan is plan and self._fresh is not None:
                self.plan = self._fresh().plan
            return self.plan


_FIND = """
        values = row.get("custom_fields")
        if values is None:
            values = {}
"""
_FIND_FLAT = """
        values = values_of(row)
"""


class ColumnPlan(Plan):
    """What columns are written by."""

    def __init__(
        self,
        fields: tuple[Field, ...],
        names: Mapping[str, str],
        writers: Mapping[str, FieldWriter],
        flat: bool,
        whole: ObjectCustoms | None,
        renewed: Callable[["ColumnPlan"], "ColumnPlan"],
    ) -> None:
        super().__init__()
        self._fields = fields
        self._flat = flat
        self._whole = whole
        self._renewed = renewed
        written = [one for one in fields if one.key in writers]
        self._writers = {one.key: writers[one.key] for one in written}
        self.fields = frozenset(one.key for one in fields)
        #: The columns of a row in which no field has a value.
        self.empty = dict.fromkeys(names[one.key] + end for one in written for end in one.suffixes)

    def values(self, row: Row) -> Any:
        """A row's values by the fields' keys; something else than an object may stand in their place."""
        if self._flat:
            return lead_values(self._fields, row)
        found = row.get(CUSTOM_FIELDS)
        return {} if found is None else found

    def write(self, values: Row, out: Row, count: Count) -> Sequence[str]:
        """Write the values that are there. Answers the keys of those that belong to no field."""
        found = [(key, value) for key, value in values.items() if value is not None]
        for key, value in found:
            if key in self._writers:
                self._writers[key].write_into(value, out, count)
        return [key for key, _ in found if key not in self.fields]

    def renewed(self) -> "ColumnPlan":
        """The plan that takes the place of this one; itself when there is none."""
        return self._renewed(self)

    def keys_of(self, row: Row) -> Keys | None:
        """The keys of a row's custom fields; None where something else stands in their place."""
        values = self.values(row)
        return tuple(values) if isinstance(values, dict) else None

    def typed_block(self, rows: Sequence[Row], problems: Problems) -> TypedBlock | None:
        """None where rows have no object of the same keys, or where it stands in the record."""
        if self._flat or self._whole:
            return None
        found: list[Any] = [row.get(CUSTOM_FIELDS) for row in rows]
        if not have_same_keys(found):
            return None
        return typed_block(found, self._writers, self.fields, problems.count)

    def block(self, keys: Keys, problems: Problems) -> Block:
        """The code that reads custom fields with these keys."""

        def is_renewed(values: Row) -> bool:
            """Whether there are newer columns; keys that are known to no plan are named."""
            is_newer = self.renewed() is not self
            if not is_newer:
                problems.undeclare(key for key in values if values[key] is not None and key not in self.fields)
            return is_newer

        columns = columns_block(
            _FIND_FLAT if self._flat else _FIND, keys, self._writers, self.fields, problems.count, is_renewed
        )
        known = {**columns.known, "values_of": self.values}
        if not self._whole:
            return replace(columns, known=known)
        whole = self._whole.plan.block((), problems)
        code, names = whole.code + columns.code, whole.columns + columns.columns
        return replace(columns, code=code, columns=names, known={**known, **whole.known})


Customs = NoCustoms
