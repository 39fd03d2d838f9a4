"""Actions that answer with a list."""

from pipedrive_sandbox.messages import Response, json_response, not_found, success
from pipedrive_sandbox.model.filtering import Check, applied, is_visible, keeps, number_or_text
from pipedrive_sandbox.model.paging import (
    cursor_page,
    cursor_response,
    offset_page,
    offset_response,
    offset_slice,
    v1_list,
)
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.clock import to_text, with_space
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import definitions

PROJECT_LINKS = {"deal_id": "deal_ids", "person_id": "person_ids", "org_id": "org_ids"}


def by_cursor(call: Call) -> Response:
    """Live rows, a cursor page at a time."""
    return _cursor(call, None)


def deals(call: Call) -> Response:
    """Deals, or archived ones; deleted ones only when `status` asks for them."""
    return _cursor(call, _deal_condition(call))


def persons(call: Call) -> Response:
    """Live persons; `deal_id` keeps the deal's person and its participants."""
    deal_id = applied(call).get("deal_id")
    if deal_id is None:
        return by_cursor(call)
    store = call.state.store
    deal = store.find("deals", deal_id) or {}
    ids = {row["person_id"] for row in store["deal_participants"].having("deal_id", deal_id)} | {deal.get("person_id")}
    return _cursor(call, lambda row: row["id"] in ids and not row["is_deleted"])


def children(call: Call) -> Response:
    """A cursor page of what belongs to the record in the path. Raises 404 when that is gone or hidden."""
    require_parent(call)
    return by_cursor(call)


def by_offset(call: Call) -> Response:
    """Live rows, an offset page at a time."""
    return _offset(call, None)


def children_by_offset(call: Call) -> Response:
    """An offset page of what belongs to the record in the path. Raises 404 when that is gone or hidden."""
    require_parent(call)
    return by_offset(call)


def leads(call: Call) -> Response:
    """Leads, or archived ones."""
    archived = call.is_archive
    return _offset(call, lambda row: bool(row["is_archived"]) == archived and not row.get("is_deleted"))


def whole(call: Call) -> Response:
    """All live rows in one answer, without paging."""
    keep, rows, render = keeps(call), call.rows, call.shape
    shown = [render(rows.rows[key[2]]) for key in rows.view(call.resource.order) if keep(rows.rows[key[2]])]
    data = v1_list(call, shown) if call.resource.version == "v1" else shown
    return success(data)


def whole_of_parent(call: Call) -> Response:
    """All live rows below the record in the path. Raises 404 when that is gone or hidden."""
    require_parent(call)
    return whole(call)


def whole_with_nothing(call: Call) -> Response:
    """All live rows in one answer, with `additional_data: null`."""
    return json_response({**whole(call).json(), "additional_data": None})


def live_deals_below(call: Call) -> Response:
    """Deals of the record in the path that are neither archived nor deleted, an offset page at a time."""
    require_parent(call)
    return _offset(call, _deal_condition(call))


def archived_old_deals(call: Call) -> Response:
    """Archived deals as v1 lists them."""
    query, condition = call.query, _old_deal_condition(call)
    sold = None if "product_id" not in query else _deals_with(call, query["product_id"])
    owner = call.user_id if query.get("owned_by_you") else None

    def passes(row: Row) -> bool:
        is_owned = owner is None or row["owner_id"] == owner
        return bool(row["is_archived"]) and is_owned and (sold is None or row["id"] in sold) and condition(row)

    return _offset(call, passes)


def deals_of_product(call: Call) -> Response:
    """Deals that a product is in."""
    ids, condition = _deals_with(call, require_parent(call)["id"]), _old_deal_condition(call)
    return _offset(call, lambda row: row["id"] in ids and condition(row))


def _deals_with(call: Call, product_id: int) -> set[int]:
    return {row["deal_id"] for row in call.state.store["deal_products"].having("product_id", product_id)}


def _old_deal_condition(call: Call) -> Check:
    wanted = call.query.get("status", "all_not_deleted")
    if wanted == "deleted":
        return lambda row: bool(row["is_deleted"])
    return lambda row: not row["is_deleted"] and wanted in ("all_not_deleted", row["status"])


def old_projects(call: Call) -> Response:
    """Projects as v1 lists them, archived ones on request."""
    if call.query.get("include_archived"):
        return _cursor(call, lambda row: not row["is_deleted"])
    return projects(call)


def currencies(call: Call) -> Response:
    """Currencies; `term` keeps those whose code or name holds it."""
    term = call.query.get("term", "").casefold()
    rows = [row for row in call.rows.rows.values() if term in f"{row['code']} {row['name']}".casefold()]
    return success(v1_list(call, call.show(rows)))


def require_parent(call: Call) -> Row:
    """The record in the path that the rows belong to."""
    found = call.state.store.find(call.resource.parent, number_or_text(call.path["id"]))
    if found is None or not is_visible(found) or found.get("is_deleted") or found.get("active_flag") is False:
        raise not_found(call.resource.version, call.resource.parent.rstrip("s").capitalize())
    return found


def _cursor(call: Call, condition: Check | None) -> Response:
    rows, following = cursor_page(call, keeps(call, condition))
    return cursor_response(call, call.show(rows), following)


def _offset(call: Call, condition: Check | None) -> Response:
    rows, has_more = offset_page(call, keeps(call, condition))
    return offset_response(call, call.show(rows), has_more)


def _deal_condition(call: Call) -> Check:
    wanted, oldest, archived = applied(call).get("status"), _oldest_deletion(call), call.is_archive

    def passes(row: Row) -> bool:
        if bool(row["is_archived"]) != archived:
            return False
        if row["is_deleted"]:
            return wanted is not None and "deleted" in wanted and (row["update_time"] or "") >= oldest
        return wanted is None or row["status"] in wanted

    return passes


def _oldest_deletion(call: Call) -> str:
    days = call.state.settings.deleted_days
    return "" if days is None else to_text(call.state.clock.now() - days * 86_400)


def lead_fields(call: Call) -> Response:
    """Field definitions of leads: their own built-in ones, then the custom ones they share with deals."""
    store = call.state.store
    custom = [row for row in definitions(call.state, "dealFields") if row["is_custom_field"]]
    rows = [store["leadFields"].rows[key[2]] for key in store["leadFields"].view("numeric_id")] + custom
    return offset_slice(call, call.show(rows))


def projects(call: Call) -> Response:
    """Projects, or archived ones."""
    linked = {column: call.query.get(name) for name, column in PROJECT_LINKS.items()}
    statuses = call.query["status"].split(",") if "status" in call.query else None

    def passes(row: Row) -> bool:
        if row["is_deleted"] or (row["archive_time"] is not None) != call.is_archive:
            return False
        if statuses is not None and row["status"] not in statuses:
            return False
        return all(wanted is None or wanted in row[column] for column, wanted in linked.items())

    return _cursor(call, passes)


def tasks(call: Call) -> Response:
    """Tasks; `assignee_id` keeps those a user is assigned to, `parent_task_id=null` those without a parent."""
    assignee, parent = call.query.get("assignee_id"), call.query.get("parent_task_id")

    def passes(row: Row) -> bool:
        is_assigned = assignee is None or assignee in row["assignee_ids"]
        has_parent = parent is None or str(row["parent_task_id"] or "null") == parent
        return not row["is_deleted"] and is_assigned and has_parent

    return _cursor(call, passes)


def mail_threads(call: Call) -> Response:
    """Mail threads of the token's user in one folder, an offset page at a time."""
    folder = call.query["folder"]
    return _offset(call, lambda row: folder in row["folders"] and not row["deleted_flag"])


def wrapped_messages(call: Call) -> Response:
    """Mail messages below a record, each wrapped as `{object, timestamp, data}`."""
    require_parent(call)
    rows, has_more = offset_page(call, keeps(call))
    render, has_bodies = call.shape, call.query.get("include_body")

    def body(row: Row) -> Row:
        return {"body": f"<p>{row['subject']}</p>"} if has_bodies else {}

    shown = [
        {"object": "mailMessage", "timestamp": with_space(row["message_time"]), "data": render(row) | body(row)}
        for row in rows
    ]
    return offset_response(call, shown, has_more)


def relationships(call: Call) -> Response:
    """Relationships of one organization, seen from it."""
    org_id = call.query["org_id"]
    render = call.shape
    sides = ("rel_owner_org_id", "rel_linked_org_id")
    found = [row for row in call.rows.rows.values() if row["active_flag"] and org_id in (row[side] for side in sides)]
    shown = [render(row) for row in found]
    for row in shown:
        other = call.state.store.find("organizations", row["calculated_related_org_id"]) or {}
        row["related_organization_name"] = other.get("name")
    return success(v1_list(call, shown))
