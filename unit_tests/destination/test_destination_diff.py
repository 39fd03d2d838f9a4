"""What has to change: values wanted against a row."""

from typing import Any

import pytest

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.parsing import DomainText
from destination_pipedrive.fields.types import field_type
from destination_pipedrive.planning.diff import changed_fields

BERLIN = {"timezone_id": 5, "timezone_name": "Europe/Berlin"}


def change(kind: str, wanted: Any, current: Any, **more: Any) -> dict[str, Any]:
    """The changes of one field."""
    return changed_fields({"k": wanted}, {"k": current}, {"k": Field("k", "K", field_type(kind), **more)}, "EUR")


@pytest.mark.parametrize(
    ("kind", "wanted", "current"),
    [
        ("text", "a", " a "),
        ("number", 5, 5.0),
        ("integer", 5, "5"),
        ("date", "2026-05-01", "2026-05-01T00:00:00Z"),
        ("datetime", "2026-05-01T10:00:00Z", "2026-05-01 10:00:00"),
        ("set", [1, 2], [2, 1]),
        ("labels", [1], [{"id": 1}]),
        ("enum", 1, {"id": 1}),
        ("reference", 1, {"value": 1}),
        ("boolean", False, False),
        ("monetary", {"value": 5}, {"value": 5.0, "currency": "USD"}),
        ("time", {"value": "09:00:00"}, {"value": "09:00", **BERLIN}),
        ("daterange", {"value": "2026-01-01"}, {"value": "2026-01-01", "until": "2026-02-01"}),
        ("address", {"value": "X 1"}, {"value": "X 1", "locality": "Y"}),
        ("address", {"value": "X 1, Y"}, {"value": "X 1", "formatted_address": "X 1, Y"}),
        ("domain", "acme.test", "https://www.ACME.test/about"),
        ("domain", "https://www.facebook.com/acme/", "facebook.com/acme"),
        ("domain", "facebook.com", "facebook.com/acme"),
        ("text", None, None),
        ("text", None, ""),
        ("emails", None, []),
    ],
)
def test_equal_values_are_no_change(kind: str, wanted: Any, current: Any) -> None:
    """The comparison is by meaning, not by spelling."""
    assert change(kind, wanted, current) == {}


@pytest.mark.parametrize(
    ("kind", "wanted", "current", "sent"),
    [
        ("text", "b", "a", "b"),
        ("text", None, "a", None),
        ("number", 0, None, 0),
        ("boolean", True, None, True),
        ("set", None, [1], None),
        ("labels", None, [1], []),
        ("emails", None, [{"value": "a"}], []),
        ("monetary", {"value": 6}, {"value": 5, "currency": "USD"}, {"value": 6, "currency": "USD"}),
        ("monetary", {"value": 6}, None, {"value": 6, "currency": "EUR"}),
        ("time", {"value": "10:00:00"}, {"value": "09:00:00", **BERLIN}, {"value": "10:00:00", "timezone_id": 5}),
        (
            "daterange",
            {"value": "2026-01-02"},
            {"value": "2026-01-01", "until": "2026-02-01"},
            {"value": "2026-01-02", "until": "2026-02-01"},
        ),
        (
            "address",
            {"value": "X 1", "locality": "Z"},
            {"value": "X 1", "locality": "Y"},
            {"value": "X 1", "locality": "Z"},
        ),
    ],
)
def test_changes_are_sent_whole(kind: str, wanted: Any, current: Any, sent: Any) -> None:
    """Parts that were not given are those on the server; a cleared list is empty, a cleared set null."""
    assert change(kind, wanted, current) == {"k": sent}


def test_absent_is_not_null() -> None:
    """A key that is not wanted is not touched."""
    assert changed_fields({}, {"k": 1}, {}) == {}


def test_a_field_that_is_set_on_create_only_is_left() -> None:
    """`add_time` never goes into a PATCH."""
    assert change("datetime", "2026-01-01T00:00:00Z", None, create_only=True) == {}


EMAILS = Field("emails", "emails", field_type("emails"))
CURRENT = [
    {"value": "A@x.test", "primary": True, "label": "work"},
    {"value": "b@x.test", "primary": False, "label": "home"},
]


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ([{"value": "a@X.test"}], [("A@x.test", True, "work"), ("b@x.test", False, "home")]),
        (
            [{"value": "c@x.test"}],
            [("A@x.test", True, "work"), ("b@x.test", False, "home"), ("c@x.test", False, "work")],
        ),
        ([{"value": "b@x.test", "primary": True}], [("A@x.test", False, "work"), ("b@x.test", True, "home")]),
        ([{"value": "b@x.test", "label": "other"}], [("A@x.test", True, "work"), ("b@x.test", False, "other")]),
    ],
)
def test_contacts_are_merged(wanted: list[dict[str, Any]], values: list[tuple[str, bool, str]]) -> None:
    """Nothing on the server is lost, and the primary one stays unless another is asked for."""
    merged = EMAILS.merge(CURRENT, wanted)

    assert [(each["value"], each["primary"], each["label"]) for each in merged] == values
    assert CURRENT[0]["primary"] is True


def test_that_none_is_primary_is_no_reason_to_write() -> None:
    """A person whose only address is not marked primary stays as it is; with a second one the first is marked."""
    current = [{"value": "a@x.test", "primary": False, "label": "work"}]

    assert EMAILS.merge(current, [{"value": "a@x.test"}]) == current
    assert EMAILS.merge(current, [{"value": "b@x.test"}])[0]["primary"] is True


@pytest.mark.parametrize("kind", ["domain", "text"])
def test_two_pages_of_a_shared_host_differ(kind: str) -> None:
    """facebook.com/a and facebook.com/b are two companies' pages."""
    wanted = "facebook.com/b" if kind == "domain" else DomainText("facebook.com/b")

    assert change(kind, wanted, "https://facebook.com/a") == {"k": wanted}
