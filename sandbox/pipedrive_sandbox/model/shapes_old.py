"""Records as v1 shows them where v2 has taken over: flags, spaced times, `user_id`, numbers of what hangs below."""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.model.counters import counted
from pipedrive_sandbox.model.resource import Call, Render
from pipedrive_sandbox.model.shapes_v1 import flat_value
from pipedrive_sandbox.store.clock import with_milliseconds, with_space
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State

DEAL_COLUMNS = (
    *("id", "creator_user_id", "person_id", "org_id", "stage_id", "title", "value", "currency", "add_time"),
    *("update_time", "stage_change_time", "is_archived", "status", "probability", "lost_reason", "close_time"),
    *("pipeline_id", "won_time", "lost_time", "expected_close_date"),
)
DEAL_COUNTERS = (
    *("products_count", "files_count", "notes_count", "followers_count", "email_messages_count", "activities_count"),
    *("done_activities_count", "undone_activities_count", "participants_count"),
)
ACTIVITY_COLUMNS = (
    *("id", "subject", "type", "due_date", "due_time", "duration", "deal_id", "lead_id", "person_id", "org_id"),
    *("project_id", "done", "add_time", "update_time", "marked_as_done_time", "public_description"),
    *("conference_meeting_client", "conference_meeting_url", "conference_meeting_id"),
)
PRODUCT_COLUMNS = ("id", "name", "code", "description", "unit", "tax", "owner_id", "add_time", "update_time")
PROJECT_COLUMNS = (
    *("id", "title", "board_id", "phase_id", "description", "status", "owner_id", "start_date", "end_date"),
    *("deal_ids", "health_status", "add_time", "update_time", "status_change_time", "archive_time"),
)
TASK_COLUMNS = (
    *("id", "title", "project_id", "description", "parent_task_id", "assignee_ids", "due_date", "creator_id"),
    *("add_time", "update_time", "marked_as_done_time"),
)


def deal(call: Call) -> Render:
    """A deal whose user, person and organization are ids."""
    return lambda row: old_deal(call.state, row)


def deal_with_links(call: Call) -> Render:
    """A deal whose user, person and organization are objects with a `value`."""

    def render(row: Row) -> Row:
        shown = old_deal(call.state, row)
        linked = {
            "creator_user_id": user_object(call.state, row["creator_user_id"]),
            "user_id": user_object(call.state, row["owner_id"]),
            "person_id": person_object(call.state, row["person_id"]),
            "org_id": organization_object(call.state, row["org_id"]),
        }
        return {**shown, **linked}

    return render


def old_deal(state: State, row: Row) -> Row:
    """A v1 deal."""
    labels = ",".join(str(label) for label in row["label_ids"])
    return {
        **_spaced({column: row[column] for column in DEAL_COLUMNS}),
        **{name: counted(state, "deals", name, row["id"]) for name in DEAL_COUNTERS},
        "user_id": row["owner_id"],
        "visible_to": str(row["visible_to"]),
        "active": row["status"] == "open" and not row["is_deleted"],
        "deleted": row["is_deleted"],
        "label": labels or None,
        "first_won_time": with_space(row["won_time"]),
        **custom_values(state, "dealFields", row),
    }


def custom_values(state: State, fields: str, row: Row) -> Row:
    """Custom field values as flat keys."""
    known = {each["field_code"]: each["field_type"] for each in state.store[fields].rows.values()}
    shown: Row = {}
    for key, value in (row.get("custom_fields") or {}).items():
        if key in known and value is not None:
            shown.update(flat_value(key, known[key], value))
    return shown


def old_person(state: State, row: Row) -> Row:
    """A v1 person."""
    kept = ("id", "name", "first_name", "last_name", "owner_id", "org_id", "add_time", "update_time")
    return {
        **_spaced({name: row[name] for name in kept}),
        **custom_values(state, "personFields", row),
        "active_flag": not row["is_deleted"],
        "email": row["emails"],
        "phone": row["phones"],
        "visible_to": str(row["visible_to"]),
    }


def old_organization(state: State, row: Row) -> Row:
    """A v1 organization."""
    kept = ("id", "name", "owner_id", "add_time", "update_time")
    return {
        **_spaced({name: row[name] for name in kept}),
        **custom_values(state, "organizationFields", row),
        "active_flag": not row["is_deleted"],
        "address": (row["address"] or {}).get("value"),
        "visible_to": str(row["visible_to"]),
    }


def old_product(state: State, row: Row) -> Row:
    """A v1 product."""
    return {
        **_spaced({name: row[name] for name in PRODUCT_COLUMNS}),
        **custom_values(state, "productFields", row),
        "category": None if row["category"] is None else str(row["category"]),
        "active_flag": not row["is_deleted"],
        "selectable": row["is_linkable"],
        "visible_to": str(row["visible_to"]),
    }


def old_activity(_state: State, row: Row) -> Row:
    """A v1 activity."""
    location = row["location"] or {}
    return {
        **_spaced({name: row[name] for name in ACTIVITY_COLUMNS}),
        "user_id": row["owner_id"],
        "busy_flag": row["busy"],
        "active_flag": not row["is_deleted"],
        "location": location.get("value"),
    }


def old_plain(_state: State, row: Row) -> Row:
    """Any other v1 record: its columns with spaced times."""
    return _spaced({name: value for name, value in row.items() if name not in ("invisible", "custom_fields")})


def activity(call: Call) -> Render:
    """A v1 activity."""
    return lambda row: old_activity(call.state, row)


def project(_call: Call) -> Render:
    """A v1 project: one person, one organization, `labels`."""

    def render(row: Row) -> Row:
        shown = _milliseconds({name: row[name] for name in PROJECT_COLUMNS})
        first = {"person_id": next(iter(row["person_ids"]), None), "org_id": next(iter(row["org_ids"]), None)}
        return {**shown, **first, "labels": row["label_ids"]}

    return render


def task(_call: Call) -> Render:
    """A v1 task: `done` is a number."""

    def render(row: Row) -> Row:
        shown = _milliseconds({name: row[name] for name in TASK_COLUMNS})
        return {**shown, "done": int(row["is_done"]), "assignee_id": next(iter(row["assignee_ids"]), None)}

    return render


def plain(call: Call) -> Render:
    """Any other v1 record, without the mark of deleted ones."""
    return lambda row: {name: value for name, value in old_plain(call.state, row).items() if name != "is_deleted"}


def template(_call: Call) -> Render:
    """A v1 project template."""
    return _milliseconds


def follower(call: Call) -> Render:
    """A v1 follower: who follows what, since when."""
    column = call.resource.parent_column
    return lambda row: {
        **{name: row[name] for name in ("id", "user_id", column)},
        "add_time": with_space(row["add_time"]),
    }


def user_object(state: State, row_id: Any) -> Row | None:
    """A user as an object with a `value`."""
    row = state.store.find("users", row_id)
    if row is None:
        return None
    picture = {"has_pic": False, "pic_hash": None}
    return {**{name: row[name] for name in ("id", "name", "email", "active_flag")}, **picture, "value": row_id}


def person_object(state: State, row_id: Any) -> Row | None:
    """A person as an object with a `value`."""
    row = state.store.find("persons", row_id)
    if row is None:
        return None
    contact = {"name": row["name"], "email": row["emails"], "phone": row["phones"], "owner_id": row["owner_id"]}
    return {**contact, "active_flag": not row["is_deleted"], "value": row_id}


def organization_object(state: State, row_id: Any) -> Row | None:
    """An organization as an object with a `value`."""
    row = state.store.find("organizations", row_id)
    if row is None:
        return None
    return {
        "name": row["name"],
        "people_count": counted(state, "organizations", "people_count", row_id),
        "owner_id": row["owner_id"],
        "address": (row["address"] or {}).get("value"),
        "active_flag": not row["is_deleted"],
        "cc_email": None,
        "value": row_id,
    }


def _spaced(row: Row) -> Row:
    return {
        name: with_space(value) if name.endswith("_time") and name != "due_time" else value
        for name, value in row.items()
    }


def _milliseconds(row: Row) -> Row:
    times = {
        name: with_milliseconds(row[name]).replace("T", " ").removesuffix("Z")
        for name in row
        if name.endswith("_time") and row[name]
    }
    return {**row, **times}
