"""The stream table and its rows."""

import re
from pathlib import Path

import pytest

from pipedrive_client.endpoints import endpoint
from source_pipedrive.streams.schemas import load
from source_pipedrive.streams.spec import ChildSpec, ListSpec, StreamSpec
from source_pipedrive.streams.table import BY_NAME, RENAMED, STREAMS

SCHEMAS = Path(__file__).parents[2] / "source_pipedrive" / "schemas"


def test_every_stream_has_a_schema_and_every_schema_a_stream() -> None:
    """Rows of the table and files in `schemas/` belong together."""
    assert {path.stem for path in SCHEMAS.glob("*.json")} == set(BY_NAME)
    assert len(STREAMS) == len(BY_NAME) >= 59


@pytest.mark.parametrize("spec", STREAMS, ids=lambda spec: spec.name)
def test_keys_and_cursor_are_columns(spec: StreamSpec) -> None:
    """Primary key, cursor, parent's id and what rows of a list always have are declared columns."""
    columns = load(spec.name)["properties"].keys()

    assert set(spec.primary_key) <= columns
    assert spec.cursor is None or spec.cursor in columns
    assert spec.child is None or {spec.child.key, *spec.child.inherit} <= columns
    assert all(part.constants.keys() <= columns for part in spec.lists)


@pytest.mark.parametrize("spec", [spec for spec in STREAMS if spec.child], ids=lambda spec: spec.name)
def test_children_name_a_parent_and_counters_that_it_has(spec: StreamSpec) -> None:
    """A child's parent is in the table, and its counters are the parent's columns."""
    assert spec.child is not None
    parent = BY_NAME[spec.child.parent]

    assert parent.lists
    assert set(spec.child.gate) <= load(parent.name)["properties"].keys()


def test_names_that_went_point_to_ones_that_are() -> None:
    """Every stream name of the official connector that differs here leads to a stream that exists."""
    assert set(RENAMED.values()) <= set(BY_NAME)
    assert not set(RENAMED) & set(BY_NAME)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"lists": (ListSpec("v1/nowhere"),)}, "No endpoint row for GET v1/nowhere"),
        ({"lists": (ListSpec("v1/leads"),), "fields": "unicorns"}, "no field definitions"),
        ({"lists": (ListSpec("v1/leads", filtered=True),)}, "needs a cursor"),
        ({"lists": (ListSpec("v1/leads"), ListSpec("v1/notes"))}, "two lists of one name"),
        ({}, "either lists or a parent"),
        ({"child": ChildSpec("deals", "deal_id")}, "a path or a function"),
    ],
)
def test_a_bad_row_names_itself(row: dict[str, object], says: str) -> None:
    """A mistake in the table fails on import, with the stream's name."""
    with pytest.raises(ValueError, match=rf"Stream `probe`: .*{re.escape(says)}"):
        StreamSpec("probe", **row)  # type: ignore[arg-type]


def test_every_list_asks_for_the_largest_page() -> None:
    """The page size is a fact of the endpoint: 500, but 100 for files and 50 for call logs."""
    limits = {part.path: endpoint("GET", part.path).max_limit for spec in STREAMS for part in spec.lists}

    assert {path: limit for path, limit in limits.items() if limit != 500} == {"v1/files": 100, "v1/callLogs": 50}
