"""Pipelines and stages.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from pipedrive_sandbox.actions import lists, prepare
from pipedrive_sandbox.actions.routes import record
from pipedrive_sandbox.model.column import TIMES, Column, Key
from pipedrive_sandbox.model.keys import BOOLEAN, INTEGER, TITLE
from pipedrive_sandbox.model.params import PAGE, SORT_TIMES, SORTED
from pipedrive_sandbox.model.resource import Resource, Route

COLUMNS = (
    Column("id"),
    Column("name", "", write=TITLE),
    Column("order_nr", 0),
    Column("is_deleted", False),
    Column("is_deal_probability_enabled", True, write=BOOLEAN),
    *TIMES,
)

STAGE_COLUMNS = (
    Column("id"),
    Column("order_nr", 0),
    Column("name", "", write=TITLE),
    Column("is_deleted", False),
    Column("deal_probability", 100, write=Key("integer", least=0, most=100)),
    Column("pipeline_id", 1, write=Key("integer", required=True, refers="pipelines")),
    Column("is_deal_rot_enabled", False, write=BOOLEAN),
    Column("days_to_rotten", write=INTEGER),
    *TIMES,
)

PIPELINES = Resource(
    "pipelines",
    "Pipeline",
    "v2",
    columns=COLUMNS,
    scopes=("r:deals", "admin"),
    prepare=prepare.appended,
    sortable=SORT_TIMES,
    routes=(
        Route("GET", "/pipelines", 5, lists.by_cursor, (*SORTED, *PAGE)),
        *record("/pipelines"),
    ),
)

STAGES = Resource(
    "stages",
    "Stage",
    "v2",
    columns=STAGE_COLUMNS,
    scopes=("r:deals", "admin"),
    prepare=prepare.stage,
    filters={"pipeline_id": "pipeline_id"},
    sortable=(*SORT_TIMES, "order_nr"),
    routes=(
        Route("GET", "/stages", 5, lists.by_cursor, ("pipeline_id", *SORTED, *PAGE)),
        *record("/stages"),
    ),
)


TABLES = (PIPELINES, STAGES)
