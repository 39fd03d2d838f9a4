"""Values that are wanted against those there: merged, compared, empty, and the same under another spelling."""

from typing import Any

import pytest

from destination_pipedrive.fields.field import Field, FieldOptions
from destination_pipedrive.fields.html import visible_texts
from destination_pipedrive.fields.types import field_type

THERE = [{"value": "a@x.test", "primary": True, "label": "work"}, {"value": "b@x.test", "primary": False, "label": "x"}]
PHONE = [{"value": "+49 (0)30 123456", "primary": True, "label": "work"}]
PEOPLE = [{"person_id": 1, "primary": True}, {"person_id": 2, "primary": False}]
GUESTS = [
    {"email": "x@y.test", "name": "X", "status": "noreply", "is_organizer": False, "person_id": None, "user_id": 3}
]
PRICES = [{"currency": "EUR", "price": 5, "cost": 1, "notes": "", "product_id": 9}, {"currency": "USD", "price": 6}]


def field(kind: str, merge: str = "", country: str = "") -> Field:
    """A field whose rule says how its lists are merged."""
    return Field("k", "K", field_type(kind), rule=FieldOptions(merge=merge, default_country=country))


@pytest.mark.parametrize(
    ("kind", "merge", "current", "wanted", "written"),
    [
        ("labels", "", [1, 2], [3], [3]),
        ("labels", "add", [1, 2], [2, 3], [1, 2, 3]),
        ("labels", "remove", [1, 2], [2, 3], [1]),
        ("labels", "remove", [1], [1], []),
        ("set", "remove", [1], [1], None),
        ("set", "add", [{"id": 1}], [2], [1, 2]),
        ("set", "add", None, [2], [2]),
        ("lead_labels", "add", ["u"], ["v"], ["u", "v"]),
        ("ids", "", [1], [2], [2]),
    ],
)
def test_lists_of_ids(kind: str, merge: str, current: Any, wanted: Any, written: Any) -> None:
    """Labels and options replace what is there unless a rule says otherwise; an emptied set is null."""
    assert field(kind, merge).merge(current, wanted) == written


@pytest.mark.parametrize(
    ("merge", "wanted", "written"),
    [
        ("", [{"value": "c@x.test"}], [("a@x.test", True), ("b@x.test", False), ("c@x.test", False)]),
        (
            "add",
            [{"value": "c@x.test", "primary": True}],
            [("a@x.test", False), ("b@x.test", False), ("c@x.test", True)],
        ),
        ("replace", [{"value": "B@X.test"}], [("b@x.test", True)]),
        ("replace", [{"value": "c@x.test"}, {"value": "a@x.test"}], [("c@x.test", False), ("a@x.test", True)]),
        ("remove", [{"value": "A@x.test"}, {"value": "z@x.test"}], [("b@x.test", True)]),
        ("remove", [{"value": "z@x.test"}], [("a@x.test", True), ("b@x.test", False)]),
        ("remove", [{"value": "a@x.test"}, {"value": "b@x.test"}], []),
    ],
)
def test_emails(merge: str, wanted: Any, written: list[tuple[str, bool]]) -> None:
    """Added, replaced or taken away; one stays primary, the label of one that is there stays."""
    merged = field("emails", merge).merge(THERE, wanted)

    assert [(each["value"], each["primary"]) for each in merged] == written
    assert THERE[0]["primary"] is True


@pytest.mark.parametrize(
    ("given", "country", "count"),
    [
        ("0049 30 123456", "", 1),
        ("+49 30 123456", "", 1),
        ("030/123456", "DE", 1),
        ("030/123456", "", 2),
        ("+49 30 123457", "DE", 2),
    ],
)
def test_a_phone_that_is_there_is_not_added(given: str, country: str, count: int) -> None:
    """Two spellings of one number are one, by the rule's country too."""
    assert len(field("phones", "", country).merge(PHONE, [{"value": given}])) == count


def test_a_flat_address_becomes_the_primary_one_by_rule() -> None:
    """`primary` marks what comes flat, and leaves lists as they are."""
    reader = field_type("emails").reader(FieldOptions(primary=True))

    assert reader is not None
    assert reader("new@x.test") == {"value": "new@x.test", "primary": True}
    assert reader('["a@x.test"]') == ["a@x.test"]
    assert reader(None) is None


@pytest.mark.parametrize(
    ("merge", "wanted", "written"),
    [
        ("", [{"person_id": 5, "primary": True}], [(1, False), (2, False), (5, True)]),
        ("", [{"person_id": 5}], [(1, True), (2, False), (5, False)]),
        ("", [{"person_id": 2}], [(1, True), (2, False)]),
        ("replace", [{"person_id": 5}], [(5, False)]),
        ("replace", [{"person_id": 1}, {"person_id": 5}], [(1, True), (5, False)]),
        ("remove", [{"person_id": 2}], [(1, True)]),
    ],
)
def test_participants(merge: str, wanted: Any, written: list[tuple[int, bool]]) -> None:
    """One that is added leaves the others there, and the primary one as it is unless it is to be it."""
    merged = field("participants", merge).merge(PEOPLE, wanted)

    assert [(each["person_id"], each["primary"]) for each in merged] == written


@pytest.mark.parametrize(
    ("merge", "wanted", "emails"),
    [
        ("", [{"email": "z@y.test"}], ["x@y.test", "z@y.test"]),
        ("", [{"email": "X@y.test"}], ["X@y.test"]),
        ("", [{"user_id": 3}], ["x@y.test"]),
        ("replace", [{"email": "z@y.test"}], ["z@y.test"]),
        ("remove", [{"email": "x@y.test"}], []),
    ],
)
def test_attendees(merge: str, wanted: Any, emails: list[str]) -> None:
    """Known by their address or their id; what is not given of one stays."""
    merged = field("attendees", merge).merge(GUESTS, wanted)

    assert [each["email"] for each in merged] == emails
    assert field("attendees", merge).equal(GUESTS, merged) == (len(emails) == 1 and emails != ["z@y.test"])


@pytest.mark.parametrize(
    ("merge", "wanted", "written"),
    [
        ("", [{"currency": "EUR", "price": 7}], {"EUR": 7, "USD": 6}),
        ("replace", [{"currency": "EUR", "price": 7}], {"EUR": 7}),
        ("remove", [{"currency": "EUR", "price": 7}], {"USD": 6}),
    ],
)
def test_prices(merge: str, wanted: Any, written: dict[str, int]) -> None:
    """Prices of other currencies are sent along unless a rule says otherwise."""
    merged = field("prices", merge).merge(PRICES, wanted)

    assert {each["currency"]: each["price"] for each in merged} == written
    assert "product_id" not in merged[0]


@pytest.mark.parametrize(
    ("kind", "current", "is_empty"),
    [
        ("amount", 0, True),
        ("amount", 0.0, True),
        ("amount", 5, False),
        ("number", 0, False),
        ("text", " ", True),
        ("boolean", False, False),
        ("prices", [{"currency": "EUR", "price": 0, "cost": 0}], True),
        ("prices", [{"currency": "EUR", "price": 1}], False),
        ("emails", [{"value": "", "primary": True}], True),
        ("emails", THERE, False),
        ("labels", [], True),
    ],
)
def test_what_counts_as_empty(kind: str, current: Any, is_empty: bool) -> None:
    """`fill` writes over the zero that Pipedrive sets by itself, not over one that somebody chose."""
    assert field(kind).is_empty(current) == is_empty


HTML = '<p onclick="x()">Call <b>back</b></p>\n<script>1</script>'


@pytest.mark.parametrize(
    ("wanted", "stored"),
    [
        (HTML, "<p>Call <b>back</b></p>"),
        (HTML, "<p>Call <strong>back</strong></p>\n"),
        (HTML, "Call back 1"),
        ("a & b", "a &amp; b"),
        ("line\nbreak", "line<br />break"),
        ("a &nbsp; b", "a b"),
        ("Mail <ann@acme.test>", "Mail "),
        ("Mail <ann@acme.test>", "Mail &lt;ann@acme.test&gt;"),
        ("5 < 6 and 7 > 3", "5 &lt; 6 and 7 &gt; 3"),
        ('<a href="https://x.test" rel="me">x</a>', '<a href="https://x.test" target="_blank">x</a>'),
        ('<a href="javascript:x()">x</a>', "<a>x</a>"),
        ("Jose\u0301", "José"),
    ],
)
def test_what_was_cleaned_is_recognised(wanted: str, stored: str) -> None:
    """A note is the same when a reader sees the same, however Pipedrive rewrote its HTML."""
    kind = field_type("html")

    assert kind.equal(stored, wanted)
    assert set(kind.match_keys(stored)) & set(kind.match_keys(wanted))


@pytest.mark.parametrize(
    ("wanted", "stored"),
    [
        ("Call back", "Call later"),
        ('<a href="https://x.test">x</a>', '<a href="https://y.test">x</a>'),
        ("<p>Call</p>", "<p>call</p>"),
    ],
)
def test_another_text_is_another(wanted: str, stored: str) -> None:
    """Words, their case, and where links lead make a difference."""
    assert not field_type("html").equal(stored, wanted)


def test_nothing_is_no_text() -> None:
    """What is no text cannot be seen."""
    assert visible_texts(None) == frozenset()
