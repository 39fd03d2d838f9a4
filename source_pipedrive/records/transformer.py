"""A row of the API to a record: built-in columns by schema, derived columns, custom-field columns.

Compiled once per stream; the per-record path is one walk over the row's keys.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from pipedrive_client.field_definitions import Field
from pipedrive_client.normalization import domain_of, primary_email
from source_pipedrive.records.converters import AS_IS, UNREADABLE, Converter, converter
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS, Write, lead_values
from source_pipedrive.records.problems import CHANGES, Problems

Row = dict[str, Any]
Derive = Callable[[Row], Any]


@dataclass(frozen=True)
class Lookups:
    """What derived columns need: user id -> e-mail, label id -> name."""

    user_emails: Callable[[], Mapping[int, str | None]]
    labels: Callable[[], Mapping[Any, str | None]]


class RecordTransformer:
    """Turns rows of one stream into records. Safe to use from several threads once it is built."""

    def __init__(
        self,
        properties: Mapping[str, Any],
        lookups: Lookups,
        aliases: Mapping[str, str] | None = None,
        drop: Iterable[str] = (),
        problems: Problems | None = None,
    ) -> None:
        self.problems = problems or Problems()
        self._aliases = dict(aliases or {})
        self._drop = frozenset(drop)
        self._derived = {name: make(lookups) for name, make in DERIVED.items() if name in properties}
        self._converters: dict[str, Converter] = {
            name: converter(schema, name, self.problems.count) for name, schema in properties.items()
        }
        self._as_is = {name: AS_IS[convert] for name, convert in self._converters.items() if convert in AS_IS}
        self._customs: Customs = NoCustoms()

    def use(self, customs: "Customs") -> None:
        """Set how custom fields appear."""
        self._customs = customs

    def record(self, row: Row) -> Row:
        """The record of one row; ``CHANGES`` names what could not be read. Nothing of the row is changed."""
        out: Row = {}
        self.problems.begin()
        converters, as_is, customs = self._converters, self._as_is, self._customs
        for key, value in row.items():
            if type(value) is as_is.get(key):
                out[key] = value
                continue
            convert = converters.get(key)
            if convert is None:
                if not customs.owns(key) and key not in self._drop:
                    self._other_key(key, value, out)
            elif value is None:
                out[key] = None
            else:
                self._convert(key, convert, value, out)
        customs.write(row, out, self.problems)
        for name, derive in self._derived.items():
            if out.get(name) is None:
                out[name] = derive(out)
        nulled = self.problems.nulled()
        if nulled:
            out[CHANGES] = nulled
        return out

    def _convert(self, key: str, convert: Converter, value: Any, out: Row) -> None:
        try:
            out[key] = convert(value)
        except UNREADABLE:
            out[key] = None
            self.problems.count(key)

    def _other_key(self, key: str, value: Any, out: Row) -> None:
        """A key that the schema does not declare: another spelling of one that it does, or left out and named."""
        name = self._aliases.get(key)
        if name is None:
            self.problems.undeclare((key,))
        elif value is not None:
            self._convert(name, self._converters[name], value, out)


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
        if not self._flat and not values.keys() <= plan.keys:
            plan = self._renewed(plan)
            problems.undeclare(values.keys() - plan.keys)
        out.update(plan.empty)
        for key, value in values.items():
            write = None if value is None else plan.writers.get(key)
            if write is not None:
                try:
                    write(value, out)
                except UNREADABLE:
                    problems.count(plan.names[key])

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

    @cached_property
    def keys(self) -> frozenset[str]:
        """Keys of the fields."""
        return frozenset(field.key for field in self.fields)

    @cached_property
    def empty(self) -> Row:
        """The columns of a row in which no field has a value."""
        out: Row = {}
        for write in self.writers.values():
            write(None, out)
        return out


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


def _owner_email(lookups: Lookups) -> Derive:
    def derive(out: Row) -> str | None:
        owner = out.get("owner_id")
        return None if owner is None else lookups.user_emails().get(owner)

    return derive


def _labels(lookups: Lookups) -> Derive:
    def derive(out: Row) -> list[str | None] | None:
        ids = out.get("label_ids")
        return None if ids is None else [lookups.labels().get(label) for label in ids]

    return derive


def _email_normalized(lookups: Lookups) -> Derive:  # noqa: ARG001
    return primary_email


def _domain(lookups: Lookups) -> Derive:  # noqa: ARG001
    def derive(out: Row) -> str | None:
        return domain_of(out.get("website"))

    return derive


def _is_deleted(lookups: Lookups) -> Derive:  # noqa: ARG001
    def derive(out: Row) -> bool:
        return out.get("active_flag") is False

    return derive


def _is_archived(lookups: Lookups) -> Derive:  # noqa: ARG001
    def derive(out: Row) -> bool:
        return out.get("archive_time") is not None

    return derive


#: Derived column -> maker of its function. A stream has those that its schema declares.
DERIVED: dict[str, Callable[[Lookups], Derive]] = {
    "owner_email": _owner_email,
    "labels": _labels,
    "email_normalized": _email_normalized,
    "domain": _domain,
    "is_deleted": _is_deleted,
    "is_archived": _is_archived,
}
