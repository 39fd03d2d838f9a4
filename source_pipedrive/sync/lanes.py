"""A long list cut into windows of change time, which are read side by side: which, and what of them was read.

A list that takes ``updated_since`` and comes in order of change can be begun anywhere. A lane begins at its time and
ends where the next one has begun, so cutting one takes no upper bound: who reads on in front of the cut meets it. How
many rows there are behind a place is not known before they are read, so a lane is cut when there is a worker for half
of what it has left, by how close its last rows were together.

Nothing here asks Pipedrive or knows of threads. Used by one thread.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final

from pipedrive_client.expressions.comparison import Moment
from pipedrive_client.typed_rows import column
from source_pipedrive.sync.state import Bookmark, Position, RowVersion, Window

Row = dict[str, Any]

#: Pages of a list that are read before it is cut: shorter ones cost what they always did.
UNCUT_PAGES: Final = 20
#: Pages that a lane should have left to be cut.
WORTH_CUTTING: Final = 4
#: A cut costs up to a page: the last one of the lane in front of it. What cuts may cost, as a share of the pages read.
MOST_WASTE: Final = 0.03
#: What a lane under way will waste of its last page, on average.
EXPECTED_WASTE: Final = 0.5
#: Pages up to the next cut, where rows are so close together that they cannot stay so for long.
FAR_PAGES: Final = 40
#: Pages over which the distance of rows is taken.
TRAIL: Final = 4
#: The newest changes are not cut: their order may not be final yet.
SETTLED: Final = timedelta(seconds=60)


class Lane:
    """One window of a list: ``since`` (None: its beginning) to before ``until`` (None: its end).

    ``bookmark`` moves over what was handed on, ``time`` is the newest change that has come. ``is_over``: all of it
    has.
    """

    def __init__(self, position: Position, until: str | None, most_untimed: int | None) -> None:
        self.since = position.update_time
        self.until = until
        self.bookmark = Bookmark(position, most_untimed)
        self.time = self.since
        self.is_over = False
        self.last_rows = self._count = 0
        self._trail: deque[tuple[int, str | None]] = deque([(0, self.since)], TRAIL + 1)

    def passed(self, rows: int, time: str | None) -> None:
        """A page of so many rows came, up to a change at ``time``."""
        self._count += rows
        self.last_rows = rows
        self.time = time or self.time
        self._trail.append((self._count, self.time))

    @property
    def is_under_way(self) -> bool:
        """Whether a page has come."""
        return self._count > 0

    def begin_again(self) -> None:
        """It is read once more from where it was handed on."""
        self.time = self.resume_time
        self._trail.clear()
        self._trail.append((self._count, self.time))

    def seconds_left(self, end: str) -> float:
        """From the newest change that has come to the lane's end, or to ``end`` if it has none."""
        return max(_seconds(self.time, self.until or end), 0.0) if self.time else 0.0

    @property
    def density(self) -> float:
        """Rows a second of change time, over its last pages; 0 before there are any."""
        count, time = next(((count, time) for count, time in self._trail if time), (0, None))
        return (self._count - count) / max(_seconds(time, self.time), 1.0) if time and self.time else 0.0

    @property
    def resume_time(self) -> str | None:
        """From where on its rows are still to be handed on."""
        return self.bookmark.position.update_time


class Lanes:
    """The lanes of one list, in order of time; the last one has no end and is over when the list is."""

    def __init__(
        self,
        start: Position,
        times: Callable[[list[Row]], list[str | None]],
        now: Callable[[], datetime],
        most_untimed: int | None = None,
        is_whole: bool = False,
    ) -> None:
        """``start``: where the list stands. ``times``: when rows changed, as they say. ``now``: the server's time.

        ``is_whole``: the list is read from its beginning to its end all the same.
        """
        self.start = start
        self.growing = Bookmark(start.without_lanes(), most_untimed)
        self._times, self._now, self._most_untimed = times, now, most_untimed
        rest = () if is_whole else start.lanes
        first = (
            Lane(Position(), None, most_untimed) if is_whole else Lane(start.without_lanes(), start.until, most_untimed)
        )
        self._lanes = [first, *(Lane(Position(one.since), one.until, most_untimed) for one in rest)]
        self.is_cut = len(self._lanes) > 1
        #: Whether the rows came in the order and from the time that they were asked for.
        self.is_in_order = True
        self._pages = 0
        self._page_rows = 1
        self._waste = 0.0
        self._began = _text(now() - SETTLED)
        self._moved: dict[Any, str] = {}

    @property
    def since(self) -> str | None:
        """Where the first lane begins."""
        return self._lanes[0].since

    @property
    def open(self) -> list[Lane]:
        """The lanes that are not over."""
        return [lane for lane in self._lanes if not lane.is_over]

    def is_alone(self, lane: Lane) -> bool:
        """Whether all others are over."""
        return self.open == [lane]

    def arrived(self, lane: Lane, rows: list[Row]) -> list[Row]:
        """A page of a lane has come; answers the rows that are the lane's own, and not older than one handed on."""
        self._pages += 1
        self._page_rows = max(self._page_rows, len(rows))
        times = self._times(rows)
        known = [self._before(lane), *filter(None, times)]
        self.is_in_order &= known == sorted(known)
        lane.passed(len(rows), max(known) if len(known) > 1 else None)
        if lane.until is not None and lane.time is not None and lane.time >= lane.until:
            own = _rows_before(lane.until, times)
            rows, times = rows[:own], times[:own]
            self._over(lane, own)
        return self._fresh(lane, rows, times) if self.is_cut else rows

    def _before(self, lane: Lane) -> str:
        """What no row of a lane's next page may be older than. Rows before a bookmark do no harm."""
        return (lane.time or "") if lane.is_under_way or lane is not self._lanes[0] else ""

    def ended(self, lane: Lane) -> None:
        """No page of a lane follows. One with an end has met no row behind it."""
        if lane.until is not None and not lane.is_over:
            self._over(lane, 0)

    def _over(self, lane: Lane, rows: int) -> None:
        lane.is_over = True
        self._waste += 1 - rows / self._page_rows

    def _fresh(self, lane: Lane, rows: list[Row], times: list[str | None]) -> list[Row]:
        """A row that changes is met again in the last lane, perhaps before another lane hands on what it was."""
        ids = column(rows, "id")
        if lane.until is None and not self.is_alone(lane):
            self._moved |= {each: time for each, time in zip(ids, times, strict=True) if time and time >= self._began}
            return rows
        if not self._moved:
            return rows
        timed = zip(rows, ids, times, strict=True)
        return [row for row, each, time in timed if (time or "") >= self._moved.get(each, "")]

    # cutting

    def may_cut(self) -> bool:
        """Whether another worker would have something to do."""
        return self._longest() is not None

    def cut(self) -> None:
        """Let a new lane have the later part of what the longest one has left."""
        lane = self._longest()
        if lane is None or lane.time is None:
            return
        left, density = lane.seconds_left(self._settled), lane.density
        far = max(FAR_PAGES, self._pages) * self._page_rows / density
        at = _text(datetime.fromisoformat(lane.time) + timedelta(seconds=max(ceil(min(left / 2, far)), 1)))
        new = Lane(Position(at), lane.until, self._most_untimed)
        lane.until, self.is_cut = at, True
        self._lanes.insert(self._lanes.index(lane) + 1, new)

    @property
    def _settled(self) -> str:
        return _text(self._now() - SETTLED)

    def _longest(self) -> Lane | None:
        if not self.is_in_order or self._pages < UNCUT_PAGES or not self._may_waste():
            return None
        end = self._settled
        left, number = max((self._pages_left(lane, end), -number) for number, lane in enumerate(self.open))
        return self.open[-number] if left >= WORTH_CUTTING else None

    def _pages_left(self, lane: Lane, end: str) -> float:
        seconds = lane.seconds_left(end)
        is_at_the_end = 2 * lane.last_rows < self._page_rows
        return 0.0 if seconds <= 1 or is_at_the_end else lane.density * seconds / self._page_rows

    def _may_waste(self) -> bool:
        return self._waste + EXPECTED_WASTE * (len(self.open) - 1) <= MOST_WASTE * self._pages

    # what was read

    def passed(self, lane: Lane | None, marks: list[RowVersion]) -> Position:
        """The rows of a page were handed on; answers where the list stands. Without a lane it stands where it did."""
        self.growing.advance(marks)
        if lane is None or not self.is_in_order:
            return self.start
        lane.bookmark.advance(marks)
        return self.position

    @property
    def position(self) -> Position:
        """Where the list stands: what a state may say. A lane that is over has handed everything on."""
        if not self.is_cut:
            return self.growing.position
        bookmark = self.start.update_time or ""
        first, *further = (each for each in self.open if each.until is None or each.until > bookmark)
        at = first.bookmark.position if (first.resume_time or "") >= bookmark else self.start.without_lanes()
        lanes = tuple(Window(max(each.resume_time or "", bookmark), each.until) for each in further)
        return replace(at, seen=at.seen | self.growing.untimed, until=first.until, lanes=lanes, look=self.start.look)

    def known(self, lane: Lane) -> Position:
        """What of a lane was handed on; for one that is read once more."""
        at = lane.bookmark.position
        return replace(at, seen=self.start.seen | self.growing.untimed | at.seen)


def expected_waste(pages: int) -> int:
    """Further pages that reading so many in lanes takes, about: last ones of lanes, and the list's end once more."""
    return 0 if pages <= UNCUT_PAGES else round(1 + MOST_WASTE / 2 * pages)


def _rows_before(until: str, times: list[str | None]) -> int:
    """How many rows come before the first that changed at a time or after it."""
    return next((index for index, time in enumerate(times) if (time or "") >= until), len(times))


def _seconds(begin: str | None, end: str | None) -> float:
    if begin is None or end is None:
        return 0.0
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()


def _text(moment: datetime) -> str:
    return str(Moment.of(moment))
