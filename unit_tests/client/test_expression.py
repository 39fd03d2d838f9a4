"""The expression language: what it accepts, what it means, and how it names the place of a mistake."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipedrive_client.expressions import parser
from pipedrive_client.expressions.expression import Expression
from pipedrive_client.expressions.nodes import Context, ExpressionError, Named

MARI = Named(1, "Mari Admin", "mari@sandbox.example")
CONTEXT = Context(datetime(2026, 5, 31, 12, 0, tzinfo=UTC), MARI)
ROW: dict[str, Any] = {
    "value": 12000,
    "text_value": "12000.50",
    "zero": 0,
    "title": "Big 'deal'",
    "status": "open",
    "stage": Named(3, "Proposal"),
    "owner": MARI,
    "owner_id": 1,
    "labels": ["Hot", "New"],
    "label_ids": [1, 2],
    "no_labels": None,
    "lost_reason": None,
    "is_archived": False,
    "done": True,
    "done_v1": 1,
    "add_time": "2026-05-20T08:00:00Z",
    "loaded_at": "2026-05-20 10:30:00+02:00",
    "close_date": "2026-05-01",
    "größe": 5,
    "予算": 7,
    "2024_budget": 8,
    "in": 9,
    "Deal value": 10,
    "account_manager": {"id": 4, "name": "Olga"},
    "emails": [{"value": "a@x.example", "primary": True}],
    "money": {"amount": 200, "currency": "EUR"},
}

TRUE = [
    # numbers
    "value > 10000",
    "value == 12000 and value != 12001 and value >= 12000 and value <= 12000.0",
    "text_value > 9000 and text_value == 12000.5 and '13000' > text_value",
    "value == '12000'",
    "value > -1 and -1 < value",
    "value > 1e3 and value > .5",
    "10000 < value < 20000",
    "2 > 10 or '2' < '10'",
    # text
    "title == \"Big 'deal'\"",
    "title == 'Big ''deal'''",
    r"title == 'Big \'deal\''",
    "status in ['open', 'won'] and status in ('open') and status not in ['lost']",
    "not status == 'Open'",
    # precedence: not before and before or
    "true or false and false",
    "not false and true",
    "not (false or false)",
    "status == 'lost' and value > 1 or value == 12000",
    # null
    "lost_reason == null and null == lost_reason and missing == null",
    "title != null and not lost_reason != null",
    "not lost_reason < 5 and not lost_reason > 5 and not lost_reason >= 'a'",
    "lost_reason != 'Price'",
    "not 'Hot' in no_labels and 'Hot' not in no_labels",
    # truth
    "done and not is_archived and done == true and is_archived == false",
    "done_v1 and done_v1 == true and zero == false",
    "not lost_reason",
    # lists
    "'Hot' in labels and 'Cold' not in labels and 2 in label_ids and '2' in label_ids",
    "labels != 'Hot'",
    "status in ['open', title]",
    # names
    "stage == 'Proposal' and stage == 3 and stage == '3' and 'Proposal' == stage",
    "stage != 'Won' and stage in ['Proposal', 'Won']",
    "owner == current_user and owner_id == current_user and current_user == owner",
    "owner == 'mari@sandbox.example' and owner == 'Mari Admin' and owner == 1",
    "owner in [current_user, 7]",
    "account_manager == 'Olga' and account_manager == 4",
    "'a@x.example' in emails",
    "money > 100",
    # times
    "add_time > days_ago(30) and add_time < days_ago(10) and not add_time > days_ago(11)",
    "add_time >= '2026-05-20' and add_time < '2026-05-21T00:00:00Z'",
    "loaded_at == '2026-05-20T08:30:00Z' and loaded_at > add_time",
    "close_date == days_ago(30) and close_date > days_ago(31) and close_date < days_ago(-7)",
    "add_time > close_date",
    # names of columns
    "größe == 5 and 予算 == 7 and 2024_budget == 8 and `in` == 9 and `Deal value` == 10",
    # other spellings
    "value = 12000 AND NOT (status <> 'open') OR FALSE",
    "status IN ('open', 'won') And lost_reason = NULL",
    "value > 1\n  and\n\tstatus == 'open'",
]


@pytest.mark.parametrize("text", TRUE)
def test_what_holds(text: str) -> None:
    """Each of these holds for the row, and its opposite does not."""
    assert Expression.parse(text).matches(ROW, CONTEXT)
    assert not Expression.parse(f"not ({text})").matches(ROW, CONTEXT)


FALSE = [
    "labels == 'Hot'",
    "status == 'Open'",
    "status == 'open '",
    "value < null",
    "null < 5",
    "value > 'high'",
    "value == true",
    "title > 5",
    "is_archived < true",
    "labels > 1",
    "value in []",
    "value == 'nan'",
    "missing",
    "title",
    "owner == 'mari admin'",
]


@pytest.mark.parametrize("text", FALSE)
def test_what_does_not_hold(text: str) -> None:
    """Values of other types and other spellings are not equal and have no order."""
    assert not Expression.parse(text).matches(ROW, CONTEXT)


ERRORS = [
    ("", 1, 1, "the expression is empty"),
    ("value >", 1, 7, "something is missing after `>`"),
    ("value > 1 and", 1, 11, "something is missing after `and`"),
    ("value > > 1", 1, 9, "`>` is not expected here"),
    ("and value", 1, 1, "`and` is not expected here"),
    ("value 1", 1, 7, "`1` is not expected here"),
    ("value == 1 status == 2", 1, 12, "`status` is not expected here"),
    ("größe is null", 1, 7, "`is` is not expected here"),
    ("(value > 1", 1, 1, "`(` is never closed"),
    ("value > 1)", 1, 10, "`)` closes nothing"),
    ("value in [1)", 1, 12, "`)` closes nothing"),
    ("value > 1\n and status == ;", 2, 16, "unexpected `;`"),
    ("title == 'x", 1, 10, "the text that begins with ' has no end"),
    ("title == ‘x’", 1, 10, "quote text with"),
    ("value + 1 > 2", 1, 7, "unexpected `+`"),
    ("person.name == 'x'", 1, 7, "unexpected `.`"),
    ("'x' 'y' == title", 1, 5, "`'y'` is not expected here"),
    ("'x'", 1, 1, "`'x'` is a value, not a condition"),
    ("days_ago(3)", 1, 1, "`days_ago(3)` is a value, not a condition"),
    ("add_time > days_ago", 1, 12, "`days_ago` needs a number of days"),
    ("add_time > days_ago()", 1, 12, "`days_ago()` needs one number of days"),
    ("add_time > days_ago(1, 2)", 1, 12, "`days_ago(1, 2)` needs one number of days"),
    ("add_time > days_ago('x')", 1, 21, "`'x'` is not a number"),
    ("add_time > days_ago(99999)", 1, 21, "`99999` is more than 36500 days"),
    ("lower(title) == 'x'", 1, 1, "`lower(title)` is not allowed; days_ago(…) is the only function"),
    ("owner == current_user()", 1, 10, "`current_user()` is not allowed"),
    ("labels == ['Hot']", 1, 11, "the list `['Hot']` is allowed after in only"),
    ("'Hot' in 'Hot, New'", 1, 10, "after in comes a list"),
    ("(value > 1) == true", 1, 2, "`value > 1` is a condition and cannot be compared"),
    ("value == -title", 1, 11, "`title` is not a number"),
    ("labels[0] == 'Hot'", 1, 1, "`labels[0]` is not allowed"),
    ("(" * 60 + "done" + ")" * 60, 1, 51, "the expression is nested too deep"),
    ("not " * 60 + "done", 1, 1, "the expression is nested too deep"),
    ("done or " * 5000 + "done", 1, 1, "longer than 20000 characters"),
]


@pytest.mark.parametrize(("text", "line", "column", "problem"), ERRORS)
def test_a_mistake_is_named_with_its_place(text: str, line: int, column: int, problem: str) -> None:
    """The sentence names line and column, quotes what is wrong, and says what is allowed."""
    with pytest.raises(ExpressionError) as caught:
        Expression.parse(text)

    assert str(caught.value).startswith(f"line {line}, column {column}: ")
    assert problem in str(caught.value)
    assert "days_ago(30), current_user" in str(caught.value)


PYTHON = ["__import__('os').system('true')", "lambda: 1", "[x for x in y]", "f'{value}'", "x := 1", "{1: 2}"]


@pytest.mark.parametrize("text", PYTHON)
def test_python_is_refused(text: str) -> None:
    """What is Python, but not of this language, is a mistake like any other."""
    with pytest.raises(ExpressionError):
        Expression.parse(text)


def test_nothing_is_evaluated_as_python() -> None:
    """What reads an expression calls neither eval, exec nor compile."""
    tree = ast.parse(Path(parser.__file__).read_text(encoding="utf-8"))

    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}

    assert not called & {"eval", "exec", "compile", "__import__"}


def test_names_are_the_columns() -> None:
    """Columns are named once each; values, functions and the current user are not among them."""
    parsed = Expression.parse("a == 1 and (b in [c, 'x'] or not `d e`) and 5 < f and g == current_user")

    assert parsed.names == {"a", "b", "c", "d e", "f", "g"}
    assert parsed.uses_current_user
    assert not Expression.parse("a > days_ago(1)").uses_current_user


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("status == 'open'", [("status", "==", "open")]),
        ("'open' == status and 5 < value", [("status", "==", "open"), ("value", ">", 5)]),
        ("(a == 1 and b in ['x', 'y']) and (c == 2 or d == 3)", [("a", "==", 1), ("b", "in", ("x", "y"))]),
        ("owner == current_user and done", [("owner", "==", MARI), ("done", "==", True)]),
        ("update_time >= days_ago(1)", [("update_time", ">=", "2026-05-30T12:00:00Z")]),
        ("a == 1 or b == 2", []),
        ("not a == 1 and a == b and a in [b, 1] and 'x' in labels", []),
    ],
)
def test_conjuncts_are_what_every_match_meets(text: str, found: list[tuple[str, str, Any]]) -> None:
    """Only comparisons of a column with a constant that are joined by `and` at the top are among them."""
    conjuncts = Expression.parse(text).conjuncts()

    assert [(one.column, one.symbol, one.constant(CONTEXT)) for one in conjuncts] == found


def test_values_compared_with_a_column() -> None:
    """All values that a column is compared with are known, wherever they stand, to look their names up."""
    parsed = Expression.parse("stage == 'A' or not ('B' != stage) or stage in ['C', 4, x] or status == 'D'")

    assert parsed.compared_with("stage") == {"A", "B", "C", 4}


def test_days_ago_moves_with_the_run() -> None:
    """Relative dates count from the run, not from when the expression was read."""
    parsed = Expression.parse("add_time > days_ago(1)")
    row = {"add_time": "2026-05-30T13:00:00Z"}

    assert parsed.matches(row, CONTEXT)
    assert not parsed.matches(row, Context(datetime(2026, 6, 2, tzinfo=UTC)))


@pytest.mark.parametrize("value", [object(), b"x", float("nan"), {}, [], "9" * 400, "0000-00-00 00:00:00+99:99"])
def test_no_value_of_a_row_breaks_it(value: object) -> None:
    """Whatever a row holds, a comparison says true or false."""
    for text in ("a == 1", "a < 'x'", "a in [1, 'x', null]", "'x' in a", "a > days_ago(1)", "a", "a == current_user"):
        assert Expression.parse(text).matches({"a": value}, CONTEXT) in (True, False)
