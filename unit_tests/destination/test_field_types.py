"""The table of field types: what each reads, and what it refuses."""

from typing import Any

import pytest

from destination_pipedrive.fields.field import Field, FieldOptions
from destination_pipedrive.fields.parsing import BadValue, Named
from destination_pipedrive.fields.types import CUSTOM_TYPES, FIELD_TYPES, TYPES, field_type
from pipedrive_client.field_definitions import Option
from pipedrive_client.field_types import API_FIELD_TYPES
from unit_tests.destination.account_names import Names

SETS = (Option(1, "Ski"), Option(2, "Food, Drinks"), Option(3, "Golf"), Option(4, "2023"), Option(5, "Größe"))


def read(kind: str, value: Any, part: str = "", **more: Any) -> Any:
    """The value of one part."""
    return Field("key", "Name", field_type(kind), **more).parse({part: value}, Names())


def test_a_type_stands_once_in_the_table() -> None:
    """Names are unique, and no type of Pipedrive is written by two of ours."""
    assert len(FIELD_TYPES) == len(TYPES)
    written = [api_type for each in TYPES for api_type in each.api_types]
    assert len(written) == len(set(written)) == len(CUSTOM_TYPES)


@pytest.mark.parametrize("api_type", CUSTOM_TYPES)
def test_reading_and_writing_agree(api_type: str) -> None:
    """Every column that the source makes of a type is one that the destination reads for it."""
    values = {
        "string": "2026-05-01" if api_type.startswith("date") else "10:00" if api_type.startswith("time") else "Ski",
        "number": 5,
        "integer": 1,
        "array": ["Ski"],
        "object": {"id": 1, "value": "X"},
    }
    samples = {"_ids": [1], "_currency": "EUR", "_timezone": "Europe/Tallinn", "_parts": {"locality": "Tallinn"}}
    parts = {
        column.suffix: samples.get(column.suffix, values[column.schema["type"][1]])
        for column in API_FIELD_TYPES[api_type].columns
    }
    found = Field("k", "n", CUSTOM_TYPES[api_type], custom=True, options=SETS, refers="persons").parse(parts, Names())

    assert found is not None
    if isinstance(found, dict):
        assert len(found) == len(parts)


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("set", '["Golf", "Ski"]', [3, 1]),
        ("set", "[1, 3]", [1, 3]),
        ("labels", '["Golf"]', [3]),
        ("enum", '{"id": 3, "label": "Golf"}', 3),
        ("emails", '[{"value": "a@b.test", "primary": true}]', [{"value": "a@b.test", "primary": True}]),
        ("phones", '["+49 30 1"]', [{"value": "+49 30 1"}]),
        ("monetary", '{"value": 5, "currency": "eur"}', {"value": 5, "currency": "EUR"}),
        ("lead_value", '{"amount": 5, "currency": "eur"}', {"amount": 5, "currency": "EUR"}),
        ("daterange", '{"value": "2026-01-01"}', {"value": "2026-01-01"}),
        ("timerange", '{"value": "9:00", "until": "10:00"}', {"value": "09:00:00", "until": "10:00:00"}),
        ("address", '{"value": "X 1", "locality": "Y"}', {"value": "X 1", "locality": "Y"}),
        ("prices", '[{"price": 1, "currency": "EUR"}]', [{"currency": "EUR", "price": 1}]),
        ("participants", "[122, 123]", [{"person_id": 122}, {"person_id": 123}]),
        ("participants", "122,123", [{"person_id": 122}, {"person_id": 123}]),
        ("attendees", '[{"email": "x@y.test"}]', [{"email": "x@y.test"}]),
        ("reference", '{"id": 5, "name": "Acme"}', 5),
        ("user", '{"id": 5}', 5),
        ("ids", "[1, 2]", [1, 2]),
        ("users", '["ann@acme.test", 9]', [7, 9]),
        ("lead_labels", '["Hot"]', ["u-1"]),
        ("json", '{"a": 1}', {"a": 1}),
    ],
)
def test_json_as_text_is_what_it_is(kind: str, given: str, wanted: Any) -> None:
    """Lists and objects that warehouses hand back as text are read as lists and objects, of every type."""
    assert read(kind, given, options=SETS) == wanted


@pytest.mark.parametrize("given", ["[draft] call back", '{"a": 1}', "[1]", "{not json"])
def test_text_stays_text(given: str) -> None:
    """A text field takes brackets as they are."""
    assert read("text", given) == given


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Food, Drinks", [2]),
        ("food,  drinks", [2]),
        ("Golf, Food, Drinks, Ski", [3, 2, 1]),
        (["Food, Drinks"], [2]),
        ("Golf;Ski", [3, 1]),
        ("Golf", [3]),
        ("2023", [4]),
        (2023, [4]),
        (2023.0, [4]),
        ("Gro\u0308sse".replace("sse", "ße"), [5]),
    ],
)
def test_labels_are_whole(given: Any, wanted: list[int]) -> None:
    """A label that holds a comma is one; numbers are labels too; accents in two spellings are one."""
    assert read("set", given, options=SETS) == wanted


@pytest.mark.parametrize(
    ("kind", "given", "missing"),
    [
        ("enum", "2024", "2024"),
        ("enum", 2025, "2025"),
        ("set", '["Tennis"]', "Tennis"),
        ("set", "Golf, Tennis", "Tennis"),
        ("set", "Golf;Tennis", "Golf;Tennis"),
        ("set", ["A, B"], "A, B"),
        ("lead_labels", "Cold", "Cold"),
        ("lead_labels", "a2ee7365-31d6-47dd-87b6-57df316cd842", ""),
    ],
)
def test_an_unknown_option_can_become_one(kind: str, given: Any, missing: str) -> None:
    """The label that is missing is told, a number's too; an id of the kind that the API gives is none."""
    with pytest.raises(BadValue) as caught:
        read(kind, given, options=SETS)

    assert (caught.value.code, caught.value.missing) == ("unknown_option", missing)


def test_an_id_column_names_no_new_option() -> None:
    """An id that is unknown is not the label of a new option."""
    for kind, part in (("enum", "_id"), ("set", "_ids")):
        with pytest.raises(BadValue) as caught:
            read(kind, 99, part, options=SETS)
        assert caught.value.missing == ""
    assert read("set", "1,3", "_ids", options=SETS) == [1, 3]


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("reference", "1.0", 1),
        ("reference", "1.000000000", 1),
        ("reference", 1.0, 1),
        ("reference", "1", 1),
        ("user", "9.0", 9),
        ("stage", "5.0", 5),
        ("pipeline", "Sales", 4),
        ("boolean", 1.0, True),
        ("boolean", "0.0", False),
        ("flag", 1.0, 1),
        ("activity_type", "Call", "call"),
        ("activity_type", "deadline", "deadline"),
        ("visible_to_text", 3.0, "3"),
        ("clock", "10:00:00", "10:00"),
        ("clock", "2026-05-01T10:00:00Z", "10:00"),
        ("clock", "10:00:00+02:00", "08:00"),
        ("clock", "9:05 PM", "21:05"),
        ("clock", "12:30 AM", "00:30"),
        ("date", "2026-05-01 10:00:00 UTC", "2026-05-01"),
        ("date", "2026-05-01 10:00:00.000 +0000", "2026-05-01"),
        ("date", "2026-05-01Z", "2026-05-01"),
        ("datetime", "2026-05-01 10:00:00.000000 UTC", "2026-05-01T10:00:00Z"),
        ("datetime", "0024-05-01T10:00:00Z", "0024-05-01T10:00:00Z"),
        ("spaced_datetime", "2026-05-01T10:00:00Z", "2026-05-01 10:00:00"),
        ("text", "Jose\u0301", "José"),
    ],
)
def test_numbers_and_times_as_warehouses_write_them(kind: str, given: Any, wanted: Any) -> None:
    """Ids and flags as decimals, times with a zone behind a space, accents in two characters."""
    assert read(kind, given, refers="persons") == wanted


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("activity_type", "Nonexistent"),
        ("activity_type", "Visit"),
        ("clock", 90),
        ("clock", "25:00"),
        ("clock", "13:00 PM"),
        ("date", 20260501),
        ("date", "05/01/2026"),
        ("time", "10:00:00+02:00"),
        ("number", "1,234.56"),
        ("number", "50%"),
        ("prices", [{"price": 1, "currency": "EUR"}, {"price": 2, "currency": "EUR"}]),
        ("prices", {"cost": 5}),
        ("attendees", [{"name": "X"}]),
        ("attendees", "n/a"),
        ("emails", "not an address"),
        ("emails", [{"mail": "a@b.test"}]),
    ],
)
def test_what_is_not_plainly_the_type_is_refused(kind: str, given: Any) -> None:
    """Nothing is guessed."""
    with pytest.raises(BadValue):
        read(kind, given)


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("monetary", {"amount": 5, "currency": "EUR"}, {"value": 5, "currency": "EUR"}),
        ("lead_value", {"value": 5}, {"amount": 5}),
        ("daterange", {"start": "2026-01-01", "end": "2026-02-01"}, {"value": "2026-01-01", "until": "2026-02-01"}),
        ("daterange", {"from": "2026-01-01", "to": "2026-02-01"}, {"value": "2026-01-01", "until": "2026-02-01"}),
        ("timerange", {"start": "9:00", "end": "10:00"}, {"value": "09:00:00", "until": "10:00:00"}),
        ("prices", {"price": 5, "currency": "usd"}, [{"currency": "USD", "price": 5}]),
        ("emails", [{"email": "a@b.test", "type": "home"}], [{"value": "a@b.test", "label": "home"}]),
        ("monetary", {"value": None, "currency": "EUR"}, None),
        ("daterange", {"value": None, "until": "2026-01-01"}, None),
    ],
)
def test_parts_under_other_names(kind: str, given: Any, wanted: Any) -> None:
    """Amounts, ends and addresses are taken under the names that other systems use; empty ones are nothing."""
    assert read(kind, given) == wanted


@pytest.mark.parametrize("kind", ["monetary", "lead_value", "daterange", "timerange", "time", "prices", "address"])
def test_an_object_without_the_value_is_refused(kind: str) -> None:
    """An object that holds nothing of the type is no empty value that counts as written."""
    with pytest.raises(BadValue):
        read(kind, {"x": 1})


@pytest.mark.parametrize(
    ("kind", "given", "more", "wanted"),
    [
        ("phones", "n/a", {}, None),
        ("phones", "-", {}, None),
        ("emails", ["n/a", "a@b.test"], {}, [{"value": "a@b.test"}]),
        ("domain", "unknown", {}, None),
        ("reference", "n/a", {"refers": "organizations"}, None),
        ("reference", "Acme ", {"refers": "organizations"}, Named("Acme")),
        ("phones", "55", {}, [{"value": "55"}]),
    ],
)
def test_placeholders_are_nothing(kind: str, given: Any, more: dict[str, Any], wanted: Any) -> None:
    """What stands for nothing is not written as an address, a number, a web address or a parent."""
    assert read(kind, given, **more) == wanted


@pytest.mark.parametrize(
    ("kind", "form", "given", "wanted"),
    [
        ("date", "%d.%m.%Y", "01.05.2026", "2026-05-01"),
        ("date", "%d.%m.%Y", "01.05.0999", "0999-05-01"),
        ("datetime", "%d.%m.%Y %H:%M", "01.05.0999 10:30", "0999-05-01T10:30:00Z"),
        ("datetime", "%d.%m.%Y %H:%M", "01.05.2026 10:30", "2026-05-01T10:30:00Z"),
        ("datetime", "%d.%m.%Y %H:%M %z", "01.05.2026 10:30 +0200", "2026-05-01T08:30:00Z"),
        ("date", "epoch_s", 1777593600, "2026-05-01"),
        ("datetime", "epoch_ms", "1777593600500", "2026-05-01T00:00:00Z"),
        ("clock", "%I:%M %p", "10:30 PM", "22:30"),
        ("daterange", "%Y%m%d", "20260501", {"value": "2026-05-01"}),
    ],
)
def test_formats_of_dates_and_times(kind: str, form: str, given: Any, wanted: Any) -> None:
    """A rule's format is the only one that is read."""
    options = FieldOptions(format=form)
    reader = field_type(kind).reader(options)

    assert field_type(kind).misuse(options) == ""
    assert reader is not None
    assert read(kind, reader(given)) == wanted
    assert reader(None) is None
    with pytest.raises(BadValue):
        reader("soon")


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("date", FieldOptions(format="DD.MM.YYYY"), "takes no format"),
        ("date", FieldOptions(format="%Q"), "takes no format"),
        ("text", FieldOptions(format="%d.%m.%Y"), "neither a date, a time nor a number"),
        ("text", FieldOptions(merge="add"), "not a list"),
        ("date", FieldOptions(merge="add"), "not a list"),
        ("phones", FieldOptions(format="%d"), "neither a date, a time nor a number"),
        ("set", FieldOptions(primary=True), "no primary"),
        ("emails", FieldOptions(primary=True, merge="replace"), ""),
        ("set", FieldOptions(merge="remove"), ""),
    ],
)
def test_rules_that_make_no_sense(kind: str, options: FieldOptions, said: str) -> None:
    """A rule that a type cannot follow says why."""
    assert said in field_type(kind).misuse(options)
    assert bool(said) == bool(field_type(kind).misuse(options))
