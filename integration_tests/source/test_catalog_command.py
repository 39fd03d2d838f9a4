"""`catalog` writes the file that `read` and `write` take."""

import json

import pytest

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox


def made(source: InProcess, *flags: str) -> dict[str, list[dict[str, object]]]:
    """What `catalog` prints."""
    run = source.run("catalog", *flags, config=source.config)
    assert run.exit_code == 0, run
    return dict(json.loads(run.stdout))


def test_the_catalog_is_ready_for_read(pipedrive: Sandbox, source: InProcess) -> None:
    """The named streams come in their order, and `read` takes the file as it is."""
    catalog = made(source, "--streams", "persons, deals")
    run = source.read_catalog(catalog)

    assert [each["stream"]["name"] for each in catalog["streams"]] == ["persons", "deals"]
    assert run.exit_code == 0
    assert min(run.record_counts().values()) > 0
    assert {state["stream"]["stream_descriptor"]["name"] for state in run.states()} == {"persons", "deals"}


def test_all_streams_are_configured_as_they_can_be(pipedrive: Sandbox, source: InProcess) -> None:
    """Without names all streams are in it: incremental where they can, each with its key and cursor."""
    entries = made(source)["streams"]

    assert [each["stream"] for each in entries] == source.discover().catalog["streams"]
    for each in entries:
        stream = each["stream"]
        assert each["primary_key"] == stream["source_defined_primary_key"]
        assert each["cursor_field"] == stream.get("default_cursor_field", [])
        assert each["sync_mode"] == ("incremental" if each["cursor_field"] else "full_refresh")
        assert each["destination_sync_mode"] == "append_dedup"


def test_every_unknown_name_is_told_at_once(
    pipedrive: Sandbox, source: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown stream comes with the nearest one, a renamed one with its name; nothing is printed."""
    run = source.run("catalog", "--streams", "perons,deal_flow,deals", config=source.config)

    assert (run.exit_code, run.stdout) == (1, "")
    assert capsys.readouterr().err == (
        "Stream `perons` does not exist. Did you mean `persons`? "
        "Stream `deal_flow` has another name here: select `deal_changelog`.\n"
    )


def test_a_config_that_cannot_be_used_is_one_sentence(source: InProcess, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors of commands for people go to stderr in plain words, without the token."""
    run = source.run("catalog", config=source.config | {"num_workers": "many"})
    said = capsys.readouterr().err

    assert (run.exit_code, run.stdout) == (1, "")
    assert "`num_workers`" in said
    assert said.count("\n") == 1
