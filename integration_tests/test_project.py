"""What others meet first: workflows, templates, versions, the page on a package index, the dbt package's columns."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.harness import ROOT
from scripts import dbt_models, release

GITHUB = ROOT / ".github"
TEXTS = ("README.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "dbt/README.md", "conformance/README.md")


def workflows() -> Iterator[tuple[str, Any]]:
    """(file, content) of every workflow."""
    for path in sorted((GITHUB / "workflows").glob("*.yml")):
        yield path.name, yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(content: Any) -> Iterator[dict[str, Any]]:
    """The steps of all jobs of a workflow."""
    for job in content["jobs"].values():
        yield from job.get("steps", ())


def test_every_command_of_a_workflow_is_there() -> None:
    """Targets of make, those of a matrix included, and scripts."""
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    targets: set[str] = set()
    for _, content in workflows():
        for job in content["jobs"].values():
            targets |= set(job.get("strategy", {}).get("matrix", {}).get("target", ()))
        for step in steps(content):
            targets |= set(re.findall(r"\bmake ([a-z-]+)", step.get("run", "")))
            for script in re.findall(r"\b(scripts/\S+\.py)", step.get("run", "")):
                assert (ROOT / script).is_file()

    assert {"test", "image-test", "release-check", "dbt-test"} <= targets <= known


def test_nothing_from_outside_is_put_into_a_shell() -> None:
    """Names of branches and tags reach commands through the environment only, and no workflow may write by default."""
    trusted = {"matrix.connector", "matrix.target"}
    for name, content in workflows():
        assert content["permissions"] == {"contents": "read"}, name
        for step in steps(content):
            assert set(re.findall(r"\$\{\{ ([\w.]+) \}\}", step.get("run", ""))) <= trusted


def test_the_pythons_are_those_of_the_package() -> None:
    """Matrix, classifiers and `requires-python` name the same."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    matrix = dict(workflows())["test.yml"]["jobs"]["test"]["strategy"]["matrix"]["python"]
    classified = [each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)]

    assert classified == matrix
    assert project["requires-python"] == f">={matrix[0]},<3.{int(matrix[-1].partition('.')[2]) + 1}"


def test_before_a_commit_the_checks_are_those_of_make() -> None:
    """ruff check, ruff format and mypy, from the same environment."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert [hook["name"] for hook in hooks] == ["ruff check", "ruff format", "mypy"]
    assert all(f"$(BIN)/{hook['name']}" in makefile for hook in hooks)
    assert all(hook["entry"].startswith(f".venv/bin/{hook['name'].split()[0]}") for hook in hooks)


@pytest.mark.parametrize("name", sorted(path.name for path in (GITHUB / "ISSUE_TEMPLATE").glob("[!c]*.yml")))
def test_a_form_for_issues_asks_for_something(name: str) -> None:
    """Every field has an id of its own and a label."""
    form = yaml.safe_load((GITHUB / "ISSUE_TEMPLATE" / name).read_text(encoding="utf-8"))
    fields = [field for field in form["body"] if field["type"] != "markdown"]

    assert form["name"]
    assert form["description"]
    assert len({field["id"] for field in fields}) == len(fields)
    assert all(field["attributes"]["label"] for field in fields)


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name: str) -> None:
    """Those to files of the repository."""
    page = ROOT / name
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert not [link for link in links if not (page.parent / link).exists()]


def test_one_version_everywhere() -> None:
    """The client's; each place has one, and the changelog says something of it."""
    assert release.differences(release.version()) == []
    assert release.notes(release.version()).startswith("2")


def work_on_a_copy(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let a release read and write copies of the files that it knows."""
    for file in {*release.VERSIONS, *release.HISTORIES, *release.ADDRESSED}:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text((ROOT / file).read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.setattr(release, "ROOT", folder)


def test_another_version_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A place that was forgotten is named; setting the version changes all but the histories."""
    work_on_a_copy(monkeypatch, tmp_path)

    release.write_version("7.8.9rc1")

    assert release.version() == "7.8.9rc1"
    assert {line.partition(" ")[0] for line in release.differences("7.8.9rc1")} == set(release.HISTORIES)
    with pytest.raises(release.NotReady, match="says nothing of"):
        release.notes("7.8.9rc1")
    with pytest.raises(release.NotReady, match="no version"):
        release.write_version("seven")


def test_whoever_publishes_puts_their_address_in() -> None:
    """No placeholder is left in a file that names one; other tracked files name none that users are led to."""
    for file in release.ADDRESSED:
        text = (ROOT / file).read_text(encoding="utf-8")
        told = release.addressed(text, "Acme/pipedrive")
        assert text != told, f"{file} names no address"
        assert "airbyte-pipedrive/airbyte-pipedrive" not in told
        assert not re.search(r"(?<![\w./-])airbyte-pipedrive/(source|destination)-pipedrive", told)


def test_versions_are_found_behind_the_publishers_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The release workflow puts the addresses in before it compares the versions."""
    work_on_a_copy(monkeypatch, tmp_path)

    release.publish_as("Acme/pipedrive")

    assert "ghcr.io/acme/source-pipedrive" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert release.differences(release.version()) == []
    release.write_version("7.8.9")
    assert "ghcr.io/acme/source-pipedrive:7.8.9" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_page_of_a_package_index_has_no_dead_links() -> None:
    """Links lead to the repository, and diagrams that an index shows as code are left out."""
    for folder in release.WHEELS:
        text = (ROOT / folder / "README.md").read_text(encoding="utf-8")
        page = release.index_page(text, "https://github.com/acme/pipedrive/blob/v1.0.0")
        assert not re.findall(r"\]\((?!https?://|#)[^)]+\)", page)
        assert "```mermaid" not in page


def test_the_dbt_package_has_the_columns_of_the_source() -> None:
    """`make docs` writes its staging models; every cursor and key is among their columns."""
    for name, text in dbt_models.files().items():
        assert (dbt_models.MODELS / name).read_text(encoding="utf-8") == text, f"{name}: run `make docs`"
    assert {path.name for path in dbt_models.MODELS.iterdir()} == set(dbt_models.files())


def test_every_model_of_the_dbt_package_is_described() -> None:
    """Each mart and each of its columns has a description."""
    marts = ROOT / "dbt" / "models" / "marts"
    described = yaml.safe_load((marts / "_marts.yml").read_text(encoding="utf-8"))["models"]
    models = {path.stem for path in marts.glob("*.sql") if "ephemeral" not in path.read_text(encoding="utf-8")}

    assert {model["name"] for model in described} == models
    assert all(column["description"] for model in described for column in model["columns"])
    assert json.dumps(described).count("data_tests") > 10
