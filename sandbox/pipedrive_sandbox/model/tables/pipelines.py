"""Pipelines and stages."""

from pipedrive_sandbox.actions import lists, prepare
from pipedrive_sandbox.actions.writes import record
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import TIMES, Column, Key, defaults
from pipedrive_sandbox.model.resource import Resource, get

COLUMNS = (
    Column("id"),
    Column("name", "", write=v.TITLE),
    *defaults(order_nr=0, is_deleted=False),
    Column("is_deal_probability_enabled", True, write=v.BOOLEAN),
    *TIMES,
)

STAGE_COLUMNS = (
    *defaults(id=None, order_nr=0),
    Column("name", "", write=v.TITLE),
    Column("is_deleted", False),
    Column("deal_probability", 100, write=Key("integer", least=0, most=100)),
    Column("pipeline_id", 1, write=Key("integer", required=True, refers="pipelines")),
    Column("is_deal_rot_enabled", False, write=v.BOOLEAN),
    Column("days_to_rotten", write=v.INTEGER),
    *TIMES,
)

PIPELINE = Resource("pipelines", "Pipeline", "v2", "r:deals admin", COLUMNS, prepare=prepare.appended)
STAGE = Resource("stages", "Stage", "v2", "r:deals admin", STAGE_COLUMNS, prepare=prepare.stage)
TABLES = (
    PIPELINE.at(
        get("/pipelines", 5, lists.by_cursor, f"{v.SORTED} {v.PAGE}"), *record("/pipelines"), sortable=v.SORT_TIMES
    ),
    STAGE.at(
        get("/stages", 5, lists.by_cursor, f"pipeline_id {v.SORTED} {v.PAGE}"),
        *record("/stages"),
        filters=v.same("pipeline_id"),
        sortable=(*v.SORT_TIMES, "order_nr"),
    ),
)
