"""`deletions: compare`: what is gone comes once, what has only left a list or a selection does not (R12)."""

from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from integration_tests.source.test_faults import between_pages
from pipedrive_sandbox import Sandbox

LATER = "2026-11-22T00:00:00Z"


@pytest.fixture
def compared(pipedrive: Sandbox, source: InProcess) -> InProcess:
    """The source with `deletions: compare`."""
    source.config["deletions"] = "compare"
    return source


def gone(rows: list[dict[str, Any]]) -> list[Any]:
    return [row["id"] for row in rows if row["is_deleted"]]


@pytest.mark.parametrize("stream", ["leads", "deals", "persons"])
def test_a_row_that_left_a_saved_filter_is_not_gone(pipedrive: Sandbox, compared: InProcess, stream: str) -> None:
    """A row that a saved filter does not show any more, archived meanwhile or not, is still there."""
    condition = {"object": stream[:-1], "field_id": "owner_id", "operator": "=", "value": "1", "extra_value": None}
    groups = [{"glue": "and", "conditions": [condition]}, {"glue": "or", "conditions": []}]
    pipedrive.put_rows("filters", [{"id": 77, "conditions": {"glue": "and", "conditions": groups}}])
    compared.config["selections"] = [{"stream": stream, "filter_id": 77}]
    first = compared.read(stream)
    live = [row["id"] for row in first.records(stream) if not row.get("is_archived") and not row["is_deleted"]]
    leaves, archived, goes = live[:3]
    pipedrive.put_rows(stream, [{"id": leaves, "owner_id": 2, "update_time": LATER}])
    if stream != "persons":
        pipedrive.put_rows(stream, [{"id": archived, "owner_id": 2, "is_archived": True, "update_time": LATER}])
    pipedrive.purge(stream, goes)

    second = compared.read(stream, state=first.last_states())
    third = compared.read(stream, state=second.last_states())

    assert gone(second.records(stream)) == [goes]
    assert gone(third.records(stream)) == []


def test_a_lead_that_moves_between_the_lists_is_not_gone(pipedrive: Sandbox, compared: InProcess) -> None:
    """A lead that comes out of the archive while leads are read is in neither list, and not gone."""
    first = compared.read("leads")
    lead = next(row["id"] for row in first.records("leads") if row["is_archived"])
    catalog = compared.catalog("leads")

    def unarchive(count: int) -> None:
        if count == 1:
            pipedrive.put_rows("leads", [{"id": lead, "is_archived": False, "update_time": LATER}])

    with between_pages(pipedrive, "leads", unarchive):
        second = compared.read_catalog(catalog, first.last_states())
    third = compared.read_catalog(catalog, second.last_states())

    assert gone(second.records("leads")) == []
    assert [(row["id"], row["is_archived"]) for row in third.records("leads")] == [(lead, False)]


@pytest.mark.parametrize("stream", ["notes", "leads", "files", "persons", "activity_types"])
def test_a_later_start_date_makes_no_row_vanish(pipedrive: Sandbox, compared: InProcess, stream: str) -> None:
    """Rows that fall before a `start_date` that was moved are not gone."""
    first = compared.read(stream)
    goes = [row["id"] for row in first.records(stream) if not row["is_deleted"]][-1]
    compared.config["start_date"] = "2099-01-01"
    pipedrive.purge(stream.replace("activity_types", "activityTypes"), goes)

    second = compared.read(stream, state=first.last_states())

    assert gone(second.records(stream)) == [goes]


@pytest.mark.parametrize(
    ("stream", "resource"),
    [("pipelines", "pipelines"), ("stages", "stages"), ("activity_types", "activityTypes"), ("users", "users")],
)
def test_small_lists(pipedrive: Sandbox, compared: InProcess, stream: str, resource: str) -> None:
    """Lists that take no ids show all they have: what is not there is gone; the row carries the stream's cursor."""
    first = compared.read(stream)
    goes = [row["id"] for row in first.records(stream) if not row["is_deleted"]][-1]
    pipedrive.purge(resource, goes)

    second = compared.read(stream, state=first.last_states())
    third = compared.read(stream, state=second.last_states())

    cursor = "modified" if stream == "users" else "update_time"
    assert second.exit_code == 0
    assert [(row["id"], bool(row[cursor])) for row in second.records(stream) if row["is_deleted"]] == [(goes, True)]
    assert gone(third.records(stream)) == []
    assert not second.logs("WARN")


@pytest.mark.parametrize("stream", ["notes", "files"])
def test_a_row_marked_as_deleted_is_not_reported_again(pipedrive: Sandbox, compared: InProcess, stream: str) -> None:
    """A row that a list still shows, but as inactive, is reported then, and not once more when it is purged."""
    pipedrive.change_settings(deleted_in_lists=True)
    first = compared.read(stream)
    row = next(row["id"] for row in first.records(stream) if row["active_flag"])
    pipedrive.put_rows(stream, [{"id": row, "active_flag": False, "update_time": LATER}])
    second = compared.read(stream, state=first.last_states())
    pipedrive.purge(stream, row)

    third = compared.read(stream, state=second.last_states())

    assert gone(second.records(stream)) == [row]
    assert gone(third.records(stream)) == []


def test_the_time_is_the_servers(pipedrive: Sandbox, compared: InProcess) -> None:
    """A row that is gone carries the server's time: by a slow clock of ours its last change would look newer."""
    first = compared.read("persons")
    person = first.records("persons")[0]["id"]
    pipedrive.purge("persons", person)
    pipedrive.set_clock("2031-05-01T00:00:00Z", freeze=True)

    second = compared.read("persons", state=first.last_states())

    assert [row["update_time"] for row in second.records("persons")] == ["2031-05-01T00:00:00Z"]


def test_rows_of_a_run_that_was_cut_off_are_compared(empty: Sandbox, source: InProcess) -> None:
    """A row that only a run which was cut off had met, and that is gone by the next run, is reported."""
    empty.seed(scale=0, persons=1_200)
    source.config["deletions"] = "compare"
    catalog = source.catalog("persons")
    empty.set_faults({"kind": "status", "status": 400, "path": "/persons$", "skip": 1, "times": 1})
    first = source.read_catalog(catalog)
    goes = first.records("persons")[0]["id"]
    empty.purge("persons", goes)

    second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    assert gone(second.records("persons")) == [goes]
