"""`make demo`, small."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from integration_tests.harness import ROOT, environment


def test_demo_runs_end_to_end(tmp_path: Path) -> None:
    """T1: the demo reads, sees a change, writes, writes nothing the second time, and ends with its DEMO line."""
    arguments = [sys.executable, "-m", "demo", "--scale", "1", "--folder", str(tmp_path)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, env=environment(), timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    figures = json.loads(last.removeprefix("DEMO "))

    assert last.startswith("DEMO ")
    assert figures["rows_read"] > 500
    assert 3 <= figures["incremental_rows"] < 20
    assert min(figures["created"], figures["updated"], figures["unchanged"]) > 0
    assert figures["rejected"] == 0
    assert figures["second_run_writes"] == 0
    assert not done.stderr
