"""The burst window, against a server that counts calls when they arrive."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from random import Random

import pytest

from pipedrive_client.rate_limit import ENOUGH_TRIPS, LONGEST_WAY, MARGIN_SECONDS, MovingWindow, Place, RoundTrips

from .conftest import Compared, FakeClock, outcomes

#: Seconds on the way, in the making, and on the way back.
Trip = Callable[[Random], tuple[float, float, float]]

WAYS: list[tuple[str, Trip]] = [
    ("150 ms in the making", lambda _: (0.001, 0.148, 0.001)),
    ("150 ms on the way", lambda _: (0.149, 0.0, 0.001)),
    ("a way that varies", lambda random: (random.uniform(0.01, 0.3), 0.05, 0.02)),
    ("an answer that varies", lambda random: (0.02, random.uniform(0.05, 0.8), 0.02)),
    ("both vary", lambda random: (random.uniform(0.0, 0.2), random.uniform(0.0, 0.5), random.uniform(0.0, 0.2))),
    ("now and then a lost packet", lambda random: (0.02 + 0.9 * (random.random() < 0.02), 0.1, 0.02)),
]


class Server:
    """Workers that call a server as fast as a window lets them; notes when calls arrive."""

    def __init__(self, clock: FakeClock, window: MovingWindow, trip: Trip, seed: int) -> None:
        self.arrivals: list[float] = []
        self._clock = clock
        self._window = window
        self._trip = trip
        self._random = Random(seed)
        self._trips = RoundTrips()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def run(self, workers: int, calls: int) -> None:
        """Make so many calls."""
        for _ in range(workers):
            self._at(self._clock.now, self._call)
        while len(self.arrivals) < calls:
            self._clock.now, _, event = heapq.heappop(self._events)
            event()
        self.arrivals.sort()

    def _at(self, time: float, event: Callable[[], None]) -> None:
        heapq.heappush(self._events, (time, next(self._order), event))

    def _call(self) -> None:
        place = self._window.take()
        if isinstance(place, float):
            self._at(self._clock.now + place, self._call)
            return
        there, making, back = self._trip(self._random)
        self.arrivals.append(self._clock.now + there)
        self._at(self._clock.now + there + making + back, lambda: self._answered(place))

    def _answered(self, place: Place) -> None:
        place.answered(self._clock.now, self._trips.note("list", self._clock.now - place.sent))
        self._call()


@pytest.mark.parametrize("limit", [20, 80])
@pytest.mark.parametrize("trip", [pytest.param(trip, id=name) for name, trip in WAYS])
def test_no_two_seconds_see_more_arrivals(fake_clock: FakeClock, trip: Trip, limit: int) -> None:
    """However long calls take to the server and back, no two seconds see more of them arrive than the limit."""
    server = Server(fake_clock, MovingWindow(limit), trip, seed=limit)
    server.run(workers=20, calls=4_000)

    gaps = [later - earlier for earlier, later in zip(server.arrivals, server.arrivals[limit:], strict=False)]
    assert min(gaps) >= 2


@pytest.mark.parametrize("trip", [pytest.param(trip, id=name) for name, trip in WAYS[:2]])
def test_the_window_is_used(fake_clock: FakeClock, trip: Trip) -> None:
    """At 150 ms an answer 98 % of what 80 calls per two seconds allow are made."""
    server = Server(fake_clock, MovingWindow(80), trip, seed=1)
    server.run(workers=8, calls=4_000)

    assert 4_000 / (server.arrivals[-1] - server.arrivals[0]) >= 0.98 * 40


def test_the_limit_passes_at_once(fake_clock: FakeClock) -> None:
    """As many calls as the limit start at once; the next one waits until the first has left the window."""
    window = MovingWindow(3)
    places = [window.take() for _ in range(3)]
    assert all(isinstance(place, Place) for place in places)
    assert window.take() == pytest.approx(2 + MARGIN_SECONDS)

    fake_clock.now += 2 + MARGIN_SECONDS + LONGEST_WAY
    assert isinstance(window.take(), Place)


def test_a_call_without_an_answer_keeps_its_place(fake_clock: FakeClock) -> None:
    """A call that is not answered yet may still be on its way, but not for ever."""
    window = MovingWindow(1)
    window.take()
    fake_clock.now += 2.5
    assert 0 < window.take() <= 0.1  # type: ignore[operator]

    fake_clock.now += LONGEST_WAY
    assert isinstance(window.take(), Place)


def test_a_call_that_was_never_sent_gives_its_place_back(fake_clock: FakeClock) -> None:
    """What cannot have arrived does not count."""
    window = MovingWindow(1)
    place = window.take()
    assert isinstance(place, Place)
    place.never_sent()

    assert isinstance(window.take(), Place)


def test_the_quickest_of_the_last_trips() -> None:
    """What the quickest trips take is known once there are enough, by kind, and what is old is forgotten."""
    trips = RoundTrips()
    assert [trips.note("list", 0.2) for _ in range(ENOUGH_TRIPS)] == pytest.approx([0.0] * (ENOUGH_TRIPS - 1) + [0.2])
    assert trips.note("one", 0.05) == 0.0
    assert 0.07 < trips.note("list", 0.1) < 0.1
    assert [trips.note("list", 0.3) for _ in range(100)][-1] == pytest.approx(0.3)


def test_the_last_place_under_threads(fake_clock: FakeClock) -> None:
    """Of two threads that want the last place at the same time one gets it."""
    window = MovingWindow(Compared(1))

    assert sorted(type(each).__name__ for each in outcomes(window.take, 2)) == ["Place", "float"]


def test_pause(fake_clock: FakeClock) -> None:
    """A pause holds back every call; a shorter one does not end it early."""
    window = MovingWindow(3)
    window.pause(5)
    window.pause(1)
    assert window.take() == 5

    fake_clock.now += 5
    assert isinstance(window.take(), Place)
