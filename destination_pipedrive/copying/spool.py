"""Messages that came before the account they come from is known. They wait on disk: records by rank, then the rest."""

import pickle
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from destination_pipedrive.protocol.json_lines import Message

#: Rank of what is no record: it comes behind all of them, in its own order.
BEHIND = 1_000
#: How many messages are read back together.
BATCH = 500
TABLE = "CREATE TABLE spooled (number INTEGER PRIMARY KEY, rank INTEGER, place INTEGER, message BLOB)"


class Spool:
    """Keeps messages, and gives them back parents first. Used by one thread."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._database: sqlite3.Connection | None = None
        self._count = 0

    def add(self, message: Message, rank: int = BEHIND, place: int = 0) -> None:
        """Keep a message; ``place``: where it stands among those of its rank, whenever it came."""
        self._count += 1
        values = (self._count, rank, place, pickle.dumps(message))
        self._connection().execute("INSERT INTO spooled VALUES (?, ?, ?, ?)", values)

    def pop_all(self) -> Iterator[Message]:
        """Every message, by rank and place, then in the order in which they came; nothing is kept any more."""
        try:
            yield from self._all()
        finally:
            self.close()

    def close(self) -> None:
        """Remove what is on disk."""
        if self._database:
            self._database.close()
        if self._folder:
            self._folder.cleanup()
        self._database = self._folder = None

    def _all(self) -> Iterator[Message]:
        last: tuple[int, ...] = (-1, -1, -1)
        while self._database is not None:
            rows = self._database.execute(
                "SELECT rank, place, number, message FROM spooled WHERE (rank, place, number) > (?, ?, ?) "
                "ORDER BY rank, place, number LIMIT ?",
                (*last, BATCH),
            ).fetchall()
            if not rows:
                return
            last = rows[-1][:3]
            for row in rows:
                yield _unpacked(row[3])

    def _connection(self) -> sqlite3.Connection:
        if self._database is None:
            # A directory that only its user can read.
            self._folder = tempfile.TemporaryDirectory(prefix="pipedrive-")
            path = Path(self._folder.name) / "spooled.sqlite"
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=OFF")
            self._database.execute("PRAGMA synchronous=OFF")
            self._database.execute(TABLE)
            self._database.execute("CREATE INDEX by_rank ON spooled (rank, place, number)")
        return self._database


def _unpacked(packed: bytes) -> Message:
    message: Any = pickle.loads(packed)
    found: Message = message
    return found
