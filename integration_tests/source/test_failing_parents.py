"""One parent, or one row's details, for which Pipedrive keeps failing costs only itself; an outage costs nothing."""

from typing import Any

import pytest

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox
from source_pipedrive.sync.failures import TOO_MANY
from source_pipedrive.sync.parent_requests import MOST_NAMED


def failing(path: str, status: int = 500, **more: Any) -> dict[str, Any]:
    return {"kind": "status", "status": status, "path": path, "times": None, **more}


def asked_below(sandbox: Sandbox) -> list[int]:
    """Deals whose changelog is asked for, in their order."""
    rows = [row for row in sandbox.rows("deals") if not row["is_deleted"]]
    return [row["id"] for row in sorted(rows, key=lambda row: (row["update_time"] or "", row["id"]))]


def deals_of(run: Run, stream: str) -> set[int]:
    return {row["deal_id"] for row in run.records(stream)}


def warned(run: Run, text: str) -> bool:
    return any(text in each for each in run.logs("WARN"))


@pytest.fixture
def whole(pipedrive: Sandbox, source: InProcess) -> set[int]:
    """The deals that have changes."""
    return deals_of(source.read("deal_changelog"), "deal_changelog")


@pytest.mark.parametrize("workers", [2, 8])
@pytest.mark.parametrize("status", [500, 503, 200])
@pytest.mark.parametrize("place", [0, 17, -1], ids=["the first", "one in the middle", "the last"])
def test_one_parent_that_always_fails(
    pipedrive: Sandbox, source: InProcess, whole: set[int], place: int, status: int, workers: int
) -> None:
    """One parent whose call fails for good is skipped, counted and named; all other rows come, and state moves on."""
    source.config["num_workers"] = workers
    catalog = source.catalog("deal_changelog")
    deal = asked_below(pipedrive)[place]
    pipedrive.set_faults(failing(f"/deals/{deal}/changelog$", status, body="<html>" if status == 200 else None))

    run = source.read_catalog(catalog)
    pipedrive.set_faults()
    again = source.read_catalog(catalog, run.last_states())

    assert run.exit_code == 0
    assert deals_of(run, "deal_changelog") == whole - {deal}
    assert run.summary["streams"]["deal_changelog"]["skipped_parents"] == 1
    assert warned(run, f"nothing was read below 1 parent that Pipedrive does not show or keeps failing for: {deal}.")
    assert again.records("deal_changelog") == []


def test_a_parent_that_fails_for_a_while(pipedrive: Sandbox, source: InProcess, whole: set[int]) -> None:
    """A parent whose call fails for all tries is asked once more after the others: then its rows come."""
    catalog = source.catalog("deal_changelog")
    deal = asked_below(pipedrive)[12]
    pipedrive.set_faults(failing(f"/deals/{deal}/changelog$") | {"times": 8})

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert deals_of(run, "deal_changelog") == whole
    assert run.summary["streams"]["deal_changelog"]["skipped_parents"] == 0


def test_several_parents_fail(pipedrive: Sandbox, source: InProcess, whole: set[int]) -> None:
    """Several parents in a row may fail, as long as others are answered."""
    catalog = source.catalog("deal_changelog")
    deals = asked_below(pipedrive)[20 : 20 + TOO_MANY - 2]
    pipedrive.set_faults(*(failing(f"/deals/{deal}/changelog$") for deal in deals))

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert deals_of(run, "deal_changelog") == whole - set(deals)
    assert run.summary["streams"]["deal_changelog"]["skipped_parents"] == len(deals) < MOST_NAMED


@pytest.mark.parametrize("workers", [2, 8])
@pytest.mark.parametrize("skip", [0, 25])
def test_an_outage_is_no_matter_of_parents(
    pipedrive: Sandbox, source: InProcess, whole: set[int], skip: int, workers: int
) -> None:
    """When all calls fail from some point on the stream fails soon as transient, and the next run misses nothing."""
    source.config["num_workers"] = workers
    catalog = source.catalog("deal_changelog")
    pipedrive.set_faults(failing("/changelog$", 503, skip=skip))

    run = source.read_catalog(catalog)
    calls = len(pipedrive.requests())
    pipedrive.set_faults()
    rest = source.read_catalog(catalog, run.last_states())

    assert run.exit_code == 1
    assert [error["failure_type"] for error in run.errors()] == ["transient_error"]
    assert calls < 250
    assert deals_of(run, "deal_changelog") | deals_of(rest, "deal_changelog") == whole


@pytest.mark.parametrize("status", [500, 403])
def test_one_parent_spoils_its_batch(pipedrive: Sandbox, source: InProcess, status: int) -> None:
    """A batch that fails for one parent is halved until that parent stands alone; it is skipped."""
    catalog = source.catalog("deal_products", "deal_installments")
    whole = source.read_catalog(catalog)
    deal = sorted(deals_of(whole, "deal_products"))[3]
    original = pipedrive.handle

    def handle(request: Any) -> Any:
        spoils = str(deal) in dict(request.query).get("deal_ids", "").split(",")
        pipedrive.set_faults(*([failing("/deals/(products|installments)$", status)] if spoils else []))
        return original(request)

    source.config["num_workers"] = 1
    pipedrive.handle = handle  # type: ignore[method-assign]
    try:
        run = source.read_catalog(catalog)
    finally:
        del pipedrive.handle  # type: ignore[attr-defined]

    assert run.exit_code == 0
    for stream in ("deal_products", "deal_installments"):
        assert deals_of(run, stream) == deals_of(whole, stream) - {deal}
        assert run.summary["streams"][stream]["skipped_parents"] == 1


def test_a_parent_whose_pages_go_round(pipedrive: Sandbox, source: InProcess, whole: set[int]) -> None:
    """A list below one parent that never ends is that parent's fault only."""
    catalog = source.catalog("deal_changelog")
    deal = asked_below(pipedrive)[8]

    round_trip = {"success": True, "data": [{"field_key": "title"}], "additional_data": {"next_cursor": "again"}}
    pipedrive.set_faults(failing(f"/deals/{deal}/changelog$", 200, body=round_trip))

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert deals_of(run, "deal_changelog") == whole - {deal}


@pytest.mark.parametrize("status", [404, 500])
def test_the_details_of_one_row(pipedrive: Sandbox, source: InProcess, status: int) -> None:
    """A row whose details cannot be read comes without them, and is counted."""
    catalog = source.catalog("filters", "roles")
    first = pipedrive.rows("filters")[0]["id"]
    pipedrive.set_faults(failing(f"/filters/{first}$", status), failing("/roles/1$", status))

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    rows = {row["id"]: row for row in run.records("filters")}
    assert len(rows) == len(pipedrive.rows("filters"))
    assert "conditions" not in rows[first]
    assert all(row["conditions"] for one, row in rows.items() if one != first)
    assert run.summary["streams"]["filters"]["skipped_parents"] == 1
    assert warned(run, "the details of 1 row could not be read") is (status == 500)


def test_the_details_of_all_rows(pipedrive: Sandbox, source: InProcess) -> None:
    """When Pipedrive fails for the details of all rows the stream fails, and its state does not move."""
    catalog = source.catalog("filters")
    pipedrive.set_faults(failing("/filters/"))

    run = source.read_catalog(catalog)
    pipedrive.set_faults()
    again = source.read_catalog(catalog, run.last_states())

    assert run.exit_code == 1
    assert [error["failure_type"] for error in run.errors()] == ["transient_error"]
    assert all(row["conditions"] for row in again.records("filters"))
    assert len(again.records("filters")) == len(pipedrive.rows("filters"))
