"""Leaves these tests out of a run that does not name them, and makes the warehouse that they share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from demo.server import SandboxProcess
from demo.warehouse import Warehouse
from integration_tests.downstream.dbt import Dbt
from integration_tests.harness import ROOT

HERE = Path(__file__).parent
#: A few hundred deals with some ten changes each.
ACCOUNT = {"scale": 1, "changes": 3000}
STREAMS = (
    *("deals", "persons", "organizations", "activities", "products", "leads", "notes", "users", "pipelines", "stages"),
    *("deal_products", "deal_changelog", "activity_types", "currencies", "lead_labels", "deal_fields", "projects"),
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The environments that these tests need are large."""
    named = (Path(config.invocation_params.dir, argument.split("::")[0]).resolve() for argument in config.args)
    return None if any(path == HERE or HERE in path.parents for path in named) else True


@pytest.fixture(scope="session")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with what PyAirbyte read from an account, some deals of which moved on since."""
    folder = tmp_path_factory.mktemp("warehouse")
    with SandboxProcess.start(scale=0) as sandbox:
        sandbox.call("POST", "_sandbox/seed", ACCOUNT)
        first, second, third = sandbox.rows("api/v2/deals", status="open")[:3]
        sandbox.call("PATCH", f"api/v2/deals/{first['id']}", {"status": "won"})
        for stage in sandbox.rows("api/v2/stages", pipeline_id=second["pipeline_id"]):
            sandbox.call("PATCH", f"api/v2/deals/{second['id']}", {"stage_id": stage["id"]})
        sandbox.call("PATCH", f"api/v2/deals/{third['id']}", {"status": "lost", "lost_reason": "Price"})
        sandbox.call("PATCH", f"api/v2/deals/{third['id']}", {"status": "open"})
        made = Warehouse(folder)
        made.sync(sandbox.config(), STREAMS)
    return made.path


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The package in a folder of its own, with the dbt of its environment."""
    if "DBT" not in os.environ:
        pytest.skip("No dbt was named; `make dbt-test` sets up one.")
    return Dbt(Path(os.environ["DBT"]), ROOT / "dbt", tmp_path_factory.mktemp("dbt"))
