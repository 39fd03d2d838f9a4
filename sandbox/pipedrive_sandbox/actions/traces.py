"""What a write leaves behind: entries of change logs, touched parents, the value of a deal.

Seen in recorded answers: adding an activity, deal product, note, file or lead moved `update_time` of the deal, person
and organization; which of the five did it cannot be told apart, so that it is a setting."""

from typing import Any

from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row

TRACKED = {"deals": "deal_id", "persons": "person_id", "organizations": "org_id"}
UNTRACKED = ("update_time", "custom_fields")


def log_changes(call: Call, before: Row, row: Row) -> None:
    """Remember which keys of a deal, person or organization a write changed."""
    if call.resource.name == "projects":
        _log_project(call, before, row)
    column = TRACKED.get(call.resource.name)
    if column is None:
        return
    old, new = before.get("custom_fields") or {}, row.get("custom_fields") or {}
    pairs = [(key, before.get(key), row.get(key)) for key in row if key not in UNTRACKED]
    pairs += [(key, old.get(key), new.get(key)) for key in {**old, **new}]
    for key, was, becomes in pairs:
        if was != becomes:
            values = {"field_key": key, "old_value": _text(was), "new_value": _text(becomes)}
            log(call, "changes", {column: row["id"], "actor_user_id": call.user_id, **values})


def _log_project(call: Call, before: Row, row: Row) -> None:
    keys = [key for key in row if key not in UNTRACKED and row[key] != before.get(key)]
    values = {"old_values": {key: before.get(key) for key in keys}, "new_values": {key: row[key] for key in keys}}
    if keys:
        blank = {name: BLANK_CHANGE[name] for name in ("change_source", "change_source_user_agent")}
        log(call, "project_changes", {**blank, "project_id": row["id"], "actor_user_id": call.user_id, **values})


def log(call: Call, collection: str, row: Row) -> None:
    """Add a row to one of the change logs."""
    rows = call.state.store[collection]
    blank = BLANK_CHANGE if collection == "changes" else {"actor_user_id": call.user_id}
    call.state.put(collection, {**blank, **row, "time": call.now(), "id": rows.next_id()})


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


BLANK_CHANGE: Row = {"change_source": "api", "change_source_user_agent": None, "is_bulk_update_flag": False}


LINKS = {"deal_id": "deals", "person_id": "persons", "org_id": "organizations", "organization_id": "organizations"}
#: Share of a product's sum that falls to a month, by how often it is billed.
OF_A_MONTH = {"weekly": 52 / 12, "monthly": 1, "quarterly": 1 / 3, "semi-annually": 1 / 6, "annually": 1 / 12}


def touch_parents(call: Call, child: Row) -> None:
    """Move `update_time` of what a new record is linked to."""
    if call.resource.name in call.state.settings.touching_children:
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
