"""Goals.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from pipedrive_sandbox.actions import account, statistics
from pipedrive_sandbox.actions.routes import old_record
from pipedrive_sandbox.model.column import Column, Key
from pipedrive_sandbox.model.keys import REQUIRED_OBJECT, TEXT
from pipedrive_sandbox.model.params import DAY, WORD, YES_NO
from pipedrive_sandbox.model.resource import Resource, Route, read_only
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id"),
    Column("owner_id", 1),
    Column("title", "", write=TEXT),
    Column(
        "type",
        {"name": "deals_started", "params": {"pipeline_id": [1], "activity_type_id": [1]}},
        write=REQUIRED_OBJECT,
    ),
    Column("assignee", {"type": "person", "id": 1}, write=REQUIRED_OBJECT),
    Column(
        "interval", "monthly", write=Key("string", required=True, choices=("weekly", "monthly", "quarterly", "yearly"))
    ),
    Column("duration", {"start": "2026-01-01", "end": "2026-12-31"}, write=REQUIRED_OBJECT),
    Column("expected_outcome", {"target": 10, "tracking_metric": "quantity"}, write=REQUIRED_OBJECT),
    Column("is_active", True),
    Column("report_ids", []),
)


def goal(maker: Maker, number: int) -> Row:
    """A goal; every third is no longer active."""
    return made(maker, COLUMNS, title=f"Goal {number}", is_active=number % 3 != 0)


GOAL_QUERY = (
    *("type.name", "title", "is_active", "assignee.id", "assignee.type", "expected_outcome.target"),
    *("expected_outcome.tracking_metric", "expected_outcome.currency_id", "type.params.pipeline_id"),
    *("type.params.stage_id", "type.params.activity_type_id", "period.start", "period.end"),
)

GOALS = Resource(
    "goals",
    "Goal",
    "v1",
    columns=COLUMNS,
    scopes=("goals",),
    id_kind="text",
    params={**dict.fromkeys(GOAL_QUERY, WORD), "is_active": YES_NO},
    routes=(
        Route("GET", "/goals/find", 20, account.find_goals, GOAL_QUERY),
        *old_record(
            "/goals", create=account.create_goal, show=None, update=account.update_goal, delete=account.delete_goal
        ),
    ),
    seed=goal,
)


RESULTS = read_only(
    *("/goals/{id}/results", 20, statistics.goal_results, "goals"),
    query=("period.start", "period.end"),
    columns=COLUMNS,
    params={"period.start": DAY, "period.end": DAY},
    noun="Goal",
    collection="goals",
    id_kind="text",
)
TABLES = (GOALS, RESULTS)
