"""Goals."""

from pipedrive_sandbox.actions import account, statistics
from pipedrive_sandbox.actions.writes import old_record
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import Column, Key, defaults
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    *defaults(id=None, owner_id=1),
    Column("title", "", write=v.TEXT),
    Column(
        "type",
        {"name": "deals_started", "params": {"pipeline_id": [1], "activity_type_id": [1]}},
        write=v.REQUIRED_OBJECT,
    ),
    Column("assignee", {"type": "person", "id": 1}, write=v.REQUIRED_OBJECT),
    Column(
        "interval", "monthly", write=Key("string", required=True, choices=("weekly", "monthly", "quarterly", "yearly"))
    ),
    Column("duration", {"start": "2026-01-01", "end": "2026-12-31"}, write=v.REQUIRED_OBJECT),
    Column("expected_outcome", {"target": 10, "tracking_metric": "quantity"}, write=v.REQUIRED_OBJECT),
    *defaults(is_active=True, report_ids=[]),
)


def goal(maker: Maker, number: int) -> Row:
    """A goal; every third has ended."""
    return made(maker, COLUMNS, title=f"Goal {number}", is_active=number % 3 != 0)


GOAL_QUERY = (
    "type.name title is_active assignee.id assignee.type expected_outcome.target expected_outcome.tracking_metric "
    "expected_outcome.currency_id type.params.pipeline_id type.params.stage_id type.params.activity_type_id "
    "period.start period.end"
)

DELETE = account.removing(account.GOALS)
GOAL = Resource("goals", "Goal", "v1", "goals", COLUMNS, id_kind="text", seed=goal)
TABLES = (
    GOAL.at(
        get("/goals/find", 20, account.find_goals, GOAL_QUERY),
        *old_record("/goals", create=account.create_goal, shown=None, update=account.update_goal, delete=DELETE),
        params={**dict.fromkeys(GOAL_QUERY.split(), v.WORD), "is_active": v.YES_NO},
    ),
    GOAL.at(
        get("/goals/{id}/results", 20, statistics.goal_results, "period.start period.end"),
        params={"period.start": v.DAY, "period.end": v.DAY},
    ),
)
