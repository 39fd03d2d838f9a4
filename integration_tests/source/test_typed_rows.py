"""Long lists have typed rows from their second page on: what is emitted is what dicts emit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests
from orjson import OPT_SORT_KEYS, dumps, loads

from integration_tests.source.conftest import InProcess
from pipedrive_client import pagination, transport, typed_rows
from pipedrive_client.endpoints import Endpoint, endpoint
from pipedrive_sandbox import Sandbox
from source_pipedrive.sync import list_retriever, run_context
from source_pipedrive.sync.state import Position

#: Rows of a page, so that lists of the sandbox have many.
PAGE = 7


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(method: str, path: str) -> Endpoint:
        found = endpoint(method, path)
        return replace(found, max_limit=min(found.max_limit, PAGE)) if found.paging == "cursor" else found

    monkeypatch.setattr(pagination, "endpoint", short)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each page of typed rows had."""
    pages: list[int] = []

    def write(rows: list[Any]) -> list[bytes]:
        pages.append(len(rows))
        return typed_rows.written(rows)

    monkeypatch.setattr(list_retriever, "written", write)
    return pages


def by_dicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_context, "MOST_LESSONS", 0)


def told(source: InProcess, streams: tuple[str, ...]) -> dict[str, Any]:
    """Records in an order that does not depend on threads, states without the time of the run, warnings, tokens."""
    run = source.read(*streams)
    assert run.exit_code == 0
    states = {one["stream"]["stream_descriptor"]["name"]: one["stream"]["stream_state"] for one in run.last_states()}
    for state in states.values():
        for place in state.get("lists", {}).values():
            place.get("look", {}).pop("time", None)
    records = {name: sorted(dumps(one, option=OPT_SORT_KEYS) for one in run.records(name)) for name in streams}
    return {"records": records, "states": states, "warnings": run.logs("WARN"), "tokens": run.summary["tokens"]}


LISTS = ("deals", "persons", "organizations", "products", "activities", "leads", "projects", "pipelines", "deal_fields")


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("more", [(), ("deal_products", "deal_participants")])
def test_what_is_emitted_is_the_same(
    pipedrive: Sandbox,
    source: InProcess,
    written: list[int],
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
    more: tuple[str, ...],
) -> None:
    """R1: records, states, warnings and tokens; a stream that has children is read into dicts."""
    source.config["num_workers"] = workers
    found = told(source, LISTS + more)
    count = len(written)
    by_dicts(monkeypatch)

    assert found == told(source, LISTS + more)
    assert len(written) == count
    assert sum(written) > (50 if more else 100)


#: How many deals come before one that is odd, and what it holds then.
ODD = {
    20: {"value": "1200.50"},
    33: {"unheard_of": 1},
    47: {"close_time": "2026-01-01 10:00:00"},
    60: {"title": 7},
    66: {"id": "66000"},
    70: {"custom_fields": None},
    80: {"id": None},
}


def test_rows_that_change_their_layout(
    pipedrive: Sandbox, source: InProcess, written: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R1: keys that come later and values of other types: nothing is lost, whatever page it is on."""
    ids = [deal["id"] for deal in source.read("deals").records("deals") if not deal["is_archived"]]
    written.clear()
    unchanged = transport.read
    odd = {ids[place]: change for place, change in ODD.items()}

    def read(response: requests.Response) -> requests.Response:
        found = unchanged(response)
        if "/api/v2/deals?" in found.url:
            body = loads(found.content)
            body["data"] = [row | odd.get(row["id"], {}) for row in body["data"]]
            found._content = dumps(body)
        return found

    monkeypatch.setattr(transport, "read", read)
    found = told(source, ("deals",))
    by_dicts(monkeypatch)

    assert found == told(source, ("deals",))
    assert len(found["warnings"]) == 2
    assert "unheard_of" in found["warnings"][0]
    assert "without a readable `id`" in found["warnings"][1]
    assert sum(written) > 30


def test_rows_that_are_prepared(pipedrive: Sandbox, source: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other spelling of activities' participants, on each page."""
    unchanged = transport.read

    def read(response: requests.Response) -> requests.Response:
        found = unchanged(response)
        if "/api/v2/activities?" in found.url:
            found._content = found.content.replace(b'"primary":', b'"primary_flag":')
        return found

    monkeypatch.setattr(transport, "read", read)
    run = source.read("activities")

    people = [one for row in run.records("activities") for one in row["participants"] or ()]
    assert len(people) > PAGE
    assert all("primary" in one for one in people)


def test_a_lane_that_is_read_once_more(
    pipedrive: Sandbox, source: InProcess, written: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its rows are looked at one by one, as some were handed on before; until then they may be typed."""
    found = told(source, ("deals",))
    assert written
    written.clear()
    monkeypatch.setattr(list_retriever, "known_of", lambda _: Position("2000-01-01T00:00:00Z"))

    assert told(source, ("deals",)) == found
    assert not written
