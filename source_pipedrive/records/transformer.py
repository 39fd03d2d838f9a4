"""A row of the API to a record: built-in columns by schema, derived columns, custom-field columns.

Compiled once per stream and layout of its rows (``row_layout``); a row that is not as usual is read value by value.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pipedrive_client.normalization import domain_of, primary_email
from source_pipedrive.records.converters import UNREADABLE, Converter, converter
from source_pipedrive.records.customs import Customs, NoCustoms
from source_pipedrive.records.problems import CHANGES, Problems
from source_pipedrive.records.row_layout import MOST_LAYOUTS, ReadRow, reader

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
        self._derived = [(name, make(lookups)) for name, make in DERIVED.items() if name in properties]
        self._converters: dict[str, Converter] = {
            name: converter(schema, name, self.problems.count) for name, schema in properties.items()
        }
        self._customs: Customs = NoCustoms()
        self._layouts: dict[tuple[str, ...], ReadRow] = {}

    def use(self, customs: Customs) -> None:
        """Set how custom fields appear."""
        self._customs = customs
        self._layouts = {}

    def record(self, row: Row) -> Row:
        """The record of one row; ``CHANGES`` names what could not be read. Nothing of the row is changed."""
        self.problems.begin()
        read = self._layouts.get(tuple(row)) or self._layout(row)
        out = (read(row) if read else None) or self._record(row)
        self._customs.write(row, out, self.problems)
        for name, derive in self._derived:
            if out.get(name) is None:
                out[name] = derive(out)
        nulled = self.problems.nulled()
        if nulled:
            out[CHANGES] = nulled
        return out

    def _layout(self, row: Row) -> ReadRow | None:
        """What reads rows like this one; None for those that have to be read value by value."""
        if len(self._layouts) >= MOST_LAYOUTS or self._aliases.keys() & row.keys():
            return None
        self.problems.undeclare(key for key in row if self._is_undeclared(key))
        made = self._layouts[tuple(row)] = reader(row, self._converters, self.problems.count)
        return made

    def _is_undeclared(self, key: str) -> bool:
        return not (key in self._converters or key in self._drop or self._customs.owns(key))

    def _record(self, row: Row) -> Row:
        """The built-in columns of a row, value by value."""
        out: Row = {}
        for key, value in row.items():
            convert = self._converters.get(key)
            if convert is None:
                if self._is_undeclared(key):
                    self._other_key(key, value, out)
            elif value is None:
                out[key] = None
            else:
                self._convert(key, convert, value, out)
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
