"""A read that runs out of tokens with thousands of slices before it: at once, told once, and resumed without a loss."""

from __future__ import annotations

import json
import threading
import time
from functools import partial
from typing import Any

import pytest
import requests
from airbyte_cdk.sources.concurrent_source.thread_pool_manager import ThreadPoolManager

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Request, Sandbox

DEALS = 2_000
#: So many that a list of all of them costs more than a run may spend.
MANY = 4_000
#: Tokens of a changelog's call.
PRICE = 20
#: Tokens of such a list, of which a page has 500.
LIST_PRICE = MANY // 500 * 10
#: What runs that their budget stops may cost in all, times the cost of one that reads everything.
MOST_TIMES_THE_TOKENS = 1.2
#: Processor time in seconds that stopping may take; a slow machine keeps it, and waits cost none.
MOST_SECONDS = 20


def asked(sandbox: Sandbox) -> set[str]:
    """Paths of the deals that were asked for their changes."""
    return {one["path"] for one in sandbox.requests() if one["path"].endswith("/changelog")}


def changes(sandbox: Sandbox, path: str) -> int:
    """How many changes Pipedrive has of a deal."""
    answer = sandbox.handle(Request("GET", path, headers={"x-api-token": "sandbox"})).json()
    return len(answer["data"] or [])


def keys(run: Run) -> set[tuple[Any, ...]]:
    rows = run.records("deal_changelog")
    return {(row["deal_id"], row["time"], row["field_key"], row["new_value"]) for row in rows}


def test_r19_a_budget_that_ends_after_a_tenth(empty: Sandbox, source: InProcess) -> None:
    """2,000 deals and tokens for 200 of them: the read ends at once, says it once, and the next one brings the rest."""
    empty.seed(scale=0, deals=DEALS, changes=500)
    catalog = source.catalog("deals", "deal_changelog")
    source.config["token_budget"] = DEALS // 10 * PRICE
    started = time.process_time()
    first = source.read_catalog(catalog)

    assert time.process_time() - started < MOST_SECONDS
    assert first.exit_code == 1
    assert first.statuses()["deal_changelog"][-1] == "INCOMPLETE"
    assert len(first.logs("ERROR")) == 1
    assert len(first.errors()) == 1
    assert first.errors()[0]["message"].startswith("The run stopped at your own limit: `token_budget` allows 4000")
    assert first.errors()[0]["failure_type"] == "config_error"
    assert max(len(line) for line in first.stdout.splitlines() if not line.startswith('{"type":"RECORD"')) < 10_000
    assert {one["status"] for one in empty.requests()} == {200}

    before = asked(empty)
    empty.clear_requests()
    del source.config["token_budget"]
    second = source.read_catalog(catalog, first.last_states())

    assert second.exit_code == 0
    assert len(before) < DEALS // 10
    alive = {f"/v1/deals/{row['id']}/changelog" for row in empty.rows("deals") if not row["is_deleted"]}
    assert before | asked(empty) == alive
    assert len(before & asked(empty)) < 100
    assert len(keys(first) | keys(second)) == sum(map(partial(changes, empty), alive))


def over_runs(source: InProcess, catalog: dict[str, Any], budget: int) -> tuple[set[str], int, int]:
    """Rows, tokens and the number of runs until one succeeds with a budget. Each has to get on."""
    source.config["token_budget"] = budget
    found: set[str] = set()
    states, tokens, runs, exit_code = dict[str, Any](), 0, 0, 1
    while exit_code:
        run = source.read_catalog(catalog, list(states.values()))
        moved = states | {one["stream"]["stream_descriptor"]["name"]: one for one in run.last_states()}
        assert moved != states or run.exit_code == 0, f"a run without progress\n{run}"
        found |= rows(run)
        tokens, runs, states, exit_code = tokens + run.summary["tokens"], runs + 1, moved, run.exit_code
    del source.config["token_budget"]
    return found, tokens, runs


def rows(run: Run) -> set[str]:
    """Every row of a run."""
    return {json.dumps([one["record"]["stream"], one["record"]["data"]]) for one in run.of_type("RECORD")}


@pytest.mark.parametrize(
    ("streams", "budget", "workers"),
    [
        (("deal_products",), 50, 8),
        (("deal_products", "deal_followers", "deal_installments"), 70, 2),
        (("deals", "deal_products"), 70, 1),
    ],
)
def test_r24_a_budget_smaller_than_the_list_of_parents(
    empty: Sandbox, source: InProcess, streams: tuple[str, ...], budget: int, workers: int
) -> None:
    """R24: each run that its budget stops gets on, and the runs together read all of them to the end."""
    assert budget < LIST_PRICE
    empty.seed(scale=0, deals=MANY, products=5, deal_products=MANY)
    catalog = source.catalog(*streams)
    source.config["num_workers"] = workers
    whole = source.read_catalog(catalog)
    found, _, runs = over_runs(source, catalog, budget)

    assert found == rows(whole)
    assert 2 < runs < 40


@pytest.mark.parametrize(
    ("streams", "workers"),
    [
        (("deal_changelog",), 1),
        (("deals", "deal_changelog"), 8),
        (("deal_products", "deal_changelog", "person_followers", "organization_persons"), 20),
    ],
)
def test_r24_what_many_runs_cost(empty: Sandbox, source: InProcess, streams: tuple[str, ...], workers: int) -> None:
    """R24: stopped by their budget again and again, all runs together cost little more than one without a budget."""
    empty.seed(scale=0, deals=300, products=5, deal_products=300, changes=300, persons=30, organizations=20)
    catalog = source.catalog(*streams)
    source.config["num_workers"] = workers
    whole = source.read_catalog(catalog)
    found, tokens, runs = over_runs(source, catalog, 600)

    assert found == rows(whole)
    assert runs > 5
    assert tokens <= MOST_TIMES_THE_TOKENS * whole.summary["tokens"]


def test_parents_are_asked_for_as_their_children_need_them(empty: Sandbox, source: InProcess) -> None:
    """Of four pages of deals one is paid for, when the budget ends long before its children were asked for."""
    empty.seed(scale=0, deals=DEALS)
    catalog = source.catalog("deal_changelog")
    source.config["token_budget"] = 400
    source.read_catalog(catalog)

    assert [one["path"] for one in empty.requests()].count("/api/v2/deals") == 1


@pytest.mark.parametrize("workers", [1, 2, 20])
def test_a_stop_is_told_once_for_all_streams(pipedrive: Sandbox, source: InProcess, workers: int) -> None:
    """However many streams a stop leaves unfinished, there is one error, and each of them is INCOMPLETE."""
    source.config["num_workers"] = workers
    catalog = source.catalog()
    source.config["token_budget"] = 300
    run = source.read_catalog(catalog)

    statuses = run.statuses()
    assert sum(each[-1] == "INCOMPLETE" for each in statuses.values()) > 10
    assert len(statuses) == len(catalog["streams"])
    assert len(run.logs("ERROR")) == len(run.errors()) == 1
    assert not [text for text in run.logs() if "did not sync successfully" in text]


def test_nothing_is_asked_after_a_refusal(pipedrive: Sandbox, source: InProcess) -> None:
    """After Pipedrive says that the day is over, only what is under way may be refused, too."""
    catalog = source.catalog()
    pipedrive.change_settings(daily_limit=2_000, daily_headers=False)
    pipedrive.set_faults(
        {
            "kind": "status",
            "status": 429,
            "skip": 60,
            "times": None,
            "body": {"success": False},
            "headers": {"x-daily-ratelimit-token-remaining": "0"},
        }
    )
    run = source.read_catalog(catalog)

    assert [one["status"] for one in pipedrive.requests()].count(429) <= 8
    assert run.errors()[0]["message"].startswith("Rate limit exceeded: the account's daily API tokens are used up")
    assert len(run.errors()) == 1


@pytest.mark.timeout(120)
def test_r20_one_worker_and_more_slices_than_the_cdk_keeps(
    pipedrive: Sandbox, source: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one worker more slices than the CDK lets wait are read; they do not wait for the worker that makes them."""
    monkeypatch.setattr(ThreadPoolManager.__init__, "__defaults__", (3,))
    source.config["num_workers"] = 1
    run = source.read("deal_changelog", "person_changelog")

    assert run.exit_code == 0
    assert set(map(tuple, run.statuses().values())) == {("STARTED", "RUNNING", "COMPLETE")}


@pytest.mark.parametrize("workers", [1, 3])
def test_no_more_requests_at_a_time_than_workers(
    pipedrive: Sandbox, source: InProcess, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`num_workers` is the most requests at a time, whatever else waits."""
    at_work, most, lock = 0, 0, threading.Lock()
    send = requests.Session.send

    def count(*args: Any, **kwargs: Any) -> Any:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        try:
            return send(*args, **kwargs)
        finally:
            with lock:
                at_work -= 1

    catalog = source.catalog("deal_changelog", "person_changelog", "product_followers", "note_comments")
    source.config["num_workers"] = workers
    monkeypatch.setattr(requests.Session, "send", count)
    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert most == workers


def test_children_of_a_small_list_do_not_queue_behind_deals(empty: Sandbox, source: InProcess) -> None:
    """Three products are asked for their followers while hundreds of deals still wait for their turn."""
    empty.seed(scale=0, deals=600, products=3)
    source.config["num_workers"] = 2
    run = source.read("deals", "products", "deal_changelog", "product_followers")

    assert run.exit_code == 0
    calls = [one["path"].rsplit("/", 1)[-1] for one in empty.requests()]
    behind = calls[calls.index("followers") :].count("changelog")
    assert behind > 400
