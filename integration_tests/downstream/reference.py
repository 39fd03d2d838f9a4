"""Time in stage, told anew from the rows of the warehouse: a deal's changes are replayed one after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
Stages = Counter[tuple[int, int]]


def time_in_stage(deals: Iterable[Row], changes: Iterable[Row]) -> Stages:
    """(deal, stage) -> whole seconds in which the deal was there and open, until the newest sync of deals."""
    deals = list(deals)
    as_of = max(deal["_airbyte_extracted_at"] for deal in deals)
    logged: dict[int, list[Row]] = defaultdict(list)
    for change in changes:
        logged[change["deal_id"]].append(change)
    total: Stages = Counter()
    for deal in deals:
        until = deal["update_time"] if deal["is_deleted"] else as_of
        for stage, start, end in _open_stays(deal, logged[deal["id"]], until):
            total[deal["id"], stage] += _seconds(start, end)
    return total


def _open_stays(deal: Row, changes: list[Row], until: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    moments = sorted(
        (change for change in changes if change["field_key"] in ("stage_id", "status")),
        key=lambda change: (change["time"], change["change_number"]),
    )
    stage, status = _at_first(deal, moments, "stage_id"), _at_first(deal, moments, "status")
    since = deal["add_time"]
    for moment in (*moments, *_closing(deal, moments)):
        if status == "open":
            yield int(stage), since, moment["time"]
        since = moment["time"]
        stage = moment["new_value"] if moment["field_key"] == "stage_id" else stage
        status = moment["new_value"] if moment["field_key"] == "status" else status
    if status == "open":
        yield int(stage), since, until


def _at_first(deal: Row, moments: list[Row], key: str) -> Any:
    """The value before the first change. A closing that is not logged was the only one."""
    first = next((moment["old_value"] for moment in moments if moment["field_key"] == key), None)
    if first is not None:
        return first
    return "open" if key == "status" else deal[key]


def _closing(deal: Row, moments: list[Row]) -> list[Row]:
    if deal["close_time"] is None or any(moment["field_key"] == "status" for moment in moments):
        return []
    return [{"field_key": "status", "new_value": deal["status"], "time": deal["close_time"]}]


def _seconds(start: datetime, end: datetime) -> int:
    """Seconds from one to the other as clocks show them: parts of a second count for nothing."""
    return max(0, int((end.replace(microsecond=0) - start.replace(microsecond=0)).total_seconds()))
