"""Ids of rows by the normal forms of one key. Entering and leaving cost the same however many rows share a value."""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from destination_pipedrive.flow import Row
from destination_pipedrive.matching.keys import MatchKey, key_values

NO_IDS: frozenset[Any] = frozenset()


class KeyIndex:
    """The rows of one object by one key."""

    def __init__(self, key: MatchKey, rows: Iterable[Row]) -> None:
        self._key = key
        # A value that one row has, as most have, holds its id alone: a set takes four times the memory.
        self._one: dict[str, Any] = {}
        self._several: dict[str, set[Any]] = {}
        self._without: set[Any] | None = None
        #: The values of rows that are only planned: they are soon replaced by the real ones.
        self._of_planned: dict[Any, list[str]] = {}
        for row in rows:
            self.enter(row)

    def enter(self, row: Row, is_planned: bool = False) -> None:
        """Enter a row under its values."""
        values, row_id = key_values(self._key, row), row["id"]
        if is_planned:
            self._of_planned[row_id] = values
        for value in values:
            if value in self._several:
                self._several[value].add(row_id)
            elif self._one.setdefault(value, row_id) != row_id:
                self._several[value] = {self._one.pop(value), row_id}
        if self._without is not None and not values:
            self._without.add(row_id)

    def leave(self, row: Row) -> None:
        """Take a row out that was entered as it is."""
        for value in self._of_planned.pop(row["id"], None) or key_values(self._key, row):
            if value in self._several:
                self._several[value].discard(row["id"])
            else:
                self._one.pop(value, None)
        if self._without is not None:
            self._without.discard(row["id"])

    def replace(self, before: Row, row: Row) -> None:
        """Put a row into the place of a planned one, whose values are known where both say the same."""
        if any(before.get(part.key) != row.get(part.key) for part in self._key.fields):
            self.leave(before)
            self.enter(row)
            return
        for value in self._of_planned.pop(before["id"], None) or key_values(self._key, row):
            if value in self._several:
                self._several[value].discard(before["id"])
                self._several[value].add(row["id"])
            else:
                self._one[value] = row["id"]
        if self._without is not None and before["id"] in self._without:
            self._without.discard(before["id"])
            self._without.add(row["id"])

    def keep(self, row_id: Any) -> None:
        """A planned row stays as it is."""
        self._of_planned.pop(row_id, None)

    def ids(self, values: Iterable[str]) -> Set[Any]:
        """Ids of the rows that have one of these values; to be read, not changed."""
        found: Set[Any] = NO_IDS
        for value in values:
            several: Set[Any] | None = self._several.get(value)
            if several is None:
                several = frozenset((self._one[value],)) if value in self._one else NO_IDS
            found = found | several if found else several
        return found

    def is_shared(self, values: Iterable[str]) -> bool:
        """Whether several rows have one of these values."""
        return any(value in self._several for value in values)

    def without(self, rows: Mapping[Any, Row]) -> Set[Any]:
        """Ids of the rows that have no value; counted when first asked for."""
        if self._without is None:
            self._without = {row_id for row_id, row in rows.items() if not key_values(self._key, row)}
        return self._without
