"""How custom fields stand in a record: not at all, as the API's object, as columns of their own, or as both."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pipedrive_client.field_definitions import Field
from source_pipedrive.records.converters import UNREADABLE
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS, Write, lead_values
from source_pipedrive.records.problems import Problems
from source_pipedrive.records.row_layout import MOST_LAYOUTS

Row = dict[str, Any]


class NoCustoms:
    """A stream without custom fields."""

    def owns(self, key: str) -> bool:  # noqa: ARG002
        """No key belongs to a custom field."""
        return False

    def write(self, row: Row, out: Row, problems: Problems) -> None:
        """Nothing to write."""


class ObjectCustoms(NoCustoms):
    """Custom fields as the API's own object; of leads, whose fields are flat, an object of those keys."""

    def __init__(self, flat_keys: frozenset[str] = frozenset()) -> None:
        self._flat = flat_keys

    def owns(self, key: str) -> bool:
        """``custom_fields``, and a lead's 40-character keys with their suffixes."""
        return key == CUSTOM_FIELDS or key[:40] in self._flat

    def write(self, row: Row, out: Row, problems: Problems) -> None:
        """Put the object into the record."""
        if self._flat:
            out[CUSTOM_FIELDS] = {key: value for key, value in row.items() if key[:40] in self._flat}
        else:
            out[CUSTOM_FIELDS] = _custom_fields(row, problems)


def _custom_fields(row: Row, problems: Problems) -> Row | None:
    """The API's object of custom fields; what else stands in its place is counted."""
    found = row.get(CUSTOM_FIELDS)
    if found is None or isinstance(found, dict):
        return found
    problems.count(CUSTOM_FIELDS)
    return None


class ColumnCustoms(NoCustoms):
    """Custom fields as typed columns. ``names``: field key -> column, ``plan``: field key -> its writer.

    ``fresh`` is asked for a newer plan when a key is not in this one.
    """

    def __init__(
        self,
        fields: Iterable[Field],
        names: Mapping[str, str],
        plan: Mapping[str, Write],
        flat: bool,
        fresh: Callable[[], "ColumnCustoms"] | None = None,
    ) -> None:
        self._plan = _Plan(tuple(fields), names, plan, fresh)
        self._flat = flat
        self._lock = threading.Lock()

    def owns(self, key: str) -> bool:
        """``custom_fields``, or in leads a 40-character key with or without a suffix."""
        return key[:40] in self._plan.keys if self._flat else key == CUSTOM_FIELDS

    def write(self, row: Row, out: Row, problems: Problems) -> None:
        """Write every custom field's columns into the record."""
        plan = self._plan
        values = lead_values(plan.fields, row) if self._flat else _custom_fields(row, problems) or {}
        out.update(plan.empty)
        unknown = plan.write(values, out, problems)
        if unknown:
            plan = self._renewed(plan)
            for column in plan.empty:
                out.setdefault(column, None)
            problems.undeclare(plan.write({key: values[key] for key in unknown}, out, problems))

    def _renewed(self, plan: "_Plan") -> "_Plan":
        """A newer plan, made once for all threads: a key that is unknown to it stays so."""
        with self._lock:
            if self._plan is plan and plan.fresh is not None:
                self._plan = replace(plan.fresh()._plan, fresh=None)
            return self._plan


@dataclass(frozen=True)
class _Plan:
    """What columns are written by; one plan takes the place of another as a whole, as several threads use it."""

    fields: tuple[Field, ...]
    names: Mapping[str, str]
    writers: Mapping[str, Write]
    fresh: Callable[[], ColumnCustoms] | None
    layouts: dict[tuple[str, ...], list[Write]] = field(default_factory=dict)

    def write(self, values: Row, out: Row, problems: Problems) -> list[str]:
        """Write the values that are there. Answers the keys of those that belong to no field."""
        keys, unknown = tuple(values), list[str]()
        writers = self.layouts.get(keys) or self._layout(keys)
        for key, value, write in zip(keys, values.values(), writers, strict=True):
            if value is not None:
                try:
                    write(value, out)
                except UNREADABLE:
                    if write is _to_no_field:
                        unknown.append(key)
                    else:
                        problems.count(self.names[key])
        return unknown

    def _layout(self, keys: tuple[str, ...]) -> list[Write]:
        """The writers of these keys. Rows of a list have the same ones in the same order, so they are remembered."""
        writers = [self.writers.get(key, _nowhere if key in self.keys else _to_no_field) for key in keys]
        if len(self.layouts) < MOST_LAYOUTS:
            self.layouts[keys] = writers
        return writers

    @cached_property
    def keys(self) -> frozenset[str]:
        """Keys of the fields."""
        return frozenset(field.key for field in self.fields)

    @cached_property
    def empty(self) -> Row:
        """The columns of a row in which no field has a value."""
        columns = (self.names[one.key] + end for one in self.fields if one.key in self.writers for end in one.suffixes)
        return dict.fromkeys(columns)


def _nowhere(value: Any, out: Row) -> None:
    """The field has no column."""


def _to_no_field(value: Any, out: Row) -> None:  # noqa: ARG001
    """The key is none of a field."""
    raise ValueError("not a field")


class ObjectAndColumns(NoCustoms):
    """The API's own object, and beside it the same values as columns."""

    def __init__(self, whole: ObjectCustoms, columns: ColumnCustoms) -> None:
        self._whole = whole
        self._columns = columns

    def owns(self, key: str) -> bool:
        """``custom_fields``, and a lead's 40-character keys with their suffixes."""
        return self._whole.owns(key)

    def write(self, row: Row, out: Row, problems: Problems) -> None:
        """Put the object and the columns into the record; what is no object is counted once."""
        self._whole.write(row, out, problems)
        self._columns.write(row | {CUSTOM_FIELDS: out[CUSTOM_FIELDS]}, out, problems)


Customs = NoCustoms
