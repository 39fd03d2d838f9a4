"""What the threads of a read share: seats, room for slices, hints among siblings, and the queue to standard output."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from queue import Empty, Full, Queue
from types import TracebackType
from typing import Any

from pipedrive_client.process import Stopping

#: With fewer tokens than this for each stream, fewer begin: two pages of a dear list, and some calls below its rows.
TOKENS_A_STREAM = 100
#: How often who waits at the queue looks whether the run is over, in seconds.
LOOK_SECONDS = 0.2


class Seats:
    """At most so many threads at work at the same time; of those that wait the first is the next. ``with seats:``

    The CDK puts what generates slices and what reads them into one pool of threads. A generator that waits, for its
    parents or for its slices to be read, must not keep a worker from working, so the pool is larger than the number of
    workers, and who asks Pipedrive takes a seat.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = count
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def take_spare(self) -> bool:
        """Take a seat that nobody else needs; False when there is none. ``give_back`` ends it."""
        with self._lock:
            is_spare = self._free > 0 and not self._waiting
            self._free -= is_spare
            return is_spare

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for a seat."""
        return bool(self._waiting)

    def __enter__(self) -> None:
        turn = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                return
            self._waiting.append(turn)
        turn.wait()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_back()

    def give_back(self) -> None:
        """A seat is free: whoever waits longest has it."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class Room:
    """How many slices of a stream may wait to be read, or be read. The first may in any case."""

    def __init__(self, most: Callable[[], int]) -> None:
        """``most``: how many at the moment."""
        self._most = most
        self._count = 0
        self._is_closed = False
        self._changed = threading.Condition()

    def enter(self) -> None:
        """Return when there is room for one more, or the run is over."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count or self._count < self._most() or self._is_closed)
            self._count += 1

    def leave(self) -> None:
        """A slice was read, or failed."""
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def close(self) -> None:
        """The run is over: nobody waits any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()


class Turns:
    """Which streams may begin: all, unless the tokens that are left would come to next to nothing for each.

    Then those begin that are furthest behind, and the next one when one of them is over: a run with few tokens gets on
    with one stream where it would have begun many in vain.
    """

    def __init__(self, affordable: Callable[[], int | None]) -> None:
        """``affordable``: tokens that may still be spent; None when nobody knows."""
        self._affordable = affordable
        self._waiting: list[str] = []
        self._active: set[str] = set()
        self._is_closed = False
        self._changed = threading.Condition()

    def line_up(self, names: Iterable[str]) -> None:
        """The streams of the run in the order in which they may begin."""
        self._waiting = list(names)

    def wait(self, name: str) -> None:
        """Return when a stream may begin, or the run is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._may_begin(name))
            self._begin(name)

    def admit(self, name: str) -> None:
        """A stream may begin now: another one waits for what it reads."""
        with self._changed:
            self._begin(name)

    def over(self, name: str) -> None:
        """A stream was read, or failed."""
        with self._changed:
            self._active.discard(name)
            self._changed.notify_all()

    def close(self) -> None:
        """The run is over: nobody waits any more."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    @property
    def count(self) -> int:
        """How many streams are being read, at least one."""
        return max(1, len(self._active))

    def _may_begin(self, name: str) -> bool:
        if self._is_closed or name not in self._waiting:
            return True
        left = self._affordable()
        is_enough = left is None or left >= TOKENS_A_STREAM * (len(self._active) + 1)
        return name == self._waiting[0] and (is_enough or not self._active)

    def _begin(self, name: str) -> None:
        if name in self._waiting:
            self._waiting.remove(name)
            self._active.add(name)
        self._changed.notify_all()


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


class QueueClosed(Exception):
    """Nobody reads the queue any more: the run is over."""


class StoppableQueue(Queue[Any]):
    """A queue whose reader ends when the run has to stop, and whose writers end once it is closed."""

    def __init__(self, maxsize: int, stopping: Stopping) -> None:
        super().__init__(maxsize)
        self._stopping = stopping
        self._is_closed = False

    def close(self) -> None:
        """No more is read: whoever puts something into the queue gets QueueClosed."""
        self._is_closed = True

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """The next item, however long it takes. Raises the reason for which the run has to stop."""
        while True:
            self._stopping.check()
            try:
                return super().get(block, timeout or LOOK_SECONDS)
            except Empty:
                if not block or timeout:
                    raise

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Add an item as soon as there is room. Raises QueueClosed."""
        while True:
            if self._is_closed:
                raise QueueClosed
            try:
                super().put(item, block, timeout or LOOK_SECONDS)
            except Full:
                if not block or timeout:
                    raise
            else:
                return
