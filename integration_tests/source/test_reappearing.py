"""`deletions: compare`: rows that come back, tokens that see less, and what is said of a row that is gone (R12)."""

from typing import Any

import pytest

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from integration_tests.source.test_faults import between_pages
from pipedrive_sandbox import Sandbox

STREAMS = [
    ("persons", "persons"),
    ("deals", "deals"),
    ("leads", "leads"),
    ("notes", "notes"),
    ("pipelines", "pipelines"),
    ("users", "users"),
]


@pytest.fixture
def compared(pipedrive: Sandbox, source: InProcess) -> InProcess:
    """The source with `deletions: compare`."""
    source.config["deletions"] = "compare"
    return source


def warehouse(stream: str, cursor: str, *runs: Run) -> dict[Any, dict[str, Any]]:
    """What a destination holds that keeps the row of the newest cursor by key, of equal ones the later."""
    rows: dict[Any, dict[str, Any]] = {}
    for run in runs:
        for row in run.records(stream):
            if row["id"] not in rows or row[cursor] >= rows[row["id"]][cursor]:
                rows[row["id"]] = row
    return rows


def hide(sandbox: Sandbox, resource: str, ids: list[Any], is_hidden: bool = True) -> None:
    """Let the token's user see some rows no more, or again; they do not change."""
    sandbox.put_rows(resource, [{"id": one, "invisible": is_hidden} for one in ids])


@pytest.mark.parametrize(("stream", "resource"), STREAMS)
def test_r23_a_row_that_comes_back_is_live_again(
    pipedrive: Sandbox, compared: InProcess, stream: str, resource: str
) -> None:
    """A row that was reported as gone and is back unchanged comes again, and wins by its cursor over its report."""
    cursor = "modified" if stream == "users" else "update_time"
    catalog = compared.catalog(stream)
    first = compared.read_catalog(catalog)
    goes = next(row["id"] for row in first.records(stream) if not row["is_deleted"])
    held = next(row for row in pipedrive.rows(resource) if row["id"] == goes)
    pipedrive.purge(resource, goes)
    second = compared.read_catalog(catalog, first.last_states())
    pipedrive.put_rows(resource, [held])
    third = compared.read_catalog(catalog, second.last_states())
    fourth = compared.read_catalog(catalog, third.last_states())

    assert [(row["id"], row["is_deleted"]) for row in second.records(stream)] == [(goes, True)]
    assert warehouse(stream, cursor, first, second)[goes]["is_deleted"] is True
    assert [(row["id"], row["is_deleted"]) for row in third.records(stream)] == [(goes, False)]
    assert warehouse(stream, cursor, first, second, third)[goes]["is_deleted"] is False
    assert fourth.records(stream) == []


def test_a_row_that_goes_and_comes_several_times(pipedrive: Sandbox, compared: InProcess) -> None:
    """However often a row goes and comes back, the last thing said of it wins."""
    catalog = compared.catalog("persons")
    runs = [compared.read_catalog(catalog)]
    person = runs[0].records("persons")[3]["id"]

    for is_hidden in (True, False, True, True, False, True):
        hide(pipedrive, "persons", [person], is_hidden)
        runs.append(compared.read_catalog(catalog, runs[-1].last_states()))
        assert warehouse("persons", "update_time", *runs)[person]["is_deleted"] is is_hidden

    assert [len(run.records("persons")) for run in runs[1:]] == [1, 1, 1, 0, 1, 1]


def test_a_row_that_comes_back_changed_keeps_its_time(pipedrive: Sandbox, compared: InProcess) -> None:
    """A row that was changed after it was reported comes back with its own change time."""
    pipedrive.set_clock("2026-12-01T00:00:00Z")
    catalog = compared.catalog("persons")
    first = compared.read_catalog(catalog)
    person = first.records("persons")[0]["id"]
    hide(pipedrive, "persons", [person])
    second = compared.read_catalog(catalog, first.last_states())
    pipedrive.set_clock("2026-12-05T00:00:00Z")
    pipedrive.put_rows("persons", [{"id": person, "invisible": False, "update_time": "2026-12-04T12:00:00Z"}])

    third = compared.read_catalog(catalog, second.last_states())

    assert [row["update_time"] for row in third.records("persons")] == ["2026-12-04T12:00:00Z"]


def test_a_deal_that_is_deleted_without_a_new_time(pipedrive: Sandbox, compared: InProcess) -> None:
    """A row that the API shows as deleted is reported also when its change time stayed as it was."""
    catalog = compared.catalog("deals")
    first = compared.read_catalog(catalog)
    deal = next(row["id"] for row in first.records("deals") if not row["is_deleted"] and not row["is_archived"])
    time = next(row["update_time"] for row in pipedrive.rows("deals") if row["id"] == deal)
    pipedrive.put_rows("deals", [{"id": deal, "is_deleted": True, "status": "deleted", "update_time": time}])
    pipedrive.change_settings(deleted_days=10_000)

    second = compared.read_catalog(catalog, first.last_states())
    third = compared.read_catalog(catalog, second.last_states())

    assert [(row["id"], row["is_deleted"]) for row in second.records("deals")] == [(deal, True)]
    assert third.records("deals") == []


@pytest.fixture
def crowd(empty: Sandbox, source: InProcess) -> list[int]:
    """40 persons, compared."""
    source.config["deletions"] = "compare"
    empty.seed(scale=0, persons=40)
    empty.put_rows("persons", [{"id": row["id"], "is_deleted": False} for row in empty.rows("persons")])
    return [row["id"] for row in empty.rows("persons")]


def test_r23_a_token_that_sees_less_is_a_question(empty: Sandbox, source: InProcess, crowd: list[int]) -> None:
    """More than half of the rows gone at once: the stream stops with a question, marks none, and goes on later."""
    catalog = source.catalog("persons")
    first = source.read_catalog(catalog)
    hide(empty, "persons", crowd[:25])

    second = source.read_catalog(catalog, first.last_states())
    again = source.read_catalog(catalog, second.last_states())
    hide(empty, "persons", crowd[:25], is_hidden=False)
    third = source.read_catalog(catalog, again.last_states())

    for run in (second, again):
        assert (run.exit_code, run.records("persons")) == (1, [])
        assert [error["failure_type"] for error in run.errors()] == ["config_error"]
        assert "25 of the 40 rows" in run.errors()[0]["message"]
        assert "`max_deleted_share` (0.5)" in run.errors()[0]["message"]
    assert (third.exit_code, third.records("persons")) == (0, [])


def test_the_question_costs_little(empty: Sandbox, source: InProcess) -> None:
    """When very many rows are gone, only as many are looked for as it takes to ask."""
    source.config["deletions"] = "compare"
    empty.seed(scale=0, organizations=2, notes=300)
    catalog = source.catalog("notes")
    first = source.read_catalog(catalog)
    live = [row["id"] for row in first.records("notes") if not row["is_deleted"]]
    hide(empty, "notes", live)
    empty.clear_requests()

    second = source.read_catalog(catalog, first.last_states())

    assert second.exit_code == 1
    assert len(empty.requests()) <= len(live) // 2 + 3


@pytest.mark.parametrize(
    ("share", "hidden", "marked"),
    [(1, 40, 40), (0.7, 28, 28), (0.7, 29, 0), (0.01, 1, 0), (0, 1, 0), (None, 9, 9), (None, 20, 20), (None, 21, 0)],
)
def test_the_share_can_be_set(
    empty: Sandbox, source: InProcess, crowd: list[int], share: float | None, hidden: int, marked: int
) -> None:
    """`max_deleted_share` says how many rows may go at once; a share that was set holds for few rows, too."""
    source.config |= {} if share is None else {"max_deleted_share": share}
    catalog = source.catalog("persons")
    first = source.read_catalog(catalog)
    hide(empty, "persons", crowd[:hidden])

    second = source.read_catalog(catalog, first.last_states())

    assert second.exit_code == (0 if marked else 1)
    assert [row["id"] for row in second.records("persons")] == crowd[:marked]


def test_few_rows_are_no_question(empty: Sandbox, source: InProcess) -> None:
    """In a short list all rows may go: nobody wants to be asked about four pipelines."""
    source.config["deletions"] = "compare"
    empty.seed(scale=0, persons=6)
    empty.put_rows("persons", [{"id": row["id"], "is_deleted": False} for row in empty.rows("persons")])
    catalog = source.catalog("persons")
    first = source.read_catalog(catalog)
    hide(empty, "persons", [row["id"] for row in empty.rows("persons")])

    second = source.read_catalog(catalog, first.last_states())

    assert len([row for row in second.records("persons") if row["is_deleted"]]) == 6


def test_a_row_that_is_hidden_is_told_without_values(pipedrive: Sandbox, compared: InProcess) -> None:
    """Of a row that the API does not show any more only key, time and flag are sent, so that nothing is emptied."""
    first = compared.read("persons")
    person = first.records("persons")[0]["id"]
    hide(pipedrive, "persons", [person])
    pipedrive.set_clock("2027-01-01T00:00:00Z", freeze=True)

    second = compared.read("persons", state=first.last_states())

    assert second.records("persons") == [{"id": person, "update_time": "2027-01-01T00:00:00Z", "is_deleted": True}]


@pytest.mark.parametrize("stream", ["persons", "organizations", "products", "activities", "notes"])
def test_a_row_that_is_shown_by_its_id_comes_with_its_values(
    pipedrive: Sandbox, compared: InProcess, stream: str
) -> None:
    """Of a row that the API still shows as deleted, the last values are sent, and its own change time."""
    first = compared.read(stream)
    before = next(row for row in first.records(stream) if not row["is_deleted"])
    mark = {"is_deleted": True} if stream != "notes" else {"active_flag": False}
    pipedrive.put_rows(stream, [{"id": before["id"], "update_time": "2026-11-22T08:00:00Z", **mark}])

    second = compared.read(stream, state=first.last_states())

    assert second.exit_code == 0
    (after,) = second.records(stream)
    named = next(name for name in ("subject", "name", "content") if before.get(name))
    assert (after["id"], after["is_deleted"]) == (before["id"], True)
    assert (after[named], after["update_time"]) == (before[named], "2026-11-22T08:00:00Z")
    assert after.keys() & {key for key in before if before[key] is not None} >= {named, "add_time"}


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_row_that_cannot_be_asked_for_is_not_gone(pipedrive: Sandbox, compared: InProcess, status: int) -> None:
    """A look-up that fails is no proof: the row stays in mind, and is reported when it can be asked for."""
    first = compared.read("persons")
    person = first.records("persons")[2]["id"]
    pipedrive.purge("persons", person)
    catalog = compared.catalog("persons")
    fault = {"kind": "status", "status": status, "path": f"/persons/{person}$", "times": None}
    pipedrive.set_faults(fault | ({"body": {"success": True}} if status == 200 else {}))

    second = compared.read_catalog(catalog, first.last_states())
    pipedrive.set_faults()
    third = compared.read_catalog(catalog, second.last_states())

    assert (second.exit_code, second.records("persons")) == (0, [])
    assert any("1 row that" in text for text in second.logs("WARN"))
    assert [(row["id"], row["is_deleted"]) for row in third.records("persons")] == [(person, True)]


def test_r23_a_run_that_was_killed_knows_what_it_read(empty: Sandbox, source: InProcess) -> None:
    """From every state of a run that was killed: a row that was read before it, and is gone, is reported."""
    empty.seed(scale=0, persons=1_700)
    empty.put_rows("persons", [{"id": row["id"], "is_deleted": False} for row in empty.rows("persons")])
    source.config["deletions"] = "compare"
    catalog = source.catalog("persons")
    states, seen = [], list[set[int]]()

    first = source.read_catalog(catalog)
    read: set[int] = set()
    for message in first.messages:
        if message["type"] == "RECORD":
            read.add(message["record"]["data"]["id"])
        elif message["type"] == "STATE":
            states.append([{"type": "STREAM", "stream": message["state"]["stream"]}])
            seen.append(set(read))
    assert len(states) >= 4
    for number, (state, known) in enumerate(zip(states, seen, strict=True)):
        goes = sorted(known)[number]
        held = next(row for row in empty.rows("persons") if row["id"] == goes)
        empty.purge("persons", goes)
        rest = source.read_catalog(catalog, state)
        assert [row["id"] for row in rest.records("persons") if row["is_deleted"]] == [goes]
        empty.put_rows("persons", [held])


def test_a_row_that_is_back_comes_once_however_the_run_ends(empty: Sandbox, source: InProcess) -> None:
    """A row that came back in a run that was cut off after it does not come again in the next one."""
    empty.seed(scale=0, persons=1_200)
    empty.put_rows("persons", [{"id": row["id"], "is_deleted": False} for row in empty.rows("persons")])
    source.config["deletions"] = "compare"
    catalog = source.catalog("persons")
    first = source.read_catalog(catalog)
    person = first.records("persons")[5]["id"]
    hide(empty, "persons", [person])
    second = source.read_catalog(catalog, first.last_states())
    hide(empty, "persons", [person], is_hidden=False)
    empty.set_faults({"kind": "status", "status": 400, "path": "/persons$", "skip": 1, "times": 1})

    cut = source.read_catalog(catalog, second.last_states())
    rest = source.read_catalog(catalog, cut.last_states())

    assert cut.exit_code == 1
    assert [row["id"] for row in cut.records("persons")] == [person]
    assert rest.records("persons") == []
    assert warehouse("persons", "update_time", first, second, cut)[person]["is_deleted"] is False


def test_a_row_that_vanishes_while_it_is_read(empty: Sandbox, source: InProcess) -> None:
    """A row that was read and vanished before the run ended is reported by the next one."""
    empty.seed(scale=0, persons=700)
    empty.put_rows("persons", [{"id": row["id"], "is_deleted": False} for row in empty.rows("persons")])
    source.config["deletions"] = "compare"
    catalog = source.catalog("persons")
    first_row = min(empty.rows("persons"), key=lambda row: (row["update_time"] or "", row["id"]))["id"]

    with between_pages(empty, "persons", lambda count: empty.purge("persons", first_row) if count == 1 else None):
        first = source.read_catalog(catalog)
    second = source.read_catalog(catalog, first.last_states())

    assert first_row in {row["id"] for row in first.records("persons")}
    assert [(row["id"], row["is_deleted"]) for row in second.records("persons")] == [(first_row, True)]
