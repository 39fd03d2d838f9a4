"""`column_names`: what a config says, and what it means in an account."""

from __future__ import annotations

from typing import Any

import pytest

from pipedrive_client.config_errors import ConfigError
from pipedrive_client.field_definitions import Field
from source_pipedrive.config.column_names import ColumnName, parse_column_names
from source_pipedrive.config.config import Config
from source_pipedrive.records.pinned_columns import check_pinned, pinned

A, B, C = "a" * 40, "b" * 40, "c" * 40
DEALS = (Field(A, "Region", "enum", True), Field(B, "Budget", "monetary", True), Field(C, "region", "varchar", True))
PERSONS = (Field("d" * 40, "Region", "varchar", True),)
OBJECTS = {"deals": DEALS, "persons": PERSONS}
BUILT_IN = {"deals": {"id", "stage_id", "title"}, "persons": {"id", "name"}}


def entries(*pairs: tuple[str, str]) -> tuple[ColumnName, ...]:
    return parse_column_names({"column_names": [{"field": field, "column": column} for field, column in pairs]})


@pytest.mark.parametrize("nothing", [None, "", []])
def test_none(nothing: Any) -> None:
    """Nothing is no entry, also beside `object`."""
    assert parse_column_names({"column_names": nothing, "custom_fields": "object"}) == ()


def test_entries() -> None:
    """Texts are trimmed, composed, and their place in the config is kept."""
    (first, second) = entries((" Region ", " area "), (A, "gro\u0308\u00dfe"))

    assert first == ColumnName("column_names[0]", "Region", "area")
    assert second == ColumnName("column_names[1]", A, "größe")


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"Region": "area"}, "`column_names` must be a list of objects with `field` and `column`."),
        (["Region"], "`column_names[0]` must be an object with `field` and `column`."),
        ([{"field": "Region", "name": "area"}], "`column_names[0].name` is not known; an entry has field and column."),
        ([{"column": "area"}], "`column_names[0].field` must be the key or the label of a custom field."),
        ([{"field": "Region", "column": " "}], "`column_names[0].column` must be the name of a column."),
        ([{"field": 7, "column": "area"}], "`column_names[0].field` must be the key or the label of a custom field."),
        (
            [{"field": "Region", "column": "Sales Region"}],
            "`column_names[0].column`: `Sales Region` cannot be the name of a column, which has lower-case letters, "
            "digits and single underscores between them. `sales_region` would do.",
        ),
        (
            [{"field": "Region", "column": "!"}],
            "`column_names[0].column`: `!` cannot be the name of a column, which has lower-case letters, digits and "
            "single underscores between them.",
        ),
        (
            [{"field": "Region", "column": "x" * 64}],
            "`column_names[0].column`: a column's name has at most 63 bytes, this one has more.",
        ),
        (
            [{"field": "Region", "column": "a"}, {"field": "Region ", "column": "b"}],
            "`column_names[1].field`: `Region` has a name already, by `column_names[0]`.",
        ),
    ],
)
def test_what_is_wrong_without_an_account(value: Any, sentence: str) -> None:
    """One sentence for each problem, with its place."""
    with pytest.raises(ConfigError) as raised:
        Config.parse({"api_token": "x", "custom_fields": "columns_by_name", "column_names": value})

    assert str(raised.value) == sentence


def test_no_columns_to_name() -> None:
    """With `object` there are no columns, also when the config is the official connector's."""
    for config in ({"custom_fields": "object"}, {}):
        with pytest.raises(ConfigError, match="choose `object_and_columns`"):
            Config.parse({"api_token": "x", "column_names": [{"field": "a", "column": "b"}], **config})


def test_all_problems_at_once() -> None:
    """Every entry that is wrong is told."""
    with pytest.raises(ConfigError) as raised:
        parse_column_names({"column_names": [1, {"field": "a", "column": "A"}, {"field": "b", "column": "b"}]})

    assert str(raised.value).count("`column_names[") == 2


def test_what_entries_mean() -> None:
    """A key is one field; a label counts in every object, as it is written before any other case."""
    chosen = entries(("Region", "area"), (B, "money"))

    assert pinned(chosen, DEALS) == {A: "area", B: "money"}
    assert pinned(chosen, PERSONS) == {"d" * 40: "area"}
    assert pinned(entries(("BUDGET ", "money")), DEALS) == {B: "money"}
    check_pinned(chosen, OBJECTS, BUILT_IN)


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (
            [("Regoin", "area")],
            "`column_names[0].field`: no object has a custom field with the key or label `Regoin`. Did you mean "
            "`Region`?",
        ),
        (
            [("REGION", "area")],
            f"`column_names[0].field`: deals have several fields labelled `REGION`; use the key of one: `{A}`, `{C}`.",
        ),
        ([("Budget", "title")], "`column_names[0].column`: deals have a column `title` already; choose another name."),
        (
            [("Region", "stage")],
            "`column_names[0].column`: deals have a column `stage_id` already; choose another name.",
        ),
        (
            [("Budget", "area"), ("Region", "area")],
            "`column_names[1].column`: `area` would be a column of two fields of deals, see `column_names[0]`.",
        ),
        (
            [("Budget", "area"), (C, "area_currency")],
            "`column_names[1].column`: `area_currency` would be a column of two fields of deals, "
            "see `column_names[0]`.",
        ),
        (
            [("Budget", "größe"), (C, "gräße")],
            "`column_names[1].column`: `gräße` would be a column of two fields of deals, see `column_names[0]`.",
        ),
        ([("Budget", "one"), (B, "two")], f"`column_names[1].field`: `{B}` has a name already, by `column_names[0]`."),
        (
            [("Budget", "x" * 60)],
            f"`column_names[0].column`: the field's column `{'x' * 60}_currency` has more than 63 bytes.",
        ),
    ],
)
def test_what_does_not_fit_an_account(pairs: list[tuple[str, str]], sentence: str) -> None:
    """One sentence for each problem, with the entry's place."""
    with pytest.raises(ConfigError) as raised:
        check_pinned(entries(*pairs), OBJECTS, BUILT_IN)

    assert str(raised.value) == sentence


def test_fields_of_two_objects_may_have_one_name() -> None:
    """A column is one of a stream: two objects may each have it."""
    check_pinned(entries((A, "area"), ("d" * 40, "area")), OBJECTS, BUILT_IN)
