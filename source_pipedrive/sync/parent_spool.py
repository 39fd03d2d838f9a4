"""Parents read once a run for all their children, kept on disk: id, change time, digest, the keys that children use."""

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from pipedrive_client.errors import RunStopped
from pipedrive_client.lenient_json import dumps
from pipedrive_client.spool_folder import NoRoom, SpoolFolder
from source_pipedrive.sync.state import OrderCheck, RowVersion, StreamState
from source_pipedrive.sync.unstamped_rows import Look
from source_pipedrive.sync.workers import SiblingHints

Row = dict[str, Any]
#: The place of parents that are gathered from several lists.
GATHERED = "live"
CUT_OFF = "The read was cut off."


@dataclass(frozen=True)
class Parent:
    """One parent. ``row`` holds its id and what the children of this run need of it, nothing when they are not wanted;

    ``place`` is its list's name. With ``look`` it is no parent, but says that the list was looked through for those
    without a change time, which is so for its children when they have read all before it.
    """

    place: str
    mark: RowVersion
    row: Row
    look: Look | None = None


class ParentSpool:
    """The parents of one parent stream.

    Whoever reads the parent list calls ``add``, after each page ``pass_on``, and at the end ``finish``. Children call
    ``parents``; when the parent stream itself is not read, the first of them has the list read (``read_alone``).

    Children that stand at different places have a spool each, and none is listed twice: one ends where its
    ``follower`` begins, and the children go on there.
    """

    def __init__(
        self,
        name: str,
        needs: frozenset[str],
        folder: SpoolFolder,
        gathers: str = "",
        in_order: bool = False,
        sorts: bool = False,
    ) -> None:
        """``gathers``: rows of several lists are one parent; the names of its lists go into this key.

        ``in_order``: the lists are asked for with the oldest change first, so that children need not wait for the end.
        ``sorts``: parents of lists that come in no order are put into that of their changes at the end.
        """
        self.name = name
        self._in_order = in_order and not gathers
        self._sorts = sorts and not self._in_order
        self._unsorted: list[tuple[str, RowVersion, Row]] = []
        #: Who has the parents that come behind these, and where those begin.
        self.follower: ParentSpool | None = None
        self._until: Mapping[str, str | None] = {}
        self.needs = needs
        self._gathers = gathers
        self._gathered: dict[str, tuple[RowVersion, Row]] = {}
        self._orders: dict[str, OrderCheck] = {}
        #: The states of the streams that read these parents, that of their own stream among them if it does.
        self.children: list[StreamState] = []
        self._is_ordered = True
        self.read_alone: Callable[[], None] | None = None
        #: Child stream -> what it tells a sibling that is read, too.
        self.hints: dict[str, SiblingHints] = {}
        self._folder = folder
        with folder.writing():
            descriptor, path = tempfile.mkstemp(prefix=f"{name}-", dir=folder.path)
        self._path, self._file = Path(path), os.fdopen(descriptor, "wb")
        self._count = 0
        self._is_done = False
        self._has_begun = False
        #: From where on somebody asked for parents.
        self._wanted = -1
        #: Bytes of the file that can be read.
        self._readable = 0
        self._changed = threading.Condition()
        self._error: Exception | None = None

    def since(self, place: str) -> str | None:
        """The oldest bookmark of the children in one list of the parent; None when one has to see everything."""
        times = [state.position(place).update_time for state in self.children]
        known = [time for time in times if time is not None]
        return min(known) if len(known) == len(times) else None

    def looks_before(self, place: str) -> list[Look | None]:
        """The looks for rows without a change time of all who read these parents, in one list of the parent."""
        return [state.position(place).look for state in self.children]

    # one behind the other

    def follow(self, before: "ParentSpool", until: Mapping[str, str | None]) -> None:
        """The children of ``before`` go on here; by list, the change time from which on the parents are here.

        None: all of the list's are.
        """
        before.follower, before._until = self, until

    @property
    def chain(self) -> "list[ParentSpool]":
        """This spool and those that follow."""
        return [self, *(self.follower.chain if self.follower else ())]

    def is_left_to_follower(self, place: str, time: str | None = None) -> bool:
        """Whether the follower has what a list holds from a change time on; None: from its start."""
        if self.follower is None:
            return False
        until = self._until.get(place)
        return until is None or (time is not None and time >= until)

    # kept

    def add(self, place: str, mark: RowVersion, row: Row) -> None:
        """Keep one parent, if it is not the follower's."""
        if self.is_left_to_follower(place, mark.time):
            return
        kept = {key: row[key] for key in self.needs if key in row}
        if self._gathers:
            self._gather(place, mark, kept)
        else:
            self._take(place, mark, kept)

    def skip(self, place: str, mark: RowVersion) -> None:
        """A parent whose children are not wanted: it only moves their bookmark."""
        if not self._gathers and not self.is_left_to_follower(place, mark.time):
            self._take(place, mark, {})

    def add_look(self, place: str, look: Look) -> None:
        """A list was looked through for parents without a change time."""
        if not self.is_left_to_follower(place):
            with self._folder.writing():
                self._file.write(dumps([place, look.as_state()]) + b"\n")
            self.pass_on()

    def _take(self, place: str, mark: RowVersion, kept: Row) -> None:
        if self._sorts:
            self._unsorted.append((place, mark, kept))
        else:
            self._write(place, mark, kept)

    def _gather(self, place: str, mark: RowVersion, kept: Row) -> None:
        names = self._gathered.setdefault(mark.key, (mark, kept | {self._gathers: []}))[1][self._gathers]
        told = kept.get(self._gathers)
        further = [one for one in told if isinstance(one, str)] if isinstance(told, list) else []
        names[:] = dict.fromkeys([*names, *further, place])

    def _write(self, place: str, mark: RowVersion, kept: Row) -> None:
        self._is_ordered &= self._orders.setdefault(place, OrderCheck()).goes_on((mark,))
        self._count += 1
        with self._folder.writing():
            self._file.write(dumps([place, mark.time, mark.key, mark.digest, kept]) + b"\n")

    def begin(self, is_ascending: bool) -> None:
        """A list is about to be read. Children of one that does not rise keep their bookmark until the end."""
        self._is_ordered &= is_ascending or self._sorts

    @property
    def is_ordered(self) -> bool:
        """Oldest change first within each list, here and in what follows: children may be done in that order."""
        return self._is_ordered and (self.follower is None or self.follower.is_ordered)

    def pass_on(self) -> None:
        """A page of parents is there as a whole. Raises NoRoom when it is not kept."""
        with self._folder.writing():
            self._file.flush()
        with self._changed:
            self._readable = self._file.tell()
            self._changed.notify_all()

    def finish(self, error: Exception | None = None) -> None:
        """The parent list has been read, or cannot be. Raises NoRoom, as those who wait get it, when it is not kept."""
        try:
            if error is None:
                self._flush()
        except NoRoom as full:
            error = full
            raise
        finally:
            self._end(error)
            # What is left in the buffer finds no room now either.
            with contextlib.suppress(OSError):
                self._file.close()

    def _flush(self) -> None:
        for mark, kept in self._gathered.values():
            self._take(GATHERED, mark, kept)
        self._gathered.clear()
        for place, mark, kept in sorted(self._unsorted, key=_by_change):
            self._write(place, mark, kept)
        self._unsorted.clear()
        self.pass_on()

    @property
    def total(self) -> int | None:
        """How many parents were kept, here and in what follows, once all of them are there."""
        counts = [one._count for one in self.chain if one._is_done]
        return sum(counts) if len(counts) == len(self.chain) else None

    def close(self) -> None:
        """The run is over: parents that are not there by now never come."""
        self._end(RuntimeError(CUT_OFF))
        for each in self.hints.values():
            each.close()

    def _end(self, error: Exception | None) -> None:
        with self._changed:
            if not self._is_done:
                self._is_done, self._error = True, error
                self._changed.notify_all()

    def wait(self) -> None:
        """Return when there are parents, all of them where their order is not known to be that of their changes.

        Raises the error with which reading them ended.
        """
        with self._changed:
            alone = None if self._has_begun else self.read_alone
            self._has_begun = True
        if alone is not None:
            alone()
        self._wait_behind(0)

    def wait_until_wanted(self) -> bool:
        """Return when children need further parents: those that nobody asks for any more are paid for in vain.

        False when the run is over.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._wanted >= self._readable or self._is_done or not self._in_order)
            return not self._is_done

    def is_waited_for(self, position: int) -> bool:
        """Whether what comes behind a place has to be asked for."""
        return position >= self._readable and not self._is_done

    def _wait_behind(self, position: int) -> int:
        """The end of what can be read, once it is behind ``position`` or nothing more comes, which may be an error."""
        with self._changed:
            self._wanted = max(self._wanted, position)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_done or (self._in_order and self._readable > position))
            if self._readable > position and (self._in_order or not self._error):
                return self._readable
        if isinstance(self._error, RunStopped):
            raise self._error.again()
        if self._error is not None:
            raise self._error
        return self._readable

    def parents(self, begin: int = 0, end: int | None = None) -> Iterator[tuple[Parent, int]]:
        """Parents between two places of the file, each with the place behind it; without ``end`` those to come, too.

        Raises the error with which reading them ended, after those that are there.
        """
        with self._path.open("rb") as file:
            file.seek(begin)
            position = begin
            while position < (until := self._wait_behind(position) if end is None else end):
                while position < until:
                    line = file.readline()
                    position += len(line)
                    yield _parent(*orjson.loads(line)), position


def _parent(place: str, time: Any, key: str = "", digest: str = "", row: Row | None = None) -> Parent:
    if isinstance(time, dict):
        return Parent(place, RowVersion(None, ""), {}, Look.read(time))
    return Parent(place, RowVersion(time, key, digest=digest), row or {})


def _by_change(parent: tuple[str, RowVersion, Row]) -> tuple[str, str]:
    place, mark, _ = parent
    return place, mark.time or ""
