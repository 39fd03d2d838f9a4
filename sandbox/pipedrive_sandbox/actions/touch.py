"""What a write does to the records above it: it touches them, and products set the value of their deal.

Seen in recorded answers: adding an activity, deal product, note, file or lead moved `update_time` of the deal, person
and organization; which of the five did it cannot be told apart, so that it is a setting.
"""

from __future__ import annotations

from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row

LINKS = {
    "deal_id": "deals",
    "person_id": "persons",
    "org_id": "organizations",
    "organization_id": "organizations",
}
#: Share of a product's sum that falls to a month, by how often it is billed.
OF_A_MONTH = {"weekly": 52 / 12, "monthly": 1, "quarterly": 1 / 3, "semi-annually": 1 / 6, "annually": 1 / 12}


def touch_parents(call: Call, child: Row) -> None:
    """Move `update_time` of what a new record is linked to."""
    if call.resource.rows in call.state.settings.touching_children:
        for column, collection in LINKS.items():
            parent = call.state.store.find(collection, child.get(column))
            if parent is not None:
                call.state.put(collection, {**parent, "update_time": call.now()})


def value_deal(call: Call, deal_id: int) -> None:
    """Set a deal's value, acv, mrr and arr by its products, and touch it."""
    deal = call.state.store.find("deals", deal_id)
    if deal is None:
        return
    rows = [row for row in call.state.store["deal_products"].having("deal_id", deal_id) if row["is_enabled"]]
    monthly = sum(row["sum"] * OF_A_MONTH.get(row["billing_frequency"], 0) for row in rows)
    once = sum(row["sum"] for row in rows if row["billing_frequency"] not in OF_A_MONTH)
    value = sum(row["sum"] for row in rows)
    totals = {"value": value, "acv": once + 12 * monthly, "mrr": monthly, "arr": 12 * monthly}
    rounded = {name: round(total, 2) for name, total in totals.items()}
    call.state.put("deals", {**deal, **rounded, "update_time": call.now()})
