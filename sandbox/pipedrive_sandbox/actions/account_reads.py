"""Small answers about the account: who may see what, connections, settings, add-ons, filter helpers, pictures.

Source: https://developers.pipedrive.com/docs/api/v1.
"""

from typing import Any

from pipedrive_sandbox.actions.account import SETTINGS
from pipedrive_sandbox.actions.lists import require_parent
from pipedrive_sandbox.actions.single import find, path_id
from pipedrive_sandbox.messages import Response, not_found, success
from pipedrive_sandbox.model import shapes_old
from pipedrive_sandbox.model.paging import cursor_response, offset_response, offset_slice
from pipedrive_sandbox.model.resource import Action, Call
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


def always(data: Any) -> Action:
    """An action with the same answer for all."""
    return lambda _call: success(data)


def permitted_users(call: Call) -> Response:
    """Users who may see a record: all that are active."""
    require_parent(call)
    users = call.state.store["users"].rows.values()
    return success([row["id"] for row in users if row["active_flag"]])


def followers_of_user(call: Call) -> Response:
    """Users who follow a user: none, since nothing here makes anybody follow one."""
    require_parent(call)
    return success([])


def follower_page_of_user(call: Call) -> Response:
    """The same with a cursor (v2)."""
    require_parent(call)
    return cursor_response(call, [], None)


def followers(call: Call) -> Response:
    """Followers of a record, in one page (v1)."""
    parent = require_parent(call)
    rows = call.rows.having(call.resource.parent_column, parent["id"])
    return offset_response(call, call.show(rows), False)


def role_settings(call: Call) -> Response:
    """Default visibilities of a role, or of a user's."""
    find(call)
    return success(SETTINGS)


def role_pipelines(call: Call) -> Response:
    """Pipelines that a role sees, all of them, or those hidden from it."""
    find(call)
    is_visible = call.query.get("visible", True)
    rows = call.state.store["pipelines"].rows.values()
    ids = [row["id"] for row in rows if is_visible and not row["is_deleted"]]
    return success({"pipeline_ids": ids, "visible": is_visible})


def team_users(call: Call) -> Response:
    """Users of a team."""
    return success(find(call)["users"])


def teams_of_user(call: Call) -> Response:
    """Teams that a user is in."""
    user_id = path_id(call)
    rows = [row for row in call.rows.rows.values() if user_id in row["users"]]
    return success(call.show(rows))


def picture(call: Call) -> Response:
    """The picture of a person. Raises 404 when there is none."""
    row = find(call)
    if row["picture_id"] is None:
        raise not_found("v2", "Picture")
    pictures = {size: f"https://images.example/{row['picture_id']}_{size}.jpg" for size in PICTURE_SIZES}
    about = {"item_type": "person", "item_id": row["id"], "added_by_user_id": row["owner_id"], "active_flag": True}
    data = {"id": row["picture_id"], **about, "file_size": 1024, "pictures": pictures}
    return success(data)


def download(call: Call) -> Response:
    """The content of a file, as far as anybody here knows it; or where it is, when there is a storage for files."""
    row = find(call)
    if not row["active_flag"]:
        raise not_found("v1", "File")
    storage = call.state.settings.file_storage
    if storage:
        return Response(302, b"", {"location": f"{storage}/{row['id']}?X-Amz-Expires=60&X-Amz-Signature=5ec7e7"})
    return Response(200, str(row["file_name"]).encode(), {"content-type": "application/octet-stream"})


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
    return success(rows, additional_data=None)


def project_groups(call: Call) -> Response:
    """Groups of tasks in a project: none."""
    require_parent(call)
    return success([], additional_data=None)


def products_of_person(call: Call) -> Response:
    """Products of a person's deals, each below the id of its deal."""
    store, found = call.state.store, []
    for deal in store["deals"].having("person_id", require_parent(call)["id"]):
        found += [_sold(call, deal, row) for row in store["deal_products"].having("deal_id", deal["id"])]
    return offset_slice(call, found)


def _sold(call: Call, deal: Row, row: Row) -> Row:
    product = call.state.store.find("products", row["product_id"]) or {}
    shown = {**shapes_old.product(call)(product), "deal_id": deal["id"]}
    return {str(deal["id"]): {"deal": shapes_old.deal(call)(deal), "product": shown}}


def role_assignments_of_user(call: Call) -> Response:
    """Roles of a user, an offset page at a time."""
    user = require_parent(call)
    return offset_slice(call, call.show(call.rows.having("user_id", user["id"])))
