"""docs/source.md against the code: keys, streams, types, limits, prices and versions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml

from integration_tests.documents.page import Page, figures, names
from integration_tests.harness import ROOT
from integration_tests.source.conftest import InProcess
from pipedrive_client.endpoints import MAX_IDS, MAX_LIMIT, endpoint
from pipedrive_client.field_definitions import FIELD_PATHS
from pipedrive_client.field_types import API_FIELD_TYPES, api_field_type
from pipedrive_client.token_budget import BURST_LIMITS
from pipedrive_sandbox import Sandbox
from scripts.document_source import keys, written
from source_pipedrive.records.transformer import DERIVED
from source_pipedrive.streams.spec import SINGLES_A_SLICE
from source_pipedrive.streams.table import BY_NAME, STREAMS

PAGE = Page("docs/source.md")
#: The streams of the worked sums.
EVERY_DAY = ("deals", "persons", "organizations", "activities", "products", "leads", "notes")


def spec() -> dict[str, Any]:
    """The source's form."""
    return json.loads((ROOT / "source_pipedrive" / "spec.json").read_text(encoding="utf-8"))


def test_the_tables_are_fresh() -> None:
    """Keys of the config, streams and what can be compared; `make docs` writes them anew."""
    assert written(PAGE.text) == PAGE.text


def test_every_key_of_the_form_is_in_the_table() -> None:
    """Nothing that the form declares is left out, however deep."""
    listed = {key for key, _ in keys()}

    assert {path.removeprefix(".") for path in _declared(spec()["connectionSpecification"])} == listed
    assert all(f"| `{key}` |" in PAGE.text for key in listed)


def _declared(schema: dict[str, Any]) -> set[str]:
    found = set()
    for name, each in schema.get("properties", {}).items():
        found |= {f".{name}"} | {f".{name}{inner}" for inner in _declared(each)}
    for kind in schema.get("oneOf", ()):
        found |= _declared(kind)
    if "items" in schema:
        found |= {f"[]{inner}" for inner in _declared(schema["items"])}
    return found


def test_every_stream_is_in_the_table_of_scopes_once() -> None:
    """So that an app can be given what it needs."""
    listed = [name for row in PAGE.rows("Supported streams") for name in names(row[1])]

    assert sorted(listed) == sorted(spec.name for spec in STREAMS)
    assert f"{len(STREAMS)} streams" in PAGE.text


def test_the_burst_windows_are_those_of_the_budget() -> None:
    """Calls in two seconds, by plan and kind of credentials."""
    listed = {name.strip("`"): (int(token), int(app)) for name, token, app in PAGE.rows("Performance considerations")}

    assert listed == BURST_LIMITS


def test_the_sums_of_a_schedule_follow_from_the_prices() -> None:
    """Each figure of the worked sums, from what the calls cost."""
    quiet = sum(endpoint("GET", part.path).cost for name in EVERY_DAY for part in BY_NAME[name].lists)
    definitions = {FIELD_PATHS[str(BY_NAME[name].fields)] for name in EVERY_DAY if BY_NAME[name].fields}
    once = sum(endpoint("GET", path).cost for path in ("v1/users", "v1/leadLabels", *definitions))
    products = 1_000 // MAX_IDS * endpoint("GET", "api/v2/deals/products").cost
    changes = 1_000 * endpoint("GET", "v1/deals/{id}/changelog").cost
    worked = {quiet, quiet + once, 24 * (quiet + once), 96 * (quiet + once), products, changes, MAX_LIMIT}

    assert not worked - figures(PAGE.section("Performance considerations"))


def test_the_sums_are_what_is_paid(pipedrive: Sandbox, source: InProcess) -> None:
    """In an account whose lists have one page each: a run with rows, a schema, a check."""
    catalog, paid = source.catalog(*EVERY_DAY), []
    for command in (lambda: source.read_catalog(catalog), source.discover, source.check):
        before = pipedrive.meter()["tokens"]
        command()
        paid.append(pipedrive.meter()["tokens"] - before)

    assert not set(paid) - figures(PAGE.section("Performance considerations"))


def test_how_often_a_state_is_written() -> None:
    """After so many parents."""
    batches, singles = BY_NAME["deal_products"].child, BY_NAME["deal_changelog"].child
    assert batches
    assert singles

    assert not {batches.slice_size, singles.slice_size} - figures(PAGE.section("State and resuming"))
    assert singles.slice_size == SINGLES_A_SLICE


def test_custom_fields_become_the_columns_of_the_table() -> None:
    """Suffixes and types of every type of field."""
    rows = PAGE.rows("Data type map", 1)
    listed = {kind: re.findall(r"`x(\w*)` (\w+)", columns) for kinds, columns in rows for kind in names(kinds)}

    assert listed == {kind: _columns(kind) for kind in listed}
    assert set(listed) >= set(API_FIELD_TYPES)


def _columns(kind: str) -> list[tuple[str, str]]:
    columns = api_field_type(kind).columns
    return [(column.suffix, column.schema.get("format") or column.schema["type"][1]) for column in columns]


def test_a_custom_field_adds_the_columns_that_are_shown() -> None:
    """The examples have the columns of their types, no more and no less."""
    for field, kind, columns in PAGE.rows("Custom fields", 1):
        name = re.sub(r"\W+", "_", re.findall(r"\*(.+?)\*", field)[0].lower())

        assert re.findall(r"`(\w+)`: ", columns) == [name + suffix for suffix, _ in _columns(kind.strip("`"))]


def test_every_row_below_another_is_in_the_diagram() -> None:
    """Below the stream that the table names."""
    lines = PAGE.code("mermaid")[0].splitlines()

    assert not [
        spec.name
        for spec in STREAMS
        if spec.child
        and not any(spec.name in line and line.strip().startswith(f"{spec.child.parent} ---") for line in lines)
    ]


def test_built_in_columns_have_the_types_of_the_table() -> None:
    """No stream has a column of a type that the table leaves out, and none is listed that no stream has."""
    schemas = (ROOT / "source_pipedrive" / "schemas").glob("*.json")
    columns = [each for path in schemas for each in json.loads(path.read_text(encoding="utf-8"))["properties"].values()]
    used = {each.get("airbyte_type") or each.get("format") or _kind(each) for each in columns}

    assert {row[1].strip("`") for row in PAGE.rows("Data type map")} == used


def _kind(schema: dict[str, Any]) -> str:
    kinds = schema["type"]
    return next(kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null")


def test_the_derived_columns_are_named() -> None:
    """But for the two marks that have a section of their own."""
    assert all(f"`{name}`" in PAGE.section("Data type map") for name in DERIVED.keys() - {"is_deleted", "is_archived"})


@pytest.mark.parametrize("key", ["custom_fields", "deletions"])
def test_every_choice_is_told(key: str) -> None:
    """The values of a choice are explained in their order."""
    title = {"custom_fields": "Custom fields", "deletions": "Deleted and archived rows"}[key]
    listed = [names(row[0])[0] for row in PAGE.rows(title)]

    assert listed == spec()["connectionSpecification"]["properties"][key]["enum"]


def test_the_first_line_of_the_changelog_is_this_version() -> None:
    """A release without a line fails."""
    version, date, _ = PAGE.rows("Changelog")[0]
    data = yaml.safe_load((ROOT / "metadata.yaml").read_text(encoding="utf-8"))["data"]

    assert (version, date) == (data["dockerImageTag"], str(data["releaseDate"]))
