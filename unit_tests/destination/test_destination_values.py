"""Values and parts of columns to values of the API."""

from typing import Any

import pytest

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import (
    BadValue,
    Named,
    boolean,
    clock_time,
    day,
    identifier,
    integer,
    moment,
    number,
    text,
)
from destination_pipedrive.fields.types import field_type
from pipedrive_client.field_definitions import Option
from unit_tests.destination.account_names import Names

OPTIONS = (Option(1, "Gold"), Option(2, "Silver"), Option(3, "2"))


def read(kind: str, value: Any, part: str = "", **more: Any) -> Any:
    """The value of one part."""
    return Field("key", "Name", field_type(kind), **more).parse({part: value}, Names())


@pytest.mark.parametrize(
    ("reader", "given", "wanted"),
    [
        (number, "1234.5", 1234.5),
        (number, " -3 ", -3),
        (number, 5.0, 5),
        (number, "1e3", 1000),
        (number, ".5", 0.5),
        (integer, "5", 5),
        (integer, 5.0, 5),
        (text, "  a ", "a"),
        (text, 5, "5"),
        (text, 5.0, "5"),
        (text, 5.5, "5.5"),
        (boolean, "TRUE", True),
        (boolean, 0, False),
        (boolean, "no", False),
        (day, "2026-05-01", "2026-05-01"),
        (day, "2026-05-01 10:00:00", "2026-05-01"),
        (day, "2026-05-01T23:30:00-05:00", "2026-05-02"),
        (moment, "2026-05-01 10:00:00", "2026-05-01T10:00:00Z"),
        (moment, "2026-05-01T10:00:00.123+02:00", "2026-05-01T08:00:00Z"),
        (clock_time, "9:05", "09:05:00"),
        (clock_time, "23:59:59.5", "23:59:59"),
        (identifier, {"id": 4, "name": "x"}, 4),
        (identifier, {"value": "4"}, 4),
        (identifier, "4", 4),
    ],
)
def test_what_is_plainly_the_type_is_read(reader: Any, given: Any, wanted: Any) -> None:
    """Numbers as text, ISO dates and times with or without a zone, objects of references."""
    assert reader(given) == wanted
    assert type(reader(given)) is type(wanted)


@pytest.mark.parametrize(
    ("reader", "given"),
    [
        (number, "1,234.50 €"),
        (number, "1 000"),
        (number, True),
        (number, "nan"),
        (number, float("inf")),
        (number, []),
        (integer, "5.5"),
        (integer, ""),
        (text, True),
        (text, {}),
        (boolean, "maybe"),
        (boolean, 2),
        (boolean, 1.5),
        (day, "01.05.2026"),
        (day, "2026-02-30"),
        (day, 20260501),
        (moment, "yesterday"),
        (moment, None),
        (clock_time, "24:00"),
        (clock_time, 900),
        (identifier, 0),
        (identifier, "x"),
        (identifier, True),
    ],
)
def test_what_is_not_is_refused(reader: Any, given: Any) -> None:
    """Nothing is guessed, and the reason quotes no data."""
    with pytest.raises(BadValue) as caught:
        reader(given)

    assert str(given) not in str(caught.value) or len(str(given)) < 3


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("enum", " gold ", 1),
        ("enum", 2, 2),
        ("enum", "2", 3),
        ("enum", "1", 1),
        ("enum", {"id": 1}, 1),
        ("set", "Gold, silver", [1, 2]),
        ("set", [1, "Gold", 2], [1, 2]),
        ("labels", ["Silver"], [2]),
        ("stage", "Won", 1),
        ("stage", 5, 5),
        ("stage", "5", 5),
        ("user", "ann@acme.test", 7),
        ("user", "9", 9),
        ("reference", "12", 12),
        ("monetary", {"value": 3, "currency": "usd"}, {"value": 3, "currency": "USD"}),
        ("monetary", "3", {"value": 3}),
        ("emails", [{"value": "a@b.c", "primary": True}], [{"value": "a@b.c", "primary": True}]),
        ("emails", "a@b.c", [{"value": "a@b.c"}]),
        ("emails", [{"value": ""}], None),
        ("address", {"value": "X 1", "locality": "Y", "formatted_address": "Z"}, {"value": "X 1", "locality": "Y"}),
        ("time", {"value": "9:00", "timezone_id": 5}, {"value": "09:00:00", "timezone_id": 5}),
        ("daterange", {"value": "2026-01-01", "until": None}, {"value": "2026-01-01"}),
        ("text", "", None),
        ("set", [], None),
        ("number", None, None),
    ],
)
def test_kinds(kind: str, given: Any, wanted: Any) -> None:
    """Options by label before id for text and the other way round for numbers; names where an id is known."""
    assert read(kind, given, options=OPTIONS) == wanted


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("enum", "Bronze", "unknown_option"),
        ("set", ["Gold", "x"], "unknown_option"),
        ("stage", "Open", "invalid_value"),
        ("user", "Bob", "invalid_value"),
        ("domain", "localhost", "invalid_value"),
        ("address", {"locality": "Y"}, "invalid_value"),
        ("visible_to", 2, "invalid_value"),
        ("choice", "x", "unknown_option"),
    ],
)
def test_unknown_names(kind: str, given: Any, code: str) -> None:
    """Unknown and ambiguous names are refused with their code."""
    with pytest.raises(BadValue) as caught:
        read(kind, given, options=OPTIONS)

    assert caught.value.code == code


def test_a_parent_may_be_named() -> None:
    """A link to a company takes a name, which is looked up later; a link that cannot be looked up takes an id only."""
    assert read("reference", " Acme ", refers="organizations") == Named("Acme")
    with pytest.raises(BadValue):
        read("reference", "Acme")


def test_an_email_needs_an_at_sign() -> None:
    """What is no address is refused instead of becoming a key."""
    with pytest.raises(BadValue):
        read("emails", "not an address", "alias")


def test_parts_of_one_field_come_together() -> None:
    """Derived columns join the value they belong to."""
    parts = {"": "08:00", "_until": "10:00", "_timezone": "Europe/Berlin"}
    wanted = {"value": "08:00:00", "until": "10:00:00", "timezone_name": "Europe/Berlin"}

    assert Field("k", "n", field_type("timerange")).parse(parts, Names()) == wanted
    assert Field("k", "n", field_type("enum"), options=OPTIONS).parse({"": None, "_id": 2}, Names()) == 2
