"""docs/orchestration.md: its modules are run as they stand there, and its prices follow from the API's constants."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from demo.warehouse import OFFLINE
from destination_pipedrive.config.config import Config as DestinationConfig
from integration_tests.documents.page import Page
from integration_tests.forking import commands, python_with
from integration_tests.harness import ROOT, RUN_SECONDS, Connector, Sandbox, configured, environment
from pipedrive_client.endpoints import MAX_IDS, MAX_LIMIT, endpoint
from pipedrive_client.token_budget import Limits, PipedriveBudget
from source_pipedrive.config.config import Config as SourceConfig

PAGE = Page("docs/orchestration.md")
SYNC, WRITE, DAGSTER, AIRFLOW, ALERTS = PAGE.code("python")
(CRON,) = PAGE.code("bash")
DEALS, CHANGED, RUNS = 500_000, 5_000, 24
#: Tokens that the example keeps free, those of a schema, and of the live deals with their definitions and users.
RESERVE, SCHEMA, LIVE_DEALS = 5_000, 50, 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the modules of the page."""
    for name, code in {"pipedrive_sync": SYNC, "pipedrive_write": WRITE}.items():
        (tmp_path / f"{name}.py").write_text(code, encoding="utf-8")
    return tmp_path


def run(folder: Path, sandbox: Sandbox, code: str) -> subprocess.CompletedProcess[str]:
    """Python in that folder, in the environment that the modules expect, with a sandbox in the place of Pipedrive."""
    return started(folder, sandbox, [str(python_with("airbyte")), "-c", code])


def started(folder: Path, sandbox: Sandbox, command: list[str]) -> subprocess.CompletedProcess[str]:
    """A command in that folder and environment."""
    settings = {
        "PIPEDRIVE_TOKEN": "sandbox",
        "PIPEDRIVE_URL": sandbox.url,
        "WAREHOUSE": str(folder / "warehouse.duckdb"),
        "AIRBYTE_LOGGING_ROOT": str(folder / "logs"),
        "PIPEDRIVE_SKIP_WAITS": "1",
        "PATH": f"{commands()}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    return subprocess.run(
        command,
        cwd=folder,
        env={**environment(), **OFFLINE, **settings},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )


def test_the_read_and_what_it_says_when_tokens_run_out(folder: Path, sandbox: Sandbox) -> None:
    """With an empty pool the error says that a retry cannot help; what was read until then is kept."""
    code = "import json, pipedrive_sync; print('ROWS', json.dumps(pipedrive_sync.read(['deals', 'users'])))"
    users = sandbox.call("GET", "v1/users")["data"]
    sandbox.forget()
    sandbox.settings(daily_limit=RESERVE + SCHEMA + LIVE_DEALS + 10)
    failed = run(folder, sandbox, code)
    sandbox.reset()
    again = run(folder, sandbox, code)

    assert failed.returncode == 1
    assert "pipedrive_sync.NotNow" in failed.stderr
    (rows,) = re.findall(r"^ROWS (.*)$", again.stdout, re.MULTILINE)
    assert json.loads(rows)["users"] == len(users)
    assert [request for request in sandbox.requests() if "updated_since" in dict(request["query"])]


def test_the_write(folder: Path, sandbox: Sandbox) -> None:
    """A score arrives at its deal; one for a deal that is not there is a warning."""
    deal = sandbox.rows("api/v2/deals", status="open")[0]["id"]
    scores = [{"deal_id": deal, "score": 80.0}, {"deal_id": 999_999, "score": 1.0}]
    code = f"import json, pipedrive_write; print(json.dumps(pipedrive_write.write_scores({scores})))"

    first, second = (json.loads(run(folder, sandbox, code).stdout) for _ in range(2))

    assert (first["status"], first["objects"]["deals"]["updated"]) == ("Warning", 1)
    assert second["objects"]["deals"]["unchanged"] == 1


def test_one_after_the_other(folder: Path, sandbox: Sandbox) -> None:
    """Both tell their results in the last line."""
    open_deals = len(sandbox.rows("api/v2/deals", status="open"))
    done = started(folder, sandbox, ["bash", "-c", CRON])
    read, wrote = (json.loads(line) for line in done.stdout.splitlines() if line.startswith("{"))

    assert read["complete"] is True
    assert {"deals", "persons", "organizations"} < set(read)
    assert wrote["objects"]["deals"]["updated"] == open_deals


def test_no_tokens_at_the_start(folder: Path, sandbox: Sandbox) -> None:
    """What PyAirbyte asks before it reads meets an empty pool: the exit code says that a retry cannot help."""
    sandbox.settings(daily_limit=1)
    program = "runpy.run_path('pipedrive_sync.py', run_name='__main__')"
    stopped = run(folder, sandbox, f"import runpy, sys; sys.argv[1:] = ['deals']; {program}")

    assert stopped.returncode == 3
    assert "tokens" in stopped.stderr


def test_the_alerts(sandbox: Sandbox, tmp_path: Path) -> None:
    """A good run is silent; one that failed and one that said nothing are not."""
    alerts, source = module(ALERTS)["alerts"], Connector("source-pipedrive", tmp_path)
    catalog = configured({"streams": [_stream("users")]})
    good = source.read(sandbox.config(), catalog)
    failed = source.read(sandbox.config(token_budget=5), catalog)
    skipped = good.stdout.replace('skipped_parents\\": 0', 'skipped_parents\\": 3')

    assert not list(alerts(good.stdout.splitlines()))
    assert list(alerts(failed.stdout.splitlines())) == ["status Error"]
    assert list(alerts(skipped.splitlines())) == ["users: 3 skipped_parents"]
    assert len(list(alerts([]))) == 1


def module(code: str) -> dict[str, Any]:
    """The names that an example defines."""
    names: dict[str, Any] = {}
    exec(compile(code, "example", "exec"), names)
    return names


def _stream(name: str) -> dict[str, Any]:
    return {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]}


def test_the_jobs_name_what_the_modules_have() -> None:
    """Dagster and Airflow are not installed here; what they import from the modules, or run, is there."""
    ours = {"pipedrive_sync": _defined(SYNC), "pipedrive_write": _defined(WRITE)}
    asked = [node for node in ast.walk(ast.parse(DAGSTER)) if isinstance(node, ast.ImportFrom) and node.module in ours]

    assert len(asked) == 2
    assert all({alias.name for alias in node.names} <= ours[str(node.module)] for node in asked)
    assert set(re.findall(r'run\("(\w+)"', AIRFLOW)) == set(ours)
    assert all('__name__ == "__main__"' in code for code in (SYNC, WRITE))
    assert "NOT_NOW = 3" in SYNC
    assert "NOT_NOW = 3" in AIRFLOW


def _defined(code: str) -> set[str]:
    return {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@pytest.mark.parametrize("fails", [False, True])
def test_the_job_of_dagster(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """With stand-ins for Dagster's names: rows are told, and `NotNow` is a failure without retries."""
    dagster, sync, told = _dagster(), _sync(fails), []
    monkeypatch.setitem(sys.modules, "pipedrive_sync", sync)
    monkeypatch.setitem(sys.modules, "dagster", dagster)
    job = module(DAGSTER)["pipedrive"]

    if fails:
        with pytest.raises(dagster.Failure) as failure:
            job(SimpleNamespace(add_output_metadata=told.append))
        assert failure.value.options == {"allow_retries": False}
    else:
        job(SimpleNamespace(add_output_metadata=told.append))
        assert told == [{"deals": 1, "persons": 1, "organizations": 1}]


def _sync(fails: bool) -> Any:
    def read(streams: list[str]) -> dict[str, int]:
        if fails:
            raise NotNow("no tokens")
        return dict.fromkeys(streams, 1)

    return SimpleNamespace(NotNow=NotNow, read=read)


class NotNow(Exception):
    """As in the module of the page."""


class Failure(Exception):
    """As Dagster's, with what it was told."""

    def __init__(self, _: str, **options: Any) -> None:
        self.options = options


def _dagster() -> Any:
    names = ("AssetExecutionContext", "Definitions", "RetryPolicy", "ScheduleDefinition", "define_asset_job")
    ignored = {name: lambda *_, **__: None for name in names}
    return SimpleNamespace(Failure=Failure, asset=lambda **_: lambda function: function, **ignored)


def configs() -> Iterator[Any]:
    """The configs that the examples hold, with a token for what is not written there."""
    for code in (SYNC, WRITE):
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Dict) and "credentials" in [getattr(key, "value", None) for key in node.keys]:
                yield _literal(node) | {"api_url": "https://api.pipedrive.com"}


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Dict):
        return {_literal(key): _literal(value) for key, value in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.List):
        return [_literal(each) for each in node.elts]
    if isinstance(node, ast.Name):
        return 1
    return node.value if isinstance(node, ast.Constant) else "token"


def test_the_configs_of_the_examples_are_accepted() -> None:
    """One of the source, one of the destination."""
    read, written = configs()

    assert SourceConfig.parse(read)
    assert DestinationConfig.from_json(written).mappings


def test_the_prices_follow_from_the_constants() -> None:
    """Pages of 500, 100 deals in a call, and what each call costs."""
    live, archived = (endpoint("GET", path).cost for path in ("api/v2/deals", "api/v2/deals/archived"))
    once = endpoint("GET", "api/v2/dealFields").cost + endpoint("GET", "v1/users").cost
    products, changes = (endpoint("GET", path).cost for path in ("api/v2/deals/products", "v1/deals/{id}/changelog"))
    rows = PAGE.rows("A schedule within the daily tokens")

    assert CHANGED / RUNS < MAX_LIMIT
    assert {what: int(tokens.replace(",", "")) for what, tokens, _ in rows} == {
        "first read of `deals`": DEALS // MAX_LIMIT * live + archived + once,
        "an unchanged run of `deals`": live + archived,
        "hourly runs of `deals` with changes": RUNS * (live + archived + once),
        "first read of `deal_products`": DEALS // MAX_IDS * products,
        "`deal_products` per day": CHANGED // MAX_IDS * products,
        "first read of `deal_changelog`": DEALS * changes,
        "`deal_changelog` per day": CHANGED * changes,
    }
    assert (ceil(DEALS // MAX_IDS * products / 15_000), 10 * changes) == (4, 200)


def test_the_arithmetic_of_a_cluster() -> None:
    """Each figure is what the text beside it says."""
    figures = {what: figure for what, figure, _ in PAGE.rows("A thousand accounts on a cluster")}
    source = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]["resourceRequirements"]
    memory = int(source["jobSpecific"][0]["resourceRequirements"]["memory_request"].removesuffix("Mi"))
    at_once = ceil(1_000 * 60 / 3_600)

    assert "150 tokens per run" in (ROOT / "docs" / "source.md").read_text(encoding="utf-8")
    assert figures == {
        "tokens per account and day": f"{24 * 150:,}",
        "runs per day": f"{1_000 * 24:,}",
        "runs at the same time": str(at_once),
        "memory requested": f"{at_once * memory / 1024:.1f} GiB",
        "processors": str(ceil(1_000 * 3 / 3_600)),
        "all on the hour": f"{1_000 * memory / 1024:.0f} GiB",
    }


def test_when_to_come_back_is_said_in_the_words_of_the_page() -> None:
    """`at the latest` and a moment in UTC."""
    (example,) = re.findall(r"`(at the latest [^`]+)`", PAGE.text)
    message = PipedriveBudget(Limits()).day_over().message

    assert re.search(re.sub(r"\d", r"\\d", example), message)
