"""What the schema of a stream shows before its first record."""

from typing import Any
from unittest.mock import Mock

import pytest

from destination_pipedrive.fields.field import Field, FieldType
from destination_pipedrive.fields.parsing import BadValue, Lookups
from destination_pipedrive.fields.types import TYPES
from integration_tests.destination.account import Account, catalog_of, record

#: A value of each JSON type.
SAMPLES: dict[str, Any] = {"object": {"x": 1}, "array": [1, 2], "boolean": True, "number": 1.5, "integer": 20300501}


def catalog(**columns: Any) -> dict[str, Any]:
    """Persons with these columns."""
    found = catalog_of("persons")
    properties = {"name": {"type": "string"}, "email": {"type": "string"}, **columns}
    found["streams"][0]["stream"]["json_schema"]["properties"] = properties
    return found


def test_c7_types_that_no_field_takes_are_told_at_the_start(account: Account) -> None:
    """C7: once a column, before any record; a type that may fit is not."""
    given = {
        "phone": {"type": ["null", "boolean"]},
        "first_name": {"type": "object"},
        "labels": {"type": "array"},
        "org_id": {"type": ["object", "integer"]},
        "marketing_status": {"type": ["string", "object"]},
        "visible_to": {"oneOf": [{"type": "object"}]},
    }
    run = account.write([record("persons", name="Ann", email="ann@x.test", phone=True)], catalog(**given))
    told = [text for text in run.logs("WARN") if "holds values of the type" in text]

    assert len(told) == 2
    assert "column `phone` holds values of the type boolean, and `phones` takes phones" in told[0]
    assert "column `first_name` holds values of the type object, and `first_name` takes text" in told[1]
    assert "Record 1 of stream `persons` rejected [invalid_value, field `phones`]" in " ".join(run.logs("WARN"))


def test_c21_columns_that_the_stream_does_not_have_are_told(account: Account) -> None:
    """C21: a column that a mapping names and the schema does not is named with its pointer and what comes nearest."""
    mapping = {
        "stream": "persons",
        "fields": [{"source": "email", "target": "email"}, {"source": "phne", "target": "phone"}],
        "links": {"organization": {"by": "name", "from": "compny"}},
        "updated_at_field": "changed",
    }
    run = account.write([], catalog(phone={}, company={}), mappings=[mapping])
    told = [text for text in run.logs("WARN") if "has no column" in text]

    assert len(told) == 3
    assert "`/mappings/0/fields/1/source`" in told[0]
    assert told[0].endswith("Did you mean `phone`?")
    assert "`/mappings/0/links/organization/from`" in told[1]
    assert "`/mappings/0/updated_at_field`" in told[2]
    assert [text for text in account.write([], mappings=[mapping]).logs("WARN") if "has no column" in text] == []


@pytest.mark.parametrize("kind", TYPES, ids=[each.name for each in TYPES])
def test_c7_what_is_told_is_true(kind: FieldType) -> None:
    """C7: a value of a type that is said to be refused is refused when it comes."""
    field = Field("x", "x", kind, choices=("a",))
    for json_type in SAMPLES.keys() - kind.takes:
        with pytest.raises(BadValue):
            field.parse({"": SAMPLES[json_type]}, Mock(spec=Lookups))
