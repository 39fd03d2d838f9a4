"""Rows whose parent may still come in this run. They wait on disk; only hashes of their keys stay in memory."""

import tempfile
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import IO, Any

import orjson

from destination_pipedrive.flow import Tally
from destination_pipedrive.mapping.stream_sync import InFlightRecord, StreamSync
from pipedrive_client import clock

#: Waiting rows are settled this many seconds after the oldest of them came, so that states flow.
LONGEST_WAIT = 600.0
#: How many waiting rows are read back together.
BATCH = 100


class DeferredQueue:
    """Keeps items in the order in which they came. Safe to share between threads."""

    def __init__(self, sync_of: Callable[[str, str], StreamSync], parent_may_come: Callable[[str], bool]) -> None:
        self.may_come = parent_may_come
        self.oldest: int | None = None
        self._since = 0.0
        self._sync_of = sync_of
        self._files: dict[str, IO[bytes]] = {}
        self._tallies: list[Tally] = []
        self._keys: set[int] = set()
        self._lock = threading.Lock()

    def add(self, item: InFlightRecord, keys: Iterable[Hashable]) -> None:
        """Let an item wait; later ones that share a key with it wait, too."""
        with self._lock:
            if self.oldest is None:
                self.oldest, self._since = item.sequence, clock.monotonic()
            self.oldest = min(self.oldest, item.sequence)
            self._keys.update(hash(key) for key in keys)
            stream = item.sync.stream
            row = [stream.namespace, stream.name, item.number, item.sequence, self._seat(item.tally), item.message]
            self._file(item.sync.spec.name).write(orjson.dumps(row) + b"\n")

    def blocks(self, keys: Iterable[Hashable]) -> bool:
        """True when an item with one of these keys waits, so that its order would be lost."""
        return bool(self._keys) and any(hash(key) in self._keys for key in keys)

    @property
    def is_due(self) -> bool:
        """True when the oldest item has waited long enough."""
        return self.oldest is not None and clock.monotonic() - self._since >= LONGEST_WAIT

    def empty(self) -> dict[str, Iterator[list[InFlightRecord]]]:
        """Everything that waits, by object in batches. The room is empty afterwards and may fill again meanwhile."""
        with self._lock:
            files, tallies = self._files, self._tallies
            self._files, self._tallies, self._keys, self.oldest = {}, [], set(), None
        return {name: self._batches(file, tallies) for name, file in files.items()}

    def _file(self, name: str) -> IO[bytes]:
        if name not in self._files:
            # Closed when its rows were read back; the system removes it whatever happens.
            self._files[name] = tempfile.TemporaryFile()  # noqa: SIM115
        return self._files[name]

    def _seat(self, tally: Tally) -> int:
        """The number of a tally; items of one state segment share it, so there are few."""
        if not self._tallies or self._tallies[-1] is not tally:
            self._tallies.append(tally)
        return len(self._tallies) - 1

    def _batches(self, file: IO[bytes], tallies: list[Tally]) -> Iterator[list[InFlightRecord]]:
        file.seek(0)
        batch: list[InFlightRecord] = []
        for line in file:
            batch.append(self._item(orjson.loads(line), tallies))
            if len(batch) >= BATCH:
                yield batch
                batch = []
        file.close()
        if batch:
            yield batch

    def _item(self, row: list[Any], tallies: list[Tally]) -> InFlightRecord:
        namespace, name, number, sequence, seat, message = row
        return InFlightRecord(self._sync_of(namespace, name), number, message, tallies[seat], sequence)
