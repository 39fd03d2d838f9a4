"""What `make` runs before there is an environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from integration_tests.harness import ROOT

MISSING = "a-package-that-nobody-has"


def set_up(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it over an environment that is there."""
    command = [sys.executable, "scripts/set_up.py", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def environment_folder() -> Path:
    """The environment of the tests; nothing is put into it."""
    folder = Path(sys.prefix)
    if not (folder / "pyvenv.cfg").exists():
        pytest.skip("the tests run in no virtual environment")
    return folder


def test_a_failure_shows_what_pip_said(environment_folder: Path) -> None:
    """And the exit code is pip's, so that make stops."""
    run = set_up(environment_folder, "--no-index", MISSING)

    assert run.returncode != 0
    assert MISSING in run.stderr


def test_what_is_there_is_quick_and_quiet(environment_folder: Path) -> None:
    """No word of pip's when all went well."""
    run = set_up(environment_folder, "--no-index", "pip")

    assert (run.returncode, run.stderr) == (0, "")
    assert "satisfied" not in run.stdout
