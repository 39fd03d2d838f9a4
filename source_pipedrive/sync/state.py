"""Where a stream's reading stands: one position a list, small enough to be written after every page.

Shape: ``{"version": 1, "update_time": T, "lists": {name: {"update_time": T, "seen": {id: digest}, "at": 500}}}``, and
``"look": {…}`` beside them. ``seen`` holds the rows of the bookmark's second, because ``updated_since`` is inclusive,
and rows without a change time: one that comes again unchanged is not emitted again, one that changed within the same
second is. ``at`` is there while the first walk through a list without a filter lasts. ``look`` is the last one for rows
without a change time in a list that may hold them. The top-level time is the oldest bookmark, for people and for other
connectors that read this state.

While a list is read in several lanes, ``"until": T`` is where the rows behind the bookmark end that are still to be
read, and ``"lanes": [{"since": T, "until": T}, …, {"since": T}]`` are the further ones. Who does not know of lanes
reads everything behind the bookmark, which is right, too.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import starmap
from typing import Any

import orjson

from pipedrive_client.config import ConfigError
from pipedrive_client.lenient_json import LARGEST, dumps
from pipedrive_client.typed_rows import as_row
from source_pipedrive.records.converters import UNREADABLE, local, utc
from source_pipedrive.sync.deletion_detection import Gone, unpack
from source_pipedrive.sync.unstamped_rows import BY_OTHERS, Look

Row = dict[str, Any]
VERSION = 1
UNFINISHED = "unfinished_full_refresh"
#: A bookmark's second with more rows than this (a large import) is emitted again as a whole; state stays under 250 kB.
MOST_SEEN = 10_000
#: Bounds of the lanes of a list: far more than there are workers.
MOST_LANES = 200
#: States that carry no position: written by the CDK for streams without a cursor.
_EMPTY_MARKS = ("__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete", "__ab_full_refresh_state_message")

#: States of the official connector that hold one bookmark a parent; such a stream is read once more as a whole.
_PER_PARENT_MARKS = ("states", "parent_state", "use_global_cursor")


class RowVersion:
    """What a position needs of a row: change time, id, and a digest of its content, made when it is asked for."""

    __slots__ = ("_digest", "_row", "key", "time")

    def __init__(self, time: str | None, key: str, row: Any = None, digest: str = "") -> None:
        self.time = time
        self.key = key
        self._row = row
        self._digest = digest

    @property
    def digest(self) -> str:
        """A short digest of the row's content."""
        if not self._digest:
            packed = dumps(as_row(self._row), orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
            self._digest = hashlib.blake2b(packed, digest_size=4).hexdigest()
        return self._digest


@dataclass(frozen=True)
class Window:
    """Change times of a list whose rows are still to be read: from ``since`` to before ``until``, None for its end."""

    since: str
    until: str | None = None

    def as_state(self) -> Row:
        """JSON form."""
        return {"since": self.since, **({"until": self.until} if self.until else {})}


@dataclass
class Position:
    """The bookmark of one list: the newest change read, and which rows of that second were read.

    ``offset``: how many rows of the list come before that second, where a walk that is cut off can go on. ``look``: the
    last one for rows without a change time. ``until``: where the rows end that were not read; the others that were not
    are in ``lanes``.
    """

    update_time: str | None = None
    seen: dict[str, str] = field(default_factory=dict)
    offset: int | None = None
    look: Look | None = None
    until: str | None = None
    lanes: tuple[Window, ...] = ()

    def is_new(self, mark: RowVersion) -> bool:
        """False for a row that was read before the bookmark was written, and has not changed since."""
        if mark.time is not None and (self.update_time is None or mark.time > self.update_time):
            return self.until is None or mark.time < self.until or self._is_further(mark.time)
        return mark.time in (None, self.update_time) and self.seen.get(mark.key) != mark.digest

    def _is_further(self, time: str) -> bool:
        return any(each.since <= time and (each.until is None or time < each.until) for each in self.lanes)

    def without_lanes(self) -> "Position":
        """As if nothing behind the bookmark had been read."""
        return replace(self, until=None, lanes=())

    def as_state(self) -> Row:
        """JSON form."""
        seen = {"seen": self.seen} if 0 < len(self.seen) <= MOST_SEEN else {}
        place = {} if self.offset is None else {"at": self.offset}
        look = {"look": self.look.as_state()} if self.look else {}
        lanes = {"until": self.until, "lanes": [each.as_state() for each in self.lanes]} if self.until else {}
        return {"update_time": self.update_time, **seen, **place, **look, **lanes}


@dataclass
class Bookmark:
    """The position that grows while a list is read; apart from the one that was there at the start.

    ``most_untimed``: how many rows without a change time are remembered, those with the highest ids; None for all.
    """

    position: Position
    most_untimed: int | None = None
    _untimed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        #: Rows of the bookmark's second; from a state, those without a change time, too.
        self._second = dict(self.position.seen)

    def advance(self, marks: Sequence[RowVersion], begin: int | None = None) -> None:
        """Move the bookmark over rows that were emitted or known; ``begin`` is the place of the first in its list."""
        last = self.position
        times = [mark.time for mark in marks]
        newest = max(filter(None, times), default=None)
        if newest is None or (last.update_time is not None and newest < last.update_time):
            newest = last.update_time
        if newest != last.update_time:
            self._second = {}
        if None in times:
            self._remember([mark for mark in marks if mark.time is None])
        if newest is not None and newest in times and len(self._second) <= MOST_SEEN:
            of_second = marks[times.index(newest) :]
            self._second |= {mark.key: mark.digest for mark in of_second if mark.time == newest}
        offset = last.offset if newest == last.update_time else _place(marks, newest, begin)
        self.position = replace(last, update_time=newest, seen=self._second | self._untimed, offset=offset)

    @property
    def untimed(self) -> dict[str, str]:
        """Rows without a change time that were met."""
        return self._untimed

    def _remember(self, marks: Iterable[RowVersion]) -> None:
        self._untimed |= {mark.key: mark.digest for mark in marks}
        if self.most_untimed is not None and len(self._untimed) > self.most_untimed:
            kept = sorted(self._untimed, key=_number)[-self.most_untimed :]
            self._untimed = {key: self._untimed[key] for key in kept}


def _number(key: str) -> int:
    return int(key) if key.isdecimal() else 0


class OrderCheck:
    """Whether change times only rise, within a list from page to page."""

    def __init__(self) -> None:
        self._last = ""
        self._falls = False

    def goes_on(self, marks: Iterable[RowVersion]) -> bool:
        """Look at further rows; False from the first one on that is older than one before it."""
        for mark in marks:
            if mark.time is not None:
                self._falls = self._falls or mark.time < self._last
                self._last = mark.time
        return not self._falls


def _place(marks: Sequence[RowVersion], time: str | None, begin: int | None) -> int | None:
    """Where in its list the first row of a second is."""
    return None if begin is None else begin + next(index for index, mark in enumerate(marks) if mark.time == time)


@dataclass
class StreamState:
    """All positions of one stream.

    ``ids`` are those that were read, packed, when deletions are compared, and ``gone`` those that were reported as
    vanished. ``is_unfinished`` marks a full refresh that goes on: the next attempt resumes it, while a finished one
    starts anew.
    """

    lists: dict[str, Bookmark] = field(default_factory=dict)
    ids: str | None = None
    gone: Gone = field(default_factory=Gone)
    is_unfinished: bool = False

    def progress(self, name: str) -> Bookmark:
        """The growing position of a list; a new one where nothing was read."""
        return self.lists.setdefault(name, Bookmark(Position()))

    def position(self, name: str) -> Position:
        """Where a list stands, for those who only look: others may be writing this state."""
        return self.lists[name].position if name in self.lists else Position()

    def as_state(self, is_local: bool = False) -> Row:
        """JSON form. ``is_local``: the top-level time is spelled without a time zone."""
        read = {name: one.position for name, one in self.lists.items() if one.position != Position()}
        times = [position.update_time for position in read.values() if position.update_time]
        oldest = {"update_time": local(min(times)) if is_local else min(times)} if times else {}
        ids = {"ids": self.ids} if self.ids else {}
        gone = {"gone": self.gone.as_state()} if self.gone.ids else {}
        positions = {name: position.as_state() for name, position in read.items()}
        mark = {UNFINISHED: True} if self.is_unfinished else {}
        return {"version": VERSION, **oldest, "lists": positions, **ids, **gone, **mark}


def parse_state(stream: str, state: Mapping[str, Any] | None, list_names: Iterable[str]) -> StreamState:
    """Positions from a state of ours, or of the official connector (one bookmark for all lists).

    Raises ConfigError with one sentence for a state that is neither.
    """
    if not state or any(state.get(mark) is not None for mark in _EMPTY_MARKS):
        return StreamState()
    if "lists" in state or "version" in state:
        return _ours(stream, state)
    time = _official_time(state)
    if time is None and any(mark in state for mark in _PER_PARENT_MARKS):
        return StreamState()
    if time is None:
        raise _unreadable(stream)
    return StreamState({name: Bookmark(Position(time, look=BY_OTHERS)) for name in list_names})


def _ours(stream: str, state: Mapping[str, Any]) -> StreamState:
    if state.get("version") != VERSION:
        raise ConfigError(
            f"The state of stream `{stream}` has version {state.get('version')!r}, this connector reads version "
            f"{VERSION}; update the connector, or clear the stream's state to read it from the start."
        )
    try:
        lists = {name: Bookmark(_position(one)) for name, one in state["lists"].items()}
        ids = state.get("ids")
        ids = ids if ids and unpack(ids) is not None else None
        return StreamState(lists, ids, Gone.read(state.get("gone")), bool(state.get(UNFINISHED)))
    except UNREADABLE:
        raise _unreadable(stream) from None


def _position(one: Mapping[str, Any]) -> Position:
    time, seen = one["update_time"], one.get("seen") or {}
    at = None if one.get("at") is None else int(one["at"])
    at = at if at is None or 0 <= at <= LARGEST else 0
    digests = {str(key): str(value) for key, value in seen.items()}
    begin = None if time is None else utc(time)
    return Position(begin, digests, at, Look.read(one.get("look")), *_lanes(begin, one))


def _lanes(begin: str | None, one: Mapping[str, Any]) -> tuple[str | None, tuple[Window, ...]]:
    """Where the rows behind a bookmark end that were not read, and the further ones; nothing when that makes no sense.

    Then everything behind the bookmark is read. Raises ValueError, TypeError or KeyError for what is no such state.
    """
    bounds = [begin, utc(one["until"]) if one.get("until") else None]
    for each in one.get("lanes") or ():
        bounds += [utc(each["since"]), utc(each["until"]) if each.get("until") else None]
    *inner, last = bounds
    known = [bound for bound in inner if bound is not None]
    if len(bounds) < MOST_LANES and last is None and len(known) == len(inner) and known == sorted(known):
        return bounds[1], tuple(starmap(Window, zip(known[2::2], bounds[3::2], strict=True)))
    return None, ()


def _official_time(state: Mapping[str, Any]) -> str | None:
    slices = state.get("slices")
    if isinstance(slices, list) and slices and all(isinstance(one, Mapping) for one in slices):
        # Time ranges that were read; what follows the first one may be missing.
        first = min(slices, key=_start_of)
        state = {"update_time": first.get("most_recent_cursor_value") or first.get("end")}
    inner = state.get("state") if isinstance(state.get("state"), Mapping) else state
    for key in ("update_time", "modified", "log_time"):
        value = inner.get(key) if isinstance(inner, Mapping) else None
        if isinstance(value, str):
            try:
                return utc(value)
            except ValueError:
                return None
    return None


def _start_of(one: Mapping[str, Any]) -> str:
    return str(one.get("start"))


def _unreadable(stream: str) -> ConfigError:
    return ConfigError(
        f"The state of stream `{stream}` cannot be read; clear the stream's state (or refresh the stream) to read it "
        "from the start."
    )
