"""How the executables start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from demo.server import executable
from integration_tests.harness import ROOT, Connector, Run
from pipedrive_client import __version__

BOTH = pytest.mark.parametrize("name", ["source", "destination"])


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


@BOTH
@pytest.mark.parametrize("before", [[], ["read"], ["check"], ["catalog"], ["plan"]], ids=lambda each: "".join(each))
def test_every_command_tells_the_version(name: str, before: list[str]) -> None:
    """`--version` alone or behind any command prints the version, and nothing of the command is done."""
    done = subprocess.run([executable(f"{name}-pipedrive"), *before, "--version"], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, f"{name}-pipedrive {__version__}\n", "")


@BOTH
def test_help_names_every_command(name: str) -> None:
    """`--help` lists the commands of the protocol and those for people."""
    own = {"source": ["discover", "read", "catalog"], "destination": ["discover", "write", "plan"]}[name]
    done = subprocess.run([executable(f"{name}-pipedrive"), "--help"], capture_output=True, text=True)

    assert done.returncode == 0
    assert all(f"\n    {command} " in done.stdout for command in ["spec", "check", *own])


@BOTH
def test_the_installed_executables(name: str, tmp_path: Path) -> None:
    """Without credentials `check` fails as it should. Most other tests run forks of them."""
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    command = [executable(f"{name}-pipedrive"), "check", "--config", str(tmp_path / "config.json")]
    done = subprocess.run(command, capture_output=True, text=True)

    assert Run(command, done.returncode, done.stdout, done.stderr).connection_status["status"] == "FAILED"
    assert done.returncode == 0
