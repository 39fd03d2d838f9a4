"""Records in memory: rows by id, sorted views and indexes kept up to date on every write."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

Row = dict[str, Any]
RowId = Any
SortKey = tuple[bool, Any, RowId]

HISTORY_SECONDS = 600.0
#: A column of no row: `update_time`, or `add_time` of a row that was never touched.
COALESCED = "update_time or add_time"


def sort_value(row: Row, column: str) -> Any:
    """Value of a column, the coalesced one included."""
    return row.get("update_time") or row.get("add_time") if column == COALESCED else row.get(column)


def sort_key(row: Row, column: str) -> SortKey:
    """Sort value with the id as tie-break; nulls come first."""
    value = sort_value(row, column)
    return (value is not None, "" if value is None else value, row["id"])


class Collection:
    """Rows of one kind. A stored row is never changed in place: `put` replaces it."""

    def __init__(self) -> None:
        self.rows: dict[RowId, Row] = {}
        self.version = 0
        self.last_id = 0
        self.cache: dict[Any, Any] = {}
        self.history: dict[RowId, list[tuple[float, Row | None]]] = {}
        self._views: dict[str, list[SortKey]] = {}
        self._indexes: dict[str, dict[Any, dict[RowId, None]]] = {}

    def next_id(self) -> int:
        """A new integer id."""
        self.last_id += 1
        return self.last_id

    def load(self, rows: Iterable[Row]) -> None:
        """Add many rows at once, without history."""
        for row in rows:
            self.rows[row["id"]] = row
            self._saw(row["id"])
        self._views.clear()
        self._indexes.clear()
        self._changed()

    def put(self, row: Row, moment: float) -> Row:
        """Add or replace one row; the row before is kept for a search index that lags."""
        old = self.rows.get(row["id"])
        self.rows[row["id"]] = row
        self._saw(row["id"])
        self._remember(row["id"], old, moment)
        self._update_views(old, row)
        self._changed()
        return row

    def remove(self, row_id: RowId) -> bool:
        """Purge a row; False when there is none."""
        old = self.rows.pop(row_id, None)
        if old is None:
            return False
        self.history.pop(row_id, None)
        self._update_views(old, None)
        self._changed()
        return True

    def view(self, column: str) -> list[SortKey]:
        """Sort keys of all rows in order of a column. Not to be changed by the caller."""
        keys = self._views.get(column)
        if keys is None:
            keys = self._views[column] = sorted(sort_key(row, column) for row in self.rows.values())
        return keys

    def index(self, column: str) -> dict[Any, dict[RowId, None]]:
        """Ids of rows by the value of a column (a plain value, not a list)."""
        found = self._indexes.get(column)
        if found is None:
            found = self._indexes[column] = defaultdict(dict)
            for row in self.rows.values():
                found[row.get(column)][row["id"]] = None
        return found

    def having(self, column: str, value: Any) -> Iterator[Row]:
        """Rows whose column has this value."""
        return (self.rows[row_id] for row_id in self.index(column).get(value, ()))

    def as_of(self, row: Row, moment: float) -> Row | None:
        """The row as it was at a moment not more than `HISTORY_SECONDS` ago; None when it did not exist."""
        for changed, before in self.history.get(row["id"], ()):
            if changed > moment:
                return before
        return row

    def _saw(self, row_id: RowId) -> None:
        if isinstance(row_id, int) and row_id > self.last_id:
            self.last_id = row_id

    def _changed(self) -> None:
        self.version += 1
        self.cache.clear()

    def _remember(self, row_id: RowId, old: Row | None, moment: float) -> None:
        recent = [entry for entry in self.history.get(row_id, ()) if entry[0] > moment - HISTORY_SECONDS]
        self.history[row_id] = [*recent, (moment, old)]

    def _update_views(self, old: Row | None, new: Row | None) -> None:
        for column, keys in self._views.items():
            if old is not None:
                del keys[bisect_left(keys, sort_key(old, column))]
            if new is not None:
                insort(keys, sort_key(new, column))
        for column, found in self._indexes.items():
            if old is not None:
                found[old.get(column)].pop(old["id"], None)
            if new is not None:
                found[new.get(column)][new["id"]] = None


class Store:
    """All collections by name; a collection exists as soon as it is asked for."""

    def __init__(self) -> None:
        self._collections: defaultdict[str, Collection] = defaultdict(Collection)

    def __getitem__(self, name: str) -> Collection:
        return self._collections[name]

    def clear(self) -> None:
        """Forget every row."""
        self._collections.clear()

    def names(self) -> list[str]:
        """Names of the collections that hold rows."""
        return sorted(name for name, collection in self._collections.items() if collection.rows)

    def find(self, name: str, row_id: RowId) -> Row | None:
        """A row by id, whatever its condition."""
        return self._collections[name].rows.get(row_id)
