"""How participants, relationships, roles, permission sets and change logs appear in a v1 answer."""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.model.resource import Call, Render
from pipedrive_sandbox.store.clock import with_space
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State


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
        }

    return render


def role(call: Call) -> Render:
    """A role with its counts as text."""
    store, columns = call.state.store, call.resource.names

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
    store, columns = call.state.store, call.resource.names

    def render(row: Row) -> Row:
        assigned = sum(1 for _ in store["permission_assignments"].having("permission_set_id", row["id"]))
        return {**{column: row.get(column) for column in columns}, "assignment_count": assigned}

    return render


def change(call: Call) -> Render:
    """A row of a change log; its time has a space."""
    columns = call.resource.names

    def render(row: Row) -> Row:
        return {**{column: row.get(column) for column in columns}, "time": with_space(row["time"])}

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
