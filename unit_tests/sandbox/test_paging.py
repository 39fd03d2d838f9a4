"""Cursor pages, offset pages and the parameters they refuse."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from .conftest import Api

TIED = "2026-01-01T00:00:00Z"


def persons(api: Api, count: int, **more: Any) -> None:
    """Persons with ids from 1, changed one second apart unless told otherwise."""
    rows = [
        {"id": n, "name": f"P{n}", "update_time": f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z", **more}
        for n in range(1, count + 1)
    ]
    api.sandbox.put_rows("persons", rows)


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_walk_finds_every_row_once(api: Api, count: int) -> None:
    """A walk by pages of three finds every row exactly once."""
    persons(api, count)

    assert [row["id"] for row in api.walk("/api/v2/persons", limit=3)] == list(range(1, count + 1))


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_walk_through_equal_times(api: Api, direction: str) -> None:
    """Rows of one second are neither lost nor doubled at a page edge."""
    persons(api, 7, update_time=TIED)

    ids = [row["id"] for row in api.walk("/api/v2/persons", limit=3, sort_by="update_time", sort_direction=direction)]
    assert ids == sorted(range(1, 8), reverse=direction == "desc")


def test_full_last_page_has_no_next_cursor(api: Api) -> None:
    """A last page that is exactly full is recognised as the last."""
    persons(api, 3)

    assert api.get("/api/v2/persons", limit=3).json()["additional_data"] == {"next_cursor": None}


def test_row_changed_during_a_walk_is_seen_again(api: Api) -> None:
    """A row changed while walking by change time moves to the end."""
    persons(api, 4)
    first = api.get("/api/v2/persons", limit=2, sort_by="update_time").json()
    api.patch("/api/v2/persons/1", {"name": "Changed"})

    cursor = first["additional_data"]["next_cursor"]
    rest = api.get("/api/v2/persons", limit=9, sort_by="update_time", cursor=cursor).json()["data"]
    assert [row["id"] for row in rest] == [3, 4, 1]


def test_null_sort_values_come_first(api: Api) -> None:
    """Rows without a change time are paged like any other."""
    persons(api, 3)
    api.sandbox.put_rows("persons", [{"id": 2, "update_time": None}])

    assert [row["id"] for row in api.walk("/api/v2/persons", limit=1, sort_by="update_time")] == [2, 1, 3]


def test_cursor_is_base64_json(api: Api) -> None:
    """A cursor holds sort column, value, direction and id."""
    persons(api, 2)
    cursor = api.get("/api/v2/persons", limit=1).json()["additional_data"]["next_cursor"]

    content = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    assert content == {"field": "id", "fieldValue": 1, "sortDirection": "asc", "id": 1}


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "eyJhIjoxfQ",
        "W10",
        "eyJmaWVsZCI6ImlkIiwiZmllbGRWYWx1ZSI6IngiLCJzb3J0RGlyZWN0aW9uIjoiYXNjIiwiaWQiOiJ4In0",
    ],
)
def test_bad_cursor_is_refused(api: Api, cursor: str) -> None:
    """What is no cursor of this list is a 400."""
    persons(api, 2)

    response = api.get("/api/v2/persons", cursor=cursor)
    assert (response.status, response.json()["code"]) == (400, "ERR_SCHEMA_VALIDATION_FAILED")


def test_cursor_keeps_its_sort(api: Api) -> None:
    """A cursor of one sort is refused under another."""
    persons(api, 3)
    cursor = api.get("/api/v2/persons", limit=1, sort_by="update_time").json()["additional_data"]["next_cursor"]

    assert api.get("/api/v2/persons", cursor=cursor).status == 200
    assert api.get("/api/v2/persons", cursor=cursor, sort_by="id").status == 400


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"foo": "1"}, "foo: Parameter 'foo' is not allowed for this request"),
        ({"limit": 501}, "limit: The value must be less than or equal to 500"),
        ({"limit": 0}, "limit: "),
        ({"limit": "many"}, "limit: The value is not a valid 'integer'"),
        ({"sort_by": "name"}, "sort_by: "),
        ({"sort_direction": "up"}, "sort_direction: "),
        ({"updated_since": "2026-01-01T00:00:00.000Z"}, "not a valid datetime"),
        ({"updated_since": "2026-01-01 00:00:00"}, "not a valid datetime"),
        ({"include_fields": "nonsense"}, "include_fields: "),
        ({"include_labels": "1"}, "include_labels: The value is not a valid 'boolean'"),
        ({"ids": ",".join(map(str, range(101)))}, "ids: "),
        ({"custom_fields": ",".join("abcdefghijklmnop")}, "custom_fields: "),
        ({"owner_id": "me"}, "owner_id: "),
    ],
)
def test_bad_parameter_is_refused(api: Api, query: dict[str, Any], sentence: str) -> None:
    """v2 refuses unknown parameters and bad values, naming them."""
    response = api.get("/api/v2/persons", **query)

    assert response.status == 400
    assert sentence in response.json()["error"]


def test_problems_are_joined(api: Api) -> None:
    """Several problems come in one sentence."""
    error = api.get("/api/v2/persons", limit=501, foo=1).json()["error"]

    assert error.startswith("Validation failed: limit: ")
    assert "; foo: " in error


@pytest.mark.parametrize("name", ["pipelines", "stages"])
def test_updated_since_is_refused_without_a_filter(api: Api, name: str) -> None:
    """Pipelines and stages refuse `updated_since`."""
    assert api.get(f"/api/v2/{name}", updated_since="2026-01-01T00:00:00Z").status == 400


def test_limit_over_500_may_be_clamped(api: Api) -> None:
    """A limit above the maximum is cut down when so set."""
    api.sandbox.change_settings(limit_over_500="clamp")

    assert api.get("/api/v2/persons", limit=9999).status == 200


@pytest.mark.parametrize(
    ("style", "expected"),
    [("null", {"next_cursor": None}), ("absent", {}), ("no_additional_data", None)],
)
def test_last_cursor_styles(api: Api, style: str, expected: Any) -> None:
    """How the last page shows its end is a setting."""
    api.sandbox.change_settings(last_cursor=style)

    assert api.get("/api/v2/persons").json().get("additional_data") == expected


def notes(api: Api, count: int) -> None:
    """Notes with ids from 1."""
    api.sandbox.put_rows("notes", [{"id": n, "content": f"N{n}"} for n in range(1, count + 1)])


def test_offset_pages(api: Api) -> None:
    """v1 pages carry where the next one starts, until the last."""
    notes(api, 5)
    first = api.get("/v1/notes", limit=3).json()
    second = api.get("/v1/notes", limit=3, start=3).json()

    assert first["additional_data"]["pagination"] == {
        "start": 0,
        "limit": 3,
        "more_items_in_collection": True,
        "next_start": 3,
    }
    assert [row["id"] for row in second["data"]] == [4, 5]
    assert second["additional_data"]["pagination"]["more_items_in_collection"] is False


def test_flat_v1_pagination(api: Api) -> None:
    """The paging keys may stand directly in `additional_data`."""
    api.sandbox.change_settings(v1_pagination="flat")

    assert api.get("/v1/notes").json()["additional_data"]["more_items_in_collection"] is False


def test_empty_v1_list_may_be_null(api: Api) -> None:
    """An empty v1 list is null, or a list where so set; a v2 list stays a list."""
    assert api.get("/v1/notes").json()["data"] is None
    assert api.get("/api/v2/deals").json()["data"] == []

    api.sandbox.change_settings(v1_empty="list")
    assert api.get("/v1/notes").json()["data"] == []


def test_v1_ignores_unknown_parameters(api: Api) -> None:
    """v1 lists do not mind unknown parameters."""
    assert api.get("/v1/notes", foo=1).status == 200


def test_offset_list_follows_writes(api: Api) -> None:
    """A write between two pages is seen by the second."""
    notes(api, 3)
    api.get("/v1/notes", limit=1)
    api.delete("/v1/notes/2")

    assert [row["id"] for row in api.rows("/v1/notes", limit=5, start=1)] == [3]
