"""README.md: its three ways to run the connectors, word for word, and its pictures."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from demo.warehouse import OFFLINE
from integration_tests.documents.page import Page
from integration_tests.forking import commands, python_with
from integration_tests.harness import ROOT, Run, Sandbox, environment

PAGE = Page("README.md")
#: Bytes of all pictures together.
MOST_BYTES = 300_000
#: Where a user's config has nothing, and a test the address of the sandbox.
CONFIG = "config={"


def settings(**more: str) -> dict[str, str]:
    """The environment of somebody who has the commands on the path."""
    return {**environment(), **OFFLINE, "PATH": f"{commands()}:{os.environ['PATH']}", **more}


def test_the_way_by_a_shell(sandbox: Sandbox, tmp_path: Path) -> None:
    """Configs, rows and commands as they stand there, but for the address; the second write changes nothing."""
    (rows,), configs = PAGE.code("csv"), PAGE.code("json")
    (tmp_path / "contacts.csv").write_text(rows, encoding="utf-8")
    for name, text in zip(("config.json", "destination.json"), configs, strict=True):
        (tmp_path / name).write_text(json.dumps({**json.loads(text), **sandbox.config()}), encoding="utf-8")
    read, write = [block for block in PAGE.code("sh") if "--config" in block]
    commands = [*read.splitlines(), *write.splitlines(), write.splitlines()[-1]]
    check, estimate, _, _, plan, first, second = (shell(tmp_path, command) for command in commands)

    assert check.connection_status == {"status": "SUCCEEDED"}
    assert "tokens" in estimate.stdout
    assert (tmp_path / "messages.jsonl").read_text(encoding="utf-8").count('"RECORD"') > 100
    assert plan.stdout.splitlines()[-1].startswith("Price: ")
    assert (tmp_path / "plan.html").exists()
    assert [first.summary["objects"][name]["created"] for name in ("persons", "organizations")] == [2, 2]
    assert second.summary["objects"]["persons"]["unchanged"] == 2


def shell(folder: Path, command: str) -> Run:
    """One command."""
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=settings(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return Run([command], done.returncode, done.stdout, done.stderr)


def test_the_way_by_pyairbyte(sandbox: Sandbox, tmp_path: Path) -> None:
    """As it stands there, but for the address: rows of the three streams are in the file."""
    duckdb = pytest.importorskip("duckdb")
    (code,) = PAGE.code("python")
    assert code.count(CONFIG) == 1
    code = code.replace(CONFIG, f'{CONFIG}"api_url": "{sandbox.url}", ')
    done = subprocess.run(
        [str(python_with("airbyte")), "-c", code],
        cwd=tmp_path,
        env=settings(PIPEDRIVE_TOKEN="sandbox"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr

    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        tables = ("deals", "persons", "organizations")
        assert all(warehouse.sql(f"SELECT count(*) FROM pipedrive.{name}").fetchone()[0] > 10 for name in tables)


def test_the_way_by_airbyte_names_the_images() -> None:
    """Both are built, and what is loaded into a cluster is what was built: repository and tag of the metadata."""
    text = "\n".join(PAGE.code("sh"))
    built = re.findall(r"^ *docker build --build-arg CONNECTOR=(\w+) -t (\S+) \.$", text, re.MULTILINE)
    loaded = re.findall(r"^ *kind load docker-image (\S+) --name airbyte-abctl$", text, re.MULTILINE)
    paths = {"source": ROOT / "metadata.yaml", "destination": ROOT / "destination_pipedrive" / "metadata.yaml"}
    data = {name: yaml.safe_load(path.read_text(encoding="utf-8"))["data"] for name, path in paths.items()}

    assert dict(built) == {name: f"{each['dockerRepository']}:{each['dockerImageTag']}" for name, each in data.items()}
    assert loaded == [image for _, image in built]


def test_the_pictures_are_small_and_fetch_nothing() -> None:
    """They come with every clone, and hosts show them in a page that loads nothing else."""
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    svg = (ROOT / "docs" / "pictures" / "demo.svg").read_text(encoding="utf-8")

    figures = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    shown = {path for path, _ in PAGE.links()} | {f"docs/{path}" for path in re.findall(r"pictures/\w+\.svg", figures)}
    assert {f"docs/pictures/{path.name}" for path in pictures} <= shown
    assert sum(path.stat().st_size for path in pictures) <= MOST_BYTES
    assert not re.search(r"<script|@import|url\(\"?http|href=\"?http", svg)
