"""docs/migrating.md against the code: the streams, columns and configs that it names exist."""

from __future__ import annotations

import json
import re

from integration_tests.harness import ROOT
from source_pipedrive.config import Config
from source_pipedrive.streams import STREAMS

TEXT = (ROOT / "docs" / "migrating.md").read_text(encoding="utf-8")
NAMES = {spec.name for spec in STREAMS}


def rows(title: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    section = re.split(rf"^## {re.escape(title)}$", TEXT, flags=re.MULTILINE)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def names(cell: str) -> set[str]:
    """The names in a cell."""
    return set(re.findall(r"`(\w+)`", cell))


def test_every_stream_of_ours_exists_and_is_named() -> None:
    """Streams of the official connector keep their names or are told apart; together with the new ones it is all."""
    table = rows("From Airbyte's own source-pipedrive")
    kept = {name for theirs, ours, *_ in table if ours == "the same" for name in names(theirs)}
    other = {name for _, ours, *_ in table for name in names(ours)}

    assert kept | other == NAMES
    for title in ("From dlt", "From Singer's tap-pipedrive"):
        for theirs, ours, *_ in rows(title):
            known = names(theirs) if ours.startswith("the same") else names(ours)
            assert {name.removeprefix("v2_") for name in known} - {"v2_"} <= NAMES | {""}, theirs


def test_every_column_of_ours_exists() -> None:
    """Each is a property of some stream's schema."""
    schemas = (ROOT / "source_pipedrive" / "schemas").glob("*.json")
    known = {key for path in schemas for key in json.loads(path.read_text(encoding="utf-8"))["properties"]}
    columns = {name for _, ours, *_ in rows("Columns of the first API version") for name in names(ours)}

    assert columns - NAMES <= known | {"custom_fields"}


def test_the_config_is_accepted() -> None:
    """The official connector's config as the page shows it."""
    (config,) = re.findall(r"<!-- source config -->\n```json\n(.*?)```", TEXT, re.DOTALL)

    assert Config.parse(json.loads(config)).custom_fields == "object"
