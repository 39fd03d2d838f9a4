"""Figures that Pipedrive works out for a period: results of goals, statistics of pipelines. They change by themselves.

They are asked for once a day: the periods since the day of the last read, up to today, so that a period that ended
meanwhile gets its last figures. A first read takes the current period and the one before.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from pipedrive_client.client import PipedriveClient
from source_pipedrive.streams.spec import READ_UNTIL, TODAY, Ask

Row = dict[str, Any]
_WEEK = timedelta(days=7)
WEEKLY = "weekly"
#: Months of a goal's other intervals. Source: `interval` of POST /v1/goals.
_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
RESULTS = "v1/goals/{id}/results"
CONVERSION = "v1/pipelines/{id}/conversion_statistics"
MOVEMENT = "v1/pipelines/{id}/movement_statistics"
#: Earlier days are typing errors, and the calendar ends near there.
_EARLIEST = 1900


class Period(NamedTuple):
    """From ``start`` to ``end``, both included."""

    start: date
    end: date


def periods(interval: str, since: date | None, until: date, first: date | None = None) -> Iterator[Period]:
    """The periods from the one that holds ``since`` to the one that holds ``until``, cut at ``first`` and ``until``.

    ``interval`` is weekly, monthly, quarterly or yearly; weeks begin on Mondays. Without ``since`` the last two.
    """
    start = _start(interval, since or _start(interval, until) - timedelta(days=1))
    while start <= until:
        following = _next(interval, start)
        period = Period(max(start, first or start), min(following - timedelta(days=1), until))
        if period.start <= period.end:
            yield period
        start = following


def _start(interval: str, day: date) -> date:
    if interval == WEEKLY:
        return day - timedelta(days=day.weekday())
    months = _MONTHS.get(interval, 1)
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def _next(interval: str, start: date) -> date:
    if interval == WEEKLY:
        return start + _WEEK
    month = start.month - 1 + _MONTHS.get(interval, 1)
    return date(start.year + month // 12, month % 12 + 1, 1)


def results_of_goals(client: PipedriveClient, goals: list[Row], ask: Ask) -> Iterator[tuple[Row, Row]]:  # noqa: ARG001
    """The progress of each goal in the periods of its own interval, inside its duration."""
    for goal in goals:
        duration = goal.get("duration")
        duration = duration if isinstance(duration, dict) else {}
        first, last = _day(duration.get("start")), _day(duration.get("end"))
        since, today = _day(goal.get(READ_UNTIL)), goal[TODAY]
        until = min(today, last or today)
        if since and since > until:
            continue
        for period in periods(str(goal.get("interval")), since, until, first):
            for found in ask(goal, RESULTS, _parameters("period.start", "period.end", period)):
                yield goal, _row(period) | {"progress": found.get("progress"), **_told(goal)}


def _told(goal: Row) -> Row:
    return {key: goal.get(key) for key in ("title", "interval", "expected_outcome")}


def statistics_of_pipelines(
    client: PipedriveClient,  # noqa: ARG001
    pipelines: list[Row],
    ask: Ask,
) -> Iterator[tuple[Row, Row]]:
    """Conversion and movement of the deals of each pipeline, month by month."""
    for pipeline in pipelines:
        for period in periods("monthly", _day(pipeline.get(READ_UNTIL)), pipeline[TODAY]):
            parameters = _parameters("start_date", "end_date", period)
            conversion = ask(pipeline, CONVERSION, parameters)
            movement = ask(pipeline, MOVEMENT, parameters) if conversion else []
            if movement:
                yield pipeline, conversion[0] | movement[0] | _row(period)


def _parameters(start: str, end: str, period: Period) -> Row:
    return {start: period.start.isoformat(), end: period.end.isoformat()}


def _row(period: Period) -> Row:
    return {"period_start": period.start.isoformat(), "period_end": period.end.isoformat()}


def _day(value: Any) -> date | None:
    """The day of a date or a time; None for what is none."""
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
    return day if day.year >= _EARLIEST else None
