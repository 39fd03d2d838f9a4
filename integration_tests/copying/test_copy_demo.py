"""`make copy-demo`, small."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.harness import ROOT


@pytest.mark.long
def test_the_copy_demo_runs_end_to_end(tmp_path: Path) -> None:
    """The price is shown and kept, every row is there, the second run writes nothing, and the page shows it.

    Nothing runs without a line that says so.
    """
    arguments = [sys.executable, "-m", "demo.copying", "--scale", "0.3", "--folder", str(tmp_path)]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    last = done.stdout.splitlines()[-1]
    found = json.loads(last.removeprefix("COPY "))
    page = (tmp_path / "comparison.html").read_text(encoding="utf-8")

    assert last.startswith("COPY ")
    assert found["planned_tokens"] == found["tokens"]
    assert (found["different"], found["rejected"], found["second_run_writes"]) == (0, 0, 0)
    assert found["equal"] + found["missing"] == found["rows"]
    assert all(f"   {each} …" in done.stdout for each in ("Reading", "Planning", "Writing", "Comparing"))
    assert "What a copy does not restore" in page
