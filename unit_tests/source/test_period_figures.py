"""The periods that goal results and pipeline statistics are asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from source_pipedrive.streams.period_figures import periods, results_of_goals, statistics_of_pipelines
from source_pipedrive.streams.spec import READ_UNTIL, TODAY

TODAY_IS = date(2026, 11, 29)


def spans(interval: str, since: str | None, until: str = "2026-11-29", first: str | None = None) -> list[str]:
    days = (date.fromisoformat(each) if each else None for each in (since, until, first))
    since_day, until_day, first_day = days
    assert until_day
    return [f"{start} {end}" for start, end in periods(interval, since_day, until_day, first_day)]


@pytest.mark.parametrize(
    ("interval", "since", "found"),
    [
        ("weekly", None, ["2026-11-16 2026-11-22", "2026-11-23 2026-11-29"]),
        ("monthly", None, ["2026-10-01 2026-10-31", "2026-11-01 2026-11-29"]),
        ("quarterly", None, ["2026-07-01 2026-09-30", "2026-10-01 2026-11-29"]),
        ("yearly", None, ["2025-01-01 2025-12-31", "2026-01-01 2026-11-29"]),
        ("monthly", "2026-11-28", ["2026-11-01 2026-11-29"]),
        ("monthly", "2026-11-29", ["2026-11-01 2026-11-29"]),
        ("monthly", "2026-09-30", ["2026-09-01 2026-09-30", "2026-10-01 2026-10-31", "2026-11-01 2026-11-29"]),
        ("weekly", "2026-11-22", ["2026-11-16 2026-11-22", "2026-11-23 2026-11-29"]),
        ("yearly", "2026-01-01", ["2026-01-01 2026-11-29"]),
        ("unheard of", "2026-11-28", ["2026-11-01 2026-11-29"]),
    ],
)
def test_periods(interval: str, since: str | None, found: list[str]) -> None:
    """From the period of the last read to that of today; at first the current one and the one before."""
    assert spans(interval, since) == found


def test_a_period_is_cut_at_the_first_day() -> None:
    """Periods before the first day are none."""
    assert spans("monthly", None, first="2026-10-15") == ["2026-10-15 2026-10-31", "2026-11-01 2026-11-29"]
    assert spans("monthly", None, first="2026-11-29") == ["2026-11-29 2026-11-29"]
    assert spans("monthly", None, first="2027-01-01") == []


def test_a_year_turns() -> None:
    """December is followed by January."""
    assert spans("monthly", "2025-12-31", "2026-01-01") == ["2025-12-01 2025-12-31", "2026-01-01 2026-01-01"]


class Answers:
    """What is asked, each answered with its number."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, parent: dict[str, Any], path: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        self.asked.append((path, params))
        return [{"progress": len(self.asked), "goal": {}}]


@pytest.mark.parametrize(
    ("duration", "since", "starts"),
    [
        ({"start": "2026-01-01", "end": None}, None, ["2026-10-01", "2026-11-01"]),
        ({"start": "2026-01-01", "end": "2026-03-31"}, None, ["2026-02-01", "2026-03-01"]),
        ({"start": "2026-01-01", "end": "2026-03-31"}, "2026-11-28", []),
        ({"start": "2026-01-01", "end": "2026-11-15"}, "2026-11-10", ["2026-11-01"]),
        ({"start": "2026-11-05", "end": "2027-12-31"}, None, ["2026-11-05"]),
        ({"start": "2027-01-01", "end": "2027-12-31"}, None, []),
        ({"start": "0001-01-01", "end": "0001-01-01"}, None, ["2026-10-01", "2026-11-01"]),
        ("broken", None, ["2026-10-01", "2026-11-01"]),
        (None, "2026-11-28", ["2026-11-01"]),
    ],
)
def test_goals_are_asked_inside_their_duration(duration: Any, since: str | None, starts: list[str]) -> None:
    """Pipedrive refuses days outside of it; a goal that ended is asked no more."""
    answers = Answers()
    goal = {"id": "g", "interval": "monthly", "duration": duration, TODAY: TODAY_IS, READ_UNTIL: since}
    rows = [row for _, row in results_of_goals(None, [goal], answers)]  # type: ignore[arg-type]

    assert [params["period.start"] for _, params in answers.asked] == starts
    assert [row["period_start"] for row in rows] == starts
    assert [row["progress"] for row in rows] == list(range(1, len(starts) + 1))


def test_a_pipeline_that_is_refused_is_asked_once() -> None:
    """Without conversions there is no row, and no second call."""
    asked = []

    def ask(parent: dict[str, Any], path: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        asked.append(path)
        return []

    pipeline = {"id": 1, TODAY: TODAY_IS, READ_UNTIL: "2026-11-29"}

    assert list(statistics_of_pipelines(None, [pipeline], ask)) == []  # type: ignore[arg-type]
    assert asked == ["v1/pipelines/{id}/conversion_statistics"]
