"""Rows of one object in memory, found by their keys. No requests: threads that share a store hold its lock.

What a plan would have written is laid over the rows that are read, so that later records find it as it would be.
"""

import threading
from collections.abc import Iterable, Mapping, Set
from itertools import islice
from typing import Any

from cachetools import FIFOCache

from destination_pipedrive.flow import Row
from destination_pipedrive.matching.disk_rows import DiskRows
from destination_pipedrive.matching.key_index import KeyIndex
from destination_pipedrive.matching.keys import MatchKey, key_values

#: How many ids of created rows are remembered: far more than the burst windows of some seconds let through.
MOST_RECENT = 5_000
#: Up to this many rows are looked at one by one; of more, sets are intersected.
FEW = 20
#: So many of the rows that a run created stay in memory, the latest ones; those before them are kept on disk.
MOST_IN_MEMORY = 5_000


class RowStore:
    """Flat rows by id, and ids by the normal forms of their keys. Whoever shares it with other threads uses it under
    its ``lock``, and sends no request meanwhile.
    """

    def __init__(self, is_passing: bool = False) -> None:
        """``is_passing``: rows are read, and created, for the batch at hand only."""
        self.lock = threading.Lock()
        self.rows: dict[Any, Row] = {}
        self.highest_id = 0
        #: An id below those of all rows that are created from now on; None as long as none is known.
        self.floor: int | None = None
        self._indexes: dict[MatchKey, KeyIndex] = {}
        self._gone: set[Any] = set()
        #: What a dry run wrote of rows, what is planned of them, and as what they are known without the latter.
        self._written: dict[Any, Row] = {}
        self._planned: dict[Any, Row] = {}
        self._base: dict[Any, Row] = {}
        self._undoable: set[Any] = set()
        self._new: set[Any] = set()
        self.is_passing = is_passing
        self._passing: set[Any] = set()
        #: Created rows in memory, the oldest first, and those that are not in memory any more.
        self._created: dict[Any, None] = {}
        self._disk = DiskRows()
        self._recent: FIFOCache[Any, None] = FIFOCache(MOST_RECENT)

    def add_keys(self, keys: Iterable[MatchKey]) -> None:
        """Find rows by these keys too; rows that are here already are entered under them."""
        for key in keys:
            if not key.is_id and key not in self._indexes:
                self._bring_back_all()
                self._indexes[key] = KeyIndex(key, self.rows.values())

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
        is_new = row_id in self._new
        if row_id in self.rows:
            self._take_out(row_id)
        elif self._disk.count:
            self._disk.pop_row(row_id)
        self.rows[row_id] = row
        if self.is_passing and not is_new:
            self._passing.add(row_id)
        if isinstance(row_id, int):
            self.highest_id = max(self.highest_id, row_id)
        for index in self._indexes.values():
            index.enter(row, is_new)
        return row

    def add(self, row: Row) -> Row:
        """Enter a row that was created; one that was deleted before may come back under its id."""
        self._gone.discard(row["id"])
        self._created[row["id"]] = self._recent[row["id"]] = None
        return self.put(row)

    def add_planned(self, row: Row) -> Row:
        """Enter a row that exists in a plan only. It stays until it is taken back: nobody else has it."""
        self._new.add(row["id"])
        self._undoable.add(row["id"])
        return self.put(row)

    def plan(self, row_id: Any, changed: Mapping[str, Any]) -> None:
        """Enter what a plan changes of a row, however often that is read again."""
        self._planned.setdefault(row_id, {}).update(changed)
        row = self._base.get(row_id) or self.rows.get(row_id)
        if row is not None:
            self.put(row)

    def keep(self, row_id: Any) -> None:
        """What is planned of a row is as good as written: a dry run never writes it."""
        self._undoable.discard(row_id)
        self._base.pop(row_id, None)
        self._written.setdefault(row_id, {}).update(self._planned.pop(row_id, {}))
        for index in self._indexes.values():
            index.keep(row_id)

    def unplan(self, row_id: Any) -> None:
        """Take back what was planned of a row; one that was only planned is forgotten."""
        self._planned.pop(row_id, None)
        base = self._base.pop(row_id, None)
        if row_id in self._undoable:
            self._undoable.discard(row_id)
            self.drop(row_id)
        elif base is not None and row_id in self.rows:
            self.put(base)

    def replace_planned(self, planned_id: Any, row: Row, raises_floor: bool = False) -> Row:
        """Enter the row that Pipedrive created in the place of the planned one; ``raises_floor``: none that this run
        has not seen has a higher id.
        """
        row_id, planned = row["id"], self.rows.get(planned_id)
        if raises_floor:
            self.floor = max(self.floor or 0, row_id)
        self._planned.pop(planned_id, None)
        self._undoable.discard(planned_id)
        if planned is None or row_id in self.rows or self.is_passing:
            self.drop(planned_id)
            return self.add(row)
        self._new.discard(planned_id)
        self._gone.discard(row_id)
        del self.rows[planned_id]
        self.rows[row_id] = row
        self._created[row_id] = self._recent[row_id] = None
        for index in self._indexes.values():
            index.replace(planned, row)
        if isinstance(row_id, int):
            self.highest_id = max(self.highest_id, row_id)
        return row

    def undelete(self, row: Row) -> None:
        """A row that was buried is there after all."""
        self._gone.discard(row["id"])
        self.put(row)

    def raise_floor(self, ids: Iterable[Any]) -> None:
        """Remember that these rows exist, and none with a higher id that this run has not seen."""
        self.floor = max(self.floor or 0, *ids, 0)

    def bury(self, row_id: Any) -> None:
        """Forget a row for good: it was deleted."""
        self.drop(row_id)
        self._gone.add(row_id)

    def is_gone(self, row_id: Any) -> bool:
        """True for a row that this run deleted, or found deleted."""
        return row_id in self._gone

    def drop(self, row_id: Any) -> None:
        """Forget a row."""
        if not self._take_out(row_id) and self._disk.count:
            self._disk.pop_row(row_id)
        self._passing.discard(row_id)
        self._created.pop(row_id, None)
        self._new.discard(row_id)

    def release(self, ids: Iterable[Any]) -> None:
        """Forget those of these rows that can be read again."""
        for row_id in [each for each in ids if each not in self._new]:
            self.drop(row_id)

    def release_passing(self) -> None:
        """Forget what was read, or created, for one batch only."""
        self.release(self._passing)
        self._passing.clear()

    def clear(self) -> None:
        """Forget all rows that can be read again; the highest id stays known."""
        self._disk.clear()
        if self._new:
            self.release(list(self.rows))
            return
        self.rows.clear()
        self._created.clear()
        self._indexes = {key: KeyIndex(key, ()) for key in self._indexes}

    def move_to_disk(self) -> None:
        """Keep the oldest of the rows that this run created on disk, once they are many. Rows that share a key stay:
        whoever looks for one of them needs all.
        """
        if len(self._created) <= MOST_IN_MEMORY:
            return
        going = []
        for row_id in list(islice(self._created, len(self._created) - MOST_IN_MEMORY // 2)):
            del self._created[row_id]
            row = self.rows[row_id]
            values = [key_values(key, row) for key in self._indexes]
            if row_id in self._planned:
                self._created[row_id] = None
            elif not any(map(KeyIndex.is_shared, self._indexes.values(), values)):
                going.append((row, list(enumerate(values))))
                self._take_out(row_id)
        self._disk.add(going)

    def get(self, row_id: Any) -> Row | None:
        """A row, from wherever it is kept; None when it is not known."""
        row = self.rows.get(row_id)
        if row is None and self._disk.count:
            row = self._disk.pop_row(row_id)
            return self.add(row) if row else None
        return row

    def knows(self, row_id: Any) -> bool:
        """Whether a row is kept."""
        return row_id in self.rows or (self._disk.count > 0 and self._disk.holds(row_id))

    def is_own(self, row_id: Any) -> bool:
        """Whether a row is kept, or was created a moment ago."""
        return row_id in self._recent or self.knows(row_id)

    def all_rows(self) -> dict[Any, Row]:
        """Every row by its id."""
        self._bring_back_all()
        return dict(self.rows)

    def ids(self, key: MatchKey, values: Iterable[Any]) -> Set[Any]:
        """Ids of the rows that have one of these values; to be read, not changed."""
        if key.is_id:
            return frozenset(value for value in values if self.get(value) is not None)
        if key not in self._indexes:
            self.add_keys((key,))
        if self._disk.count:
            for row in list(self._disk.pop(list(self._indexes).index(key), values)):
                self.add(row)
        return self._indexes[key].ids(values)

    def not_apart(self, found: Set[Any], key: MatchKey, values: Iterable[str]) -> Set[Any]:
        """Those of the rows ``found`` that have one of these values too, or none at all: no other value of the key."""
        if key.is_id:
            return found
        if len(found) <= FEW:
            wanted = set(values)
            values_of = {row_id: key_values(key, self.rows[row_id]) for row_id in found}
            return {row_id for row_id, each in values_of.items() if not each or not wanted.isdisjoint(each)}
        return (found & self.ids(key, values)) | (found & self._indexes[key].without(self.rows))

    def _bring_back_all(self) -> None:
        for row in list(self._disk.pop_all()) if self._disk.count else ():
            self.add(row)

    def _take_out(self, row_id: Any) -> bool:
        """Whether the row was in memory."""
        row = self.rows.pop(row_id, None)
        if row is None:
            return False
        for index in self._indexes.values():
            index.leave(row)
        return True
