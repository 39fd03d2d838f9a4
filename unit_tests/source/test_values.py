"""One value of the API to one value of a column."""

from typing import Any

import pytest

from source_pipedrive.values import boolean, converter, date, integer, number, text, utc


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
        (integer, "7", 7),
        (integer, 7.0, 7),
        (integer, "", None),
        (integer, "1234567890123456789", 1234567890123456789),
        (number, "1.5", 1.5),
        (number, 3, 3),
        (boolean, 1, True),
        (boolean, "0", False),
        (boolean, "true", True),
        (text, 12, "12"),
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
    """A value that does not mean one of its type raises ValueError; the shaper makes it null and counts it."""
    with pytest.raises(ValueError):  # noqa: PT011 - the message is never shown
        convert(given)


def test_nested_schemas_convert_deeply() -> None:
    """Objects and lists are converted by their parts; unknown parts stay as they are."""
    item = {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}, "n": {"type": "integer"}}}
    convert = converter({"type": ["null", "array"], "items": item})

    assert convert([{"at": "2024-05-01 10:00:00", "n": "3", "more": [1]}, None]) == [
        {"at": "2024-05-01T10:00:00Z", "n": 3, "more": [1]},
        None,
    ]
