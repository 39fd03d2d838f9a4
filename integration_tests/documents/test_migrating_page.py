"""docs/migrating.md against the code: the streams, columns, keys and prices that it names."""

from __future__ import annotations

import json
import re

import pytest

from integration_tests.documents.page import Page, figures, names
from integration_tests.official.facts import OFFICIAL
from integration_tests.openapi import Documents
from pipedrive_client.endpoints import endpoint
from scripts.document_differences import written
from scripts.document_source import keys
from source_pipedrive.config.config import Config
from source_pipedrive.streams.schemas import load
from source_pipedrive.streams.table import BY_NAME, RENAMED, STREAMS

PAGE = Page("docs/migrating.md")
STREAM_NAMES = {spec.name for spec in STREAMS}
COLUMNS = [
    pytest.param(row, id=f"{row[0]} {row[1]}")
    for row in PAGE.rows("Columns of the first API version")
    if row[2] != "–" and names(row[0])
]


def test_every_stream_of_ours_is_told_to_users_of_the_official_connector() -> None:
    """Streams keep their names or are told apart; together with the new ones it is all."""
    table = PAGE.rows("Stream names")
    kept = [name for theirs, ours, _ in table if ours == "the same" for name in names(theirs)]
    other = [name for _, ours, _ in table for name in names(ours)]

    assert sorted(kept + other) == sorted(STREAM_NAMES)


def test_every_renamed_stream_is_told() -> None:
    """As the sentence tells it that a read of the old name ends with."""
    table = PAGE.rows("Stream names")
    told = {old: ours.strip("`") for theirs, ours, _ in table for old in names(theirs) if old in RENAMED}

    assert told == RENAMED
    assert all(f"`{name}`" in PAGE.section("From Airbyte's own source-pipedrive") for name in RENAMED)


@pytest.mark.parametrize("title", ["From dlt", "From Singer's tap-pipedrive"])
def test_streams_of_ours_exist(title: str) -> None:
    """Whatever a line maps to; what keeps its name is one of ours without its prefix."""
    for theirs, ours, _ in PAGE.rows(title):
        known = names(theirs) if ours.startswith("the same") else names(ours)
        assert {name.removeprefix("v2_") for name in known} <= STREAM_NAMES, theirs


@pytest.mark.parametrize("row", COLUMNS)
def test_columns_of_ours_exist(row: list[str]) -> None:
    """In each of the streams that the line names."""
    for stream in names(row[0]):
        assert set(names(row[2])) <= load(stream)["properties"].keys(), stream


def test_differences_of_columns_are_those_of_the_schemas() -> None:
    """The tables of keys and columns are what a comparison of both connectors' schemas writes."""
    assert written(PAGE.text) == PAGE.text, "stale: run `make docs`"
    assert len(PAGE.rows("With the keys of this connector")) > 20


def test_streams_that_are_incremental_here_are_told() -> None:
    """Of those that the official connector reads whole."""
    row = next(row for row in PAGE.rows("What still differs with an official config") if row[1] == "full refresh")
    whole = {name for name, facts in OFFICIAL.items() if name in BY_NAME and not facts.cursor}

    assert set(names(row[0])) == {name for name in whole if BY_NAME[name].cursor}


def test_prices_of_field_definitions_are_right() -> None:
    """In both versions of the API."""
    first, second = (endpoint("GET", f"{version}/dealFields").cost for version in ("v1", "api/v2"))

    assert f"| {first} tokens per list |" in PAGE.text
    assert second in figures(PAGE.section("What still differs with an official config"))


def test_the_keys_of_the_config_exist() -> None:
    """Those of the official connector, which are accepted, and those that stand for them."""
    known = {key for key, _ in keys()}
    table = PAGE.rows("What changes in the config")

    assert {key for theirs, ours, _ in table for key in names(theirs) + names(ours)} <= known


@pytest.mark.parametrize("text", PAGE.code("json"))
def test_a_config_of_the_official_connector_is_accepted(text: str) -> None:
    """With one object of custom fields and the official keys, so that no column goes away."""
    config = Config.parse(json.loads(text))

    assert config.custom_fields == "object"
    assert config.table["deal_fields"].primary_key == ("key",)


def test_the_prices_are_right(documents: Documents | None) -> None:
    """What a deal's history costs here, and where the official connector reads it."""
    ours, theirs = re.findall(r"(\d+) tokens per deal instead of (\d+)", PAGE.text)[0]
    flow = documents.of_template("GET", "v1/deals/{id}/flow") if documents else None

    assert int(ours) == endpoint("GET", "v1/deals/{id}/changelog").cost
    assert flow is None or int(theirs) == flow.cost
