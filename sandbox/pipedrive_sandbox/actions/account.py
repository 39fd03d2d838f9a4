"""Odd answers of the account's administration: goals, webhooks, roles, users, permission sets, merging."""

from typing import Any

from pipedrive_sandbox.actions.lists import by_offset, require_parent
from pipedrive_sandbox.actions.single import find
from pipedrive_sandbox.actions.writes import add, answer, change, find_to_write
from pipedrive_sandbox.messages import Response, json_response, not_found, success
from pipedrive_sandbox.model.bodies import read_body, refuse_key
from pipedrive_sandbox.model.column import Key
from pipedrive_sandbox.model.resource import Action, Call
from pipedrive_sandbox.store.collection import Row

GOALS = {"success": True, "statusCode": 20000, "statusText": "OK", "service": "statistics-goals-api"}
WEBHOOKS = {"status": "ok", "success": True}
SETTINGS = {f"{noun}_default_visibility": 3 for noun in ("deal", "lead", "org", "person", "product")}
MERGED = {"deals": "deal_id", "persons": "person_id", "organizations": "org_id"}
CONDITIONS_AT_MOST = 16
PERMISSIONS = (
    *("add_custom_fields", "add_products", "add_prospects_as_leads", "bulk_edit_items", "change_visibility_of_items"),
    *("convert_deals_to_leads", "create_own_workflow", "delete_activities", "delete_custom_fields", "delete_deals"),
    *("edit_custom_fields", "edit_deals_closed_date", "edit_products", "edit_shared_filters"),
    *("export_data_from_lists", "follow_other_users", "merge_deals", "merge_organizations", "merge_people"),
    *("modify_labels", "see_company_wide_statistics", "see_deals_list_summary", "see_hidden_items_names"),
    *("see_other_users", "see_other_users_statistics", "see_security_dashboard", "share_filters", "share_insights"),
    *("use_api", "use_email_tracking", "use_import"),
)


def find_goals(call: Call) -> Response:
    """Goals below `data.goals`; without a filter only active ones of the caller."""
    is_active = call.query.get("is_active", True)
    rows = [row for row in call.rows.rows.values() if row["is_active"] == is_active]
    return json_response({**GOALS, "data": {"goals": call.show(rows)}})


def create_goal(call: Call) -> Response:
    """A new goal below `data.goal`."""
    row = add(call, read_body(call, call.resource.create))
    return json_response({**GOALS, "data": {"goal": call.shape(row)}})


def update_goal(call: Call) -> Response:
    """A changed goal below `data.goal`."""
    row = change(call, find(call), read_body(call, call.resource.update))
    return json_response({**GOALS, "data": {"goal": call.shape(row)}})


def list_webhooks(call: Call) -> Response:
    """All webhooks, with a top-level `status`."""
    return json_response({**WEBHOOKS, "data": call.show(call.rows.rows.values())})


def create_webhook(call: Call) -> Response:
    """A new webhook."""
    row = add(call, read_body(call, call.resource.create))
    return json_response({**WEBHOOKS, "data": call.shape(row)})


def removing(answer: dict[str, Any]) -> Action:
    """An action that removes a row; its answer carries no data."""

    def remove(call: Call) -> Response:
        call.rows.remove(find(call)["id"])
        return json_response(answer)

    return remove


def show_role(call: Call) -> Response:
    """A role, with its settings beside it."""
    shown = call.shape(find(call))
    shown.pop("level")
    return success(shown, additional_data={"settings": SETTINGS})


def write_role(call: Call) -> Response:
    """A new or changed role; the answer is its id."""
    if call.path:
        row = change(call, find_to_write(call), read_body(call, call.resource.update))
    else:
        row = add(call, read_body(call, call.resource.create))
    return success({"id": row["id"]})


def show_permission_set(call: Call) -> Response:
    """A permission set with its contents, as a list of one."""
    row = find(call)
    shown = {**call.shape(row), "contents": row["contents"]}
    shown.pop("type")
    return success([shown])


def save_filter(call: Call) -> Response:
    """A new or changed filter. Raises 400 for more than 16 conditions or a malformed group."""
    keys = call.resource.update if call.path else call.resource.create
    body = read_body(call, keys)
    _check_conditions(call, body["conditions"])
    row = change(call, find_to_write(call), body) if call.path else add(call, body)
    return success(_with_conditions(call, row))


def show_filter(call: Call) -> Response:
    """A filter with its conditions."""
    return success(_with_conditions(call, find_to_write(call)))


def create_user(call: Call) -> Response:
    """A new user, named by the email address until they sign in."""
    body = read_body(call, call.resource.create)
    return answer(call, add(call, {"name": body["email"], **body}))


def find_users(call: Call) -> Response:
    """Users whose name, or email address with `search_by_email=1`, holds the term."""
    column, term = "email" if call.query.get("search_by_email") else "name", call.query["term"].casefold()
    rows = [row for row in call.rows.rows.values() if term in row[column].casefold()]
    return success(call.show(rows))


def merge(call: Call) -> Response:
    """Merge the record in the path into another: it disappears, the other one wins and takes over what hung below."""
    loser = find_to_write(call)
    other = read_body(call, {"merge_with_id": Key("integer", required=True)})["merge_with_id"]
    winner = call.rows.rows.get(other)
    if winner is None or winner["is_deleted"] or other == loser["id"]:
        raise not_found("v1", call.resource.noun)
    filled = {name: loser[name] for name, value in winner.items() if value in (None, [], "") and loser.get(name)}
    row = call.save({**winner, **filled, "update_time": call.now()})
    call.rows.remove(loser["id"])
    _move_children(call, loser["id"], winner["id"])
    return success({**call.shape(row), "merge_what_id": loser["id"]})


def _move_children(call: Call, old: int, new: int) -> None:
    column = MERGED[call.resource.name]
    for collection in ("deals", "persons", "activities", "notes", "files", "deal_products", "followers"):
        if collection != call.resource.name:
            for row in list(call.state.store[collection].having(column, old)):
                call.state.put(collection, {**row, column: new})


def _check_conditions(call: Call, conditions: Any) -> None:
    groups = conditions.get("conditions")
    if not isinstance(groups, list) or not all(isinstance(group, dict) for group in groups):
        raise refuse_key(call, "conditions", "Filter conditions need a list of groups")
    if [group.get("glue") for group in groups] != ["and", "or"]:
        raise refuse_key(call, "conditions", "Filter conditions need one group glued by and, and one by or")
    if sum(len(group.get("conditions") or ()) for group in groups) > CONDITIONS_AT_MOST:
        raise refuse_key(call, "conditions", f"Filter is allowed to have at most {CONDITIONS_AT_MOST} conditions")


def _with_conditions(call: Call, row: Row) -> Row:
    return {**call.shape(row), "conditions": row["conditions"]}


def archive_project(call: Call) -> Response:
    """Archive a project."""
    row = find_to_write(call)
    return answer(call, call.save({**row, "archive_time": call.now(), "update_time": call.now()}))


def assign_role(call: Call) -> Response:
    """Give a user a role; the earlier one ends."""
    require_parent(call)
    user_id = read_body(call, call.resource.create)["user_id"]
    for row in list(call.rows.having("user_id", user_id)):
        call.rows.remove(row["id"])
    row = add(call, {"user_id": user_id})
    return success({"user_id": user_id, "role_id": row["role_id"]})


def permission_assignments(call: Call) -> Response:
    """Assignments of a permission set. Raises 404 when there are none, as documented."""
    require_parent(call)
    if not list(call.rows.having("permission_set_id", call.path["id"])):
        raise not_found("v1", "Assignments")
    return by_offset(call)


def permissions(call: Call) -> Response:
    """What a user may do; the setting `refused_permissions` names what the user may not."""
    find(call)
    refused = call.state.settings.refused_permissions
    flags = {f"can_{name}": f"can_{name}" not in refused for name in PERMISSIONS}
    return success(flags)
