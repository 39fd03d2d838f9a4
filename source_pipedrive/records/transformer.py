"""A row of the API to a record: built-in columns by schema, derived columns, custom-field columns.

Compiled once per stream and layout of its rows (``row_layout``); rows of very many layouts are read value by value.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipedrive_client.normalization import domain_of, primary_email
from source_pipedrive.records.converters import UNREADABLE, Converter, converter
from source_pipedrive.records.customs import Customs, NoCustoms
from source_pipedrive.records.problems import CHANGES, Problems
from source_pipedrive.records.row_layout import Derive, Shape, reader
from source_pipedrive.records.typed_layout import TypedLayout, typed_layout

Row = dict[str, Any]


@dataclass(frozen=True)
class Lookups:
    """What derived columns need: user id -> email, label id -> name."""

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
        self._converters: dict[str, Converter] = {
            name: converter(schema, name, self.problems.count) for name, schema in properties.items()
        }
        self._derived = {name: make(lookups) for name, make in DERIVED.items() if name in properties}
        self._shape = Shape(self._converters, self._derived, self._convert, self._other)
        self._customs: Customs = NoCustoms()

    def use(self, customs: Customs) -> None:
        """Set how custom fields appear."""
        self._customs = customs

    def record(self, row: Row) -> Row:
        """The record of one row; ``CHANGES`` names what could not be read. Nothing of the row is changed."""
        return next(self.records((row,)))

    def records(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The records of some rows, one after the other."""
        problems, first = self.problems, self._customs.plan.layouts.first
        counted = problems.begin()
        for row in rows:
            for read in first.get(len(row), ()):
                out = read(row)
                if out is not None:
                    break
            else:
                out = self._other(row)
            if problems.counted != counted:
                counted = problems.counted
                nulled = problems.nulled()
                if nulled:
                    out[CHANGES] = nulled
            yield out

    def typed_layout(
        self, rows: Sequence[Row], constants: Mapping[str, Any], before: TypedLayout | None = None
    ) -> TypedLayout | None:
        """The layout of typed rows for rows like these, and like those ``before``; None when they cannot be typed."""
        if self._aliases and any(self._aliases.keys() & row.keys() for row in rows):
            return None
        block = self._customs.plan.typed_block(rows, self.problems)
        return typed_layout(rows, self._shape, block, constants, self.problems, before) if block else None

    def _other(self, row: Row) -> Row:
        """The record of a row with a layout that is none of the first with as many keys."""
        plan = self._customs.plan
        keys, custom_keys = tuple(row), plan.keys_of(row)
        read = plan.layouts.find((keys, custom_keys))
        if read is None:
            if custom_keys is None or plan.layouts.is_full or self._aliases.keys() & row.keys():
                return self._read(row)
            self.problems.undeclare(key for key in row if self._is_undeclared(key))
            read = reader(keys, self._shape, plan.block(custom_keys, self.problems))
            plan.layouts.add((keys, custom_keys), len(keys), read)
        return read(row) or self._read(row)

    def _read(self, row: Row) -> Row:
        """The record of a row of any layout."""
        out = self._built_in(row)
        self._customs.write(row, out, self.problems)
        for name, derive in self._derived.items():
            if out.get(name) is None:
                out[name] = derive.make(out.get(derive.source))
        return out

    def _is_undeclared(self, key: str) -> bool:
        return not (key in self._converters or key in self._drop or self._customs.owns(key))

    def _built_in(self, row: Row) -> Row:
        """The built-in columns of a row, value by value."""
        out: Row = {}
        for key, value in row.items():
            convert = self._converters.get(key)
            if convert is None:
                if self._is_undeclared(key):
                    self._other_key(key, value, out)
            else:
                out[key] = None if value is None else self._convert(key, value)
        return out

    def _convert(self, key: str, value: Any) -> Any:
        """The value of a column; None for one that cannot be read, which is counted."""
        try:
            return self._converters[key](value)
        except UNREADABLE:
            self.problems.count(key)
            return None

    def _other_key(self, key: str, value: Any, out: Row) -> None:
        """A key that the schema does not declare: another spelling of one that it does, or left out and named."""
        name = self._aliases.get(key)
        if name is None:
            self.problems.undeclare((key,))
        elif value is not None:
            out[name] = self._convert(name, value)


def _owner_email(lookups: Lookups) -> Derive:
    emails = lookups.user_emails
    return Derive("owner_id", lambda owner: None if owner is None else emails().get(owner))


def _labels(lookups: Lookups) -> Derive:
    names = lookups.labels
    return Derive("label_ids", lambda ids: [*map(names().get, ids)] if ids else ids)


#: Derived column -> what makes it. A stream has those that its schema declares.
DERIVED: dict[str, Callable[[Lookups], Derive]] = {
    "owner_email": _owner_email,
    "labels": _labels,
    "email_normalized": lambda _: Derive("emails", lambda emails: primary_email({"emails": emails})),
    "domain": lambda _: Derive("website", domain_of),
    "is_deleted": lambda _: Derive("active_flag", lambda flag: flag is False),
    "is_archived": lambda _: Derive("archive_time", lambda time: time is not None),
}
