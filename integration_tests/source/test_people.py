"""Persons below deals: which calls they take, alone and beside `deal_participants`."""

from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox


def calls(sandbox: Sandbox, key: str) -> list[str]:
    """The values of a parameter in the calls for persons."""
    asked = [dict(one["query"]) for one in sandbox.requests() if one["path"].endswith("/persons")]
    return [query[key] for query in asked if key in query]


def rows(records: list[dict[str, Any]]) -> list[str]:
    return sorted(str(sorted(row.items())) for row in records)


@pytest.fixture
def deals(empty: Sandbox) -> Sandbox:
    """150 deals, of which every third has two participants."""
    empty.seed(scale=0, deals=150, persons=120, deal_participants=100)
    numbers = [row["id"] for row in empty.rows("deals") if not row["is_deleted"]][::3]
    persons = [row["id"] for row in empty.rows("persons")]
    for index, row in enumerate(empty.rows("deal_participants")):
        change = {"deal_id": numbers[index // 2 % len(numbers)], "person_id": persons[index % len(persons)]}
        empty.put_rows("deal_participants", [{"id": row["id"], **change}])
    return empty


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("order", [1, -1])
def test_participants_are_asked_for_once(deals: Sandbox, source: InProcess, workers: int, order: int) -> None:
    """Beside `deal_participants` no deal is asked for its persons: they come by their ids, and are the same rows."""
    source.config["num_workers"] = workers
    alone = source.read("deal_persons")
    each = calls(deals, "deal_id")

    both = source.read(*("deal_participants", "deal_persons")[::order])

    assert len(each) > 20
    assert calls(deals, "deal_id") == []
    assert len(calls(deals, "ids")) <= 4
    assert rows(both.records("deal_persons")) == rows(alone.records("deal_persons"))
    pairs = {(row["deal_id"], row["person_id"]) for row in both.records("deal_persons")}
    alive = {row["id"] for row in deals.rows("persons") if not row["is_deleted"]}
    assert {
        (row["deal_id"], row["person_id"]) for row in both.records("deal_participants") if row["person_id"] in alive
    } <= pairs


def test_a_deal_whose_participants_are_refused_is_asked(deals: Sandbox, source: InProcess) -> None:
    """A deal that `deal_participants` had to skip is asked for its persons."""
    deal = source.read("deal_participants").records("deal_participants")[0]["deal_id"]
    catalog = source.catalog("deal_participants", "deal_persons")
    deals.set_faults({"kind": "status", "status": 403, "path": f"/deals/{deal}/participants$", "times": None})

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert calls(deals, "deal_id") == [str(deal)]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_r9_one_deal_is_gone(deals: Sandbox, source: InProcess, status: int) -> None:
    """R9: a deal that is gone when its persons are asked for is skipped and counted, the rest is complete."""
    whole = source.read("deal_persons")
    catalog = source.catalog("deal_persons")
    body = {"success": False, "error": "Deal not found"}
    source.config["num_workers"] = 1
    deals.set_faults({"kind": "status", "status": status, "body": body, "path": "/persons$", "skip": 1, "times": 1})

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert calls(deals, "ids")[0]
    assert run.summary["streams"]["deal_persons"]["skipped_parents"] == 1
    assert len(whole.records()) - 2 <= len(run.records()) < len(whole.records())


def test_selected_participants_limit_no_persons(deals: Sandbox, source: InProcess) -> None:
    """A selection of `deal_participants` leaves out rows of that stream only."""
    alone = source.read("deal_persons")
    source.config["selections"] = [{"stream": "deal_participants", "where": "person_id == 3"}]

    both = source.read("deal_participants", "deal_persons")

    assert {row["person_id"] for row in both.records("deal_participants")} <= {3}
    assert rows(both.records("deal_persons")) == rows(alone.records("deal_persons"))
