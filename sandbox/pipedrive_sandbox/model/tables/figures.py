"""Figures of deals, and deals as v1 still lists them.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Pipelines, Products)
"""

from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions import lists, statistics
from pipedrive_sandbox.model import shapes_old
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.resource import Param, Resource, get

OLD_STATUS = Param("choice", ("open", "won", "lost", "deleted", "all_not_deleted"))
FILTERS = {"user_id": "owner_id", **v.same("person_id org_id pipeline_id stage_id")}
CONVERTED = "totals_convert_currency"
OF_DEALS = f"filter_id user_id everyone {v.OFFSET}"
SUMMARY = "status filter_id user_id pipeline_id stage_id"
TIMELINE = f"start_date interval amount field_key user_id pipeline_id filter_id exclude_deals {CONVERTED}"
PARAMS = {
    "status": Param("choices", ("open", "won", "lost")),
    "start_date": v.DAY,
    "end_date": v.DAY,
    "interval": Param("choice", tuple(statistics.INTERVAL_DAYS), required=True),
    "amount": Param("integer", required=True),
    "field_key": Param("text", required=True),
    **dict.fromkeys(("exclude_deals", "everyone", "get_summary"), v.ZERO_ONE),
    "totals_convert_currency": v.WORD,
}


DEAL = Resource("deals", "Deal", "v1", "deals", shape=shapes_old.deal, filters=FILTERS, params=PARAMS)
WITH_LINKS = DEAL.at(shape=shapes_old.deal_with_links)
PERIOD = "start_date end_date user_id"
TABLES = (
    WITH_LINKS.at(
        get(
            *("/deals/archived", 40, lists.archived_old_deals),
            f"user_id filter_id person_id org_id product_id pipeline_id stage_id status {v.OFFSET} sort owned_by_you",
        ),
        params={"status": OLD_STATUS, "product_id": v.ID, "owned_by_you": v.ZERO_ONE},
        sortable=("id", "title", "value", "add_time", "update_time"),
    ),
    DEAL.at(
        get("/deals/summary", 40, statistics.summary, SUMMARY),
        get("/deals/summary/archived", 80, statistics.summary, SUMMARY),
        get("/deals/timeline", 20, statistics.timeline, TIMELINE),
        get("/deals/timeline/archived", 40, statistics.timeline, TIMELINE),
    ),
    DEAL.below(
        "pipelines",
        get("/pipelines/{id}/conversion_statistics", 40, statistics.conversion, PERIOD),
        get("/pipelines/{id}/movement_statistics", 40, statistics.movement, PERIOD),
        get("/pipelines/{id}/deals", 20, lists.live_deals_below, f"{OF_DEALS} stage_id get_summary {CONVERTED}"),
    ),
    DEAL.below("stages", get("/stages/{id}/deals", 20, lists.live_deals_below, OF_DEALS)),
    WITH_LINKS.at(
        get("/products/{id}/deals", 20, lists.deals_of_product, f"{v.OFFSET} status"),
        parent="products",
        params={"status": OLD_STATUS},
        filters={},
    ),
    Resource("products", "Product", "v1", "contacts", parent="persons").at(
        get("/persons/{id}/products", 20, reads.products_of_person, v.OFFSET)
    ),
)
