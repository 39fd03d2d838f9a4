"""docs/orchestration.md under real orchestrators: killed in the middle, with few tokens, and with none."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from integration_tests.downstream.orchestrators import Airflow, Dagster, Orchestrator
from integration_tests.harness import Sandbox

ACCOUNT = {"deals": 1_100, "persons": 40, "organizations": 40, "activities": 200}
KINDS = {"DAGSTER": Dagster, "AIRFLOW": Airflow}
#: Enough for what each part of a job costs anyway, and for a page or two of deals.
FEW_TOKENS = 90


@pytest.fixture
def account() -> Iterator[Sandbox]:
    """Three pages of deals."""
    with Sandbox.start(scale=0) as sandbox:
        sandbox.admin("POST", "seed", ACCOUNT)
        yield sandbox


@pytest.fixture(params=list(KINDS))
def orchestrator(request: pytest.FixtureRequest, account: Sandbox, tmp_path: Path) -> Orchestrator:
    """Dagster and Airflow."""
    return KINDS[request.param](interpreter(request.param), tmp_path, account)


def interpreter(name: str) -> Path:
    """The Python of an orchestrator's environment, where one was named."""
    if name not in os.environ:
        pytest.skip(f"No Python with {name} was named; `make orchestration-test` sets one up.")
    return Path(os.environ[name])


def deals(orchestrator: Orchestrator) -> list[int]:
    """Ids of the deals in the warehouse, doubled ones as often as they are there."""
    with duckdb.connect(str(orchestrator.warehouse), read_only=True) as warehouse:
        return [row[0] for row in warehouse.execute("SELECT id FROM pipedrive.deals ORDER BY id").fetchall()]


#: Ids of the deals in the account.
EVERYTHING = list(range(1, ACCOUNT["deals"] + 1))


def written(sandbox: Sandbox) -> Counter[str]:
    """How often each record was changed since the last look.

    A call that the burst window refused (429) changed nothing; without waiting there are some, which are sent again.
    """
    changes = [each for each in sandbox.requests() if each["method"] in ("PATCH", "PUT", "DELETE")]
    return Counter(each["path"] for each in changes if each["status"] != 429)


def pages(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Queries for pages of live deals."""
    return [dict(each["query"]) for each in sandbox.requests() if each["path"].endswith("v2/deals")]


def walked(sandbox: Sandbox) -> int:
    """Pages of all live deals that were asked for, after a first one: walking through the three of them takes two."""
    return sum("cursor" in query and "updated_since" not in query for query in pages(sandbox))


def test_a_killed_connector(orchestrator: Orchestrator, account: Sandbox) -> None:
    """The retry goes on from the last state; each row is there once, each deal is updated once, and then none."""
    orchestrator.arm("source", states=2)
    account.forget()
    first = orchestrator.run()
    wrote, asked = written(account), walked(account)
    account.forget()
    second = orchestrator.run()

    assert (first.ended, first.tries) == ("success", {"pipedrive": 2, "engagement_scores": 1})
    assert first.results["pipedrive"]["deals"] == len(EVERYTHING)
    assert first.results["pipedrive"]["complete"] is True
    assert deals(orchestrator) == EVERYTHING
    assert asked <= 2
    assert len(wrote) == len(account.rows("api/v2/deals", status="open"))
    assert set(wrote.values()) == {1}
    told = first.results["engagement_scores"]
    assert told.get("objects", {}).get("deals", told)["updated"] == len(wrote)
    assert (second.ended, second.tries) == ("success", {"pipedrive": 1, "engagement_scores": 1})
    assert not written(account)


def test_a_killed_job(orchestrator: Orchestrator, account: Sandbox) -> None:
    """Killed in its second part: the retry goes on from what the first one saved."""
    orchestrator.tokens = FEW_TOKENS
    orchestrator.arm("job", reads=2)
    account.forget()
    run = orchestrator.run()

    assert (run.ended, run.tries["pipedrive"]) == ("success", 2)
    assert run.results["pipedrive"]["complete"] is True
    assert walked(account) <= 2
    assert deals(orchestrator) == EVERYTHING


def test_a_budget_per_run(orchestrator: Orchestrator, account: Sandbox) -> None:
    """A run that stops at its budget is a success, and the next one of the schedule goes on."""
    orchestrator.tokens, orchestrator.parts = FEW_TOKENS, 1
    account.forget()
    runs, kept = [orchestrator.run()], [deals(orchestrator)]
    while runs[-1].results["pipedrive"]["complete"] is not True and len(runs) < 5:
        runs.append(orchestrator.run())
        kept.append(deals(orchestrator))

    assert len(runs) > 1
    assert {run.ended for run in runs} == {"success"}
    assert {run.tries["pipedrive"] for run in runs} == {1}
    assert kept == sorted(kept, key=len)
    assert walked(account) <= 2
    assert kept[-1] == EVERYTHING


def test_no_tokens_today(orchestrator: Orchestrator, account: Sandbox) -> None:
    """A retry cannot help, so there is none; the next day goes on from where this one ended."""
    account.settings(daily_limit=5_000 + 130)
    today = orchestrator.run()
    kept = len(deals(orchestrator))
    account.settings(daily_limit=None)
    account.forget()
    tomorrow = orchestrator.run()

    assert (today.ended, today.tries) == ("failure", {"pipedrive": 1})
    assert kept
    assert tomorrow.ended == "success"
    assert tomorrow.results["pipedrive"]["complete"] is True
    assert deals(orchestrator) == EVERYTHING


def test_a_slot_is_freed(account: Sandbox, tmp_path: Path) -> None:
    """A run that died as a whole keeps the pool's slot until Dagster's daemon ends it; then the next one can run."""
    dagster = Dagster(interpreter("DAGSTER"), tmp_path, account)
    dagster.limit()
    dagster.die()
    taken = dagster.slots()
    dagster.clean_up()

    assert taken == 1
    assert dagster.run().ended == "success"
