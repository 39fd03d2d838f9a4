"""The burst window: at most so many calls in any two seconds, counted where Pipedrive counts them, at their arrival.

When a call arrived is known only roughly: between its sending and its answer. A place that was free again two seconds
after sending would let calls through too early whenever one takes longer on its way than a later one; a place that was
free two seconds after the answer would waste the time that every answer takes. What makes calls drift together or apart
is only what one takes longer than the quickest of its kind, so a place is kept for that much more.

Source: https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting
"""

import threading
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass

from pipedrive_client import clock

#: Length of the rolling window in seconds.
WINDOW_SECONDS = 2.0
#: Kept besides, in seconds: clocks and wake-ups are not exact.
MARGIN_SECONDS = 0.02
#: Longest that a call is thought to be on its way, in seconds; an answer that takes longer was long in the making.
LONGEST_WAY = 1.0
#: The quickest of so many last calls of a kind is looked for, once so many are known: more than 20 workers open
#: connections at the same time, and what that takes is no part of a round trip.
LAST_TRIPS, ENOUGH_TRIPS = 100, 25
#: What is taken off the quickest of them: this part of what the others take longer. The more trips differ, the less
#: likely one of so few was as quick as one can be.
DOUBT = 0.25
#: How often a caller looks again that waits for a call without an answer, in seconds.
LOOK_SECONDS = 0.05


@dataclass(eq=False)
class Place:
    """One call in a window. ``sent`` and ``free_at`` are times of the monotonic clock; an answered call has both."""

    sent: float
    free_at: float | None = None

    @property
    def latest(self) -> float:
        """When the place is free at the latest."""
        return self.sent + WINDOW_SECONDS + MARGIN_SECONDS + LONGEST_WAY if self.free_at is None else self.free_at

    def next_look(self, now: float) -> float:
        """When the place may be free."""
        if self.free_at is not None:
            return self.free_at
        return max(self.sent + WINDOW_SECONDS + MARGIN_SECONDS, now + LOOK_SECONDS)

    def answered(self, now: float, shortest: float) -> None:
        """The call was answered; the quickest of its kind took ``shortest`` seconds."""
        drift = now - self.sent - shortest
        self.free_at = self.sent + WINDOW_SECONDS + MARGIN_SECONDS + min(max(drift, 0.0), LONGEST_WAY)

    def never_sent(self) -> None:
        """The call cannot have arrived."""
        self.free_at = self.sent


class RoundTrips:
    """What calls take from sending to answer, by kind. Safe to share between threads."""

    def __init__(self) -> None:
        self._last: dict[Hashable, deque[float]] = {}
        self._lock = threading.Lock()

    def note(self, kind: Hashable, seconds: float) -> float:
        """Note one round trip, and answer what the quickest ones take; 0 while too few are known."""
        with self._lock:
            last = self._last.setdefault(kind, deque(maxlen=LAST_TRIPS))
            last.append(seconds)
            if len(last) < ENOUGH_TRIPS:
                return 0.0
            shortest, mean = min(last), sum(last) / len(last)
        return max(shortest - DOUBT * (mean - shortest), 0.0)


class MovingWindow:
    """At most ``limit`` calls in any ``WINDOW_SECONDS``; ``pause`` keeps everybody waiting for a while."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._places: list[Place] = []
        self._resume_at = 0.0
        self._lock = threading.Lock()

    def pause(self, seconds: float) -> None:
        """Let no call start for ``seconds``."""
        with self._lock:
            self._resume_at = max(self._resume_at, clock.monotonic() + seconds)

    def take(self) -> Place | float:
        """A place when one is free, else the seconds after which to ask again."""
        with self._lock:
            now = clock.monotonic()
            if now < self._resume_at:
                return self._resume_at - now
            if len(self._places) >= self.limit:
                self._places = [place for place in self._places if place.latest > now]
            if len(self._places) < self.limit:
                self._places.append(Place(now))
                return self._places[-1]
            return min(place.next_look(now) for place in self._places) - now


class Pacing:
    """How the window held requests back. Safe to share between threads.

    ``waited``: how many waited for their turn, ``seconds``: for how long in all, ``refused``: how many got a 429.
    """

    def __init__(self) -> None:
        self.waited = 0
        self.seconds = 0.0
        self.refused = 0
        self._lock = threading.Lock()

    def add(self, seconds: float) -> None:
        """Count one request that waited."""
        with self._lock:
            self.waited += 1
            self.seconds += seconds

    def refuse(self) -> None:
        """Count one request that was refused, and will be sent again."""
        with self._lock:
            self.refused += 1

    def sentence(self) -> str:
        """For people; empty when nothing waited."""
        if not self.waited and not self.refused:
            return ""
        mean = self.seconds / max(self.waited, 1)
        return (
            f"Burst window: requests that waited for their turn: {self.waited} ({mean:.1f} s on average); "
            f"refused (429) and sent again: {self.refused}."
        )
