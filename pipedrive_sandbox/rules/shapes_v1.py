"""How v1 records appear in an answer: embedded names, spaced times, flat custom field keys."""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.call import Call
from pipedrive_sandbox.clock import with_milliseconds, with_space
from pipedrive_sandbox.rules.shapes import spaced_times
from pipedrive_sandbox.state import State
from pipedrive_sandbox.store import Row
from pipedrive_sandbox.table import Render

FILE_COLUMNS = (
    *("id", "user_id", "deal_id", "person_id", "org_id", "product_id", "activity_id", "lead_id", "project_id"),
    *("log_id", "add_time", "update_time", "file_name", "file_type", "file_size", "active_flag", "inline_flag"),
    *("remote_location", "remote_id", "cid", "s3_bucket", "mail_message_id", "mail_template_id", "name"),
    *("description",),
)
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
    custom, columns = call.custom_keys(), call.resource.columns

    def render(row: Row) -> Row:
        shown = {column: row.get(column) for column in columns}
        shown["add_time"] = with_milliseconds(row["add_time"])
        shown["update_time"] = with_milliseconds(row["update_time"])
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
    columns = call.resource.columns

    def render(row: Row) -> Row:
        shown = {column: row.get(column) for column in columns}
        shown["is_you"] = row["id"] == call.user_id
        for column in ("last_login", "created", "modified"):
            shown[column] = with_space(row.get(column))
        return shown

    return render


def lead_label(call: Call) -> Render:
    """A lead label; its times carry milliseconds."""
    columns = call.resource.columns

    def render(row: Row) -> Row:
        shown = {column: row.get(column) for column in columns}
        shown.update((column, with_milliseconds(row[column])) for column in ("add_time", "update_time"))
        return shown

    return render


def field_definition(call: Call) -> Render:
    """A v1 field definition: numeric id, `key`, `name` and flags."""
    columns = call.resource.columns

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


def participant(call: Call) -> Render:
    """A participant of a deal; `person_id` is an object with a `value`."""
    state = call.state

    def render(row: Row) -> Row:
        person = state.store.find("persons", row["person_id"]) or {}
        contact = {"name": person.get("name"), "email": person.get("emails"), "phone": person.get("phones")}
        person_id = {"active_flag": not person.get("is_deleted"), **contact, "value": row["person_id"]}
        deal = state.store.find("deals", row["deal_id"]) or {}
        return {
            "id": row["id"],
            "person_id": person_id,
            "add_time": with_space(row["add_time"]),
            "active_flag": row["active_flag"],
            "related_item_data": {"deal_id": row["deal_id"], "title": deal.get("title")},
            "person": {"id": row["person_id"], "active_flag": True, **contact},
            "added_by_user_id": {"id": row["added_by_user_id"], "value": row["added_by_user_id"]},
            "related_item_type": "deal",
            "related_item_id": row["deal_id"],
        }

    return render


def relationship(call: Call) -> Render:
    """A relationship; its organizations are objects with a `value`."""
    seen_from = call.query.get("org_id")

    def render(row: Row) -> Row:
        owner, linked = row["rel_owner_org_id"], row["rel_linked_org_id"]
        other = owner if seen_from == linked else linked
        return {
            "id": row["id"],
            "type": row["type"],
            "rel_owner_org_id": _organization(call.state, owner),
            "rel_linked_org_id": _organization(call.state, linked),
            "add_time": with_space(row["add_time"]),
            "update_time": with_space(row["update_time"]),
            "active_flag": str(row["active_flag"]).lower(),
            "calculated_type": _seen_as(row["type"], is_owner=seen_from == owner),
            "calculated_related_org_id": other,
            "related_organization_name": _name(call.state, "organizations", other, "name"),
        }

    return render


def role(call: Call) -> Render:
    """A role with its counts as text."""
    store, columns = call.state.store, call.resource.columns

    def render(row: Row) -> Row:
        assigned = sum(1 for _ in store["role_assignments"].having("role_id", row["id"]))
        below = sum(1 for _ in store["roles"].having("parent_role_id", row["id"]))
        return {**{column: row.get(column) for column in columns}, **_counts(assigned, below)}

    return render


def role_assignment(call: Call) -> Render:
    """An assignment with the name of its role."""

    def render(row: Row) -> Row:
        found = call.state.store.find("roles", row["role_id"]) or {}
        known = {name: found.get(name) for name in ("parent_role_id", "name", "active_flag")}
        return {"user_id": row["user_id"], "role_id": row["role_id"], **known, "type": row["type"]}

    return render


def permission_set(call: Call) -> Render:
    """A permission set without its contents."""
    store, columns = call.state.store, call.resource.columns

    def render(row: Row) -> Row:
        assigned = sum(1 for _ in store["permission_assignments"].having("permission_set_id", row["id"]))
        return {**{column: row.get(column) for column in columns}, "assignment_count": assigned}

    return render


def _counts(assigned: int, below: int) -> dict[str, str]:
    return {"assignment_count": str(assigned), "sub_role_count": str(below)}


def _organization(state: State, row_id: Any) -> dict[str, Any]:
    row = state.store.find("organizations", row_id) or {}
    people = sum(1 for _ in state.store["persons"].having("org_id", row_id))
    address = (row.get("address") or {}).get("value")
    owner = {"name": row.get("name"), "people_count": people, "owner_id": row.get("owner_id"), "address": address}
    return {**owner, "active_flag": not row.get("is_deleted"), "cc_email": None, "value": row_id}


def _seen_as(kind: str, is_owner: bool) -> str:
    return kind if kind == "related" else ("parent" if not is_owner else "daughter")


def change(call: Call) -> Render:
    """A row of a change log; its time has a space."""
    columns = call.resource.columns

    def render(row: Row) -> Row:
        return {**{column: row.get(column) for column in columns}, "time": with_space(row["time"])}

    return render
