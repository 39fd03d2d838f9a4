"""The JSON schema of the mappings for editors: that of the models, strict, and of one mind with the reader."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from destination_pipedrive.config.mapping_reader import read_mappings
from destination_pipedrive.objects.records import OBJECTS
from scripts.mapping_schema import FILE, written

SCHEMA: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
VALID = jsonschema.Draft7Validator(SCHEMA).is_valid


def nested(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of every object with its schema."""
    for name, model in schema["$defs"].items():
        yield from ((f"{name}/{key}", each) for key, each in model["properties"].items())


def test_the_file_is_that_of_the_models() -> None:
    """`make docs` writes it; it is up to date, and a valid schema."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)

    assert FILE.read_text(encoding="utf-8") == written()
    assert FILE.parent.name == "destination_pipedrive"


def test_every_key_says_what_it_does() -> None:
    """In one line of plain English; examples and defaults are valid."""
    for place, key in nested(SCHEMA):
        assert key["description"].endswith("."), place
        assert "\n" not in key["description"], place
        for value in (*key.get("examples", ()), *([key["default"]] if "default" in key else [])):
            assert jsonschema.Draft7Validator({**key, "$defs": SCHEMA["$defs"]}).is_valid(value), place


def test_no_object_takes_unknown_keys() -> None:
    """A misspelled key is marked while it is typed; the objects are those of the table."""
    assert all(model["additionalProperties"] is False for model in SCHEMA["$defs"].values())
    assert SCHEMA["$defs"]["Rules"]["properties"]["object"]["enum"] == list(OBJECTS)


def test_no_default_hides_that_another_option_decides() -> None:
    """`auto_create_options` decides about unknown options where a mapping does not say; no editor may fill it in."""
    assert "default" not in SCHEMA["$defs"]["Rules"]["properties"]["on_unknown_option"]


ENTRY = {"stream": "a"}
RIGHT: list[dict[str, Any]] = [
    {},
    {"match_on": "email"},
    {"match_on": ["domain", "name"], "owner": 12},
    {"on_unknown_option": None, "on_missing_parent": "null"},
    {"operation": "mirror", "external_id_field": "Id", "max_delete_share": 1},
    {"fields": [{"source": "a", "target": "b"}, {"source": "c", "mode": "ignore"}]},
    {"links": {"person": {"from": "a"}}, "value_maps": {"stage": {"a": 1, "b": "x"}}, "min_change": {"a": 0.5}},
    {"actions": [{"action": "add_activity", "subject": "x"}, {"action": "move_deal_to_next_stage", "pipeline": 3}]},
]
WRONG: list[dict[str, Any]] = [
    {"strem": "a"},
    {"operation": "mirror"},
    {"operation": "truncate"},
    {"create": "yes"},
    {"match_on": [1]},
    {"match_on": [""]},
    {"max_records": 0},
    {"max_delete_share": 1.5},
    {"fields": [{"source": "a"}]},
    {"fields": {"source": "a", "target": "b"}},
    {"fields": [{"source": "a", "target": "b", "mode": "loud"}]},
    {"links": {"boss": {"from": "a"}}},
    {"links": {"person": {"by": "email"}}},
    {"value_maps": {"stage": {"a": True}}},
    {"value_maps": {"stage": "a"}},
    {"min_change": {"a": 0}},
    {"filter": 5},
    {"actions": [{"action": "create_deal"}]},
    {"actions": [{"action": "move_deal_to_next_stage", "stage": "x"}]},
    {"actions": [{"subject": "x"}]},
]


@pytest.mark.parametrize("entry", RIGHT, ids=json.dumps)
def test_what_an_editor_takes_the_reader_takes(entry: dict[str, Any]) -> None:
    """No sentence for what is not marked."""
    assert VALID([ENTRY | entry])
    assert read_mappings([ENTRY | entry]).problems == ()


@pytest.mark.parametrize("entry", WRONG, ids=json.dumps)
def test_what_an_editor_marks_the_reader_refuses(entry: dict[str, Any]) -> None:
    """And the other way round, except for what no schema can say."""
    assert not VALID([ENTRY | entry])
    assert read_mappings([ENTRY | entry]).problems
