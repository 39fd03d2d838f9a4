"""How v1 records appear in an answer: embedded names, spaced times, flat custom field keys."""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.model.resource import Call, Render
from pipedrive_sandbox.model.shapes import spaced_times
from pipedrive_sandbox.store.clock import with_milliseconds, with_space
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State

SUFFIXED = {
    "monetary": ("currency",),
    "daterange": ("until",),
    "time": ("timezone_id",),
    "timerange": ("until", "timezone_id"),
    "address": (
        "subpremise",
        "street_number",
        "route",
        "sublocality",
        "locality",
        "admin_area_level_1",
        "admin_area_level_2",
        "country",
        "postal_code",
        "formatted_address",
    ),
}


def lead(call: Call) -> Render:
    """A lead: times with milliseconds, deal fields as flat hash keys with suffixed siblings, unset ones absent."""
    custom, columns = call.custom_keys(), call.resource.names

    def render(row: Row) -> Row:
        shown = {column: row.get(column) for column in columns}
        shown["add_time"] = with_milliseconds(row["add_time"])
        shown["update_time"] = with_milliseconds(row["update_time"])
        shown["archive_time"] = row.get("archive_time") and with_milliseconds(row["archive_time"])
        for key, value in (row.get("custom_fields") or {}).items():
            if key in custom and value is not None:
                shown.update(flat_value(key, custom[key]["field_type"], value))
        return shown

    return render


def flat_value(key: str, field_type: str, value: Any) -> dict[str, Any]:
    """A custom field value as v1 shows it: `{key: value, key_currency: …}`; enum ids as text, sets joined by commas."""
    if field_type == "enum":
        return {key: str(value)}
    if field_type == "set":
        return {key: ",".join(str(option) for option in value)}
    if field_type in SUFFIXED:
        siblings = {f"{key}_{part}": value.get(part) for part in SUFFIXED[field_type]}
        return {key: value.get("value"), **siblings}
    return {key: value}


def note(call: Call) -> Render:
    """A note with the names of what it is attached to and of its author."""
    base, state = spaced_times(call), call.state

    def render(row: Row) -> Row:
        shown = base(row)
        shown["deal"] = _named(state, "deals", row.get("deal_id"), "title")
        shown["person"] = _named(state, "persons", row.get("person_id"), "name")
        shown["organization"] = _named(state, "organizations", row.get("org_id"), "name")
        shown["project"] = _named(state, "projects", row.get("project_id"), "title")
        shown["task"] = _named(state, "tasks", row.get("task_id"), "title")
        shown["user"] = _author(call, row["user_id"])
        return shown

    return render


def file(call: Call) -> Render:
    """A file with the names of what it is attached to and its download address."""
    base, state = spaced_times(call), call.state

    def render(row: Row) -> Row:
        shown = base(row)
        shown["deal_name"] = _name(state, "deals", row.get("deal_id"), "title")
        shown["person_name"] = _name(state, "persons", row.get("person_id"), "name")
        shown["org_name"] = _name(state, "organizations", row.get("org_id"), "name")
        shown["product_name"] = _name(state, "products", row.get("product_id"), "name")
        shown["lead_name"] = _name(state, "leads", row.get("lead_id"), "title")
        shown["project_name"] = _name(state, "projects", row.get("project_id"), "title")
        shown["url"] = f"{call.request.base}/v1/files/{row['id']}/download"
        return shown

    return render


def user(call: Call) -> Render:
    """A user; `is_you` marks the owner of the token."""
    columns = call.resource.names

    def render(row: Row) -> Row:
        shown = {column: row.get(column) for column in columns}
        shown["is_you"] = row["id"] == call.user_id
        for column in ("last_login", "created", "modified"):
            shown[column] = with_space(row.get(column))
        return shown

    return render


def lead_label(call: Call) -> Render:
    """A lead label; its times carry milliseconds."""
    columns = call.resource.names

    def render(row: Row) -> Row:
        shown = {column: row.get(column) for column in columns}
        shown.update((column, with_milliseconds(row[column])) for column in ("add_time", "update_time"))
        return shown

    return render


def field_definition(call: Call) -> Render:
    """A v1 field definition: numeric id, `key`, `name` and flags."""
    columns = call.resource.names

    def render(row: Row) -> Row:
        is_custom = row["is_custom_field"]
        known = {
            **row,
            "id": row["numeric_id"],
            "key": row["field_code"],
            "name": row["field_name"],
            "order_nr": row["numeric_id"],
            "edit_flag": is_custom,
            "add_time": with_space(row["add_time"]),
            "update_time": with_space(row["update_time"]),
            "mandatory_flag": row["field_code"] in ("title", "name"),
            "created_by_user_id": call.user_id if is_custom else None,
            "last_updated_by_user_id": call.user_id if is_custom else None,
            "searchable_flag": is_custom,
            "important_flag": False,
            "is_subfield": False,
            "options_deleted": row.get("options_deleted") or [],
            "subfields": row.get("subfields") or [],
        }
        return {column: known.get(column, True) for column in columns}

    return render


def _named(state: State, collection: str, row_id: Any, column: str) -> dict[str, Any] | None:
    row = None if row_id is None else state.store.find(collection, row_id)
    return None if row is None else {column: row.get(column)}


def _name(state: State, collection: str, row_id: Any, column: str) -> str | None:
    named = _named(state, collection, row_id, column)
    return None if named is None else named[column]


def _author(call: Call, user_id: int) -> dict[str, Any]:
    found = call.state.store.find("users", user_id) or {}
    return {
        "email": found.get("email"),
        "icon_url": found.get("icon_url"),
        "is_you": user_id == call.user_id,
        "name": found.get("name"),
    }
