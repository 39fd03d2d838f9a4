"""Pages of lists: cursors, offsets, single answers, and every shape in which a list may end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests_mock

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import TransientError
from pipedrive_client.pagination import MAX_EMPTY_PAGES, UNREADABLE_TRIES, pages, rows
from pipedrive_sandbox import Sandbox

from .conftest import API, DEALS, answer, sandbox_client

LEADS, FILES, TYPES = f"{API}/v1/leads", f"{API}/v1/files", f"{API}/v1/activityTypes"


def some(first: int, count: int) -> list[dict[str, Any]]:
    """Rows with consecutive ids."""
    return [{"id": number} for number in range(first, first + count)]


def ids(found: Any) -> list[int]:
    """Ids of rows."""
    return [row["id"] for row in found]


def queries(api: requests_mock.Mocker, name: str) -> list[str | None]:
    """One parameter of all requests so far."""
    return [call.qs.get(name, [None])[0] for call in api.request_history]


class Offsets:
    """A v1 list that can change between two answers: `changes` maps the number of an answer to what happens before."""

    def __init__(self, count: int, shape: str = "nested", changes: dict[int, Callable[[list[Any]], Any]] | None = None):
        self.rows: list[Any] = some(1, count)
        self.shape = shape
        self.changes = changes or {}
        self.answers = 0

    def __call__(self, request: Any, _context: Any) -> dict[str, Any]:
        """One page, as a callback of requests_mock."""
        self.changes.get(self.answers, lambda _: None)(self.rows)
        self.answers += 1
        start, limit = int(request.qs["start"][0]), int(request.qs["limit"][0])
        more = start + limit < len(self.rows)
        block = {"start": start, "limit": limit, "more_items_in_collection": more}
        extra = {"nested": {"pagination": block}, "flat": block, "missing": None}[self.shape]
        return {"success": True, "data": self.rows[start : start + limit], "additional_data": extra}


# --- v2 cursors


@pytest.mark.parametrize(
    "end",
    [
        pytest.param({"next_cursor": None}, id="null"),
        pytest.param({}, id="absent"),
        pytest.param(None, id="no additional_data"),
        pytest.param({"next_cursor": ""}, id="empty"),
    ],
)
def test_cursor_end(api: requests_mock.Mocker, client: PipedriveClient, end: Any) -> None:
    """A cursor list is read page after page to its end, however the end is told."""
    api.get(DEALS, [answer(some(1, 2), {"next_cursor": "c1"}), answer(some(3, 1), end)])

    assert ids(rows(client, "api/v2/deals")) == [1, 2, 3]
    assert queries(api, "cursor") == [None, "c1"]


def test_parameters_stay_constant(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Every page is asked with the same parameters and the largest limit."""
    api.get(DEALS, [answer(some(1, 1), {"next_cursor": "c1"}), answer([])])
    list(rows(client, "api/v2/deals", {"status": "open", "limit": 1}))

    assert queries(api, "status") == ["open", "open"]
    assert queries(api, "limit") == ["500", "500"]


def test_full_page_without_additional_data(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A full page that lacks `additional_data` is asked for again, so that a broken answer does not end the list."""
    broken, whole = answer(some(1, 500)), answer(some(1, 500), {"next_cursor": "c1"})
    api.get(DEALS, [broken, whole, answer(some(501, 1))])

    assert ids(rows(client, "api/v2/deals")) == list(range(1, 502))


def test_full_last_page_without_additional_data(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A list whose last page is full and lacks `additional_data` twice is at its end."""
    asked = api.get(DEALS, **answer(some(1, 500)))

    assert len(list(rows(client, "api/v2/deals"))) == 500
    assert asked.call_count == 2


def test_exact_multiple_of_the_page(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A full last page that says it is the last costs no further request."""
    last = answer(some(501, 500), {"next_cursor": None})
    asked = api.get(DEALS, [answer(some(1, 500), {"next_cursor": "c1"}), last])

    assert len(list(rows(client, "api/v2/deals"))) == 1000
    assert asked.call_count == 2


@pytest.mark.parametrize("full", [True, False], ids=["full pages", "short pages"])
@pytest.mark.parametrize("circle", [["a"], ["a", "b"], ["a", "b", "c", "d"]], ids=len)
def test_circles(api: requests_mock.Mocker, client: PipedriveClient, circle: list[str], full: bool) -> None:
    """Cursors that come round again are an error after one round, whatever its length: rows behind would be missing."""
    following = dict(zip([None, *circle], [*circle, circle[0]], strict=True))
    asked = api.get(
        DEALS,
        json=lambda request, _: answer(
            some(
                1 + 500 * circle.index(request.qs["cursor"][0]) if "cursor" in request.qs else 9000, 500 if full else 2
            ),
            {"next_cursor": following[request.qs.get("cursor", [None])[0]]},
        )["json"],
    )

    with pytest.raises(TransientError, match="circle"):
        list(rows(client, "api/v2/deals"))
    assert asked.call_count == len(circle) + 1


def test_new_cursors_to_the_same_page(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A list that ignores its cursor, and makes a new one each time, is an error at the second equal page."""
    asked = api.get(DEALS, [answer(some(1, 3), {"next_cursor": f"c{number}"}) for number in range(9)])

    with pytest.raises(TransientError, match="circle"):
        list(rows(client, "api/v2/deals"))
    assert asked.call_count == 2


def test_empty_pages_end(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Pages may be empty and promise more, but not for ever."""
    empty = [answer([], {"next_cursor": f"c{number}"}) for number in range(MAX_EMPTY_PAGES + 3)]
    api.get(DEALS, [*empty[3:], answer(some(7, 1), {"next_cursor": "d"}), *empty[:3], answer(some(8, 1))])
    assert ids(rows(client, "api/v2/deals")) == [7, 8]

    asked = api.get(FILES, **answer([], {"pagination": {"more_items_in_collection": True}}))
    with pytest.raises(TransientError, match="promise more"):
        list(rows(client, "v1/files"))
    assert asked.call_count == MAX_EMPTY_PAGES + 1


def test_offsets_that_are_ignored(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A v1 list that gives the same page for every offset, and always promises more, is an error."""
    more = {"pagination": {"more_items_in_collection": True}}
    asked = api.get(FILES, **answer(some(1, 100), more))

    with pytest.raises(TransientError, match="circle"):
        list(rows(client, "v1/files"))
    assert asked.call_count == 2


def test_rows_that_are_no_objects(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """What is no object among the rows is left out and counted; it moves no offset."""
    api.get(DEALS, **answer([None, {"id": 1}, "text", [], {"id": 2}]))
    offsets = Offsets(250)
    offsets.rows[50] = offsets.rows[199] = None
    api.get(FILES, json=offsets)

    assert ids(rows(client, "api/v2/deals")) == [1, 2]
    assert ids(rows(client, "v1/files")) == [n for n in range(1, 251) if n not in (51, 200)]
    assert list(client.repairs.take("")) == [
        "GET /api/v2/deals: 3 rows left out, null or no object",
        "GET /v1/files: 2 rows left out, null or no object",
    ]
    assert list(client.repairs.take("")) == []


def test_null_pages_of_a_reader(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Whoever says so takes a page that stays `data: null` for an empty one, and reads on where more is promised."""
    script = [answer(None, {"next_cursor": "c1"})] * UNREADABLE_TRIES + [answer(some(1, 1), {"next_cursor": "c2"})]
    api.get(DEALS, [*script, answer(None)])

    read = pages(client, "api/v2/deals", null_is_empty=True)
    assert [ids(page.rows) for page in read] == [[], [1], []]
    assert "2 answers with `data: null`" in next(iter(client.repairs.take("")))


@pytest.mark.parametrize("body", [{"success": True, "data": None}, {"success": True}], ids=["null", "absent"])
def test_no_rows_is_not_an_empty_list(api: requests_mock.Mocker, client: PipedriveClient, body: dict[str, Any]) -> None:
    """A v2 answer without rows is asked for again and is then an error: it must not count as "nothing there"."""
    asked = api.get(DEALS, json=body)

    with pytest.raises(TransientError, match="contains no list of rows"):
        list(rows(client, "api/v2/deals"))
    assert asked.call_count == UNREADABLE_TRIES


def test_null_page_that_recovers(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Rows that come when `data: null` is asked for again are read."""
    api.get(DEALS, [answer(None), answer(some(1, 1))])

    assert ids(rows(client, "api/v2/deals")) == [1]


UNREADABLE = r"Pipedrive's answer to GET /api/v2/deals contains no list of rows\. Try again later\."


def test_null_later_page(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """`data: null` behind a cursor is an error: rows would be missed."""
    api.get(DEALS, [answer(some(1, 1), {"next_cursor": "c1"}), answer(None)])

    with pytest.raises(TransientError, match=UNREADABLE):
        list(rows(client, "api/v2/deals"))


@pytest.mark.parametrize("data", ["text", 5, {"id": 1}, {"items": "text"}, True])
def test_no_list(api: requests_mock.Mocker, client: PipedriveClient, data: object) -> None:
    """An answer whose `data` is something else is an error, not an empty list."""
    api.get(DEALS, **answer(data))

    with pytest.raises(TransientError, match=UNREADABLE):
        list(rows(client, "api/v2/deals"))


def test_null_with_a_next_cursor(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """`data: null` with a next page is an error, on the first page too."""
    api.get(DEALS, **answer(None, {"next_cursor": "c1"}))

    with pytest.raises(TransientError, match=UNREADABLE):
        list(rows(client, "api/v2/deals"))


def test_search_items(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """The hits of a search are its rows, asked for by the hundred."""
    api.get(f"{DEALS}/search", **answer({"items": [{"id": 1}]}))

    assert ids(rows(client, "api/v2/deals/search", {"term": "x"})) == [1]
    assert queries(api, "limit") == ["100"]


# --- v1 offsets


@pytest.mark.parametrize("shape", ["nested", "flat", "missing"])
@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 998, 999, 1000, 1001, 1499])
def test_offsets(api: requests_mock.Mocker, client: PipedriveClient, shape: str, count: int) -> None:
    """Every row of a v1 list is read once, in every shape of the paging block and at every edge of a page."""
    api.get(LEADS, json=Offsets(count, shape))

    assert ids(rows(client, "v1/leads")) == list(range(1, count + 1))


@pytest.mark.parametrize(("path", "url", "limit"), [("v1/leads", LEADS, "500"), ("v1/files", FILES, "100")])
def test_offset_limit(api: requests_mock.Mocker, client: PipedriveClient, path: str, url: str, limit: str) -> None:
    """v1 lists are asked with the largest page that they allow."""
    api.get(url, json=Offsets(0))
    list(rows(client, path, {"limit": 10}))

    assert queries(api, "limit") == [limit]


def test_files_pages(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Files are read by the hundred, each page starting with the last row of the one before."""
    api.get(FILES, json=Offsets(250))

    assert ids(rows(client, "v1/files")) == list(range(1, 251))
    assert queries(api, "start") == ["0", "99", "198"]


@pytest.mark.parametrize("vanished", [1, 2, 50, 99, 100, 101, 150, 250], ids=lambda count: f"{count} rows gone")
def test_rows_that_vanish_before_the_offset(api: requests_mock.Mocker, client: PipedriveClient, vanished: int) -> None:
    """When rows before the offset vanish between two pages, no row behind them is missed."""

    def vanish(listed: list[Any]) -> None:
        del listed[:vanished]

    api.get(FILES, json=Offsets(500, changes={3: vanish}))

    assert set(ids(rows(client, "v1/files"))) == set(range(1, 501))


def test_last_row_read_vanishes(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """When the last row read vanishes itself, rows may be read twice but none is missed."""
    api.get(FILES, json=Offsets(350, changes={2: lambda listed: listed.pop(198)}))

    assert set(ids(rows(client, "v1/files"))) == set(range(1, 351))


def test_first_rows_change_their_place(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A row that moves to the end while a list is read is seen there, and none is missed."""
    api.get(FILES, json=Offsets(350, changes={1: lambda listed: listed.append(listed.pop(0))}))

    assert set(ids(rows(client, "v1/files"))) == set(range(1, 351))


def test_everything_vanishes(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A list that is emptied while it is read comes to its end."""
    api.get(FILES, json=Offsets(350, changes={1: lambda listed: listed.clear()}))

    assert ids(rows(client, "v1/files")) == list(range(1, 101))


def test_rows_without_id(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Rows without an id are walked without overlap and read once."""
    offsets = Offsets(0)
    offsets.rows = [{"name": str(number)} for number in range(250)]
    api.get(FILES, json=offsets)

    assert [row["name"] for row in rows(client, "v1/files")] == [str(number) for number in range(250)]
    assert queries(api, "start") == ["0", "100", "200"]


def test_start(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A list can be taken up at an offset; each page knows where its rows start."""
    api.get(FILES, json=Offsets(250))
    read = list(pages(client, "v1/files", start=120))

    assert [page.start for page in read] == [120, 220]
    assert ids(row for page in read for row in page.rows) == list(range(121, 251))


def test_short_page_with_more(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A page that holds no new row although more are promised is passed over, not asked for for ever."""
    more = {"pagination": {"more_items_in_collection": True}}
    api.get(FILES, [answer(some(1, 1), more), answer(some(1, 1), more), answer(some(9, 1))])

    assert ids(rows(client, "v1/files")) == [1, 9]


@pytest.mark.parametrize("url", [LEADS, TYPES])
def test_null_is_an_empty_v1_list(api: requests_mock.Mocker, client: PipedriveClient, url: str) -> None:
    """An empty v1 list may be `data: null`; it is asked for once."""
    asked = api.get(url, **answer(None))

    assert list(rows(client, url.removeprefix(f"{API}/"))) == []
    assert asked.call_count == 1


def test_null_with_more(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """`data: null` in a v1 list that promises more is an error."""
    api.get(LEADS, **answer(None, {"pagination": {"more_items_in_collection": True}}))

    with pytest.raises(TransientError, match="contains no list of rows"):
        list(rows(client, "v1/leads"))


def test_null_in_the_middle(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """`data: null` behind a page that promised more does not end a v1 list; the rest is read."""
    offsets = Offsets(250)
    pending = [answer(None)["json"]]
    api.get(
        FILES,
        json=lambda request, context: pending.pop() if offsets.answers == 1 and pending else offsets(request, context),
    )

    assert ids(rows(client, "v1/files")) == list(range(1, 251))


# --- single answers


def test_single(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A list without paging is one request without paging parameters."""
    api.get(TYPES, **answer(some(1, 3)))

    assert ids(rows(client, "v1/activityTypes")) == [1, 2, 3]
    assert api.last_request.url == TYPES


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param({"goals": [{"id": 1}], "total": 1}, [1], id="list inside an object"),
        pytest.param({"goals": []}, [], id="empty list inside"),
        pytest.param({"goals": None}, [], id="null inside"),
    ],
)
def test_list_inside(api: requests_mock.Mocker, client: PipedriveClient, data: Any, found: list[int]) -> None:
    """Rows that an endpoint wraps under a key of its own are found there."""
    api.get(f"{API}/v1/goals/find", **answer(data))

    assert ids(rows(client, "v1/goals/find")) == found


@pytest.mark.parametrize(("data", "found"), [({"id": 1}, [1]), ({}, []), ([{"id": 2}], [2])])
def test_one_object(api: requests_mock.Mocker, client: PipedriveClient, data: Any, found: list[int]) -> None:
    """An endpoint that answers one object is a list of one row, or of none."""
    api.get(f"{API}/api/v2/products/5/images", **answer(data))

    assert ids(rows(client, "api/v2/products/{id}/images", id=5)) == found


# --- v1 cursors

CHANGELOG = "v1/deals/{id}/changelog"


def test_v1_cursor(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A v1 list with cursors is read like a v2 one; an empty one may be `data: null`."""
    api.get(
        f"{API}/v1/deals/5/changelog", [answer(some(1, 2), {"next_cursor": "c1"}), answer(some(3, 1)), answer(None)]
    )

    assert ids(rows(client, CHANGELOG, id=5)) == [1, 2, 3]
    assert list(rows(client, CHANGELOG, id=5)) == []


@pytest.mark.parametrize(
    "script",
    [
        pytest.param([answer(some(1, 2), {"next_cursor": "c1"}), answer(None)], id="behind a cursor"),
        pytest.param([answer(None, {"next_cursor": "c1"})], id="before a cursor"),
    ],
)
def test_null_in_a_v1_cursor_list(api: requests_mock.Mocker, client: PipedriveClient, script: list[Any]) -> None:
    """`data: null` where rows are promised is an error in v1 lists with cursors too."""
    api.get(f"{API}/v1/deals/5/changelog", script)

    with pytest.raises(TransientError, match="contains no list of rows"):
        list(rows(client, CHANGELOG, id=5))


# --- against the sandbox


@pytest.mark.parametrize("last_cursor", ["null", "absent", "no_additional_data"])
def test_sandbox_cursor(sandbox: Sandbox, last_cursor: str) -> None:
    """All deals of an account are read once, whatever the last page looks like."""
    sandbox.put_rows("deals", [{"id": number, "title": "x"} for number in range(1, 1001)])
    sandbox.change_settings(last_cursor=last_cursor)

    assert ids(rows(sandbox_client(), "api/v2/deals")) == list(range(1, 1001))


@pytest.mark.parametrize("shape", ["nested", "flat"])
@pytest.mark.parametrize("empty", ["list", "null"])
def test_sandbox_offset(sandbox: Sandbox, shape: str, empty: str) -> None:
    """All notes of an account are read once, whatever the shape of the paging block."""
    sandbox.put_rows("notes", [{"id": number, "content": "x"} for number in range(1, 1001)])
    sandbox.change_settings(v1_pagination=shape, v1_empty=empty)

    assert sorted(ids(rows(sandbox_client(), "v1/notes"))) == list(range(1, 1001))
