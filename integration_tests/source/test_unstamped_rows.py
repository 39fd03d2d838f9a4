"""Rows without a change time are never missed, whatever ``updated_since`` means for them (T29 with C2)."""

from typing import Any

import pytest

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

STREAMS = {"deals": "title", "persons": "name", "organizations": "name"}
DAY = 86_400


@pytest.fixture(params=["excluded", "coalesced"])
def account(pipedrive: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    """The seeded account, under both meanings of ``updated_since``."""
    pipedrive.change_settings(unstamped_rows=request.param)
    return pipedrive


def made(account: Sandbox, resource: str, count: int = 1, **values: Any) -> list[int]:
    """Ids of rows as the API makes them, which nobody has touched since."""
    row = {STREAMS[resource]: "Made over the API", "add_time": account.now(), "update_time": None}
    return [one["id"] for one in account.put_rows(resource, [row | values for _ in range(count)])]


def ids(run: Run, stream: str) -> list[int]:
    """Ids of the records of a stream, in their order."""
    return [row["id"] for row in run.records(stream)]


def looks(account: Sandbox, path: str) -> list[dict[str, str]]:
    """The requests for a list that were not asked by change time."""
    sent = [dict(each["query"]) for each in account.requests() if each["path"] == path]
    return [query for query in sent if "updated_since" not in query]


@pytest.mark.parametrize("stream", STREAMS)
def test_r21_a_row_made_between_two_reads_is_read_once(account: Sandbox, source: InProcess, stream: str) -> None:
    """R21: nothing is lost, nothing comes twice, and a touched row comes with its change."""
    state = source.read(stream).last_states()
    account.advance(DAY)
    [new] = made(account, stream)
    second = source.read(stream, state=state)
    account.advance(60)
    third = source.read(stream, state=second.last_states())
    account.advance(60)
    account.put_rows(stream, [{"id": new, STREAMS[stream]: "Touched", "update_time": account.now()}])
    fourth = source.read(stream, state=third.last_states())

    assert ids(second, stream) == [new]
    assert ids(third, stream) == []
    assert [row[STREAMS[stream]] for row in fourth.records(stream)] == ["Touched"]


def test_while_such_rows_are_seen_every_read_asks_for_the_newest_ids(pipedrive: Sandbox, source: InProcess) -> None:
    """One call a list, and at least one a day where there are none."""
    state = source.read("persons").last_states()
    pipedrive.advance(60)
    quiet = source.read("persons", state=state)
    assert looks(pipedrive, "/api/v2/persons") == []

    pipedrive.advance(DAY)
    made(pipedrive, "persons")
    daily = source.read("persons", state=quiet.last_states())
    assert len(looks(pipedrive, "/api/v2/persons")) == 1

    pipedrive.advance(60)
    [new] = made(pipedrive, "persons")
    further = source.read("persons", state=daily.last_states())
    assert [query["sort_by"] for query in looks(pipedrive, "/api/v2/persons")] == ["id"]
    assert ids(further, "persons") == [new]


def test_more_new_rows_than_a_page(account: Sandbox, source: InProcess) -> None:
    """The look goes down to the newest id of the last one; rows that come again are known."""
    made(account, "persons")
    state = source.read("persons").last_states()
    account.advance(3600)
    new = made(account, "persons", 1100)
    second = source.read("persons", state=state)
    account.advance(3600)
    third = source.read("persons", state=second.last_states())

    assert sorted(ids(second, "persons")) == new
    # A state remembers a thousand of them: where the list goes on showing them, those beyond come once more.
    again = 100 if account.settings.unstamped_rows == "coalesced" else 0
    assert ids(third, "persons") == new[:again]


def test_a_first_read_from_a_start_date(account: Sandbox, source: InProcess) -> None:
    """Rows that were added since count as changed then, older ones do not."""
    [old] = made(account, "persons", add_time="2020-01-01T00:00:00Z")
    [new] = made(account, "persons")
    source.config["start_date"] = "2025-01-01T00:00:00Z"
    first = source.read("persons")

    assert new in ids(first, "persons")
    assert old not in ids(first, "persons")


@pytest.mark.parametrize("pages", [1, 2])
def test_a_first_read_that_is_cut_off(account: Sandbox, source: InProcess, pages: int) -> None:
    """What a filter leaves out after the first attempt is looked for, at whichever end of the list it stands."""
    untouched = made(account, "persons", 700)
    everything = {row["id"] for row in account.rows("persons") if not row.get("is_deleted")}
    account.set_faults({"kind": "status", "path": "/api/v2/persons", "skip": pages, "status": 403})
    first = source.read("persons")
    account.set_faults()
    second = source.read("persons", state=first.last_states() or None)

    assert set(untouched) <= everything
    assert {*ids(first, "persons"), *ids(second, "persons")} >= everything


def test_children_of_untouched_rows_are_read(account: Sandbox, source: InProcess) -> None:
    """A new deal without a change time is a parent like others, when only its children are selected, too."""
    state = source.read("deal_changelog").last_states()
    account.advance(DAY)
    [new] = made(account, "deals")
    second = source.read("deal_changelog", state=state)

    asked = [each["path"] for each in account.requests() if "changelog" in each["path"]]
    assert [path.removeprefix("/api") for path in asked] == [f"/v1/deals/{new}/changelog"]
    account.clear_requests()
    source.read("deal_changelog", state=second.last_states())
    assert not [each for each in account.requests() if "changelog" in each["path"]]


def test_untouched_rows_do_not_count_as_vanished(account: Sandbox, source: InProcess) -> None:
    """`deletions: compare` with a start date: the list does not show them, but they are there."""
    made(account, "organizations", 3)
    source.config |= {"deletions": "compare", "start_date": "2025-01-01T00:00:00Z"}
    first = source.read("organizations")
    account.advance(60)
    second = source.read("organizations", state=first.last_states())
    gone = made(account, "organizations")[0]
    third = source.read("organizations", state=second.last_states())
    account.purge("organizations", gone)
    fourth = source.read("organizations", state=third.last_states())

    assert not [row for row in second.records() if row["is_deleted"]]
    assert [row["id"] for row in fourth.records() if row["is_deleted"]] == [gone]


@pytest.mark.parametrize(
    "look",
    [{"newest_id": "many", "time": "2026-01-01T00:00:00Z", "unstamped": False}, {"newest_id": 1}, "yesterday"],
)
def test_a_look_that_cannot_be_read(pipedrive: Sandbox, source: InProcess, look: Any) -> None:
    """A state that somebody edited is refused with one sentence, not with a stack trace."""
    state = source.read("persons").last_states()
    state[0]["stream"]["stream_state"]["lists"]["live"]["look"] = look
    run = source.read("persons", state=state)

    assert [error["message"].split(";")[0] for error in run.errors()] == [
        "The state of stream `persons` cannot be read"
    ]
    assert pipedrive.requests() == []
