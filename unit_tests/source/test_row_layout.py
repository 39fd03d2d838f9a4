"""A row is read by the function of its layout, or value by value: both say the same of whatever the API may send."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipedrive_client.field_definitions import Field, Option
from pipedrive_client.field_types import API_FIELD_TYPES
from source_pipedrive.records import row_layout
from source_pipedrive.records.custom_fields import Names, compile_plan
from source_pipedrive.records.customs import ColumnCustoms, Customs, NoCustoms, ObjectCustoms
from source_pipedrive.records.problems import CHANGES
from source_pipedrive.records.transformer import Lookups, RecordTransformer
from source_pipedrive.streams.schemas import read_as
from source_pipedrive.streams.table import BY_NAME

Row = dict[str, Any]
COLUMNS = read_as(BY_NAME["deals"])
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from(["", "x", "7", "1.5", "0000-00-00", "2024-05-01", "2024-05-01 10:00:00", "2024-05-01T10:00:00Z"])
    | st.sampled_from(["2024-02-30", "2024-05-01T25:00:00Z", "0000-00-00T00:00:00Z", "2024-W18-3T10:00:00Z"])
    | st.lists(st.integers(0, 9) | st.text(max_size=2) | st.none(), max_size=3)
    | st.dictionaries(st.sampled_from(["id", "value"]), st.integers(0, 9), max_size=2)
)
ROWS = st.dictionaries(st.sampled_from([*COLUMNS, "custom_fields", "unheard_of"]), VALUES, max_size=12)


#: One custom field of each type, its key the type's name.
FIELDS = [Field(name, name, name, True, (Option(1, "One"), Option(2, "Two"))) for name in API_FIELD_TYPES]
NAMES = {field.key: f"own_{field.key}" for field in FIELDS if field.key != "boolean"}
PARTS = ["value", "id", "name", "until", "currency", "timezone_name", "country", "locality"]
CUSTOM_VALUES = (
    VALUES
    | st.lists(st.integers(0, 3) | st.none() | st.booleans(), max_size=3)
    | st.dictionaries(st.sampled_from(PARTS), VALUES, max_size=4)
)
#: Fields, and a key of none.
CUSTOM_FIELDS = st.dictionaries(st.sampled_from([*API_FIELD_TYPES, "unheard_of"]), CUSTOM_VALUES, max_size=12)
MODES = ("columns", "object", "both")


def customs(mode: str) -> Customs:
    """Custom fields in a record, as in this mode."""
    whole = ObjectCustoms()
    plan = compile_plan(FIELDS, NAMES, Names({7: "Ada", 8: None}))
    columns = ColumnCustoms(FIELDS, NAMES, plan, False, whole=whole if mode == "both" else None)
    return whole if mode == "object" else columns


def told(rows: list[Row], most_layouts: int, own: Customs | None = None) -> tuple[list[str], list[str]]:
    """The records as text, as NaN is not like itself, and what is said of them at the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_layout, "MOST_LAYOUTS", most_layouts)
        made = RecordTransformer(COLUMNS, Lookups(dict, dict))
        made.use(own or NoCustoms())
        return [repr(made.record(row)) for row in rows], made.problems.sentences()


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(ROWS, min_size=1, max_size=4))
@example([{"id": 1, "title": "x", "value": float("nan")}, {"id": 2**63, "title": 7, "value": 2**64}])
def test_a_layout_reads_as_value_by_value(rows: list[Row]) -> None:
    """Records, their changes and the warnings are the same, for the first row of a layout and for the next."""
    twice = [*rows, *rows]

    assert told(twice, 40) == told(twice, 0)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.fixed_dictionaries({"id": st.just(1), "custom_fields": CUSTOM_FIELDS | VALUES}), max_size=4), st.data()
)
def test_custom_fields_of_a_layout_are_read_as_value_by_value(rows: list[Row], data: st.DataObject) -> None:
    """Fields of every type with any value, a key of no field, and anything in the place of the object."""
    twice, mode = [*rows, {"id": 1}, *rows], data.draw(st.sampled_from(MODES))

    assert told(twice, 40, customs(mode)) == told(twice, 0, customs(mode))


def test_nothing_of_a_row_changes() -> None:
    """The record is another object: parents are kept from the row after it was made."""
    row: Row = {"id": 1, "add_time": "2024-05-01 10:00:00", "unheard_of": 1, "custom_fields": {"a": 1}}
    made = RecordTransformer(COLUMNS, Lookups(dict, dict))

    found = [made.record(row) for _ in range(2)]

    assert row == {"id": 1, "add_time": "2024-05-01 10:00:00", "unheard_of": 1, "custom_fields": {"a": 1}}
    assert [one["add_time"] for one in found] == ["2024-05-01T10:00:00Z"] * 2
    assert not {"unheard_of", "custom_fields"} & set().union(*found)
    assert made.problems.sentences() == ["not declared in the schema and left out: custom_fields, unheard_of"]


def test_more_layouts_than_are_remembered() -> None:
    """Rows of all layouts are read alike, those after the last one that is remembered, too."""
    names = [name for name, column in COLUMNS.items() if "integer" in column["type"] and name != "id"]
    rows = [{"id": 1, **dict.fromkeys(names[: number % len(names)], number)} for number in range(60)]

    records, sentences = told([*rows, {"id": 1, names[0]: "x"}], 3)

    assert all(record.startswith("{'id': 1") for record in records)
    assert repr(CHANGES) in records[-1]
    assert sentences == [f"`{names[0]}` had another type in 1 row and is null there"]
