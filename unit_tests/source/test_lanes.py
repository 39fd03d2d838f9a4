"""Lanes take the workers that are left over, and are cut where they have most left."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pytest

from pipedrive_client import clock
from pipedrive_client.pagination import Page
from pipedrive_client.rate_limit import Pacing
from source_pipedrive.sync import lane_reader
from source_pipedrive.sync.lane_reader import LaneReader, known_of
from source_pipedrive.sync.lanes import Lanes
from source_pipedrive.sync.state import Position, RowVersion, Window
from source_pipedrive.sync.workers import Seats

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
ROWS, PAGE = 2_000, 10


def stamp(hours: float) -> str:
    return f"{FIRST + timedelta(hours=hours):%Y-%m-%dT%H:%M:%SZ}"


TIMES = [stamp(n) for n in range(ROWS)]


class Source:
    """A list of one row an hour. ``most``: how many were asked at the same time; ``at_page`` is called with each."""

    def __init__(self, at_page: Any = lambda _: None) -> None:
        self.most = self.pages = self._open = 0
        self._at_page = at_page
        self._lock = threading.Lock()

    @property
    def is_asked(self) -> bool:
        return self._open > 0

    def walk(self, since: str | None) -> Iterator[Page]:
        begin = next((n for n, time in enumerate(TIMES) if since is None or time >= since), ROWS)
        for at in range(begin, ROWS, PAGE):
            with self._lock:
                self._open += 1
                self.pages += 1
                self.most = max(self.most, self._open)
            self._at_page(self.pages)
            with self._lock:
                self._open -= 1
            yield Page([{"id": n, "update_time": TIMES[n]} for n in range(at, min(at + PAGE, ROWS))], {})


def reader(source: Source, seats: Seats, pacing: Pacing | None = None, start: Position | None = None) -> LaneReader:
    lanes = Lanes(start or Position(), lambda rows: [str(row["update_time"]) for row in rows], lambda: NOW)
    return LaneReader(lanes, source.walk, seats, pacing or Pacing())


def ids(lanes: LaneReader) -> list[int]:
    found = []
    for page in lanes.pages:
        known, marks = known_of(page), [RowVersion(row["update_time"], str(row["id"]), digest="-") for row in page.rows]
        found += [int(mark.key) for mark in marks if known is None or known.is_new(mark)]
        lanes.passed(page, marks)
    return found


@pytest.fixture
def always_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of a list in memory are not waited for."""
    monkeypatch.setattr(lane_reader, "WORTH_WAITING", 0.0)


@pytest.mark.usefixtures("always_waiting")
@pytest.mark.parametrize("count", [1, 2, 5])
def test_no_more_lanes_than_workers(count: int) -> None:
    """The reader has one seat; lanes take the others, no more, and give all of them back."""
    seats, source = Seats(count), Source()

    with seats:
        found = ids(reader(source, seats))

    assert sorted(found) == list(range(ROWS))
    assert source.most <= count
    assert source.pages <= ROWS / PAGE * 1.05 + 2
    assert [seats.take_spare() for _ in range(count + 1)] == [*[True] * count, False]


@pytest.mark.usefixtures("always_waiting")
def test_lanes_give_way() -> None:
    """Who waits for a seat has one as soon as a lane's page has come, while the list is still being read."""
    seats, got = Seats(3), threading.Event()

    def work() -> None:
        with seats:
            got.set()
            over.wait()

    def at_page(number: int) -> None:
        if number == 60:
            threads.extend(threading.Thread(target=work, daemon=True) for _ in range(2))
            for each in threads:
                each.start()
        elif number == 120:
            waited.append(got.wait(60))

    over, threads, waited = threading.Event(), list[threading.Thread](), list[bool]()
    source = Source(at_page)
    with seats:
        found = ids(reader(source, seats))

    assert waited == [True]
    assert sorted(found) == list(range(ROWS))
    over.set()
    for each in threads:
        each.join()


@pytest.mark.usefixtures("always_waiting")
def test_a_full_window_needs_no_more_lanes() -> None:
    """While requests wait for the burst window a further lane would only wait, too."""
    pacing = Pacing()
    source = Source(lambda _: pacing.add(1.0))

    assert sorted(ids(reader(source, Seats(9), pacing))) == list(range(ROWS))
    assert source.most == 1


@pytest.fixture
def no_waits() -> Iterator[None]:
    clock.skip_waits(True)
    yield
    clock.skip_waits(False)


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize("longer", [1.0, 10_000.0])
def test_there_are_lanes_where_pages_are_waited_for(longer: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where waiting is not the most part of a page, further lanes would only keep the processor from the first."""
    monkeypatch.setattr(lane_reader, "WORTH_WAITING", longer)
    source = Source(lambda _: clock.sleep(0.2))
    lanes = reader(source, Seats(4))

    assert sorted(ids(lanes)) == list(range(ROWS))
    assert lanes.is_cut == (longer == 1.0)


def test_what_a_page_takes_is_told_by_the_last_ones() -> None:
    """A page that came late once says nothing, several in a row do."""
    effort = lane_reader.Effort()
    for waited in (*[0.1] * 50, 0.5):
        effort.add(waited, 0.2)
    assert not effort.is_mostly_waiting

    for _ in range(10):
        effort.add(0.5, 0.2)
    assert effort.is_mostly_waiting


@pytest.mark.usefixtures("always_waiting", "no_waits")
def test_pages_that_wait_need_fewer_lanes() -> None:
    """Where handing a page on takes longer than fetching it, few lanes are enough, and the other seats are free."""
    seats, source, spare = Seats(8), Source(), list[int]()
    lanes = reader(source, seats)
    with seats:
        for page in lanes.pages:
            while source.is_asked:  # so that what is under way has come, and waits
                time.sleep(0)
            clock.sleep(1.0)
            lanes.passed(page, [RowVersion(row["update_time"], str(row["id"]), digest="-") for row in page.rows])
            spare.append(free(seats))

    assert lanes.is_cut
    assert median(spare) >= 5


def free(seats: Seats) -> int:
    count = 0
    while seats.take_spare():
        count += 1
    for _ in range(count):
        seats.give_back()
    return count


def test_windows_of_a_state_are_read_and_nothing_between() -> None:
    """From the bookmark to its end, and from each further lane's; the last has none."""
    start = Position(TIMES[100], until=TIMES[200], lanes=(Window(TIMES[900], TIMES[950]), Window(TIMES[1_990])))

    for count in (1, 4):
        found = ids(reader(Source(), Seats(count), start=start))
        assert sorted(set(found)) == [*range(100, 200), *range(900, 950), *range(1_990, ROWS)]


def test_what_a_position_with_lanes_knows() -> None:
    """Rows between the lanes were read; those of a lane were not."""
    at = Position("2025-01-02", until="2025-01-04", lanes=(Window("2025-01-06", "2025-01-08"), Window("2025-02-01")))
    days = {"01-01": False, "01-03": True, "01-04": False, "01-05": False, "01-06": True, "01-07": True, "01-08": False}

    assert {day: at.is_new(RowVersion(f"2025-{day}", "1", {})) for day in days} == days
    assert at.is_new(RowVersion("2025-02-01", "1", {}))
