"""The type of a field that is created for a column."""

from typing import Any

import pytest

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.lists import choices_in
from destination_pipedrive.fields.types import field_type as type_of
from destination_pipedrive.writing.new_fields import field_type

TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({}, "varchar"),
        (TEXT, "varchar"),
        ({"type": ["null", "string"], "maxLength": 256}, "text"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "string", "format": "time"}, "time"),
        ({"type": "string", "format": "date-time"}, "varchar"),
        ({"type": ["null", "integer"]}, "double"),
        ({"type": ["integer", "number"]}, "double"),
        ({"type": ["string", "number", "null"]}, "varchar"),
        ({"type": "boolean"}, "enum"),
        ({"type": ["null", "array"], "items": TEXT}, "set"),
        ({"type": "array", "items": {"type": ["null", "string"]}}, "set"),
        ({"type": "array", "items": {"type": "integer"}}, ""),
        ({"type": "array", "items": {}}, ""),
        ({"type": "array"}, ""),
        ({"type": "object"}, ""),
        ({"type": ["string", "object"]}, ""),
        ({"type": "null"}, ""),
        ({"oneOf": [TEXT, {"type": "number"}]}, ""),
    ],
)
def test_the_type_of_a_new_field(schema: dict[str, Any], kind: str) -> None:
    """By the JSON type and format; nothing where a field could not hold the values."""
    assert field_type(schema) == kind


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("a, b,,A", ["a", "b"]),
        (["a", " b ", "B", None, ""], ["a", "b"]),
        (["7", "x"], ["7", "x"]),
        ('["Golf", "Food, Drinks"]', ["Golf", "Food, Drinks"]),
        ([{"id": 7}], []),
        (None, []),
    ],
)
def test_the_choices_in_a_record(value: Any, names: list[str]) -> None:
    """Each once whatever its case, of a list and of one that comes as text."""
    assert choices_in(Field("k", "K", type_of("set")), {"": value}) == names
