"""Cursor pages (v2) and offset pages (v1).

Source: https://pipedrive.readme.io/docs/core-api-concepts-pagination. A cursor is opaque to callers: base64url JSON of
the last row's sort value and id, with the sort direction in it.
"""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from pipedrive_sandbox.messages import Response, invalid, json_response
from pipedrive_sandbox.model.filtering import Check, applied, candidates, update_column
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row, SortKey, sort_key, sort_value

BAD_CURSOR = "cursor: The value is not a valid cursor"


def cursor_page(call: Call, keep: Check) -> tuple[list[Row], str | None]:
    """Rows of one page and the cursor of the next, None after the last row."""
    column, direction, after = _position(call)
    stored = update_column(call) if column == "update_time" else column
    page: list[Row] = []
    limit, rows = call.query["limit"], call.rows.rows
    try:
        for key in _walk(call, stored, direction, after):
            row = rows[key[2]]
            if not keep(row):
                continue
            if len(page) == limit:
                return page, _encode(column, direction, page[-1]["id"], sort_value(page[-1], stored))
            page.append(row)
    except TypeError:
        raise invalid(call.resource.version, [BAD_CURSOR]) from None
    return page, None


def cursor_response(call: Call, rows: Any, next_cursor: str | None) -> Response:
    """A v2 list answer; how the last page says so is a setting."""
    body: dict[str, Any] = {"success": True, "data": rows}
    style = call.state.settings.last_cursor
    if next_cursor is not None or style == "null":
        body["additional_data"] = {"next_cursor": next_cursor}
    elif style == "absent":
        body["additional_data"] = {}
    return json_response(body)


def offset_page(call: Call, keep: Check) -> tuple[list[Row], bool]:
    """Rows of one page, and whether there are more."""
    start, limit, rows = call.query.get("start", 0), call.query["limit"], call.rows.rows
    ids = _filtered_ids(call, keep)
    return [rows[row_id] for row_id in ids[start : start + limit]], len(ids) > start + limit


def offset_response(call: Call, rows: Sequence[Any], has_more: bool) -> Response:
    """A v1 list answer; nesting and the shape of an empty list are settings."""
    settings, start, limit = call.state.settings, call.query.get("start", 0), call.query["limit"]
    pagination = {"start": start, "limit": limit, "more_items_in_collection": has_more}
    if has_more:
        pagination["next_start"] = start + limit
    additional = {"pagination": pagination} if settings.v1_pagination == "nested" else pagination
    return json_response({"success": True, "data": v1_list(call, rows), "additional_data": additional})


def offset_slice(call: Call, found: Sequence[Any]) -> Response:
    """An offset page of a list that is made for the call."""
    start, limit = call.query.get("start", 0), call.query["limit"]
    return offset_response(call, found[start : start + limit], len(found) > start + limit)


def v1_list(call: Call, rows: Sequence[Any]) -> Sequence[Any] | None:
    """The rows, or null for an empty v1 list when so set."""
    return rows if rows or call.state.settings.v1_empty == "list" else None


def slice_page(call: Call, found: Sequence[Any]) -> tuple[Sequence[Any], str | None]:
    """A page of a list that has no sort key of its own, such as search hits."""
    start = 0
    if "cursor" in call.query:
        start = _decode(call.query["cursor"], call).get("start", 0)
    limit = call.query["limit"]
    following = encode_cursor({"start": start + limit}) if len(found) > start + limit else None
    return found[start : start + limit], following


def encode_cursor(content: dict[str, Any]) -> str:
    """Opaque text of a cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(content)).decode().rstrip("=")


def _filtered_ids(call: Call, keep: Check) -> list[Any]:
    # Paging by offset through a long list would filter and sort it anew for each page.
    query = {name: str(value) for name, value in call.query.items() if name not in ("start", "limit")}
    key = (call.resource.version, call.request.path, str(sorted(query.items())), str(call.state.settings))
    ids: list[Any] | None = call.rows.cache.get(key)
    if ids is None:
        ids = call.rows.cache[key] = [row["id"] for row in _sorted_rows(call) if keep(row)]
    return ids


def _sorted_rows(call: Call) -> Sequence[Row]:
    rows = call.rows.rows
    found = candidates(call)
    if found is None:
        ordered = [rows[key[2]] for key in call.rows.view(call.resource.order)]
    else:
        ordered = sorted(found, key=_by(call.resource.order))
    for column, direction in reversed(call.query.get("sort", [])):
        ordered.sort(key=_by(column), reverse=direction == "desc")
    return ordered


def _by(column: str) -> Callable[[Row], SortKey]:
    return lambda row: sort_key(row, column)


def _walk(call: Call, column: str, direction: str, after: SortKey | None) -> Iterator[SortKey]:
    found = candidates(call)
    keys = call.rows.view(column) if found is None else sorted(sort_key(row, column) for row in found)
    if direction == "desc":
        stop = len(keys) if after is None else bisect_left(keys, after)
        return (keys[position] for position in range(stop - 1, -1, -1))
    start = bisect_right(keys, after) if after is not None else _first(call, column, keys)
    return (keys[position] for position in range(start, len(keys)))


def _first(call: Call, column: str, keys: Sequence[SortKey]) -> int:
    since = applied(call).get("updated_since")
    return bisect_left(keys, (True, since[:19])) if since and column == update_column(call) else 0


def _position(call: Call) -> tuple[str, str, SortKey | None]:
    column = call.query.get("sort_by", call.resource.order)
    direction = call.query.get("sort_direction", call.resource.direction)
    if "cursor" not in call.query:
        return column, direction, None
    content = _decode(call.query["cursor"], call)
    value = content.get("fieldValue")
    is_same = content.get("field") == call.query.get("sort_by", content.get("field"))
    is_same &= content.get("sortDirection") == call.query.get("sort_direction", content.get("sortDirection"))
    if not is_same or "id" not in content or content.get("field") not in {call.resource.order, *call.resource.sortable}:
        raise invalid(call.resource.version, [BAD_CURSOR])
    after = (value is not None, "" if value is None else value, content["id"])
    return content["field"], content["sortDirection"], after


def _encode(column: str, direction: str, row_id: Any, value: Any) -> str:
    return encode_cursor({"field": column, "fieldValue": value, "sortDirection": direction, "id": row_id})


def _decode(cursor: str, call: Call) -> dict[str, Any]:
    try:
        content = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise invalid(call.resource.version, [BAD_CURSOR])
    return content
