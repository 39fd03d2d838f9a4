"""Ids then and ids now: what is missing, what is back, what is kept when."""

from typing import Any

import pytest

from source_pipedrive.sync.deletion_detection import Gone, IdSnapshot, pack, unpack


def row(one: Any, **more: Any) -> dict[str, Any]:
    return {"id": one, **more}


def test_missing_rows() -> None:
    """What was there and was not met is missing, unless the API reports it as deleted."""
    comparison = IdSnapshot(pack([1, 2, 3, 4]), Gone())
    comparison.add(row(1))
    comparison.add(row(2, is_deleted=True))
    comparison.add_if_known(row(3, active_flag=True))
    comparison.add_if_known(row(9))

    assert comparison.missing == {4}
    assert unpack(comparison.at_the_end([4], "T")[0]) == {1, 3}
    assert unpack(comparison.at_the_end([], "")[0]) == {1, 3, 4}
    assert unpack(comparison.so_far()[0]) == {1, 3, 4}


@pytest.mark.parametrize(
    ("before", "met", "turned"),
    [
        (pack([1]), row(1), False),
        (pack([1]), row(2), True),
        (pack([1]), row(1, is_deleted=True), True),
        (pack([1]), row(2, is_deleted=True), False),
        (pack([1]), row(1, active_flag=False), True),
        (None, row(2), False),
        (pack([]), row(2), True),
    ],
)
def test_rows_that_turned(before: str | None, met: dict[str, Any], turned: bool) -> None:
    """A row is back when it was not there, deleted when it was; a first run cannot tell."""
    assert IdSnapshot(before, Gone()).has_turned(met) is turned


def test_reported_rows_are_remembered_until_they_are_back() -> None:
    """A row that was reported as gone has a time to beat, also when others were reported later."""
    gone = Gone().and_also([1, 2], "T1").and_also([], "T9").and_also([3], "T3")
    comparison = IdSnapshot(pack([5]), Gone.read(gone.as_state()))

    assert comparison.time_to_beat(row(1)) == comparison.time_to_beat(row(3)) == "T3"
    assert comparison.time_to_beat(row(5)) == comparison.time_to_beat(row(1, is_deleted=True)) == ""
    comparison.add(row(1))
    assert comparison.so_far()[1].ids == {2, 3}
    assert comparison.at_the_end([5], "T4")[1] == Gone(frozenset({2, 3, 5}), "T4")
    assert Gone().as_state() is None


def test_ids_are_packed_a_few_dozen_times() -> None:
    """However many pages there are, ids are packed as often as their number grows by a tenth."""
    comparison, times = IdSnapshot(None, Gone()), 0
    for page in range(1_000):
        for one in range(page * 100, page * 100 + 100):
            comparison.add(row(one))
        if comparison.is_due:
            comparison.so_far()
            times += 1

    assert 20 < times < 80
