"""Records whose parent may still come in this run. They wait on disk as they were mapped, in their order."""

import pickle
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from destination_pipedrive.flow import Tally
from destination_pipedrive.mapping.stream_sync import InFlightRecord, StreamSync
from pipedrive_client.spool_folder import SpoolFolder

#: Waiting records are settled this many seconds after they arrived, so that states flow.
LONGEST_WAIT = 600.0
#: How many waiting records are read back together.
BATCH = 100
TABLE = """CREATE TABLE waiting (
    sequence INTEGER PRIMARY KEY, object TEXT, rank INTEGER, arrived REAL, awaits TEXT, record BLOB
)"""


class DeferredQueue:
    """Keeps records until their parents are there, or cannot come any more. Safe to share between threads.

    Only hashes of what tells their rows apart stay in memory.
    """

    def __init__(self, sync_of: Callable[[str, str], StreamSync]) -> None:
        self._sync_of = sync_of
        self._folder: SpoolFolder | None = None
        self._database: sqlite3.Connection | None = None
        self._tallies: dict[int, Tally] = {}
        self._awaits: dict[int, frozenset[str]] = {}
        #: Object -> records that wait, of which nothing is written yet.
        self._unwritten: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.oldest: int | None = None

    def add(self, record: InFlightRecord, awaited: Iterable[str]) -> None:
        """Let a record wait for streams of these parents, and for those for which earlier records of its row wait."""
        hashes = [hash((record.sync.spec.name, each)) for each in record.identity]
        record.is_deferred = True
        with self._lock:
            awaits = frozenset(awaited).union(*(self._awaits.get(each, frozenset()) for each in hashes))
            self._awaits.update(dict.fromkeys(hashes, awaits))
            self._tallies[id(record.tally)] = record.tally
            self._unwritten[record.sync.spec.name] += not _is_written(record)
            spec = record.sync.spec
            values = (record.sequence, spec.name, spec.rank, record.arrived, _joined(awaits), _packed(record))
            self._connection().execute("INSERT INTO waiting VALUES (?, ?, ?, ?, ?, ?)", values)
            self.oldest = record.sequence if self.oldest is None else min(self.oldest, record.sequence)

    def blocks(self, object_name: str, identity: Iterable[Hashable]) -> bool:
        """True when a record that may be of the same row waits, so that their order would be lost."""
        return bool(self._awaits) and any(hash((object_name, each)) in self._awaits for each in identity)

    def holds(self, object_name: str) -> bool:
        """True when records of an object wait that may become its rows."""
        return self._unwritten[object_name] > 0

    def release(self, may_come: Callable[[str], bool]) -> Iterator[tuple[str, list[InFlightRecord]]]:
        """Records of which no parent may come any more, parents first, by object in batches. They wait no longer."""
        with self._lock:
            known = self._query("SELECT DISTINCT awaits FROM waiting")
        ready = [(awaits,) for (awaits,) in known if not any(map(may_come, filter(None, awaits.split(","))))]
        yield from self._pop("awaits IN (SELECT awaits FROM ready)", ready)

    def due(self, now: float) -> Iterator[tuple[str, list[InFlightRecord]]]:
        """Records that have waited long enough, and those of their rows."""
        with self._lock:
            late = self._query("SELECT DISTINCT awaits FROM waiting WHERE arrived <= ?", (now - LONGEST_WAIT,))
        yield from self._pop("awaits IN (SELECT awaits FROM ready)", late)

    def is_due(self, now: float) -> bool:
        """True when a record has waited long enough; ``now`` is the time of the run's clock."""
        if self.oldest is None:
            return False
        with self._lock:
            ((arrived,),) = self._query("SELECT MIN(arrived) FROM waiting")
        return bool(arrived <= now - LONGEST_WAIT)

    def close(self) -> None:
        """Remove what is on disk."""
        with self._lock:
            if self._database:
                self._database.close()
            if self._folder:
                self._folder.close()
            self._database = self._folder = None

    def _pop(self, condition: str, ready: list[Any]) -> Iterator[tuple[str, list[InFlightRecord]]]:
        """Records of a condition on what they await, removed batch by batch."""
        if not ready:
            return
        with self._lock:
            base = self._connection()
            base.execute("DELETE FROM ready")
            base.executemany("INSERT INTO ready VALUES (?)", ready)
            base.execute(f"CREATE TEMP TABLE going AS SELECT * FROM waiting WHERE {condition}")
            base.execute(f"DELETE FROM waiting WHERE {condition}")
            self._forget(base, {awaits for (awaits,) in ready})
        try:
            yield from self._batches()
        finally:
            with self._lock:
                self._connection().execute("DROP TABLE going")

    def _batches(self) -> Iterator[tuple[str, list[InFlightRecord]]]:
        last = (-1, -1)
        while True:
            with self._lock:
                rows = self._query(
                    "SELECT rank, sequence, object, record FROM going WHERE (rank, sequence) > (?, ?) "
                    "ORDER BY rank, sequence LIMIT ?",
                    (*last, BATCH),
                )
            if not rows:
                return
            last = rows[-1][:2]
            for name in dict.fromkeys(row[2] for row in rows):
                records = [self._unpacked(row[3]) for row in rows if row[2] == name]
                with self._lock:
                    self._unwritten[name] -= sum(not _is_written(record) for record in records)
                yield name, records

    def _forget(self, base: sqlite3.Connection, gone: set[str]) -> None:
        """What does not wait any more blocks nothing."""
        ((self.oldest,),) = base.execute("SELECT MIN(sequence) FROM waiting").fetchall()
        left = {each: awaits for each, awaits in self._awaits.items() if _joined(awaits) not in gone}
        self._awaits = left if self.oldest is not None else {}

    def _connection(self) -> sqlite3.Connection:
        if self._database is None:
            self._folder = SpoolFolder()
            path = self._folder.path / "waiting.sqlite"
            self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._database.execute("PRAGMA journal_mode=OFF")
            self._database.execute("PRAGMA synchronous=OFF")
            self._database.execute(TABLE)
            self._database.execute("CREATE TEMP TABLE ready (awaits TEXT)")
        return self._database

    def _query(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        return self._connection().execute(statement, values).fetchall() if self._database else []

    def _unpacked(self, packed: bytes) -> InFlightRecord:
        (namespace, name), tally, *rest = pickle.loads(packed)
        number, sequence, arrived, message, mapped, identity = rest
        sync = self._sync_of(namespace, name)
        return InFlightRecord(
            sync, number, message, self._tallies[tally], sequence, arrived, mapped, is_mapped=True, identity=identity
        )


def _is_written(record: InFlightRecord) -> bool:
    """Whether the row is there, and only what is put off of it is still to be written."""
    return record.mapped.copied is not None and record.mapped.copied.first is not None


def _joined(awaits: Iterable[str]) -> str:
    return ",".join(sorted(awaits))


def _packed(record: InFlightRecord) -> bytes:
    stream = record.sync.stream
    record.mapped.known_by = record.mapped.prepared = None
    return pickle.dumps(
        (
            (stream.namespace, stream.name),
            id(record.tally),
            record.number,
            record.sequence,
            record.arrived,
            record.message,
            record.mapped,
            record.identity,
        )
    )
