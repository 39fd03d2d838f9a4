"""Both executables under PyAirbyte: what the source read is handed to ``Destination.write``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from demo.warehouse import OFFLINE
from integration_tests.harness import Sandbox, executable

os.environ.update(OFFLINE)
airbyte = pytest.importorskip("airbyte")

STREAMS = ["organizations", "persons"]


def test_round_trip_into_an_empty_account(sandbox: Sandbox, tmp_path: Path) -> None:
    """T47, T49: rows of one account arrive in another, and a second write changes nothing."""
    sandbox.delete_fields_in_other_scripts()
    with Sandbox.start(scale=0) as target:
        target.delete_fields_in_other_scripts()
        result = read(sandbox, tmp_path)
        destination = airbyte.get_destination(
            "destination-pipedrive",
            config=target.config(),
            local_executable=executable("destination-pipedrive"),
        )
        destination.write(result, state_cache=False)
        written = target.rows("api/v2/organizations"), target.rows("api/v2/persons")
        target.forget()
        destination.write(result, state_cache=False)

        assert {row["name"] for row in written[0]} == {row["name"] for row in sandbox.rows("api/v2/organizations")}
        assert emails(written[1]) == emails(sandbox.rows("api/v2/persons"))
        assert not [each for each in target.requests() if each["method"] != "GET"]


def read(sandbox: Sandbox, folder: Path):
    """A PyAirbyte read of the streams into DuckDB."""
    source = airbyte.get_source(
        "source-pipedrive",
        config=sandbox.config(),
        streams=STREAMS,
        local_executable=executable("source-pipedrive"),
    )
    return source.read(cache=airbyte.DuckDBCache(db_path=folder / "cache.duckdb", schema_name="pipedrive"))


def emails(rows: list[dict]) -> set[str]:
    """All addresses of people, as they are compared."""
    return {email["value"].strip().lower() for row in rows for email in row["emails"]}


@pytest.mark.parametrize(
    "mappings",
    [
        "- {stream: contacts, object: persons, match_on: email}",
        [{"stream": "contacts", "object": "persons", "match_on": ["email"], "constants": {"visible_to": 3}}],
    ],
    ids=["text", "list"],
)
def test_pyairbyte_takes_mappings_as_text_and_as_list(sandbox: Sandbox, mappings: object) -> None:
    """PyAirbyte holds a config against the spec before it runs anything: neither form is refused there."""
    destination = airbyte.get_destination(
        "destination-pipedrive",
        config={**sandbox.config(), "mappings": mappings, "default_owner": 1},
        local_executable=executable("destination-pipedrive"),
    )

    destination.validate_config()
    destination.check()
