"""One value of the API to one value of a column."""

from typing import Any

import pytest

from source_pipedrive.records.converters import UNREADABLE, boolean, converter, date, integer, number, text, utc


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00.123Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01 10:00:00", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00", "2024-05-01T10:00:00Z"),
        ("2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00Z"),
        ("2025-03-10", "2025-03-10T00:00:00Z"),
        ("0000-00-00 00:00:00", None),
        ("0000-00-00", None),
        ("", None),
        ("0087-05-01T10:00:00Z", "0087-05-01T10:00:00Z"),
        ("0087-05-01 10:00:00", "0087-05-01T10:00:00Z"),
        ("0999-12-31T23:30:00-02:00", "1000-01-01T01:30:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_times_become_whole_seconds_of_utc(given: str, expected: str | None) -> None:
    """Every spelling of a time becomes RFC 3339 UTC; the zero date and empty text become null."""
    assert utc(given) == expected


@pytest.mark.parametrize(
    ("convert", "given", "expected"),
    [
        (date, "2024-05-01", "2024-05-01"),
        (date, "2024-05-01 00:00:00", "2024-05-01"),
        (date, "0000-00-00", None),
        (date, "0087-05-01", "0087-05-01"),
        (integer, "7", 7),
        (integer, 7.0, 7),
        (integer, "", None),
        (integer, "1234567890123456789", 1234567890123456789),
        (integer, 2**63 - 1, 2**63 - 1),
        (integer, "1e3", 1000),
        (number, "1.5", 1.5),
        (number, "-9223372036854775808", -(2**63)),
        (number, 1e300, 1e300),
        (number, 3, 3),
        (boolean, 1, True),
        (boolean, "0", False),
        (boolean, "true", True),
        (text, 12, "12"),
        (text, 3**50, "717897987691852588770249"),
        (text, True, "true"),
    ],
)
def test_other_spellings_are_coerced(convert: Any, given: Any, expected: Any) -> None:
    """A value of another type that means the same is read."""
    assert convert(given) == expected


@pytest.mark.parametrize(
    ("convert", "given"),
    [
        (utc, "soon"),
        (utc, "now"),
        (utc, "87-05-01T10:00:00Z"),
        (utc, "2023-02-29T10:00:00Z"),
        (utc, "2023-00-00 10:00:00"),
        (utc, "2023-05-01T10:61:00.5Z"),
        (utc, "0001-01-01T00:00:00+05:00"),
        (utc, "9999-12-31T23:59:59-05:00"),
        (date, "2023-02-29"),
        (integer, True),
        (integer, 2**63),
        (integer, "9223372036854775808"),
        (integer, 1e30),
        (integer, float("inf")),
        (number, False),
        (number, -(2**63) - 1),
        (number, "18446744073709551616"),
        (number, "nan"),
        (number, float("nan")),
        (text, float("inf")),
        (utc, 5),
        (date, "May"),
        (integer, "many"),
        (integer, 1.5),
        (integer, [1]),
        (number, "1,5"),
        (number, {}),
        (boolean, 2),
        (boolean, "perhaps"),
        (text, {"a": 1}),
    ],
)
def test_what_cannot_be_read_is_an_error(convert: Any, given: Any) -> None:
    """A value that does not mean one of its type raises; the shaper makes it null and counts it."""
    with pytest.raises(UNREADABLE):
        convert(given)


def test_a_nested_part_costs_itself_only() -> None:
    """A part that cannot be read is null and told with its place; what stands beside it stays."""
    cost = {"type": ["null", "number"]}
    prices = {"type": ["null", "array"], "items": {"type": ["null", "object"], "properties": {"cost": cost}}}
    told: list[tuple[str, bool]] = []
    schema = {"type": "object", "properties": {"prices": prices, "n": cost}}
    convert = converter(schema, "product", lambda place, is_lost: told.append((place, is_lost)))

    assert convert({"prices": [{"cost": "x", "more": 1}, None, "text", {"cost": 2}], "n": []}) == {
        "prices": [{"cost": None, "more": 1}, None, None, {"cost": 2}],
        "n": None,
    }
    items = [("product.prices[].cost", True), ("product.prices[]", False), ("product.prices[]", True)]
    assert told == [*items, ("product.n", True)]
    with pytest.raises(UNREADABLE):
        convert([])


def test_nested_schemas_convert_deeply() -> None:
    """Objects and lists are converted by their parts; unknown parts stay as they are."""
    item = {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}, "n": {"type": "integer"}}}
    convert = converter({"type": ["null", "array"], "items": item})

    assert convert([{"at": "2024-05-01 10:00:00", "n": "3", "more": [1]}, None]) == [
        {"at": "2024-05-01T10:00:00Z", "n": 3, "more": [1]},
        None,
    ]
