"""One account read by four processes at once, each with its own part of the deals. docs/orchestration.md says how."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from integration_tests.documents.page import Page
from integration_tests.harness import Connector, Run, Sandbox, configured

KEYS = {"deals": ("id",), "deal_changelog": ("deal_id", "time", "field_key", "change_number")}
#: The account: deals, and changes of all records, a third of them of deals.
ROWS = {"scale": 0, "deals": 160, "persons": 2, "organizations": 2, "changes": 900}
SHARED_BUDGET = 2_000
Row = tuple[Any, ...]


def lanes() -> list[dict[str, Any]]:
    """What the page has each of the four connections add to its config."""
    configs = [json.loads(code) for code in Page("docs/orchestration.md").code("json")]
    return [config for config in configs if config.get("plan") == "lite"]


@pytest.fixture
def account() -> Iterator[Sandbox]:
    """An account whose window is really counted, on the plan of the page, and that takes its time to answer."""
    with Sandbox.start(scale=0) as sandbox:
        sandbox.admin("POST", "seed", ROWS)
        sandbox.settings(burst=True, plan="premium")
        sandbox.faults({"kind": "delay", "delay": 0.1, "times": None})
        yield sandbox


class Account:
    """Four sources, and what they share."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.sources = [Connector("source-pipedrive", folder / str(number)) for number, _ in enumerate(lanes())]
        for source in self.sources:
            source.folder.mkdir()
        self.catalog = configured(self.sources[0].discover(sandbox.config()).catalog, list(KEYS))

    def read(self, states: Sequence[Any] = (None,) * 4, **more: Any) -> list[Run]:
        """All at once."""
        configs = [self.sandbox.config(**{**lane, "daily_token_reserve": 0, **more}) for lane in lanes()]
        with ThreadPoolExecutor(len(configs)) as pool:
            return list(pool.map(self._read, self.sources, configs, states))

    def _read(self, source: Connector, config: Mapping[str, Any], state: Any) -> Run:
        return source.read(config, self.catalog, state)


def pass_a_minute(account: Sandbox) -> None:
    """What ran before leaves the burst window: here the next process starts sooner than any platform starts one."""
    account.admin("POST", "clock", {"advance": 60})


def rows(run: Run) -> list[Row]:
    """Stream and key of each record."""
    return [
        (message["record"]["stream"], *(message["record"]["data"][key] for key in KEYS[message["record"]["stream"]]))
        for message in run.of_type("RECORD")
    ]


def test_nothing_doubled_nothing_lost_within_one_budget(account: Sandbox, tmp_path: Path) -> None:
    """Cut off by their budgets, which add up to the shared one, and read to the end the next day: each row once."""
    divided = Account(account, tmp_path)
    account.forget()
    first = divided.read(token_budget=SHARED_BUDGET // 4)
    spent = sum(request["tokens"] for request in account.requests())
    pass_a_minute(account)
    second = divided.read([run.last_states() for run in first], token_budget=SHARED_BUDGET)
    found = Counter(row for runs in zip(first, second, strict=True) for row in {*rows(runs[0]), *rows(runs[1])})
    pass_a_minute(account)
    whole = divided.sources[0].read(account.config(), divided.catalog)

    assert {run.exit_code for run in first} == {1}
    assert spent == sum(run.summary["tokens"] for run in first) <= SHARED_BUDGET
    assert {run.exit_code for run in second} == {0}
    assert set(found) == set(rows(whole))
    assert set(found.values()) == {1}
    assert {request["status"] for request in account.requests()} == {200}


def test_a_reserve_that_all_share(account: Sandbox, tmp_path: Path) -> None:
    """All stop at the reserve. Below it goes only what the other three had under way, and nothing when they stand."""
    divided = Account(account, tmp_path)
    account.settings(daily_limit=2_500)
    account.forget()
    runs = divided.read(daily_token_reserve=1_000)
    left = [run.summary["tokens_left"] for run in runs]
    pass_a_minute(account)
    again = divided.read([run.last_states() for run in runs], daily_token_reserve=1_000)

    assert {run.exit_code for run in runs} == {1}
    assert all("daily_token_reserve" in run.errors()[0]["message"] for run in runs)
    in_flight = 20 * 20 * 3
    assert 1_000 - in_flight <= min(left) <= 1_000
    assert sum(run.summary["tokens"] for run in again) <= 4 * 40
