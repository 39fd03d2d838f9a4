"""`column_names`: a column has the name that the config gives it, in every stream and command."""

from typing import Any

import pytest

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from integration_tests.source.selecting import where
from integration_tests.source.test_custom_fields import Fields, columns, set_deal
from pipedrive_sandbox import Sandbox


def name(source: InProcess, *pairs: tuple[str, str]) -> None:
    source.config["column_names"] = [{"field": field, "column": column} for field, column in pairs]


def key_of(sandbox: Sandbox, label: str, fields: str = "dealFields") -> str:
    return next(row["field_code"] for row in sandbox.rows(fields) if row["field_name"] == label)


@pytest.mark.parametrize("mode", ["columns_by_name", "columns_by_key", "object_and_columns"])
def test_the_columns_of_a_field_follow(pipedrive: Sandbox, source: InProcess, mode: str) -> None:
    """By key or label, in deals and leads: option ids and currencies stand beside it; other columns stay."""
    source.config["custom_fields"] = mode
    before = columns(source)
    name(source, ("Budget", "money"), (key_of(pipedrive, "Lead source"), "origin_of_lead"))

    after, leads = columns(source), columns(source, "leads")

    names = {"money", "money_currency", "origin_of_lead", "origin_of_lead_id"}
    assert names <= after.keys() & leads.keys()
    assert len(after) == len(before)
    assert after.keys() - before.keys() == names
    for stream in ("deals", "leads"):
        rows = source.read(stream).records(stream)
        assert {row["money_currency"] for row in rows if row["money"]} >= {"EUR"}
        assert any(isinstance(row["origin_of_lead"], str) and row["origin_of_lead_id"] for row in rows)


def test_a_label_counts_in_each_object(pipedrive: Sandbox, source: InProcess) -> None:
    """A label that deals and persons have names a column of both."""
    fields = Fields(source)
    fields.create("Nickname")
    name(source, ("nickname", "alias"))

    assert all("alias" in columns(source, stream) for stream in ("deals", "leads", "persons"))
    assert not any("nickname" in columns(source, stream) for stream in ("deals", "persons"))


def test_a_renamed_field_keeps_its_column(pipedrive: Sandbox, source: InProcess) -> None:
    """An entry by key holds for good; one by label as long as the platform has the schema that was made of it."""
    fields = Fields(source)
    by_key, by_label = fields.create("One"), fields.create("Two")
    name(source, (by_key, "first"), ("Two", "second"))
    catalog = source.catalog("deals")
    set_deal(pipedrive, 1, {by_key: "a", by_label: "b"})
    fields.rename(by_key, "Three")
    fields.rename(by_label, "Four")

    run = source.read_catalog(catalog)

    assert next((row["first"], row["second"]) for row in run.records("deals") if row["id"] == 1) == ("a", "b")
    name(source, (by_key, "first"))
    assert columns(source)["first"]["x-pipedrive-field"] == by_key


def test_a_newcomer_gives_way(pipedrive: Sandbox, source: InProcess) -> None:
    """A new field whose label asks for a name that is taken gets the suffix of its key."""
    fields = Fields(source)
    old = fields.create("Old")
    name(source, (old, "new"))
    new = fields.create("New")

    declared = columns(source)

    assert (declared["new"]["x-pipedrive-field"], declared[f"new_{new[:8]}"]["x-pipedrive-field"]) == (old, new)


def test_a_new_entry_waits_for_the_schema(pipedrive: Sandbox, source: InProcess) -> None:
    """Until the schema is refreshed a column keeps its name, and one warning says which it gets."""
    catalog = source.catalog("deals")
    name(source, ("Budget", "money"))

    run = source.read_catalog(catalog)

    assert all("budget" in row and "money" not in row for row in run.records("deals"))
    assert [text for text in run.logs("WARN") if "renamed: budget (now money)" in text]


@pytest.mark.parametrize(
    ("pairs", "sentence"),
    [
        (
            [("Budgett", "money")],
            "`column_names[0].field`: no object has a custom field with the key or label `Budgett`. Did you mean "
            "`Budget`",
        ),
        (
            [("Lead source", "stage")],
            "`column_names[0].column`: deals have a column `stage_id` already; choose another",
        ),
        (
            [("Segment", "part")],
            "`column_names[0].field`: deals have several fields labelled `Segment`; use the key of",
        ),
        (
            [("Budget", "x"), ("Region", "x_currency")],
            "`column_names[1].column`: `x_currency` would be a column of two fields of deals, see `column_names[0]`.",
        ),
        ([("Budget", "Money")], "`column_names[0].column`: `Money` cannot be the name of a column"),
    ],
)
def test_one_message_in_every_command(
    pipedrive: Sandbox, source: InProcess, pairs: list[tuple[str, str]], sentence: str
) -> None:
    """`check`, `discover` and a `read` whose catalog names no columns say the same, as a config error."""
    catalog = source.catalog("deals")
    properties = catalog["streams"][0]["stream"]["json_schema"]["properties"]
    for column in [each for each, schema in properties.items() if "x-pipedrive-field" in schema]:
        del properties[column]
    name(source, *pairs)

    found = [said(source.check()), said(source.discover()), said(source.read_catalog(catalog))]

    assert found[0].startswith(sentence)
    assert found == [found[0]] * 3


def said(run: Run) -> str:
    """The only message of a run that failed."""
    if run.of_type("CONNECTION_STATUS"):
        assert run.connection_status["status"] == "FAILED"
        return str(run.connection_status["message"])
    assert run.exit_code == 1
    (error,) = run.errors()
    assert error["failure_type"] == "config_error"
    return str(error["message"])


def test_what_a_check_costs(pipedrive: Sandbox, source: InProcess) -> None:
    """The definitions of five objects, only with entries; a read asks for none of them besides its own."""
    pipedrive.clear_requests()
    source.check()
    assert pipedrive.meter()["tokens"] == 2
    name(source, ("Budget", "money"))
    before = pipedrive.meter()["tokens"]
    source.check()
    assert pipedrive.meter()["tokens"] - before == 2 + 5 * 10

    run = source.read("deals")

    assert sum("Fields" in request["path"] for request in pipedrive.requests()) == 1
    assert run.exit_code == 0


def test_without_projects(pipedrive: Sandbox, source: InProcess) -> None:
    """An account without projects has no fields of them, which is no problem."""
    pipedrive.set_faults({"kind": "status", "path": "projectFields", "status": 402, "body": {"success": False}})
    name(source, ("Budget", "money"))

    assert source.check().connection_status["status"] == "SUCCEEDED"


def test_conditions_use_the_name(pipedrive: Sandbox, source: InProcess) -> None:
    """`where` knows a column by the name that it has."""
    name(source, ("Lead source", "came_from"))
    where(source, deals="came_from != null")

    rows: list[dict[str, Any]] = source.read("deals").records("deals")

    assert rows
    assert all(row["came_from"] for row in rows)
