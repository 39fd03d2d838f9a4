"""The example for PyAirbyte in docs/source.md runs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from demo.warehouse import OFFLINE
from integration_tests.documents.page import Page
from integration_tests.forking import commands, python_with
from integration_tests.harness import RUN_SECONDS, Sandbox, environment

(CODE,) = Page("docs/source.md").code("python")
#: Where a user's config has nothing, and a test the address of the sandbox.
CONFIG = "    config={\n"


def test_the_example_reads_and_goes_on_from_its_state(sandbox: Sandbox, tmp_path: Path) -> None:
    """As it stands on the page, but for the address: the second time only what changed is asked for."""
    pytest.importorskip("airbyte")

    first, second = (deal_lists(sandbox, tmp_path) for _ in range(2))

    assert (tmp_path / "warehouse.duckdb").exists()
    assert first
    assert not [query for query in first if "updated_since" in query]
    assert [query for query in second if "updated_since" in query]


def deal_lists(sandbox: Sandbox, folder: Path) -> list[dict[str, Any]]:
    """What the lists of deals were asked for while the example ran."""
    assert CODE.count(CONFIG) == 1
    code = CODE.replace(CONFIG, f'{CONFIG}        "api_url": "{sandbox.url}",\n')
    settings = {"PIPEDRIVE_TOKEN": "sandbox", "PATH": f"{commands()}:{os.environ['PATH']}"}
    sandbox.forget()
    run = subprocess.run(
        [str(python_with("airbyte")), "-c", code],
        cwd=folder,
        env={**environment(), **OFFLINE, **settings},
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
    )
    assert run.returncode == 0, run.stderr
    return [dict(request["query"]) for request in sandbox.requests() if request["path"] == "/api/v2/deals"]
