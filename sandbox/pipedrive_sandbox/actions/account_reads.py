"""Small answers about the account: who may see what, connections, settings, add-ons, filter helpers, pictures.

Source: https://developers.pipedrive.com/docs/api/v1.
"""

from pipedrive_sandbox.actions.account import SETTINGS
from pipedrive_sandbox.actions.lists import require_parent
from pipedrive_sandbox.actions.single import find
from pipedrive_sandbox.limits.errors import not_found
from pipedrive_sandbox.messages import Response, json_response
from pipedrive_sandbox.model import shapes_old
from pipedrive_sandbox.model.paging import cursor_response, offset_response
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row

ORDERED = {"=": "is", "!=": "is not", ">": "is more than", "<": "is less than"}
AT_LEAST = {">=": "is more or equal to", "<=": "is less or equal to"}
EMPTY = {"IS NULL": "is empty", "IS NOT NULL": "is not empty"}
EQUAL = {"=": "is", "!=": "is not"}
KNOWN = {**EQUAL, **EMPTY}
COMPARED = {**ORDERED, **AT_LEAST, **EMPTY}
RANGE = {**ORDERED, **AT_LEAST, "ends_at": "ends at", "ends_before": "ends before", "ends_after": "ends after", **EMPTY}
OPERATORS = {
    **dict.fromkeys(("int", "double", "monetary", "time", "date"), COMPARED),
    "entered_stage": {**ORDERED, **AT_LEAST},
    **dict.fromkeys(("timerange", "daterange"), RANGE),
    "varchar": {
        **EQUAL,
        **EMPTY,
        "LIKE '%$%'": "contains",
        "LIKE '$%'": "starts with",
        "NOT LIKE '$%'": "does not start with",
    },
    "title": {"=": "is", "LIKE '$%'": "starts with", "LIKE '%$%'": "contains", "NOT LIKE '$%'": "does not start with"},
    "stage": {**EQUAL, "has_been": "has been"},
    "set": {**EQUAL, "contains": "contains", "not_contains": "does not contain", **EMPTY},
    "user": {**EQUAL, **EMPTY, "belongs_to_team": "belongs to team"},
    **dict.fromkeys(("enum", "deal", "product", "person", "organization"), KNOWN),
    **dict.fromkeys(("status", "visible_to", "currency", "pipeline"), EQUAL),
}
HELPERS = {
    "operators": OPERATORS,
    "deprecated_operators": {
        "NOT LIKE '%$%'": "does not contain",
        "LIKE '%$'": "ends with",
        "NOT LIKE '%$'": "does not end with",
    },
    "relative_dates": {
        "Relative date intervals": {"last_month": "last month", "this_month": "this month", "next_month": "next month"},
        "Relative dates": {"yesterday": "yesterday", "today": "today", "tomorrow": "tomorrow", "now": "now"},
        "Deal specific": {"rotten_time": "Rotten time"},
    },
    "address_field_components": {
        "subpremise": "Apartment/suite no",
        "street_number": "House number",
        "route": "Street/road name",
        "sublocality": "District/sublocality",
        "locality": "City/town/village/locality",
        "admin_area_level_1": "State/county",
        "admin_area_level_2": "Region",
        "country": "Country",
        "postal_code": "ZIP/Postal code",
        "formatted_address": "Full/combined address",
    },
}
USER_SETTINGS = {
    "marketplace_team": False,
    "list_limit": 100,
    "beta_app": False,
    "prevent_salesphone_callto_override": False,
    "file_upload_destination": "s3",
    "callto_link_syntax": "callto:[number]",
    "autofill_deal_expected_close_date": False,
    "person_duplicate_condition": "name && (org_id || email || phone)",
}
PICTURE_SIZES = ("128", "512")


def addons(_call: Call) -> Response:
    """Add-ons of the account."""
    return json_response({"success": True, "data": [{"code": "leadbooster_v2"}]})


def connections(_call: Call) -> Response:
    """The user's connections to other services."""
    return json_response({"success": True, "data": {"google": None}})


def user_settings(_call: Call) -> Response:
    """The user's settings."""
    return json_response({"success": True, "data": USER_SETTINGS})


def filter_helpers(_call: Call) -> Response:
    """Operators and relative dates that filters know."""
    return json_response({"success": True, "data": HELPERS})


def permitted_users(call: Call) -> Response:
    """Users who may see a record: all that are active."""
    require_parent(call)
    users = call.state.store["users"].rows.values()
    return json_response({"success": True, "data": [row["id"] for row in users if row["active_flag"]]})


def followers_of_user(call: Call) -> Response:
    """Users who follow a user: none, since nothing here makes anybody follow one."""
    require_parent(call)
    return json_response({"success": True, "data": []})


def follower_page_of_user(call: Call) -> Response:
    """The same with a cursor (v2)."""
    require_parent(call)
    return cursor_response(call, [], None)


def followers(call: Call) -> Response:
    """Followers of a record, in one page (v1)."""
    parent = require_parent(call)
    rows = call.rows.having(call.resource.parent_column, parent["id"])
    return offset_response(call, [call.shape(row) for row in rows], False)


def role_settings(call: Call) -> Response:
    """Default visibilities of a role."""
    find(call)
    return json_response({"success": True, "data": SETTINGS})


def role_pipelines(call: Call) -> Response:
    """Pipelines that a role sees, all of them, or those hidden from it."""
    find(call)
    is_visible = call.query.get("visible", True)
    rows = call.state.store["pipelines"].rows.values()
    ids = [row["id"] for row in rows if is_visible and not row["is_deleted"]]
    return json_response({"success": True, "data": {"pipeline_ids": ids, "visible": is_visible}})


def team_users(call: Call) -> Response:
    """Users of a team."""
    return json_response({"success": True, "data": find(call)["users"]})


def teams_of_user(call: Call) -> Response:
    """Teams that a user is in."""
    user_id, render = int(call.path["id"]), call.shape
    rows = [row for row in call.rows.rows.values() if user_id in row["users"]]
    return json_response({"success": True, "data": [render(row) for row in rows]})


def picture(call: Call) -> Response:
    """The picture of a person. Raises 404 when there is none."""
    row = find(call)
    if row["picture_id"] is None:
        raise not_found("v2", "Picture")
    pictures = {size: f"https://images.example/{row['picture_id']}_{size}.jpg" for size in PICTURE_SIZES}
    about = {"item_type": "person", "item_id": row["id"], "added_by_user_id": row["owner_id"], "active_flag": True}
    data = {"id": row["picture_id"], **about, "file_size": 1024, "pictures": pictures}
    return json_response({"success": True, "data": data})


def download(call: Call) -> Response:
    """The content of a file, as far as anybody here knows it."""
    name: str = find(call)["file_name"]
    return Response(200, name.encode(), {"content-type": "application/octet-stream"})


def project_plan(call: Call) -> Response:
    """Tasks and activities of a project with the phase that they are in."""
    project = require_parent(call)
    kinds = (("task", "tasks"), ("activity", "activities"))
    rows = [
        {"item_id": row["id"], "item_type": kind, "phase_id": project["phase_id"], "group_id": None}
        for kind, collection in kinds
        for row in call.state.store[collection].having("project_id", project["id"])
        if not row["is_deleted"]
    ]
    return json_response({"success": True, "data": rows, "additional_data": None})


def project_groups(call: Call) -> Response:
    """Groups of tasks in a project: none."""
    require_parent(call)
    return json_response({"success": True, "data": [], "additional_data": None})


def products_of_person(call: Call) -> Response:
    """Products of a person's deals, each below the id of its deal."""
    store, found = call.state.store, []
    for deal in store["deals"].having("person_id", require_parent(call)["id"]):
        found += [_sold(call, deal, row) for row in store["deal_products"].having("deal_id", deal["id"])]
    start, limit = call.query.get("start", 0), call.query["limit"]
    return offset_response(call, found[start : start + limit], len(found) > start + limit)


def _sold(call: Call, deal: Row, row: Row) -> Row:
    product = call.state.store.find("products", row["product_id"]) or {}
    shown = {**shapes_old.product(call, product), "deal_id": deal["id"]}
    return {str(deal["id"]): {"deal": shapes_old.deal(call, deal), "product": shown}}


def role_assignments_of_user(call: Call) -> Response:
    """Roles of a user, an offset page at a time."""
    user = require_parent(call)
    rows = list(call.rows.having("user_id", user["id"]))
    render, start, limit = call.shape, call.query.get("start", 0), call.query["limit"]
    page = [render(row) for row in rows[start : start + limit]]
    return offset_response(call, page, len(rows) > start + limit)
