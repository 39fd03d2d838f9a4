"""Figures of deals, and deals as v1 still lists them.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Pipelines, Products)
"""

from __future__ import annotations

from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions import lists, statistics
from pipedrive_sandbox.model import shapes_old
from pipedrive_sandbox.model.params import DAY, ID, OFFSET, WORD, ZERO_ONE
from pipedrive_sandbox.model.resource import Action, Param, Resource, read_only

OLD_STATUS = Param("choice", ("open", "won", "lost", "deleted", "all_not_deleted"))
FILTERS = {"user_id": "owner_id", **{name: name for name in ("person_id", "org_id", "pipeline_id", "stage_id")}}
SUMMARY = ("status", "filter_id", "user_id", "pipeline_id", "stage_id")
TIMELINE = (
    *("start_date", "interval", "amount", "field_key", "user_id", "pipeline_id", "filter_id", "exclude_deals"),
    "totals_convert_currency",
)
PARAMS = {
    "status": Param("choices", ("open", "won", "lost")),
    "start_date": DAY,
    "end_date": DAY,
    "interval": Param("choice", tuple(statistics.INTERVAL_DAYS), required=True),
    "amount": Param("integer", required=True),
    "field_key": Param("text", required=True),
    **dict.fromkeys(("exclude_deals", "everyone", "get_summary"), ZERO_ONE),
    "totals_convert_currency": WORD,
}


def _of_deals(name: str, cost: int, action: Action, query: tuple[str, ...]) -> Resource:
    kept = {"collection": "deals", "filters": FILTERS, "params": PARAMS}
    return read_only(f"/deals/{name}", cost, action, "deals", query=query, **kept)


def _of_pipeline(name: str, action: Action) -> Resource:
    query, path = ("start_date", "end_date", "user_id"), f"/pipelines/{{id}}/{name}"
    return read_only(path, 40, action, "deals", query=query, params=PARAMS, parent="pipelines")


def _deals_below(parent: str, column: str, *query: str) -> Resource:
    return read_only(
        f"/{parent}/{{id}}/deals",
        20,
        lists.live_deals_below,
        "deals",
        query=("filter_id", "user_id", "everyone", *query),
        collection="deals",
        shape=shapes_old.deal,
        parent=parent,
        parent_column=column,
        filters=FILTERS,
        params=PARAMS,
    )


TABLES = (
    read_only(
        *("/deals/archived", 40, lists.archived_old_deals, "deals"),
        query=(
            *("user_id", "filter_id", "person_id", "org_id", "product_id", "pipeline_id", "stage_id", "status"),
            *(*OFFSET, "sort", "owned_by_you"),
        ),
        collection="deals",
        shape=shapes_old.deal_with_links,
        filters=FILTERS,
        params={"status": OLD_STATUS, "product_id": ID, "owned_by_you": ZERO_ONE},
        sortable=("id", "title", "value", "add_time", "update_time"),
    ),
    _of_deals("summary", 40, statistics.summary, SUMMARY),
    _of_deals("summary/archived", 80, statistics.archived_summary, SUMMARY),
    _of_deals("timeline", 20, statistics.timeline, TIMELINE),
    _of_deals("timeline/archived", 40, statistics.archived_timeline, TIMELINE),
    _of_pipeline("conversion_statistics", statistics.conversion),
    _of_pipeline("movement_statistics", statistics.movement),
    _deals_below("pipelines", "pipeline_id", "stage_id", *OFFSET, "get_summary", "totals_convert_currency"),
    _deals_below("stages", "stage_id", *OFFSET),
    read_only(
        *("/products/{id}/deals", 20, lists.deals_of_product, "deals"),
        query=(*OFFSET, "status"),
        collection="deals",
        shape=shapes_old.deal_with_links,
        parent="products",
        params={"status": OLD_STATUS},
    ),
    read_only(*("/persons/{id}/products", 20, reads.products_of_person, "contacts"), query=OFFSET, parent="persons"),
)
