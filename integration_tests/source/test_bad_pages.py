"""Pages without rows, pages that are none, and lists that never end."""

from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from integration_tests.source.hostile import answers, rows_of
from pipedrive_client.pagination import MAX_EMPTY_PAGES
from pipedrive_sandbox import Sandbox


def test_rows_of_null_are_named_once(pipedrive: Sandbox, source: InProcess) -> None:
    """Null in place of rows, on several pages and below parents, is left out and told once per list."""
    catalog = source.catalog("activities", "deal_products", "files")
    whole = source.read_catalog(catalog)

    def change(path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith(("/activities", "/deals/products", "/files")):
            rows_of(path, body).extend([None, "row"])
        return body

    with answers(pipedrive, change):
        run = source.read_catalog(catalog)

    assert run.record_counts() == whole.record_counts()
    assert sorted(run.logs("WARN")) == [
        f"Stream `{stream}`: GET /{path}: 2 rows left out, null or no object."
        for stream, path in (
            ("activities", "api/v2/activities"),
            ("deal_products", "api/v2/deals/products"),
            ("files", "v1/files"),
        )
    ]


def test_null_pages_are_empty(pipedrive: Sandbox, source: InProcess) -> None:
    """A list that is `data: null` however often it is asked for ends empty, with one warning; others go on."""
    catalog = source.catalog("products", "product_followers", "currencies")
    body = {"success": True, "data": None, "additional_data": {"next_cursor": None}}
    pipedrive.set_faults({"kind": "status", "status": 200, "body": body, "path": "/products$", "times": None})

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert run.record_counts().keys() == {"currencies"}
    assert [text for text in run.logs("WARN") if "GET /api/v2/products: 1 answer with `data: null`" in text]


def test_null_definitions_are_an_error(pipedrive: Sandbox, source: InProcess) -> None:
    """Definitions of fields that are `data: null` fail: an empty list would take their columns out of the schema."""
    body = {"success": True, "data": None}
    pipedrive.set_faults({"kind": "status", "status": 200, "body": body, "path": "/dealFields$", "times": None})

    run = source.discover()

    assert run.exit_code == 1
    assert "contains no list of rows" in run.errors()[0]["message"]


def test_rows_of_null_among_definitions(pipedrive: Sandbox, source: InProcess) -> None:
    """Discover leaves out what is no definition, names it, and keeps the columns of the others."""
    whole = source.discover().catalog

    def change(path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/productFields"):
            body["data"].insert(0, None)
        return body

    with answers(pipedrive, change):
        run = source.discover()

    assert run.catalog == whole
    assert run.logs("WARN") == ["GET /api/v2/productFields: 1 row left out, null or no object."]


def test_a_web_page_is_named(pipedrive: Sandbox, source: InProcess) -> None:
    """A 200 that is a web page is not called an answer that was cut short."""
    catalog = source.catalog("currencies")
    page = {
        "kind": "status",
        "status": 200,
        "body": "<!doctype html>Maintenance",
        "headers": {"content-type": "text/html"},
    }
    pipedrive.set_faults({**page, "path": "/currencies$", "times": None})

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert run.errors()[0]["message"].startswith("A web page came instead of Pipedrive's answer (status 200")
    assert run.errors()[0]["failure_type"] == "transient_error"


@pytest.mark.parametrize("period", [1, 2, 3])
def test_cursors_that_go_round(empty: Sandbox, source: InProcess, period: int) -> None:
    """Pages that come round again end the stream with an error after one round; its state stays, and is right."""
    empty.seed(scale=0, persons=2_200)
    empty.put_rows("persons", [{"id": row["id"], "is_deleted": False} for row in empty.rows("persons")])
    catalog, cursors = source.catalog("persons"), list[str]()

    def change(path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/persons"):
            cursors.append(body["additional_data"]["next_cursor"])
            if len(cursors) > period:
                body["additional_data"]["next_cursor"] = cursors[0]
        return body

    with answers(empty, change):
        run = source.read_catalog(catalog)
    rest = source.read_catalog(catalog, run.last_states())

    assert run.exit_code == 1
    assert "go round in a circle" in run.errors()[0]["message"]
    assert len(cursors) == period + 1
    read = [row["id"] for each in (run, rest) for row in each.records("persons")]
    assert sorted(read) == sorted(row["id"] for row in empty.rows("persons"))


@pytest.mark.parametrize("data", [[], [{"id": 4, "update_time": "2026-01-01 00:00:00"}]], ids=["empty", "the same"])
def test_offsets_that_never_end(pipedrive: Sandbox, source: InProcess, data: list[Any]) -> None:
    """An offset list that promises more for ever ends with an error after few calls."""
    catalog = source.catalog("notes")
    extra = {"pagination": {"more_items_in_collection": True}}
    body = {"success": True, "data": data, "additional_data": extra}
    pipedrive.set_faults({"kind": "status", "status": 200, "body": body, "path": "/notes$", "times": None})

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert run.errors()[0]["message"].startswith("The pages of GET /v1/notes ")
    assert len(pipedrive.requests()) <= MAX_EMPTY_PAGES + 2
