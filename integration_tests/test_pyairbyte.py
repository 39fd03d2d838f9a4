"""Both executables under PyAirbyte: what the source read is handed to ``Destination.write``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.warehouse import OFFLINE
from integration_tests.forking import commands
from integration_tests.harness import Sandbox
from source_pipedrive.streams.table import BY_NAME

os.environ.update(OFFLINE)

STREAMS = ["organizations", "persons"]


def airbyte() -> Any:
    """PyAirbyte. Importing it takes seconds, which a process that only collects these tests need not spend."""
    return pytest.importorskip("airbyte")


@pytest.mark.long
def test_every_stream_goes_into_duckdb(sandbox: Sandbox, tmp_path: Path) -> None:
    """With the default config each stream becomes a table, with a column for each of its own."""
    source = source_of(sandbox, "*")
    declared = {each.name: each.json_schema["properties"] for each in source.discovered_catalog.streams}
    result = source.read(cache=cache_in(tmp_path))
    result.cache.get_sql_engine().dispose()

    with duckdb.connect(str(tmp_path / "cache.duckdb")) as warehouse:
        tables = {name: warehouse.table(f"pipedrive.{name}") for name in BY_NAME}
        rows = {name: len(table) for name, table in tables.items()}
        columns = {
            name: [each for each in table.columns if not each.startswith("_airbyte")] for name, table in tables.items()
        }

    assert min(rows.values()) > 0
    assert sum(rows.values()) == result.processed_records
    assert {name: len(each) for name, each in columns.items()} == {name: len(declared[name]) for name in BY_NAME}
    assert {"istochnik", "dandangzhe"} <= set(columns["deals"])


def test_round_trip_into_an_empty_account(sandbox: Sandbox, tmp_path: Path) -> None:
    """T47, T49: rows of one account arrive in another, and a second write changes nothing."""
    with Sandbox.start(scale=0) as target:
        result = read(sandbox, tmp_path)
        destination = airbyte().get_destination(
            "destination-pipedrive",
            config=target.config(),
            local_executable=commands() / "destination-pipedrive",
        )
        destination.write(result, state_cache=False)
        written = target.rows("api/v2/organizations"), target.rows("api/v2/persons")
        target.forget()
        destination.write(result, state_cache=False)

        assert {row["name"] for row in written[0]} == {row["name"] for row in sandbox.rows("api/v2/organizations")}
        assert emails(written[1]) == emails(sandbox.rows("api/v2/persons"))
        assert not [each for each in target.requests() if each["method"] != "GET"]


def read(sandbox: Sandbox, folder: Path) -> Any:
    """A PyAirbyte read of the streams into DuckDB."""
    return source_of(sandbox, STREAMS).read(cache=cache_in(folder))


def source_of(sandbox: Sandbox, streams: Any) -> Any:
    """The source as PyAirbyte runs it."""
    command = commands() / "source-pipedrive"
    return airbyte().get_source("source-pipedrive", config=sandbox.config(), streams=streams, local_executable=command)


def cache_in(folder: Path) -> Any:
    """A DuckDB file as PyAirbyte's cache."""
    return airbyte().DuckDBCache(db_path=folder / "cache.duckdb", schema_name="pipedrive")


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
    destination = airbyte().get_destination(
        "destination-pipedrive",
        config={**sandbox.config(), "mappings": mappings, "default_owner": 1},
        local_executable=commands() / "destination-pipedrive",
    )

    destination.validate_config()
    destination.check()
