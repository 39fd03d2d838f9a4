"""Which row of this account is the copy of which row of the other, for objects that keep no old id.

Rows that are equal in their key are each the copy of one row only: one that is equal in everything comes first, else
one that no other row claims; without any the row is new. So a second copy changes nothing, whatever was equal.
"""

import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from destination_pipedrive.flow import NO_OTHERS, Match


class Claims:
    """The claims of one object in one run. Safe to share between threads; old ids are kept on disk."""

    def __init__(self) -> None:
        self._claimed: set[Any] = set()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._database: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def choose(self, origin: str, match: Match, is_equal: Callable[[Any], bool]) -> Match:
        """The match with the one row that is the copy of ``origin``, or none."""
        row_id = self.row_of(origin)
        if row_id is None:
            free = self._free(match.ids)
            row_id = next((each for each in free if is_equal(each)), free[0] if free else None)
            if row_id is not None:
                self.claim(origin, row_id)
        return replace(match, ids=() if row_id is None else (row_id,), others=NO_OTHERS)

    def claim(self, origin: str, row_id: Any) -> None:
        """A row is the copy of a row of the other account."""
        with self._lock:
            self._claimed.add(row_id)
            if origin:
                statement = "INSERT OR REPLACE INTO claims VALUES (?, ?, ?)"
                self._connection().execute(statement, (origin, str(row_id), isinstance(row_id, int)))

    def row_of(self, origin: str) -> Any:
        """The row that was claimed for a row of the other account; None when none was."""
        if not origin:
            return None
        with self._lock:
            found = self._connection().execute("SELECT row_id, is_int FROM claims WHERE origin = ?", (origin,))
            row = found.fetchone()
        return None if row is None else int(row[0]) if row[1] else row[0]

    def release(self, origin: str) -> None:
        """The row of a record that was rejected is nobody's copy."""
        with self._lock:
            if self._database and origin:
                self._database.execute("DELETE FROM claims WHERE origin = ?", (origin,))

    def close(self) -> None:
        """Remove what is on disk."""
        with self._lock:
            if self._database:
                self._database.close()
            if self._folder:
                self._folder.cleanup()
            self._database = self._folder = None

    def _free(self, ids: Iterable[Any]) -> list[Any]:
        with self._lock:
            return [each for each in ids if each not in self._claimed]

    def _connection(self) -> sqlite3.Connection:
        if self._database is None:
            self._folder = tempfile.TemporaryDirectory(prefix="pipedrive-")
            path = Path(self._folder.name) / "claims.sqlite"
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=OFF")
            self._database.execute("PRAGMA synchronous=OFF")
            self._database.execute("CREATE TABLE claims (origin TEXT PRIMARY KEY, row_id TEXT, is_int INTEGER)")
        return self._database
