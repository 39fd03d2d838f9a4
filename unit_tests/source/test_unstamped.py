"""The look for rows without a change time, at whichever end of the list the API puts them."""

from collections.abc import Iterator
from typing import Any

import pytest

from source_pipedrive.sync.unstamped_rows import Look, UnstampedRows

Row = dict[str, Any]
NOW = "2026-11-29T10:00:00Z"
PAGE = 2


def table() -> list[Row]:
    """Nine rows; the fourth to the sixth were never touched."""
    return [
        {"id": n, "add_time": f"2026-01-0{n}T00:00:00Z", "update_time": None if 4 <= n <= 6 else NOW}
        for n in range(1, 10)
    ]


class Api:
    """A list in pages of two rows. ``nulls_first``: in ascending order of change."""

    def __init__(self, nulls_first: bool) -> None:
        self.nulls_first = nulls_first
        self.calls = 0

    def ask(self, order: dict[str, str]) -> Iterator[list[Row]]:
        """The pages of one order."""
        rows = sorted(table(), key=lambda row: row["id"])
        if order["sort_by"] == "update_time":
            rows.sort(key=lambda row: (row["update_time"] is None) is not self.nulls_first)
        if order["sort_direction"] == "desc":
            rows.reverse()
        for begin in range(0, len(rows), PAGE):
            self.calls += 1
            yield rows[begin : begin + PAGE]


def found(tracker: UnstampedRows, api: Api) -> set[int]:
    """Ids of the rows that a look finds."""
    tracker.pass_page([], NOW)
    return {row["id"] for page in tracker.further(api.ask) for row in page}


@pytest.mark.parametrize("nulls_first", [True, False])
def test_nobody_has_looked_so_far(nulls_first: bool) -> None:
    """All of them, without reading the list as a whole."""
    api, tracker = Api(nulls_first), UnstampedRows([None], True)

    assert found(tracker, api) == {4, 5, 6}
    assert api.calls == 4
    assert tracker.look() == Look(9, NOW, True)


def test_down_to_the_newest_id_of_the_last_look() -> None:
    """The page that holds it is the last."""
    api, tracker = Api(True), UnstampedRows([Look(5, "2026-11-29T09:00:00Z", True)], True)

    assert found(tracker, api) == {6}
    assert api.calls == 3


def test_no_look_is_due() -> None:
    """None were seen, and a day has not passed."""
    last = Look(5, "2026-11-29T09:00:00Z", False)
    api, tracker = Api(True), UnstampedRows([last], True)

    assert found(tracker, api) == set()
    assert api.calls == 0
    assert tracker.look() == last


def test_the_list_was_read_whole() -> None:
    """Nothing more is asked; a row that was added while it was read does not count as the newest."""
    api, tracker = Api(True), UnstampedRows([None], False)
    tracker.pass_page([*table(), {"id": 12, "add_time": "2026-11-29T10:00:05Z", "update_time": None}], NOW)

    assert list(tracker.further(api.ask)) == []
    assert tracker.look() == Look(9, NOW, True)


@pytest.mark.parametrize("time", ["2026-11-29 09:00:00", "2026-11-29T11:00:00+02:00"])
def test_a_time_in_another_spelling(time: str) -> None:
    """A state that somebody edited is read as its time means."""
    look = Look.read({"newest_id": 5, "time": time, "unstamped": False})

    assert look == Look(5, "2026-11-29T09:00:00Z", False)
    assert not look.is_due(NOW)


def test_a_look_by_a_clock_that_ran_ahead_counts_for_nothing() -> None:
    """Otherwise nobody would look until that time has come."""
    assert Look(5, "2027-11-29T09:00:00Z", False).is_due(NOW)
