"""`make demo`, small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.harness import ROOT, RUN_SECONDS, environment

#: How the command begins with which it offers to ask the warehouse.
QUERY = '.venv/bin/python -c "'


@pytest.mark.long
def test_demo_runs_end_to_end(tmp_path: Path) -> None:
    """T1: the demo reads, sees a change, plans, writes, replays what was rejected, and writes nothing the second time.

    Into a pipe it prints plain text, whose last line holds the figures; the query that it offers can be run.
    """
    arguments = [sys.executable, "-m", "demo", "--scale", "1", "--folder", str(tmp_path)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, env=environment(), timeout=RUN_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    *lines, last = done.stdout.splitlines()
    figures = json.loads(last.removeprefix("DEMO "))

    assert last.startswith("DEMO ")
    assert figures["rows_read"] > 500
    assert 3 <= figures["incremental_rows"] < 20
    assert min(figures["created"], figures["updated"], figures["unchanged"]) > 0
    assert figures["rejected"] == figures["replayed"] == 1
    assert figures["planned_tokens"] == figures["tokens"]
    assert figures["second_run_writes"] == 0
    assert (tmp_path / "plan.html").exists()
    assert not done.stderr
    assert not {"\x1b", "\r"} & set(done.stdout)
    assert "won" in answer([line.strip() for line in lines])


def answer(lines: list[str]) -> str:
    """What the offered query prints."""
    (code,) = (line.removeprefix(QUERY).removesuffix('"') for line in lines if line.startswith(QUERY))
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout
