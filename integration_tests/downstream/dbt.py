"""dbt, run on the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from integration_tests.harness import environment

QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DO_NOT_TRACK": "1", "DBT_NO_USE_COLORS": "1"}
NOT_COPIED = ("dbt_packages", "target", "logs", "package-lock.yml")


class Dbt:
    """The package's integration project, copied so that nothing is left in the repository."""

    def __init__(self, executable: Path, package: Path, folder: Path) -> None:
        self.executable = executable
        self.project = folder / "package" / "integration_tests"
        shutil.copytree(package, self.project.parent, ignore=shutil.ignore_patterns(*NOT_COPIED))
        self.run("deps")

    def run(self, command: str, *arguments: str, target: str = "duckdb", **variables: str) -> str:
        """What dbt prints. Raises AssertionError with that when it fails."""
        line = [str(self.executable), *command.split(), "--profiles-dir", ".", "--target", target, *arguments]
        settings = {**environment(), **QUIET, **{f"DBT_{name.upper()}": value for name, value in variables.items()}}
        done = subprocess.run(line, cwd=self.project, env=settings, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def results(self) -> Mapping[str, str]:
        """Node -> status of the last run."""
        written = json.loads((self.project / "target" / "run_results.json").read_text(encoding="utf-8"))
        return {result["unique_id"]: result["status"] for result in written["results"]}

    def compiled(self) -> Mapping[str, str]:
        """Model or test -> SQL of the last compilation."""
        folder = self.project / "target" / "compiled"
        return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.sql")}

    def python(self, code: str, given: Any) -> Any:
        """What a script prints as JSON in dbt's environment, which gets JSON on standard input."""
        interpreter = str(self.executable.with_name("python"))
        done = subprocess.run(
            [interpreter, "-c", code], input=json.dumps(given), env=os.environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
