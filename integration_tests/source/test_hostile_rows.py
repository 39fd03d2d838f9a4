"""Values and rows of the wrong shape: each costs itself only, is counted and named, and nothing invalid comes out."""

from itertools import count, product
from typing import Any

import jsonschema
import pytest

from integration_tests.harness import THOROUGH, Run
from integration_tests.source.conftest import InProcess
from integration_tests.source.hostile import answers, rows_of
from pipedrive_sandbox import Sandbox

#: What may stand in the place of any value.
HOSTILE: tuple[Any, ...] = (
    None,
    [],
    {},
    [None],
    ["x", 5, {}, None, [1]],
    {"id": None, "value": [], "name": 7},
    "text",
    "",
    5,
    True,
    1.5,
    -(2**70),
    float("inf"),
    float("nan"),
    "Plan \udf89",
    "2024-02-30 25:00:00",
    "0031-02-03T04:05:06+23:00",
    {"id": {"id": {}}, "value": {"value": []}},
)


MODES = ("columns_by_name", "object", "object_and_columns")
#: Which value comes first.
STARTS = (0, 1000, 2000)


def spoiled(row: dict[str, Any], turn: int) -> Any:
    """A row with one of its values, or one inside one of its values, replaced; now and then the row itself."""
    keys, value = list(row), HOSTILE[turn * 5 % len(HOSTILE)]
    if not keys or turn % 11 == 10:
        return value
    key = keys[turn % len(keys)]
    inner = row[key][0] if isinstance(row[key], list) and row[key] else row[key]
    if isinstance(inner, dict) and inner and turn % 3:
        changed = spoiled(inner, turn // 3)
        return row | {key: [changed, value] if isinstance(row[key], list) else changed}
    return row | {key: value}


def assert_clean(run: Run, catalog: dict[str, Any]) -> None:
    """Every record validates against the schema that was discovered and has its primary key."""
    for one in catalog["streams"]:
        stream = one["stream"]
        validator = jsonschema.Draft7Validator(stream["json_schema"], format_checker=jsonschema.FormatChecker())
        for record in run.records(stream["name"]):
            assert not [error.message for error in validator.iter_errors(record)], (stream["name"], record)
            assert record.keys() <= stream["json_schema"]["properties"].keys()
            for (key,) in stream["source_defined_primary_key"]:
                assert record[key] is not None, (stream["name"], key)


@pytest.mark.parametrize(("start", "mode"), product(STARTS, MODES) if THOROUGH else zip(STARTS, MODES, strict=True))
def test_any_value_anywhere(pipedrive: Sandbox, source: InProcess, start: int, mode: str) -> None:
    """Whatever stands in the place of any value of any list, the run ends well and what comes out is valid."""
    source.config |= {"custom_fields": mode, "deletions": "compare", "plan": "ultimate", "num_workers": 4}
    catalog, turns = source.catalog(), count(start)

    def change(path: str, body: dict[str, Any]) -> Any:
        if not path.startswith("/api/v2/") or not path.endswith("Fields"):  # a field never changes its type
            rows = rows_of(path, body)
            rows[:] = [spoiled(row, next(turns)) for row in rows]
        return body

    with answers(pipedrive, change):
        first = source.read_catalog(catalog)
        second = source.read_catalog(catalog, first.last_states())

    assert [error["message"] for run in (first, second) for error in run.errors()] == []
    assert_clean(first, catalog)
    assert_clean(second, catalog)
    assert set(first.record_counts()) >= {"deals", "persons", "leads", "notes", "deal_products", "mail_messages"}


@pytest.mark.parametrize("start", STARTS)
def test_any_value_in_definitions(pipedrive: Sandbox, source: InProcess, start: int) -> None:
    """Whatever stands in a field's definition, schemas can be discovered, and what is read agrees with them."""

    def change(path: str, body: dict[str, Any]) -> Any:
        if path.endswith("Fields"):
            rows = rows_of(path, body)
            rows[:] = [spoiled(row, turn) for turn, row in enumerate(rows, start)]
        return body

    with answers(pipedrive, change):
        catalog = source.catalog("deals", "leads", "persons", "products", "deal_fields", "lead_fields")
        run = source.read_catalog(catalog)

    assert [error["message"] for error in run.errors()] == []
    assert_clean(run, catalog)
    assert len(run.records("deals")) > 20
