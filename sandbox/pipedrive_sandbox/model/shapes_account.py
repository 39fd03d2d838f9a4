"""How participants, relationships, roles, permission sets and change logs appear in a v1 answer."""

from pipedrive_sandbox.model.resource import Call, per_row
from pipedrive_sandbox.model.shapes_old import organization_object
from pipedrive_sandbox.store.clock import with_space
from pipedrive_sandbox.store.collection import Row


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
