"""Rows of one object in memory, found by their keys. No requests. Not safe to share between threads by itself.

What a dry run would have written is laid over the rows that are read, so that later records find it as it would be.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from destination_pipedrive.flow import Match, Row
from destination_pipedrive.matching.keys import MatchKey, key_values


class RowStore:
    """Flat rows by id, and ids by the normal forms of their keys."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self.highest_id = 0
        self.keys: dict[str, MatchKey] = {}
        self._gone: set[int] = set()
        self._planned: dict[int, Row] = {}
        self._base: dict[int, Row] = {}
        self._written: dict[int, Row] = {}
        self._undoable: set[int] = set()
        self._new: set[int] = set()
        self._read: set[int] = set()
        self._ids: dict[str, dict[str, tuple[int, ...]]] = {}

    def add_keys(self, keys: Iterable[MatchKey]) -> None:
        """Find rows by these keys too; rows that are here already are entered under them."""
        new = {key.key: key for key in keys if not key.is_id and key.key not in self.keys}
        self.keys |= new
        for key in new.values():
            self._ids[key.key] = {}
            for row in self.rows.values():
                self._enter_key(key, row)

    def put(self, row: Row) -> Row:
        """Enter a row, or replace it, unless this run deleted it; the row as it is then."""
        row_id = row["id"]
        if row_id in self._gone:
            return row
        if row_id in self._written:
            row = {**row, **self._written[row_id]}
        if row_id in self._planned:
            self._base[row_id] = row
            row = {**row, **self._planned[row_id]}
        if row_id in self.rows:
            self._leave(row_id)
        self.rows[row_id] = row
        if self._new and row_id not in self._new:
            self._read.add(row_id)
        if isinstance(row_id, int):
            self.highest_id = max(self.highest_id, row_id)
        for key in self.keys.values():
            self._enter_key(key, row)
        return row

    def add(self, row: Row) -> Row:
        """Enter a row that was created; one that was deleted before may come back under its id."""
        self._gone.discard(row["id"])
        return self.put(row)

    def add_planned(self, row: Row) -> Row:
        """Enter a row that a dry run would have created. It stays: nobody else has it."""
        if not self._new:
            self._read.update(self.rows)
        self._new.add(row["id"])
        self._undoable.add(row["id"])
        return self.put(row)

    def plan(self, row_id: int, changed: Mapping[str, Any]) -> None:
        """Enter what a dry run would have changed of a row, however often that is read again."""
        self._planned.setdefault(row_id, {}).update(changed)
        row = self._base.get(row_id) or self.rows.get(row_id)
        if row is not None:
            self.put(row)

    def keep(self, row_id: int) -> None:
        """What is planned of a row is as good as written: a dry run never writes it."""
        self._undoable.discard(row_id)
        planned = self._planned.pop(row_id, {})
        self._base.pop(row_id, None)
        self._written.setdefault(row_id, {}).update(planned)

    def unplan(self, row_id: int) -> None:
        """Take back what was planned of a row; one that was only planned is forgotten."""
        if row_id in self._undoable:
            self.drop(row_id)
            self._new.discard(row_id)
            self._undoable.discard(row_id)
            return
        self._planned.pop(row_id, None)
        base = self._base.pop(row_id, None)
        if base is not None and row_id in self.rows:
            self.put(base)

    def undelete(self, row: Row) -> None:
        """A row that was buried is there after all."""
        self._gone.discard(row["id"])
        self.put(row)

    def bury(self, row_id: int) -> None:
        """Forget a row for good: it was deleted."""
        self.drop(row_id)
        self._gone.add(row_id)

    def is_gone(self, row_id: int) -> bool:
        """True for a row that was deleted."""
        return row_id in self._gone

    def drop(self, row_id: int) -> None:
        """Forget a row."""
        if row_id in self.rows:
            self._leave(row_id)
            del self.rows[row_id]

    def clear(self) -> None:
        """Forget all rows that can be read again; the highest id stays known."""
        if self._new:
            for row_id in self._read:
                self.drop(row_id)
            self._read.clear()
            return
        self.rows.clear()
        self._ids = {key: {} for key in self.keys}

    def find(self, key: MatchKey, values: Iterable[str]) -> Match:
        """The rows that have one of these values; without values there is no key."""
        values = list(values)
        held = self._ids.get(key.key, {})
        ids = dict.fromkeys(row_id for value in values for row_id in held.get(value, ()))
        return Match(key.name, tuple(ids)) if values else Match()

    def _enter_key(self, key: MatchKey, row: Mapping[str, Any]) -> None:
        held = self._ids[key.key]
        for value in key_values(key, row):
            held[value] = (*held.get(value, ()), row["id"])

    def _leave(self, row_id: int) -> None:
        for key in self.keys.values():
            held = self._ids[key.key]
            for value in key_values(key, self.rows[row_id]):
                left = tuple(each for each in held.get(value, ()) if each != row_id)
                held.update({value: left}) if left else held.pop(value, None)
