"""Changes of one row as one change."""

from typing import Any

import pytest

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.types import field_type
from destination_pipedrive.flow import Change, Create, Delete, NoOp, Skip, Update
from destination_pipedrive.planning.coalescing import Write, fold

FIELDS = {key: Field(key, key, field_type("text")) for key in ("a", "b")}
ROW = {"id": 1, "a": "old", "b": "old"}


def update(**changed: Any) -> Update:
    """An update of row 1."""
    return Update(1, ROW, changed)


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        (Create({"a": "x"}, -1), Update(-1, {"a": "x"}, {"b": "y"}), Create({"a": "x", "b": "y"}, -1)),
        (Create({"a": "x"}, -1), Update(-1, {"a": "x"}, {"a": "y"}), Create({"a": "y"}, -1)),
        (update(a="x"), update(b="y"), update(a="x", b="y")),
        (update(a="x"), update(a="y"), update(a="y")),
        (update(a="x", b="y"), update(a="old"), update(b="y")),
        (update(a="x"), update(a="old"), NoOp(1)),
        (update(a="x"), Delete(1), Delete(1)),
        (update(a="x"), NoOp(1), update(a="x")),
        (update(a="x"), Skip("`update` is off."), update(a="x")),
        (NoOp(1), update(a="x"), update(a="x")),
    ],
)
def test_two_changes_of_one_row(first: Write | NoOp, second: Change, wanted: Change) -> None:
    """What is left of both is what one request has to say; what skips or changes nothing adds nothing."""
    assert fold(first, second, FIELDS) == wanted


def test_a_row_that_is_created_and_deleted_is_never_written() -> None:
    """Both in one batch: Pipedrive hears of neither."""
    assert isinstance(fold(Create({"a": "x"}, -1), Delete(-1), FIELDS), NoOp)


def test_an_update_that_must_see_the_row_again_stays_one() -> None:
    """`fill` reads the row before it writes, also after it was folded with an update that need not."""
    folded = fold(Update(1, ROW, {"a": "x"}, recheck=True), update(b="y"), FIELDS)

    assert isinstance(folded, Update)
    assert folded.recheck
