"""Figures computed from the deals: summaries, timelines, conversion, movement, progress of goals.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Pipelines, Goals). Currencies are converted one to one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from pipedrive_sandbox.actions.account import GOALS
from pipedrive_sandbox.actions.lists import require_parent
from pipedrive_sandbox.actions.single import find
from pipedrive_sandbox.messages import Response, json_response, success
from pipedrive_sandbox.model.filtering import keeps
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.model.shapes_old import deal as old_deal
from pipedrive_sandbox.store.collection import Row

INTERVAL_DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91}
#: Kind of a goal -> collection, and the column whose day counts.
GOAL_COUNTS = {
    "deals_started": ("deals", "add_time"),
    "deals_won": ("deals", "won_time"),
    "deals_progressed": ("deals", "stage_change_time"),
    "activities_completed": ("activities", "marked_as_done_time"),
    "activities_added": ("activities", "add_time"),
    "revenue_forecast": ("deals", "expected_close_date"),
}


def conversion(call: Call) -> Response:
    """Shares of a pipeline's deals, made in a period, that went on from stage to stage, were won and were lost."""
    deals, stages = _of_pipeline(call), _stages(call)
    orders = {stage["id"]: position for position, stage in enumerate(stages)}
    reached = [sum(orders.get(deal["stage_id"], 0) >= position for deal in deals) for position in range(len(stages))]
    steps = [
        {"from_stage_id": left["id"], "to_stage_id": right["id"], "conversion_rate": _share(onward, before)}
        for (left, right), (before, onward) in zip(pairwise(stages), pairwise(reached), strict=True)
    ]
    closed = {f"{status}_conversion": _share(len(_having(deals, status)), len(deals)) for status in ("won", "lost")}
    return success({"stage_conversions": steps, **closed})


def movement(call: Call) -> Response:
    """What moved in a pipeline within a period."""
    deals = _of_pipeline(call)
    ages = [{"stage_id": stage["id"], "value": _age(call, _in_stage(deals, stage["id"]))} for stage in _stages(call)]
    data = {
        "movements_between_stages": {"count": sum(deal["stage_change_time"] is not None for deal in deals)},
        "new_deals": _counted(deals),
        "deals_left_open": _counted(_having(deals, "open")),
        "won_deals": _counted(_having(deals, "won")),
        "lost_deals": _counted(_having(deals, "lost")),
        "average_age_in_days": {"across_all_stages": _age(call, deals), "by_stages": ages},
    }
    return success(data)


def goal_results(call: Call) -> Response:
    """How far a goal has come in a period."""
    goal = find(call)
    collection, column = GOAL_COUNTS.get(goal["type"]["name"], ("deals", "add_time"))
    first, last = call.query["period.start"], call.query["period.end"]
    rows = [row for row in call.state.store[collection].rows.values() if not row["is_deleted"]]
    reached = [row for row in rows if first <= (row[column] or "")[:10] <= last]
    is_count = goal["expected_outcome"].get("tracking_metric") == "quantity" or collection != "deals"
    progress = len(reached) if is_count else sum(row["value"] for row in reached)
    return json_response({**GOALS, "data": {"progress": int(progress), "goal": call.shape(goal)}})


def summary(call: Call) -> Response:
    """Sums of deals by currency."""
    deals = _matching(call)
    sums = {currency: _money(rows, currency) for currency, rows in _by_currency(deals).items()}
    weighted = {currency: _weighted(rows, currency) for currency, rows in _by_currency(deals).items()}
    totals = {
        "total_currency_converted_value": round(sum(deal["value"] for deal in deals), 2),
        "total_weighted_currency_converted_value": round(sum(_weight(deal) for deal in deals), 2),
    }
    texts = {f"{name}_formatted": f"{value:,.2f}" for name, value in totals.items()}
    data = {"values_total": sums, "weighted_values_total": weighted, "total_count": len(deals), **totals, **texts}
    return success(data)


def timeline(call: Call) -> Response:
    """Deals whose date field falls into a span of intervals."""
    query = call.query
    first = date.fromisoformat(query["start_date"])
    last = first + timedelta(days=INTERVAL_DAYS[query["interval"]] * query["amount"] - 1)
    days = (first.isoformat(), last.isoformat())
    found = _matching(call)
    deals = [deal for deal in found if days[0] <= str(deal.get(query["field_key"]) or "")[:10] <= days[1]]
    show = old_deal(call)
    shown = [] if query.get("exclude_deals") else [show(deal) for deal in deals]
    period = {"period_start": f"{days[0]} 00:00:00", "period_end": f"{days[1]} 23:59:59"}
    return success({**period, "deals": shown, "totals": _totals(deals)})


def _totals(deals: Sequence[Row]) -> Row:
    still_open, won = _having(deals, "open"), _having(deals, "won")
    return {
        "count": len(deals),
        "values": _values(deals),
        "weighted_values": _values(deals, _weight),
        "open_count": len(still_open),
        "open_values": _values(still_open),
        "weighted_open_values": _values(still_open, _weight),
        "won_count": len(won),
        "won_values": _values(won),
    }


def _matching(call: Call) -> list[Row]:
    keep = keeps(call, lambda row: bool(row["is_archived"]) == call.is_archive and not row["is_deleted"])
    statuses = call.query.get("status")
    deals = [row for row in call.state.store["deals"].rows.values() if keep(row)]
    return [deal for deal in deals if statuses is None or deal["status"] in statuses]


def _of_pipeline(call: Call) -> list[Row]:
    pipeline, query = require_parent(call), call.query
    deals = [row for row in call.state.store["deals"].having("pipeline_id", pipeline["id"]) if not row["is_deleted"]]
    owned = [row for row in deals if query.get("user_id") in (None, row["owner_id"])]
    return [row for row in owned if query["start_date"] <= row["add_time"][:10] <= query["end_date"]]


def _stages(call: Call) -> list[Row]:
    rows = call.state.store["stages"].having("pipeline_id", int(call.path["id"]))
    return sorted((row for row in rows if not row["is_deleted"]), key=lambda row: row["order_nr"])


def _having(deals: Iterable[Row], status: str) -> list[Row]:
    return [deal for deal in deals if deal["status"] == status]


def _in_stage(deals: Iterable[Row], stage_id: int) -> list[Row]:
    return [deal for deal in deals if deal["stage_id"] == stage_id]


def _share(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


def _age(call: Call, deals: Sequence[Row]) -> int:
    today = date.fromisoformat(call.now()[:10])
    ages = [(today - date.fromisoformat(deal["add_time"][:10])).days for deal in deals]
    return round(sum(ages) / len(ages)) if ages else 0


def _counted(deals: Sequence[Row]) -> Row:
    sums = {currency: round(value) for currency, value in _values(deals).items()}
    texts = {currency: f"{currency} {value}" for currency, value in sums.items()}
    return {"count": len(deals), "deals_ids": [deal["id"] for deal in deals], "values": sums, "formatted_values": texts}


def _by_currency(deals: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for deal in deals:
        found[deal["currency"]].append(deal)
    return found


def _values(deals: Iterable[Row], value: Callable[[Row], Any] = lambda deal: deal["value"]) -> dict[str, float]:
    return {currency: round(sum(value(row) for row in rows), 2) for currency, rows in _by_currency(deals).items()}


def _weight(deal: Row) -> float:
    return float(deal["value"]) * (100 if deal["probability"] is None else deal["probability"]) / 100


def _money(deals: Sequence[Row], currency: str) -> Row:
    total = round(sum(deal["value"] for deal in deals), 2)
    text = f"{currency} {total}"
    formatted = {"value_formatted": text, "value_converted_formatted": text}
    return {"value": total, "count": len(deals), "value_converted": total, **formatted}


def _weighted(deals: Sequence[Row], currency: str) -> Row:
    total = round(sum(_weight(deal) for deal in deals), 2)
    return {"value": total, "count": len(deals), "value_formatted": f"{currency} {total}"}
