"""docs/first-mapping.md: its commands are run as they stand there, and what comes out is what its table says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from integration_tests.destination.conftest import documents as documents
from integration_tests.documents.page import Page
from integration_tests.forking import commands
from integration_tests.harness import RUN_SECONDS, Run, Sandbox, environment

PAGE = Page("docs/first-mapping.md")


def shell(folder: Path, command: str) -> Run:
    """A command of the page, with the installed connector first on the path."""
    paths = {**environment(), "PATH": f"{commands()}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=paths, capture_output=True, text=True, timeout=RUN_SECONDS
    )
    return Run([command], done.returncode, done.stdout, done.stderr)


def test_the_page_word_for_word(sandbox: Sandbox, tmp_path: Path) -> None:
    """From the rows to Pipedrive; a second write changes nothing."""
    (rows,), (config,) = PAGE.code("csv"), PAGE.code("json")
    (tmp_path / "contacts.csv").write_text(rows, encoding="utf-8")
    settings = {**json.loads(config), **sandbox.config()}
    (tmp_path / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    propose, check, plan, write = (shell(tmp_path, command) for command in PAGE.code("sh"))
    again = shell(tmp_path, PAGE.code("sh")[-1])

    assert propose.exit_code == 0, propose
    assert check.connection_status == {"status": "SUCCEEDED"}
    assert plan.stdout.splitlines()[-1].startswith("Price: ")
    assert write.summary["objects"]["persons"]["created"] == 4, write
    assert again.summary["objects"]["persons"] == {**again.summary["objects"]["persons"], "unchanged": 4, "created": 0}
    assert sorted(people(sandbox)) == sorted(PAGE.rows("The result"))
    assert len(rows.splitlines()[0].split(",")) == 15


def people(sandbox: Sandbox) -> list[list[str]]:
    """The people that were written, in the columns of the page."""
    fields = {row["field_name"]: row for row in sandbox.rows("api/v2/personFields") if row["is_custom_field"]}
    custom = [fields[name]["field_code"] for name in ("Newsletter", "Birth year", "Met on")]
    options = {each["id"]: each["label"] for each in fields["Newsletter"]["options"]}
    companies = {row["id"]: row["name"] for row in sandbox.rows("api/v2/organizations")}
    found = []
    for row in sandbox.rows("api/v2/persons", custom_fields=",".join(custom), sort_by="id", sort_direction="asc"):
        email = (row["emails"] or [{"value": ""}])[0]["value"]
        if row["org_id"] and email and email in PAGE.text:
            held = [row["custom_fields"].get(key) for key in custom]
            cells = [options.get(held[0], ""), *("" if each is None else f"{each}" for each in held[1:])]
            found.append([row["name"], companies[row["org_id"]], email, *cells])
    return found
