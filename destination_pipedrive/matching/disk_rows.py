"""Rows that a run created and has settled, on disk: a run that creates a million rows must not keep them in memory.

They are found by hashes of their keys and go back into memory when a later record may be about them. The database is a
temporary file that SQLite itself removes, at the latest when the process ends.
"""

import pickle
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from destination_pipedrive.flow import Row

#: Number of a key among those of its object -> the normal forms of a row's values for it.
Values = Iterable[tuple[int, Iterable[str]]]
TABLES = """
    CREATE TABLE rows (id PRIMARY KEY, content BLOB) WITHOUT ROWID;
    CREATE TABLE keys (key INTEGER, hash INTEGER, id, PRIMARY KEY (key, hash, id)) WITHOUT ROWID;
"""


class DiskRows:
    """Rows by id and by the hashes of their keys. One thread at a time."""

    def __init__(self) -> None:
        self._database: sqlite3.Connection | None = None
        #: How many rows are here.
        self.count = 0

    def add(self, rows: Iterable[tuple[Row, Values]]) -> None:
        """Take rows, each with its keys."""
        base = self._open()
        contents, hashes = [], []
        for row, values in rows:
            contents.append((row["id"], pickle.dumps(row)))
            hashes += [(key, hash(value), row["id"]) for key, forms in values for value in forms]
        base.executemany("INSERT OR REPLACE INTO rows VALUES (?, ?)", contents)
        base.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?, ?)", hashes)
        self.count += len(contents)

    def pop(self, key: int, values: Iterable[str]) -> Iterator[Row]:
        """The rows that may have one of these values of a key; they are not here any more."""
        query = "SELECT id, content FROM keys JOIN rows USING (id) WHERE key = ? AND hash = ?"
        for value in values:
            yield from self._pop(query, (key, hash(value)))

    def pop_row(self, row_id: Any) -> Row | None:
        """The row of an id, which is not here any more; None when it was not."""
        return next(self._pop("SELECT id, content FROM rows WHERE id = ?", (row_id,)), None)

    def pop_all(self) -> Iterator[Row]:
        """Every row."""
        yield from self._pop("SELECT id, content FROM rows", ())

    def holds(self, row_id: Any) -> bool:
        """Whether a row is here."""
        found = self._database and self._database.execute("SELECT 1 FROM rows WHERE id = ?", (row_id,)).fetchone()
        return bool(found)

    def clear(self) -> None:
        """Forget everything."""
        if self._database:
            self._database.close()
        self._database, self.count = None, 0

    def _pop(self, query: str, values: tuple[Any, ...]) -> Iterator[Row]:
        if not self._database:
            return
        for row_id, content in self._database.execute(query, values).fetchall():
            self._database.execute("DELETE FROM rows WHERE id = ?", (row_id,))
            self.count -= 1
            row: Row = pickle.loads(content)
            yield row

    def _open(self) -> sqlite3.Connection:
        if self._database is None:
            self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=OFF")
            self._database.execute("PRAGMA synchronous=OFF")
            self._database.executescript(TABLES)
        return self._database
