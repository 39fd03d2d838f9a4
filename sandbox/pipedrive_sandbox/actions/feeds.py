"""What happened lately: updates of one record (`flow`), of the whole account (`recents`), of a project.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Recents); since December 2024 `recents` reaches back one
month, silently: https://developers.pipedrive.com/changelog
"""

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from pipedrive_sandbox.actions.lists import require_parent
from pipedrive_sandbox.messages import Response, json_response
from pipedrive_sandbox.model import shapes_old as old
from pipedrive_sandbox.model.filtering import is_visible
from pipedrive_sandbox.model.paging import offset_slice
from pipedrive_sandbox.model.resource import Call, Shape
from pipedrive_sandbox.store.clock import to_text, with_space
from pipedrive_sandbox.store.collection import Row

MONTH_SECONDS = 31 * 86_400.0
CUSTOM_KEY_LENGTH = 40
CHANGE_COLUMNS = (
    *("id", "field_key", "old_value", "new_value", "is_bulk_update_flag", "change_source"),
    "change_source_user_agent",
)

#: Item type -> collection, column of its time, shape.
RECENT: dict[str, tuple[str, str, Shape]] = {
    "activity": ("activities", "update_time", old.activity),
    "activityType": ("activityTypes", "update_time", old.whole),
    "deal": ("deals", "update_time", old.deal),
    "file": ("files", "update_time", old.whole),
    "filter": ("filters", "update_time", old.whole),
    "note": ("notes", "update_time", old.whole),
    "person": ("persons", "update_time", old.person),
    "organization": ("organizations", "update_time", old.organization),
    "pipeline": ("pipelines", "update_time", old.whole),
    "product": ("products", "update_time", old.product),
    "stage": ("stages", "update_time", old.whole),
    "user": ("users", "modified", old.whole),
}
FLOW: dict[str, tuple[str, str, Shape]] = {
    "activity": ("activities", "add_time", old.activity),
    "note": ("notes", "add_time", old.whole),
    "file": ("files", "add_time", old.whole),
    "mailMessage": ("mail_messages", "message_time", old.whole),
}
RELATED: dict[str, tuple[str, Callable[[Call, Any], Row | None]]] = {
    "deals": ("deal", lambda call, key: _deal(call, key)),
    "persons": ("person", old.person_object),
    "organizations": ("organization", old.organization_object),
}


def flow(call: Call) -> Response:
    """Updates of a record, the newest first: its changes, and what was added below it."""
    require_parent(call)
    found = sorted(_updates(call), key=itemgetter("timestamp"), reverse=True)
    body = offset_slice(call, found).json()
    return json_response({**body, "related_objects": _related(call)})


def recents(call: Call) -> Response:
    """What changed since a moment, in order of change; a moment more than a month ago counts as a month ago."""
    since = max(call.query["since_timestamp"], to_text(call.state.clock.now() - MONTH_SECONDS))
    kinds = call.query.get("items") or list(RECENT)
    found = sorted((entry for kind in kinds for entry in _changed(call, kind, since)), key=itemgetter(0))
    body = offset_slice(call, [entry for _, entry in found]).json()
    start, limit = call.query.get("start", 0), call.query["limit"]
    last = next((moment for moment, _ in reversed(found[start : start + limit])), None)
    stamps = {"since_timestamp": with_space(since), "last_timestamp_on_page": with_space(last)}
    return json_response({**body, "additional_data": {**stamps, **body["additional_data"]}})


def _changed(call: Call, kind: str, since: str) -> list[tuple[str, Row]]:
    collection, column, shape = RECENT[kind]
    render = shape(call)
    rows = [
        row for row in call.state.store[collection].rows.values() if is_visible(row) and (row[column] or "") >= since
    ]
    return [(row[column], {"item": kind, "id": row["id"], "data": render(row)}) for row in rows]


def _updates(call: Call) -> list[Row]:
    wanted, column, state = call.query.get("items"), call.resource.parent_column, call.state
    noun = RELATED[call.resource.parent][0]
    found = []
    if wanted is None or "change" in wanted or f"{noun}Change" in wanted:
        rows = state.store["changes"].having(column, int(call.path["id"]))
        found += [_change(noun, row) for row in rows if _is_shown(call, row)]
    for kind, (collection, time, shape) in FLOW.items():
        if wanted is None or kind in wanted:
            render = shape(call)
            below = state.store[collection].having(column, int(call.path["id"]))
            found += [{"object": kind, "timestamp": with_space(row[time]), "data": render(row)} for row in below]
    return found


def _is_shown(call: Call, row: Row) -> bool:
    return len(row["field_key"]) != CUSTOM_KEY_LENGTH or call.query.get("all_changes") == "1"


def _change(noun: str, row: Row) -> Row:
    item = next(row[name] for name in ("deal_id", "person_id", "org_id") if row.get(name) is not None)
    moment = with_space(row["time"])
    data = {
        **{name: row[name] for name in CHANGE_COLUMNS},
        "item_id": item,
        "user_id": row["actor_user_id"],
        "log_time": moment,
    }
    return {"object": f"{noun}Change", "timestamp": moment, "data": {**data, "additional_data": []}}


def _related(call: Call) -> Row:
    noun, show = RELATED[call.resource.parent]
    users = {str(row["id"]): old.user_object(call, row["id"]) for row in call.state.store["users"].rows.values()}
    return {noun: {call.path["id"]: show(call, int(call.path["id"]))}, "user": users}


def _deal(call: Call, key: Any) -> Row:
    row = call.state.store.find("deals", key) or {}
    return {name: row[name] for name in ("id", "title", "status", "value", "currency", "stage_id", "pipeline_id")}
