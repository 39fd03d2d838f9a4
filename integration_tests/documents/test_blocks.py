"""Every block of code on a page is run by a test; one that nobody runs fails here. Its commands exist."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from destination_pipedrive.commands import command_line
from destination_pipedrive.config.mapping_reader import read_mappings
from integration_tests.documents.blocks import ELSEWHERE, RUN_BY
from integration_tests.harness import ROOT, Connector, Sandbox, configured
from pipedrive_sandbox.server import http as sandbox_server
from source_pipedrive.entrypoint import Entrypoint

MORE = ("dbt/README.md", "conformance/README.md", "sandbox/README.md")
PAGES = ("README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))), *MORE)
_FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
#: What a browser draws.
DRAWN = "mermaid"
SHELL = ("", "sh")
TESTS = ROOT / "integration_tests"


def blocks(page: str) -> list[tuple[str, str]]:
    """Kind and text of each block of code, without its indent; what a browser draws is left out."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [(each["kind"], dedent(each["text"])) for each in _FENCE.finditer(text)]
    return [(kind, body) for kind, body in found if kind != DRAWN]


@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_run(page: str) -> None:
    """A new block needs a test that runs it, and a line above that names the test."""
    begins = [body.strip().splitlines()[0] for _, body in blocks(page)]
    known = [start for start, _ in RUN_BY.get(page, ())]
    assert len(begins) == len(known), f"{page}: {begins}"
    assert not [line for line, start in zip(begins, known, strict=True) if not line.startswith(start)]


@pytest.mark.parametrize("test", sorted({test for rows in RUN_BY.values() for _, test in rows}))
def test_what_runs_a_block_is_there(test: str) -> None:
    """The named function is in the named file."""
    path, name = test.split("::")
    assert f"\ndef {name}(" in (TESTS / path).read_text(encoding="utf-8")


def commands() -> Iterator[Any]:
    """Every command on a page, lines that go on put together, and what a pipe or redirection adds taken off."""
    for page in PAGES:
        for kind, body in blocks(page):
            if kind in SHELL and not body.startswith("Stream"):
                for line in body.replace("\\\n", " ").splitlines():
                    words = shlex.split(line, comments=True)
                    cut = next((number for number, word in enumerate(words) if word in (">", "|", "&&")), len(words))
                    yield pytest.param(words[:cut], id=f"{page} {' '.join(words[:3])}")


def _make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    variables = [word.split("=")[0] for word in words if "=" in word]
    targets = [word for word in words if "=" not in word]
    assert set(targets) <= set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert set(variables) <= set(re.findall(r"^([A-Z_]+) \?=", makefile, re.MULTILINE))


def _docker(words: list[str]) -> None:
    """A build of one of the connectors, or a run of one of its commands."""
    if words[0] == "build":
        assert words[1] == "--build-arg"
        assert words[2].removeprefix("CONNECTOR=") in ("source", "destination")
        assert "ARG CONNECTOR" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
        return
    image = next(number for number, word in enumerate(words) if word.startswith("airbyte-pipedrive/"))
    name = words[image].split("/")[1].split(":")[0]
    PROGRAMS[name](words[image + 1 :])


def _pip(words: list[str]) -> None:
    assert words[0] == "install"
    assert (ROOT / words[1] / "pyproject.toml").is_file()


def _python(words: list[str]) -> None:
    if words[0].endswith(".py"):
        # A module whose code stands on a page.
        assert any(f"`{words[0]}`" in (ROOT / page).read_text(encoding="utf-8") for page in PAGES)
        return
    assert words[0] == "-m"
    assert words[1] == "pytest" or list(ROOT.glob(f"*/{words[1].replace('.', '/')}*"))


def _elsewhere(_: list[str]) -> None:
    """A program of somebody else, whose arguments other tests hold against ours."""


PROGRAMS: dict[str, Callable[[list[str]], Any]] = {
    "source-pipedrive": Entrypoint.parse_args,
    "destination-pipedrive": command_line.parse,
    "pipedrive-sandbox": lambda words: sandbox_server._parser().parse_args(words),
    "make": _make,
    "docker": _docker,
    "pip": _pip,
    "python": _python,
    "kind": _elsewhere,
    "curl": _elsewhere,
}


@pytest.mark.parametrize("words", commands())
def test_a_command_is_one_that_there_is(words: list[str]) -> None:
    """The program knows the command and every option of it; `make` the target and the variables."""
    found = PROGRAMS[words[0]](words[1:])
    assert found is None or isinstance(found, argparse.Namespace)


def test_commands_that_another_page_runs() -> None:
    """A page may repeat commands of the README or of the first mapping, which are run from there."""
    run = set(lines([body for page in ("README.md", "docs/first-mapping.md") for _, body in blocks(page)]))
    for page, rows in RUN_BY.items():
        repeated = [body for (_, body), (_, test) in zip(blocks(page), rows, strict=True) if test == ELSEWHERE]
        assert not set(lines(repeated)) - run


def lines(texts: list[str]) -> list[str]:
    """The commands, without the file that they write into."""
    return [line.split(" > ")[0] for text in texts for line in text.splitlines()]


def test_lines_of_the_log_are_those_of_the_tests() -> None:
    """The tests of the log expect each line of the page."""
    (body,) = [body for _, body in blocks("docs/orchestration.md") if body.startswith("Stream")]
    tests = [TESTS / path for path in ("source/test_progress.py", "destination/test_run_logs.py")]
    expected = "\n".join(path.read_text(encoding="utf-8") for path in tests)
    assert not [line for line in body.splitlines() if line not in expected]


def test_the_contributors_example(sandbox: Sandbox, tmp_path: Path) -> None:
    """As it stands on the page."""
    ((_, body),) = blocks("CONTRIBUTING.md")
    names: dict[str, Any] = {"Connector": Connector, "Sandbox": Sandbox, "configured": configured}
    exec(body, names)
    names["test_a_won_deal_is_read"](sandbox, Connector("source-pipedrive", tmp_path))


def test_the_package_of_dbt_has_what_its_page_sets() -> None:
    """The variables are those of the project, and the version is that of the package."""
    packages, project = (yaml.safe_load(body) for _, body in blocks("dbt/README.md"))
    ours = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text(encoding="utf-8"))
    (package,) = packages["packages"]

    assert (ROOT / package["subdirectory"] / "dbt_project.yml").is_file()
    assert package["revision"] == f"v{ours['version']}"
    assert set(project["vars"]["pipedrive"]) <= set(ours["vars"].get("pipedrive", ours["vars"]))


def test_the_examples_of_the_sandbox(requests_mock: Any) -> None:
    """Both run, one after the other."""
    first, second = (body for kind, body in blocks("sandbox/README.md") if kind == "python")
    names: dict[str, Any] = {"mocker": requests_mock}
    exec(first, names)
    exec(second, names)
    assert names["server"].url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("page", [page for page in PAGES if page in RUN_BY])
def test_mappings_on_a_page_have_no_problem(page: str) -> None:
    """Text that begins with an entry is read as one."""
    texts = [body for kind, body in blocks(page) if kind == "yaml" and re.match(r"(#.*\n)?- (stream|copy): ", body)]
    assert [problem for text in texts for problem in read_mappings(text).problems] == []
