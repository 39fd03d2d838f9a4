"""`selections`: which rows are read, and what of it the API is asked for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integration_tests import openapi
from integration_tests.source.conftest import InProcess
from integration_tests.source.selecting import LISTS, Row, asked, ids, where
from pipedrive_sandbox import Sandbox
from source_pipedrive.config.selections import PARAMETERS

PUSHED: list[tuple[str, dict[str, str], Callable[[Row], bool]]] = [
    ("status == 'open'", {"status": "open"}, lambda row: row["status"] == "open" and not row["is_deleted"]),
    (
        "status in ['won', 'lost']",
        {"status": "won,lost"},
        lambda row: row["status"] != "open" and not row["is_deleted"],
    ),
    ("not is_deleted", {"status": "open,won,lost,deleted"}, lambda row: not row["is_deleted"]),
    ("is_deleted == false", {"status": "open,won,lost"}, lambda row: not row["is_deleted"]),
    ("is_deleted", {"status": "deleted"}, lambda row: row["is_deleted"]),
    ("owner_id == 2", {"owner_id": "2"}, lambda row: row["owner_id"] == 2),
    ("owner == 2", {"owner_id": "2"}, lambda row: row["owner_id"] == 2),
    ("owner == 'john@sandbox.example'", {"owner_id": "2"}, lambda row: row["owner_id"] == 2),
    ("owner == 'Olga Петрова'", {"owner_id": "3"}, lambda row: row["owner_id"] == 3),
    ("owner == current_user", {"owner_id": "1"}, lambda row: row["owner_id"] == 1),
    ("owner_id == current_user", {"owner_id": "1"}, lambda row: row["owner_id"] == 1),
    ("owner in ['Olga Петрова']", {"owner_id": "3"}, lambda row: row["owner_id"] == 3),
    ("stage == 'Proposal'", {"stage_id": "4"}, lambda row: row["stage_id"] == 4),
    ("stage == 'Qualified'", {}, lambda row: row["stage_id"] in (1, 7)),
    ("stage in ['Proposal', 'Review']", {}, lambda row: row["stage_id"] in (4, 14)),
    ("pipeline == 'После продажи'", {"pipeline_id": "3"}, lambda row: row["pipeline_id"] == 3),
    ("pipeline == 'Sales' or stage == 'Review'", {}, lambda row: row["pipeline_id"] == 1 or row["stage_id"] == 14),
    ("pipeline != 'Sales'", {}, lambda row: row["pipeline_id"] != 1),
    (
        "value > 1000 and stage_id == 6 and owner_email != 'john@sandbox.example'",
        {"stage_id": "6"},
        lambda row: row["value"] > 1000 and row["stage_id"] == 6 and row["owner_id"] != 2,
    ),
    (
        "update_time >= '2026-05-01'",
        {"updated_since": "2026-05-01T00:00:00Z"},
        lambda row: row["update_time"] >= "2026-05-01",
    ),
]


@pytest.mark.parametrize(("text", "sent", "keeps"), PUSHED, ids=[text for text, _, _ in PUSHED])
def test_the_api_is_asked_for_what_it_can_leave_out(
    pipedrive: Sandbox, source: InProcess, text: str, sent: dict[str, str], keeps: Callable[[Row], bool]
) -> None:
    """Both lists of deals are asked with the documented parameter, and exactly the rows that match come."""
    where(source, deals=text)

    rows = source.read("deals").records("deals")

    assert ids(rows) == ids(pipedrive.rows("deals"), keeps)
    assert rows
    every = {} if {"is_deleted", "status"} & {text.split()[0]} else {"status": "open,won,lost,deleted"}
    for path in LISTS:
        assert asked(pipedrive, path) == every | sent


OTHER_LISTS = [
    ("organizations", "owner == 'mari@sandbox.example'", "/api/v2/organizations", {"owner_id": "1"}, "owner_id", 1),
    ("persons", "org_id == 5 and owner != null", "/api/v2/persons", {"org_id": "5"}, "org_id", 5),
    ("activities", "done", "/api/v2/activities", {"done": "true"}, "done", True),
    ("activities", "done == false", "/api/v2/activities", {"done": "false"}, "done", False),
    ("products", "owner_id == 2", "/api/v2/products", {"owner_id": "2"}, "owner_id", 2),
    ("leads", "owner == current_user", "/v1/leads", {"owner_id": "1"}, "owner_id", 1),
    ("notes", "owner == 'Mari Admin'", "/v1/notes", {"user_id": "1"}, "user_id", 1),
    ("tasks", "is_done == false", "/api/v2/tasks", {"is_done": "false"}, "is_done", False),
    ("projects", "status == 'open'", "/api/v2/projects", {"status": "open"}, "status", "open"),
    ("files", "user_id == 1", "/v1/files", {}, "user_id", 1),
]


@pytest.mark.parametrize(("stream", "text", "path", "sent", "column", "value"), OTHER_LISTS)
def test_other_streams(
    pipedrive: Sandbox,
    source: InProcess,
    stream: str,
    text: str,
    path: str,
    sent: dict[str, str],
    column: str,
    value: Any,
) -> None:
    """Each list is asked with its own parameters; one that has none is read whole and tested row by row."""
    whole = source.read(stream).records(stream)
    pipedrive.clear_requests()
    where(source, **{stream: text})

    rows = source.read(stream).records(stream)

    assert rows
    assert ids(rows) == ids(whole, lambda row: row[column] == value)
    assert asked(pipedrive, path) == sent


def test_an_organization_by_its_name(pipedrive: Sandbox, source: InProcess) -> None:
    """An organization's name is searched for once, and its persons are asked for by its id."""
    person = next(row for row in pipedrive.rows("persons") if row["org_id"])
    name = next(row["name"] for row in pipedrive.rows("organizations") if row["id"] == person["org_id"])
    where(source, persons=f"organization == '{name}'")

    rows = source.read("persons").records("persons")

    assert person["id"] in ids(rows)
    assert {row["org_id"] for row in rows} == {person["org_id"]}
    assert asked(pipedrive, "/api/v2/persons") == {"org_id": str(person["org_id"])}
    assert len([one for one in pipedrive.requests() if one["path"].endswith("/search")]) == 1


def test_lists_that_cannot_match_are_not_read(pipedrive: Sandbox, source: InProcess) -> None:
    """Archived deals, and other folders of mail, are not asked for when the condition excludes them."""
    where(source, deals="is_archived == false", mail_threads="folder == 'sent'")

    run = source.read("deals", "mail_threads")

    assert {row["is_archived"] for row in run.records("deals")} == {False}
    assert {row["folder"] for row in run.records("mail_threads")} == {"sent"}
    assert LISTS[1] not in {request["path"] for request in pipedrive.requests()}
    assert asked(pipedrive, "/v1/mailbox/mailThreads") == {"folder": "sent"}


def test_ids_need_no_lists_of_names(pipedrive: Sandbox, source: InProcess) -> None:
    """A condition on ids costs nothing beside the list itself."""
    where(source, leads="organization == 3")
    catalog = source.catalog("leads")

    source.read_catalog(catalog)

    paths = {request["path"] for request in pipedrive.requests()}
    assert paths <= {"/v1/leads", "/v1/leads/archived", "/api/v2/dealFields", "/v1/users", "/v1/leadLabels"}


def test_custom_fields_and_derived_columns(pipedrive: Sandbox, source: InProcess) -> None:
    """A condition uses the columns that the user sees: custom fields by name, labels, the owner's email."""
    whole = source.read("deals").records("deals")
    column = next(name for name in ("lead_source", "region") if any(row.get(name) for row in whole))
    value = next(row[column] for row in whole if row[column])
    labels = next(row["labels"] for row in whole if row["labels"])
    where(source, deals=f"{column} == '{value}' or '{labels[0]}' in labels")

    rows = source.read("deals").records("deals")

    assert ids(rows) == ids(whole, lambda row: row[column] == value or labels[0] in (row["labels"] or ()))
    assert 0 < len(rows) < len(whole)


def test_relative_dates(pipedrive: Sandbox, source: InProcess) -> None:
    """`days_ago` counts from the run; whole times are sent to a list that can filter by them."""
    now = datetime.now(UTC)
    times = [(now - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") for days in (1, 40)]
    pipedrive.put_rows("persons", [{"name": name, "update_time": time} for name, time in zip("AB", times, strict=True)])
    where(source, persons="update_time > days_ago(30) and name in ['A', 'B']")

    rows = source.read("persons").records("persons")

    assert [row["name"] for row in rows] == ["A"]
    sent = asked(pipedrive, "/api/v2/persons")["updated_since"]
    assert timedelta(days=30) <= now - datetime.fromisoformat(sent) + timedelta(minutes=5) < timedelta(days=31)


def test_state_advances_over_rows_that_do_not_match(pipedrive: Sandbox, source: InProcess) -> None:
    """A second run asks for what changed since the newest row that was read, wanted or not."""
    where(source, persons="name == 'nobody has this name'")

    first = source.read("persons")
    pipedrive.clear_requests()
    second = source.read("persons", state=first.last_states())

    newest = max(row["update_time"] for row in pipedrive.rows("persons") if not row["is_deleted"])
    assert not first.records("persons")
    assert not second.records("persons")
    assert asked(pipedrive, "/api/v2/persons")["updated_since"] == newest
    assert first.summary["streams"]["persons"]["records"] == 0


def test_a_row_that_changes_into_the_selection_comes(pipedrive: Sandbox, source: InProcess) -> None:
    """What did not match and does now comes with the next run, once."""
    where(source, deals="title == 'Wanted'")
    first = source.read("deals")
    deal = next(row["id"] for row in pipedrive.rows("deals") if not row["is_deleted"])
    pipedrive.put_rows("deals", [{"id": deal, "title": "Wanted", "update_time": "2026-11-20T00:00:00Z"}])

    second = source.read("deals", state=first.last_states())
    third = source.read("deals", state=second.last_states())

    assert not first.records("deals")
    assert ids(second.records("deals")) == [deal]
    assert not third.records("deals")


@pytest.mark.vendor_documents
def test_only_documented_parameters_are_sent() -> None:
    """Every parameter of the table is documented for that very list: v2 refuses a request with another one."""
    documents = openapi.Documents()

    for path, names in PARAMETERS.items():
        operation = documents.of_template("GET", path)
        assert operation is not None, path
        assert set(names) <= operation.query_names, path
