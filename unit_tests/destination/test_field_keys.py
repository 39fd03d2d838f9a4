"""By what rows are found: normal forms of values, by type."""

from typing import Any

import pytest

from destination_pipedrive.fields.types import field_type


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("text", " Acme  GmbH ", "acme gmbh"),
        ("text", "José", "Jose\u0301"),
        ("text", "\u200bAcme", "Acme"),
        ("domain", "https://www.Acme.test:8443/x?y", "acme.test"),
        ("number", 5, "5.0"),
        ("reference", 5, {"value": 5, "name": "x"}),
        ("enum", 3, {"id": 3, "label": "x"}),
        ("emails", [{"value": " A@x.test "}], [{"value": "a@X.test"}]),
        ("phones", [{"value": "+49 (0)30 123456"}], [{"value": "0049 30 123456"}]),
        ("phones", [{"value": "+372 (555) 01-02"}], [{"value": "+3725550102"}]),
        ("phone", "+49 30 123456", "0049 30 123456"),
    ],
)
def test_one_row_in_two_spellings(kind: str, one: Any, other: Any) -> None:
    """What people write differently is the same key."""
    assert field_type(kind).match_keys(one) == field_type(kind).match_keys(other) != []


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("number", 1234567890123456, 1234567890123457),
        ("number", 12345678901234567890, 12345678901234567891),
        ("emails", [{"value": "a.b@x.test"}], [{"value": "ab@x.test"}]),
        ("phones", [{"value": "372 555"}], [{"value": "+372 555"}]),
        ("text", "Straße", "Strasse"),
    ],
)
def test_two_rows_stay_two(kind: str, one: Any, other: Any) -> None:
    """Every digit, dot and letter counts."""
    assert not set(field_type(kind).match_keys(one)) & set(field_type(kind).match_keys(other))


@pytest.mark.parametrize("value", ["n/a", "N/A", "-", " -- ", "0", "unknown", "?", "null", ""])
def test_placeholders_are_no_keys(value: str) -> None:
    """What stands for nothing finds nothing."""
    assert field_type("text").match_keys(value) == []
    assert field_type("emails").match_keys([{"value": value}]) == []
    assert field_type("phones").match_keys([{"value": value}]) == []
    assert field_type("domain").match_keys(value) == []


def test_the_senders_own_id_is_exact() -> None:
    """Its case counts; zero and `n/a` are none."""
    text = field_type("text")

    assert text.match_keys("0015g00000AbCdE", exact=True) != text.match_keys("0015g00000AbCde", exact=True)
    assert text.match_keys("0", exact=True) == []
    assert field_type("number").match_keys(0, exact=True) == []
    assert field_type("number").match_keys(0) == []
    assert text.match_keys("n/a", exact=True) == []


def test_rows_without_a_key_of_their_own_are_found_by_any_subject() -> None:
    """An activity called `-` is looked for as every other one."""
    assert field_type("subject").match_keys("-") == ["-"]


def test_national_numbers_by_the_default_country() -> None:
    """A country makes a national number the international one."""
    phones = field_type("phones")

    assert phones.match_keys([{"value": "030/123456"}], "DE") == phones.match_keys([{"value": "+49 30 123456"}])
    assert phones.match_keys([{"value": "(415) 555-0100"}], "US") == ["+14155550100"]
    assert phones.match_keys([{"value": "415.555.0100 ext. 5"}], "US") == ["+14155550100;ext=5"]
