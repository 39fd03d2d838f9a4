"""Records as v1 shows them where v2 has taken over: flags, spaced times, `user_id`, numbers of what hangs below;
and what only v1 shows: participants, relationships, roles, permission sets, change logs."""

from collections.abc import Iterable
from typing import Any

from pipedrive_sandbox.model.counters import counted
from pipedrive_sandbox.model.resource import Call, per_row
from pipedrive_sandbox.model.shapes_v1 import flat_values
from pipedrive_sandbox.store.clock import with_milliseconds, with_space
from pipedrive_sandbox.store.collection import Row

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
PERSON_COLUMNS = ("id", "name", "first_name", "last_name", "owner_id", "org_id", "add_time", "update_time")
ORGANIZATION_COLUMNS = ("id", "name", "owner_id", "add_time", "update_time")
PRODUCT_COLUMNS = ("id", "name", "code", "description", "unit", "tax", "owner_id", "add_time", "update_time")
PROJECT_COLUMNS = (
    *("id", "title", "board_id", "phase_id", "description", "status", "owner_id", "start_date", "end_date"),
    *("deal_ids", "health_status", "add_time", "update_time", "status_change_time", "archive_time"),
)
TASK_COLUMNS = (
    *("id", "title", "project_id", "description", "parent_task_id", "assignee_ids", "due_date", "creator_id"),
    *("add_time", "update_time", "marked_as_done_time"),
)


@per_row
def deal(call: Call, row: Row) -> Row:
    """A deal whose user, person and organization are ids."""
    labels = ",".join(str(label) for label in row["label_ids"])
    return {
        **_spaced(row, DEAL_COLUMNS),
        **{name: counted(call.state, "deals", name, row["id"]) for name in DEAL_COUNTERS},
        "user_id": row["owner_id"],
        "visible_to": str(row["visible_to"]),
        "active": row["status"] == "open" and not row["is_deleted"],
        "deleted": row["is_deleted"],
        "label": labels or None,
        "first_won_time": with_space(row["won_time"]),
        **_custom(call, "dealFields", row),
    }


@per_row
def deal_with_links(call: Call, row: Row) -> Row:
    """A deal whose user, person and organization are objects with a `value`."""
    return {
        **deal(call)(row),
        "creator_user_id": user_object(call, row["creator_user_id"]),
        "user_id": user_object(call, row["owner_id"]),
        "person_id": person_object(call, row["person_id"]),
        "org_id": organization_object(call, row["org_id"]),
    }


@per_row
def person(call: Call, row: Row) -> Row:
    """A person with `email` and `phone`."""
    return {
        **_spaced(row, PERSON_COLUMNS),
        **_custom(call, "personFields", row),
        "active_flag": not row["is_deleted"],
        "email": row["emails"],
        "phone": row["phones"],
        "visible_to": str(row["visible_to"]),
    }


@per_row
def organization(call: Call, row: Row) -> Row:
    """An organization with its address as text."""
    return {
        **_spaced(row, ORGANIZATION_COLUMNS),
        **_custom(call, "organizationFields", row),
        "active_flag": not row["is_deleted"],
        "address": (row["address"] or {}).get("value"),
        "visible_to": str(row["visible_to"]),
    }


@per_row
def product(call: Call, row: Row) -> Row:
    """A product with flags."""
    return {
        **_spaced(row, PRODUCT_COLUMNS),
        **_custom(call, "productFields", row),
        "category": None if row["category"] is None else str(row["category"]),
        "active_flag": not row["is_deleted"],
        "selectable": row["is_linkable"],
        "visible_to": str(row["visible_to"]),
    }


@per_row
def activity(_call: Call, row: Row) -> Row:
    """An activity with its location as text."""
    return {
        **_spaced(row, ACTIVITY_COLUMNS),
        "user_id": row["owner_id"],
        "busy_flag": row["busy"],
        "active_flag": not row["is_deleted"],
        "location": (row["location"] or {}).get("value"),
    }


@per_row
def whole(_call: Call, row: Row) -> Row:
    """Any other record: its columns with spaced times."""
    return _spaced(row, [name for name in row if name not in ("invisible", "custom_fields")])


@per_row
def unmarked(_call: Call, row: Row) -> Row:
    """The same without the mark of deleted ones."""
    return _spaced(row, [name for name in row if name not in ("invisible", "custom_fields", "is_deleted")])


@per_row
def project(_call: Call, row: Row) -> Row:
    """A project: one person, one organization, `labels`."""
    first = {"person_id": next(iter(row["person_ids"]), None), "org_id": next(iter(row["org_ids"]), None)}
    return {**_milliseconds(row, PROJECT_COLUMNS), **first, "labels": row["label_ids"]}


@per_row
def task(_call: Call, row: Row) -> Row:
    """A task: `done` is a number."""
    assignee = next(iter(row["assignee_ids"]), None)
    return {**_milliseconds(row, TASK_COLUMNS), "done": int(row["is_done"]), "assignee_id": assignee}


@per_row
def template(_call: Call, row: Row) -> Row:
    """A project template."""
    return _milliseconds(row, tuple(row))


@per_row
def follower(call: Call, row: Row) -> Row:
    """A follower: who follows what, since when."""
    kept = {name: row[name] for name in ("id", "user_id", call.resource.parent_column)}
    return {**kept, "add_time": with_space(row["add_time"])}


def user_object(call: Call, row_id: Any) -> Row | None:
    """A user as an object with a `value`."""
    row = call.state.store.find("users", row_id)
    if row is None:
        return None
    picture = {"has_pic": False, "pic_hash": None}
    return {**{name: row[name] for name in ("id", "name", "email", "active_flag")}, **picture, "value": row_id}


def person_object(call: Call, row_id: Any) -> Row | None:
    """A person as an object with a `value`."""
    row = call.state.store.find("persons", row_id)
    if row is None:
        return None
    contact = {"name": row["name"], "email": row["emails"], "phone": row["phones"], "owner_id": row["owner_id"]}
    return {**contact, "active_flag": not row["is_deleted"], "value": row_id}


def organization_object(call: Call, row_id: Any) -> Row | None:
    """An organization as an object with a `value`."""
    row = call.state.store.find("organizations", row_id)
    if row is None:
        return None
    return {
        "name": row["name"],
        "people_count": counted(call.state, "organizations", "people_count", row_id),
        "owner_id": row["owner_id"],
        "address": (row["address"] or {}).get("value"),
        "active_flag": not row["is_deleted"],
        "cc_email": None,
        "value": row_id,
    }


@per_row
def participant(call: Call, row: Row) -> Row:
    """A participant of a deal; `person_id` is an object with a `value`."""
    person = call.state.store.find("persons", row["person_id"]) or {}
    contact = {"name": person.get("name"), "email": person.get("emails"), "phone": person.get("phones")}
    deal = call.state.store.find("deals", row["deal_id"]) or {}
    return {
        "id": row["id"],
        "person_id": {"active_flag": not person.get("is_deleted"), **contact, "value": row["person_id"]},
        "add_time": with_space(row["add_time"]),
        "active_flag": row["active_flag"],
        "related_item_data": {"deal_id": row["deal_id"], "title": deal.get("title")},
        "person": {"id": row["person_id"], "active_flag": True, **contact},
        "added_by_user_id": {"id": row["added_by_user_id"], "value": row["added_by_user_id"]},
        "related_item_type": "deal",
        "related_item_id": row["deal_id"],
    }


@per_row
def relationship(call: Call, row: Row) -> Row:
    """A relationship; its organizations are objects with a `value`."""
    owner, linked = row["rel_owner_org_id"], row["rel_linked_org_id"]
    seen_from = call.query.get("org_id")
    return {
        "id": row["id"],
        "type": row["type"],
        "rel_owner_org_id": organization_object(call, owner),
        "rel_linked_org_id": organization_object(call, linked),
        "add_time": with_space(row["add_time"]),
        "update_time": with_space(row["update_time"]),
        "active_flag": str(row["active_flag"]).lower(),
        "calculated_type": _seen_as(row["type"], is_owner=seen_from == owner),
        "calculated_related_org_id": owner if seen_from == linked else linked,
    }


@per_row
def role(call: Call, row: Row) -> Row:
    """A role with its counts as text."""
    assigned = _count(call, "role_assignments", "role_id", row)
    below = _count(call, "roles", "parent_role_id", row)
    return {**call.stored(row), "assignment_count": str(assigned), "sub_role_count": str(below)}


@per_row
def role_assignment(call: Call, row: Row) -> Row:
    """An assignment with the name of its role."""
    found = call.state.store.find("roles", row["role_id"]) or {}
    known = {name: found.get(name) for name in ("parent_role_id", "name", "active_flag")}
    return {"user_id": row["user_id"], "role_id": row["role_id"], **known, "type": row["type"]}


@per_row
def permission_set(call: Call, row: Row) -> Row:
    """A permission set without its contents."""
    return {**call.stored(row), "assignment_count": _count(call, "permission_assignments", "permission_set_id", row)}


@per_row
def change(call: Call, row: Row) -> Row:
    """A row of a change log; its time has a space."""
    return {**call.stored(row), "time": with_space(row["time"])}


def _count(call: Call, collection: str, column: str, row: Row) -> int:
    return sum(1 for _ in call.state.store[collection].having(column, row["id"]))


def _seen_as(kind: str, is_owner: bool) -> str:
    return kind if kind == "related" else ("parent" if not is_owner else "daughter")


def _custom(call: Call, fields: str, row: Row) -> Row:
    return flat_values({each["field_code"]: each for each in call.state.store[fields].rows.values()}, row)


def _spaced(row: Row, kept: Iterable[str]) -> Row:
    return {
        name: with_space(row[name]) if name.endswith("_time") and name != "due_time" else row[name] for name in kept
    }


def _milliseconds(row: Row, kept: Iterable[str]) -> Row:
    return {name: _precise(row[name]) if name.endswith("_time") and row[name] else row[name] for name in kept}


def _precise(moment: str) -> str:
    return with_milliseconds(moment).replace("T", " ").removesuffix("Z")
