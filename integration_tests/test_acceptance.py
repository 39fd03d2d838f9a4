"""The samples in ``acceptance/`` work: catalogs, states, configs and messages, with the installed executables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from integration_tests.harness import ROOT, Connector, Run, Sandbox

FOLDER = ROOT / "integration_tests" / "acceptance"
#: The suite's file -> the connector's root, from which its paths are counted.
SUITES = {
    ROOT / "acceptance-test-config.yml": ROOT,
    ROOT / "destination_pipedrive" / "acceptance-test-config.yml": ROOT / "destination_pipedrive",
}


def sample(name: str) -> Any:
    """The content of a sample."""
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def config(name: str, sandbox: Sandbox) -> dict[str, Any]:
    """A sample config that points at the test's sandbox."""
    return {**sample(name), "api_url": sandbox.url}


def read(sandbox: Sandbox, source: Connector, state: str | None = None) -> Run:
    """Read the sample catalog."""
    return source.read(
        config("config.json", sandbox), sample("configured_catalog.json"), sample(state) if state else None
    )


def test_the_sample_catalog_can_be_read(sandbox: Sandbox, source: Connector) -> None:
    """Every stream of it has rows, and the incremental ones end with a state."""
    streams = sample("configured_catalog.json")["streams"]

    run = read(sandbox, source)

    assert run.exit_code == 0
    assert set(run.record_counts()) == {each["stream"]["name"] for each in streams}
    incremental = {each["stream"]["name"] for each in streams if each["sync_mode"] == "incremental"}
    assert incremental <= {state["stream"]["stream_descriptor"]["name"] for state in run.last_states()}


def test_the_sample_state_continues(sandbox: Sandbox, source: Connector) -> None:
    """What changed before the state's time does not come; the streams without a state come whole."""
    given = {each["stream"]["stream_descriptor"]["name"] for each in sample("sample_state.json")}

    run = read(sandbox, source, "sample_state.json")

    assert run.exit_code == 0
    assert run.records("currencies")
    for name in given:
        cursor = "parent_update_time" if name == "deal_products" else "update_time"
        assert all(row[cursor] >= "2024-01-01T00:00:00Z" for row in run.records(name)), name


def test_the_future_state_has_nothing_to_read(sandbox: Sandbox, source: Connector) -> None:
    """A bookmark ahead of every row yields none, and does not move back."""
    streams = {each["stream"]["stream_descriptor"]["name"] for each in sample("future_state.json")}

    run = read(sandbox, source, "future_state.json")

    assert run.exit_code == 0
    assert not streams & set(run.record_counts())
    times = [each["stream"]["stream_state"]["update_time"] for each in run.last_states() if _name(each) in streams]
    assert set(times) == {"2099-01-01T00:00:00Z"}


def test_the_sample_messages_can_be_written(sandbox: Sandbox, destination: Connector) -> None:
    """Both companies and both people with a key arrive, linked; the one without is rejected; both states come out."""
    messages = (FOLDER / "destination" / "messages.jsonl").read_text(encoding="utf-8").splitlines()

    run = destination.write(
        config("destination/mappings_config.json", sandbox), sample("destination/configured_catalog.json"), messages
    )

    assert run.exit_code == 0
    assert {name: counts["created"] for name, counts in run.summary["objects"].items()} == {
        "organizations": 2,
        "persons": 2,
    }
    assert run.summary["objects"]["persons"]["rejected"] == 1
    assert [state["id"] for state in run.states()] == [1, 2]
    people = {row["name"]: row["org_id"] for row in sandbox.rows("api/v2/persons")}
    assert people["Liis Kask"]
    assert people["Liis Kask"] != people["Ott Mets"]


@pytest.mark.parametrize("suite", SUITES, ids=lambda path: path.parent.name)
def test_a_suite_names_files_that_are_there(suite: Path) -> None:
    """Every path in the suite's file leads to a file."""
    named = set(_paths(yaml.safe_load(suite.read_text(encoding="utf-8"))["acceptance_tests"]))

    assert not [path for path in named if not any((base / path).exists() for base in (SUITES[suite], ROOT))]


def test_every_sample_is_used() -> None:
    """No sample lies about: a suite's file or this module names it."""
    texts = [path.read_text(encoding="utf-8") for path in (*SUITES, Path(__file__))]

    assert not [path.name for path in FOLDER.rglob("*.json*") if not any(path.name in text for text in texts)]


def _name(state: dict[str, Any]) -> str:
    return str(state["stream"]["stream_descriptor"]["name"])


def _paths(content: Any) -> list[str]:
    if isinstance(content, list):
        return [path for each in content for path in _paths(each)]
    if not isinstance(content, dict):
        return []
    own = [value for key, value in content.items() if key.endswith("_path")]
    return own + [path for value in content.values() for path in _paths(value)]
