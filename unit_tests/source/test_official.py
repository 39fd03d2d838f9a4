"""The table of what users of the official connector keep: nothing in it is idle, and values are read as it declares."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from source_pipedrive.records.converters import converter
from source_pipedrive.streams.official import COLUMNS, DEFINITIONS, STREAMS_BY_NAME
from source_pipedrive.streams.schemas import load, read_as, schema_of
from source_pipedrive.streams.table import BY_NAME

FIELDS = Path(__file__).resolve().parents[2] / "source_pipedrive" / "schemas" / "official" / "fields.json"
OVERRIDES = [(stream, column) for stream, columns in COLUMNS.items() for column in columns]


def shape(column: Mapping[str, Any]) -> dict[str, Any]:
    """What a column is, without its words."""
    return {key: value for key, value in column.items() if key != "description"}


def test_the_table_is_that_of_our_own_config_but_for_what_it_names() -> None:
    """Same streams in the same order; those that are not named are the same rows."""
    differ = {name for name, spec in STREAMS_BY_NAME.items() if spec != BY_NAME[name]}

    assert list(STREAMS_BY_NAME) == list(BY_NAME)
    assert differ == set(COLUMNS) | set(DEFINITIONS)


@pytest.mark.parametrize(("stream", "column"), OVERRIDES)
def test_no_column_is_named_in_vain(stream: str, column: str) -> None:
    """It has another type here, or does not exist, and keeps its description otherwise."""
    written = load(stream)["properties"]
    declared = schema_of(STREAMS_BY_NAME[stream])["properties"][column]

    assert column not in written or shape(declared) != shape(written[column])
    assert column not in written or declared["description"] == written[column]["description"]


def test_the_schema_of_field_definitions_is_well_formed() -> None:
    """Draft 7, the key first and never null, every column described, times without a zone as declared there."""
    schema = json.loads(FIELDS.read_text(encoding="utf-8"))
    columns = schema["properties"]

    jsonschema.Draft7Validator.check_schema(schema)
    assert [name for name, column in columns.items() if isinstance(column["type"], str)] == ["key"] == list(columns)[:1]
    assert all(column["description"].endswith(".") for column in columns.values())
    assert {column["airbyte_type"] for column in columns.values() if "format" in column} == {
        "timestamp_without_timezone"
    }


def test_a_time_that_is_declared_as_text_is_read_as_a_time() -> None:
    """Every time has one spelling, whatever its column is declared as; other types are read as declared."""
    calls, roles = read_as(STREAMS_BY_NAME["call_logs"]), read_as(STREAMS_BY_NAME["roles"])

    assert converter(calls["start_time"])("2024-05-01 10:00:00") == "2024-05-01T10:00:00Z"
    assert converter(roles["assignment_count"])(3) == "3"


@pytest.mark.parametrize("value", [True, 1, {"stage_ids": [1]}])
def test_a_column_of_several_types_takes_what_comes(value: Any) -> None:
    """`mandatory_flag` of deals is true, false, or an object of conditions."""
    column = read_as(STREAMS_BY_NAME["deal_fields"])["mandatory_flag"]

    assert converter(column)(value) == value
