"""Change logs that writes leave behind."""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row

TRACKED = {"deals": "deal_id", "persons": "person_id", "organizations": "org_id"}
UNTRACKED = ("update_time", "custom_fields")


def log_changes(call: Call, before: Row, row: Row) -> None:
    """Remember which keys of a deal, person or organization a write changed."""
    if call.resource.rows == "projects":
        _log_project(call, before, row)
    column = TRACKED.get(call.resource.rows)
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
