"""Reading the lanes of a list: each asks for one page at a time, side by side, in threads that have something to do.

The reader's own worker reads one lane; a further one starts when the reader waits for pages, the burst window has room
and a worker is spare. It ends when a worker is needed elsewhere, or pages come faster than they are handed on; its lane
then waits for the others. Where pages are worked on for longer than they are waited for, there is one lane: the
processor is busy anyway, and pages that wait cost it more.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Final

from pipedrive_client import clock
from pipedrive_client.pagination import Page
from pipedrive_client.rate_limit import WINDOW_SECONDS, Pacing
from source_pipedrive.sync.lanes import Lane, Lanes
from source_pipedrive.sync.state import Bookmark, Position, RowVersion
from source_pipedrive.sync.workers import Seats

#: How long no lane is added after a request had to wait for the burst window: it is full now and then before it is full
#: for good.
FULL_SECONDS: Final = 2 * WINDOW_SECONDS

#: How much longer than it is worked on a page must be waited for, for a further lane to be worth it.
WORTH_WAITING: Final = 1.0
#: Over how many pages that is looked at.
RECENT_PAGES: Final = 8

#: The pages of a list from a change time on, which come oldest change first; None for all of it.
Walk = Callable[[str | None], Iterator[Page]]


@dataclass(frozen=True)
class LanePage(Page):
    """A page with its own rows of a lane, None for one of the whole list.

    ``known``: what of it was handed on before, when that is not what the list's state says.
    """

    lane: Lane | None = None
    known: Position | None = None


def known_of(page: Page) -> Position | None:
    """What of a page was handed on before, when that is not what the list's state says."""
    return page.known if isinstance(page, LanePage) else None


class Effort:
    """What a page takes, over the last ones, in seconds: how long it is waited for, and how long it is worked on."""

    def __init__(self) -> None:
        self._waited = self._worked = 0.0

    def add(self, waited: float, worked: float) -> None:
        """One page more."""
        self._waited += (max(waited, 0.0) - self._waited) / RECENT_PAGES
        self._worked += (worked - self._worked) / RECENT_PAGES

    @property
    def is_mostly_waiting(self) -> bool:
        """Whether another lane would use time in which nothing is done."""
        return self._waited >= WORTH_WAITING * self._worked


@dataclass(frozen=True)
class Arrival:
    """What came of a request for a page: the page, None at the end of a lane, or an error.

    ``took``: seconds until it came, in ``worked`` of which the thread was at work. ``came``: when.
    """

    lane: Lane
    found: Any
    took: float
    worked: float
    came: float


class LaneReader:
    """The pages of one list, in lanes. Used by one thread, which holds a seat."""

    #: Each page is a resume point.
    is_ascending = True

    def __init__(self, lanes: Lanes, walk: Walk, seats: Seats, pacing: Pacing) -> None:
        self._lanes, self._walk, self._seats, self._pacing = lanes, walk, seats, pacing
        self._walks: dict[Lane, Iterator[Page]] = {}
        #: At the end of the list, to be read once more from where they are when the others are over.
        self._waiting: set[Lane] = set()
        self._again: dict[Lane, Position] = {}
        self._under_way: set[Lane] = set()
        #: Whether all others were over when a lane's page was asked for: the one that is to come, and the last one.
        self._asked: dict[Lane, bool] = {}
        self._said: dict[Lane, bool] = {}
        self._arrivals: SimpleQueue[Arrival] = SimpleQueue()
        self._effort = Effort()
        #: Seconds that the page that was handed on last took.
        self._handing_on = 0.0
        #: What the quickest page took to come; those that are fetched side by side hinder each other.
        self._quickest = float("inf")
        #: Whether the last page was asked for too early.
        self._is_ahead = False
        self._hands = 1
        self._threads: ThreadPoolExecutor | None = None
        self._error: BaseException | None = None
        self._waited, self._full_at = pacing.waited, float("-inf")
        self._is_done = False
        self.pages = self._read()

    def _read(self) -> Iterator[Page]:
        """Every page, those of a lane in their order. Raises what the client raises, after all pages that came."""
        try:
            while (arrival := self._next()) is not None:
                lane, page = arrival
                if page is None:
                    self._ended(lane)
                    continue
                self._said[lane] = self._asked.pop(lane)
                rows = self._lanes.arrived(lane, page.rows)
                if self._lanes.is_cut and not self._lanes.is_in_order:
                    break
                self._release()
                self._send_off()
                began = time.thread_time()
                yield LanePage(rows, page.extra, page.start, lane, self._again.get(lane))
                self._handing_on = time.thread_time() - began
            if not self._is_done:
                # Where a lane ends, and that nothing before it is missing, is known by the order only.
                for page in self._walk(self._lanes.since):
                    yield LanePage(page.rows, page.extra, page.start)
        finally:
            self._close()

    @property
    def is_cut(self) -> bool:
        """Whether rows came from more than one place of the list."""
        return self._lanes.is_cut

    @property
    def growing(self) -> Bookmark:
        """The newest of what was handed on."""
        return self._lanes.growing

    def passed(self, page: Page, marks: list[RowVersion], begin: int | None = None) -> Position:  # noqa: ARG002
        """The rows of a page were handed on; answers where the list stands."""
        return self._lanes.passed(page.lane if isinstance(page, LanePage) else None, marks)

    # which lane is read when

    def _next(self) -> tuple[Lane, Page | None] | None:
        """What comes next of any lane: a page, or None at its end. None when there is nothing left."""
        while not self._is_done:
            if self._error and not self._under_way:
                raise self._error
            if self._arrivals.empty():
                self._grow()
            self._send_off()
            arrival = self._arrived() if self._under_way else self._read_here()
            self._under_way.discard(arrival.lane)
            self._quickest = min(self._quickest, arrival.took)
            self._effort.add(arrival.took - arrival.worked, arrival.worked + self._handing_on)
            if not isinstance(arrival.found, BaseException):
                return arrival.lane, arrival.found
            self._error = self._error or arrival.found
        return None

    def _ready(self) -> list[Lane]:
        """Lanes that wait for a hand, the earliest first: with it the bookmark moves."""
        if self._error:
            return []
        return [lane for lane in self._lanes.open if lane not in self._under_way and self._may_go_on(lane)]

    def _may_go_on(self, lane: Lane) -> bool:
        return lane not in self._waiting or self._lanes.is_alone(lane)

    def _grow(self) -> None:
        """Take one more hand, if there is one and it has something to do."""
        if self._error or not self._effort.is_mostly_waiting or self._is_window_full():
            return
        is_waiting = len(self._ready()) > self._hands - len(self._under_way)
        has_hands = len(self._lanes.open) <= self._hands
        if (is_waiting or (has_hands and self._lanes.may_cut())) and self._seats.take_spare():
            self._hands += 1
            if not is_waiting:
                self._lanes.cut()

    def _is_window_full(self) -> bool:
        if self._pacing.waited != self._waited:
            self._waited, self._full_at = self._pacing.waited, clock.monotonic()
        return clock.monotonic() - self._full_at < FULL_SECONDS

    def _arrived(self) -> Arrival:
        """The next arrival. One that waited for longer than a page takes to come could have been asked for later."""
        arrival = self._arrivals.get()
        self._is_ahead = clock.monotonic() - arrival.came > min(self._quickest, arrival.took)
        return arrival

    def _release(self) -> None:
        """Give back hands that are needed elsewhere, or have nothing to do, and one that fetches too early.

        Pages that wait take memory, and more time than others: they are out of the processor's reach.
        """
        while self._hands > max(len(self._lanes.open), 1) or (self._hands > 1 and self._is_one_too_many()):
            self._hands -= 1
            self._seats.give_back()

    def _is_one_too_many(self) -> bool:
        was_ahead, self._is_ahead = self._is_ahead, False
        return was_ahead or self._seats.is_wanted

    def _send_off(self) -> None:
        """Give the free hands lanes; one hand alone does the work here."""
        if self._hands == 1 and not self._under_way:
            return
        for lane in self._ready()[: max(self._hands - len(self._under_way), 0)]:
            self._under_way.add(lane)
            self._pool.submit(self._fly, lane, self._begun(lane))

    @property
    def _pool(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(thread_name_prefix="lane", max_workers=self._seats.count)
        return self._threads

    def _begun(self, lane: Lane) -> Iterator[Page]:
        self._asked[lane] = self._lanes.is_alone(lane)
        self._waiting.discard(lane)
        if lane not in self._walks:
            self._walks[lane] = self._walk(lane.resume_time)
        return self._walks[lane]

    def _fly(self, lane: Lane, walk: Iterator[Page]) -> None:
        self._arrivals.put(_step(lane, walk))

    def _read_here(self) -> Arrival:
        lane = self._ready()[0]
        return _step(lane, self._begun(lane))

    def _ended(self, lane: Lane) -> None:
        """A lane's walk is at its end. Rows that changed before the others were there may be behind the last one's."""
        self._lanes.ended(lane)
        del self._walks[lane]
        # A list may have had no page behind the place where the lane begins.
        if lane.until is None and self._said.get(lane, self._asked.get(lane)):
            self._is_done = True
        elif lane.until is None:
            self._waiting.add(lane)
            self._again[lane] = self._lanes.known(lane)
            lane.begin_again()

    def _close(self) -> None:
        while self._hands > 1:
            self._hands -= 1
            self._seats.give_back()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)


def _step(lane: Lane, walk: Iterator[Page]) -> Arrival:
    """Take the next step of a walk."""
    asked, began = clock.monotonic(), time.thread_time()
    found: Any
    try:
        found = next(walk, None)
    except BaseException as error:
        found = error
    came = clock.monotonic()
    return Arrival(lane, found, came - asked, time.thread_time() - began, came)
