"""Parents read once a run for all their children, kept on disk: id, change time, digest, the keys that children use."""

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from pipedrive_client.errors import RunStopped
from pipedrive_client.lenient_json import dumps
from pipedrive_client.spool_folder import NoRoom, SpoolFolder
from source_pipedrive.sync.state import OrderCheck, RowVersion, StreamState
from source_pipedrive.sync.unstamped_rows import Look


class SiblingHints:
    """Values by parent. Safe to use from several threads. The sibling begins once all slices of who tells are over."""

    def __init__(self) -> None:
        self._values: dict[Any, list[Any]] = {}
        self._open = 1
        self._over = threading.Event()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """One more slice will tell."""
        with self._lock:
            self._open += 1

    def end(self) -> None:
        """A slice is over, whether it was read or failed; once more when no further slice will come."""
        with self._lock:
            self._open -= 1
            if not self._open:
                self._over.set()

    def wait(self) -> None:
        """Return when no slice is left that tells."""
        self._over.wait()

    def close(self) -> None:
        """The run is over: nothing more is told."""
        self._over.set()

    def tell(self, parent: Any, values: list[Any]) -> None:
        """What was found below a parent."""
        self._values[parent] = values

    def told(self, parent: Any) -> list[Any] | None:
        """What was found below a parent, once; None when it was not asked, or had to be skipped."""
        return self._values.pop(parent, None)


Row = dict[str, Any]
#: The place of parents that are gathered from several lists.
GATHERED = "live"
CUT_OFF = "The read was cut off."


@dataclass(frozen=True)
class Parent:
    """One parent. ``row`` holds its id and what the children of this run need of it, nothing when they are not wanted;

    ``place`` is its list's name.
    """

    place: str
    mark: RowVersion
    row: Row


class ParentSpool:
    """The parents of one parent stream.

    Whoever reads the parent list calls ``add`` and at the end ``finish``. Children call ``parents``, which waits for
    the end; when the parent stream itself is not read, the first of them reads the list (``read_alone``).
    """

    def __init__(self, name: str, needs: frozenset[str], folder: SpoolFolder, gathers: str = "") -> None:
        """``gathers``: rows of several lists are one parent; the names of its lists go into this key."""
        self.name = name
        self.needs = needs
        self._gathers = gathers
        self._gathered: dict[str, tuple[RowVersion, Row]] = {}
        self._orders: dict[str, OrderCheck] = {}
        self.children: list[StreamState] = []
        #: Oldest change first within each list, so that children may be done in that order.
        self.is_ordered = True
        self.read_alone: Callable[[], None] | None = None
        #: Child stream -> what it tells a sibling that is read, too.
        self.hints: dict[str, SiblingHints] = {}
        #: List -> the last look for rows without a change time, which is the children's once they have read.
        self.looks: dict[str, Look] = {}
        self._folder = folder
        with folder.writing():
            descriptor, path = tempfile.mkstemp(prefix=f"{name}-", dir=folder.path)
        self._path, self._file = Path(path), os.fdopen(descriptor, "wb")
        #: How many parents were kept.
        self.count = 0
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._error: Exception | None = None

    def since(self, place: str) -> str | None:
        """The oldest bookmark of the children in one list of the parent; None when one has to see everything."""
        times = [state.progress(place).position.update_time for state in self.children]
        known = [time for time in times if time is not None]
        return min(known) if len(known) == len(times) else None

    def looks_before(self, place: str) -> list[Look | None]:
        """The children's looks for rows without a change time in one list of the parent."""
        return [state.progress(place).position.look for state in self.children]

    def add(self, place: str, mark: RowVersion, row: Row) -> None:
        """Keep one parent."""
        kept = {key: row[key] for key in self.needs if key in row}
        if self._gathers:
            self._gather(place, mark, kept)
        else:
            self._write(place, mark, kept)

    def skip(self, place: str, mark: RowVersion) -> None:
        """A parent whose children are not wanted: it only moves their bookmark."""
        if not self._gathers:
            self._write(place, mark, {})

    def _gather(self, place: str, mark: RowVersion, kept: Row) -> None:
        names = self._gathered.setdefault(mark.key, (mark, kept | {self._gathers: []}))[1][self._gathers]
        told = kept.get(self._gathers)
        further = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
        names[:] = dict.fromkeys([*names, *further, place])

    def _write(self, place: str, mark: RowVersion, kept: Row) -> None:
        self.is_ordered &= self._orders.setdefault(place, OrderCheck()).goes_on((mark,))
        self.count += 1
        with self._folder.writing():
            self._file.write(dumps([place, mark.time, mark.key, mark.digest, kept]) + b"\n")

    def finish(self, error: Exception | None = None) -> None:
        """The parent list has been read, or cannot be. Raises NoRoom, as those who wait get it, when it is not kept."""
        self._error = error
        try:
            if error is None:
                self._flush()
        except NoRoom as full:
            self._error = full
            raise
        finally:
            self._done.set()
            # What is left in the buffer finds no room now either.
            with contextlib.suppress(OSError):
                self._file.close()

    def _flush(self) -> None:
        for mark, kept in self._gathered.values():
            self._write(GATHERED, mark, kept)
        self._gathered.clear()
        with self._folder.writing():
            self._file.flush()

    def close(self) -> None:
        """The run is over: parents that are not there by now never come."""
        if not self._done.is_set():
            self._error = RuntimeError(CUT_OFF)
            self._done.set()
        for each in self.hints.values():
            each.close()

    def wait(self) -> None:
        """Return when all parents are there. Raises the error with which reading them ended."""
        alone = self.read_alone
        if alone is not None:
            with self._lock:
                if not self._done.is_set():
                    alone()
        self._done.wait()
        if isinstance(self._error, RunStopped):
            raise self._error.again()
        if self._error is not None:
            raise self._error

    def parents(self, begin: int = 0, end: int | None = None) -> Iterator[tuple[Parent, int]]:
        """Parents between two places of the file, each with the place behind it."""
        with self._path.open("rb") as file:
            file.seek(begin)
            position = begin
            for line in file:
                if end is not None and position >= end:
                    return
                position += len(line)
                place, time, key, digest, row = orjson.loads(line)
                yield Parent(place, RowVersion(time, key, digest=digest), row), position
