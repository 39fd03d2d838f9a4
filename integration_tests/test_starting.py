"""How the executables start and how they are stopped."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from integration_tests.harness import ROOT, Connector, Run, Sandbox, configured

BOTH = pytest.mark.parametrize("name", ["source", "destination"])


@pytest.fixture(scope="module")
def large() -> Iterator[Sandbox]:
    """An account of 2,000 deals."""
    with Sandbox.start(scale=0) as server:
        server.settings(burst=False)
        server.admin("POST", "seed", {"scale": 0, "deals": 2_000})
        yield server


def read_until_stopped(large: Sandbox, source: Connector, catalog: Any, lines: int) -> Run:
    """Send SIGTERM after so many lines of stdout; what was printed before and after it is the output."""
    with source.start("read", config=large.config(), catalog=catalog) as process:
        assert process.stdout is not None
        head = list(islice(process.stdout, lines))
        process.send_signal(signal.SIGTERM)
        printed = "".join(head) + process.stdout.read()
    return Run(["read"], process.returncode, printed, "")


@BOTH
def test_spec_is_the_file(name: str, tmp_path: Path) -> None:
    """`spec` prints one message, the package's spec.json."""
    run = Connector(f"{name}-pipedrive", tmp_path).spec()

    assert run.exit_code == 0
    assert not run.noise + run.logs()
    assert run.spec == json.loads((ROOT / f"{name}_pipedrive" / "spec.json").read_bytes())


@BOTH
def test_spec_does_not_load_the_cdk(name: str) -> None:
    """`spec` takes milliseconds, because it leaves the CDK alone."""
    call = f"import sys; sys.argv = ['x', 'spec']; from {name}_pipedrive.run import run; run()"
    code = f"{call}; sys.exit('airbyte_cdk' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True).returncode == 0


@pytest.mark.parametrize("lines", [3, 20, 1_000])
def test_sigterm_stops_a_read_in_order(large: Sandbox, source: Connector, lines: int) -> None:
    """On SIGTERM a read prints whole lines only, its one summary, one sentence, and ends at once with 1."""
    catalog = configured(source.discover(large.config()).catalog, ["deals"])

    run = read_until_stopped(large, source, catalog, lines)

    assert run.exit_code == 1
    assert not run.noise
    assert run.summary["status"] == "Error"
    assert [error["failure_type"] for error in run.errors()] == ["transient_error"]
    assert "asked to stop" in run.errors()[0]["message"]


def test_a_stopped_read_goes_on(large: Sandbox, source: Connector) -> None:
    """What a stopped read printed and what the next one reads are all there is."""
    catalog = configured(source.discover(large.config()).catalog, ["deals"])

    first = read_until_stopped(large, source, catalog, 1_200)
    second = source.read(large.config(), catalog, first.last_states())

    read = {row["id"] for run in (first, second) for row in run.records("deals")}
    assert read == {row["id"] for row in large.admin("GET", "rows/deals")}
    assert 0 < len(second.records("deals")) < 2_000
