"""A mirrored stream that dies, and that the platform goes on with from the last state that left."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, Message, catalog_of, record, stream_state
from integration_tests.destination.test_mirror import COUNT, RULES, people, status
from integration_tests.harness import Run

#: As many rows as two states are apart: well below the share that a mirror may delete.
EVERY = 2
ALL = 40
#: The first attempt dies here.
KILLED_AT = 6
NO_ORGANIZATIONS = {"operation": "upsert", "stream": "organizations"}


def generation(*numbers: int) -> list[Message]:
    """Records of a mirrored stream with a state after every few, numbered by the last record before it."""
    found: list[Message] = []
    for count, message in enumerate(people(*numbers), start=1):
        found += [message, *([stream_state("persons", numbers[count - 1])] if count % EVERY == 0 else [])]
    return found


def write(account: Account, messages: list[Any], *others: str, **stream: Any) -> Run:
    """Write as the platform does: overwrite comes as append of a new generation, with the job's id."""
    told = {"sync_mode": "full_refresh", "generation_id": 5, "minimum_generation_id": 5, "sync_id": 9}
    catalog = catalog_of("persons", mode="append", **told)
    catalog["streams"][0]["stream"].update(stream)
    catalog["streams"] += catalog_of(*others)["streams"]
    return account.write(messages, catalog, mappings=[RULES])


def after(messages: list[Message], run: Run) -> list[Message]:
    """What a resumed source sends: what comes behind the last state of persons that left."""
    ids = [state["id"] for state in run.states() if _is_of_persons(state)]
    last = max(ids, default=-1)
    place = next((n for n, each in enumerate(messages, start=1) if each.get("state", {}).get("id") == last), 0)
    return messages[place:]


def _is_of_persons(state: Message) -> bool:
    return bool(state.get("stream", {}).get("stream_descriptor", {}).get("name") == "persons")


@pytest.mark.parametrize("end", [[], [status("INCOMPLETE")]])
def test_t61_what_the_first_attempt_wrote_stays(account: Account, end: list[Message]) -> None:
    """An attempt ends after some states; the next one continues from those emitted, and every row stays."""
    whole = generation(*range(ALL))
    first = write(account, [*whole[: KILLED_AT * 3 // EVERY], *end])
    assert len(account.rows("persons")) == KILLED_AT

    second = write(account, [*after(whole, first), status("COMPLETE")])

    assert second.exit_code == 0, second
    assert len(account.rows("persons")) == ALL
    assert "DELETE" not in {method for method, _ in account.writes()}


def test_a_run_that_fails_lets_no_state_of_a_mirror_out(account: Account) -> None:
    """Pipedrive fails in the middle: the next run goes on from the beginning, and deletes what is really gone."""
    write(account, [*generation(*range(COUNT)), status("COMPLETE")])
    account.sandbox.set_faults({"kind": "html_403", "method": "POST", "skip": 4, "times": None})
    whole = generation(*range(1, COUNT + ALL))
    first = write(account, [*whole, status("COMPLETE")])
    assert first.exit_code == 1
    assert first.states() == []

    account.sandbox.set_faults()
    second = write(account, [*after(whole, first), status("COMPLETE")])
    assert {row["name"] for row in account.rows("persons")} == {f"P {n}" for n in range(1, COUNT + ALL)}
    assert second.summary["objects"]["persons"]["deleted"] == 1


def test_states_of_a_mirror_come_with_complete_and_in_order(account: Account) -> None:
    """All of them are there in the end, with their counts, and none before the stream is complete."""
    messages = generation(*range(ALL))
    without = write(account, messages)
    run = write(account, [*messages, status("COMPLETE")])

    assert without.exit_code == 0
    assert without.states() == []
    assert any("no state" in text for text in without.logs("WARN"))
    assert [state["id"] for state in run.states()] == list(range(EVERY - 1, ALL, EVERY))
    assert {state["destinationStats"]["recordCount"] for state in run.states()} == {float(EVERY)}


def test_states_of_other_streams_flow(account: Account) -> None:
    """Only what holds the position of the mirrored stream waits."""
    others = [record("organizations", name="Acme"), stream_state("organizations", 1)]
    run = write(account, [*generation(0, 1), *others, *generation(2, 3)], "organizations")
    assert [state["id"] for state in run.states()] == [1]
    assert not [state for state in run.states() if _is_of_persons(state)]


def shared_state(number: int, *streams: str) -> Message:
    """A GLOBAL state that holds the positions of some streams."""
    states = [{"stream_descriptor": {"name": name}, "stream_state": {"n": number}} for name in streams]
    content = {"shared_state": {"lsn": number}, "stream_states": states}
    return {"type": "STATE", "state": {"type": "GLOBAL", "id": number, "global": content}}


def legacy_state(number: int) -> Message:
    """A state of the old form: of all streams, whatever it holds."""
    return {"type": "STATE", "state": {"type": "LEGACY", "id": number, "data": {"cursor": number}}}


@pytest.mark.parametrize("is_complete", [False, True])
def test_a_state_of_several_streams_waits_for_the_mirror_in_it(account: Account, is_complete: bool) -> None:
    """GLOBAL states with the mirrored stream wait, and those behind them; ones without it do not."""
    states = [
        shared_state(1, "organizations"), *people(0), shared_state(2, "persons", "organizations"),
        shared_state(3, "organizations"), legacy_state(4),
    ]  # fmt: skip
    run = write(account, [*states, *([status("COMPLETE")] if is_complete else [])], "organizations")

    assert [state["id"] for state in run.states()] == ([1, 2, 3, 4] if is_complete else [1])


def test_a_refused_mirror_keeps_its_states(account: Account) -> None:
    """Too much would be deleted: the run fails, and the next one has to see the whole stream again."""
    write(account, [*generation(*range(COUNT)), status("COMPLETE")])
    run = write(account, [*generation(0, 1), status("COMPLETE")])

    assert run.exit_code == 1
    assert run.states() == []


def test_an_attempt_after_the_end_deletes_nothing(account: Account) -> None:
    """The stream was complete when another one failed: what is left of it is nothing, and no row goes for that."""
    write(account, [*generation(*range(COUNT)), status("COMPLETE")])
    run = write(
        account, [status("STARTED"), stream_state("persons", 1), status("COMPLETE"), *_company()], "organizations"
    )

    assert run.exit_code == 0, run
    assert len(account.rows("persons")) == COUNT
    assert any("held no record" in text for text in run.logs("WARN"))
    assert [state["id"] for state in run.states()] == [1]


def _company() -> list[Message]:
    return [record("organizations", name="Acme")]


@pytest.mark.parametrize(("attempt", "is_resumable", "left"), [("0", True, 1), ("1", False, 1), ("1", True, 2)])
def test_t61_a_later_attempt_of_a_resumable_stream_deletes_nothing(
    account: Account, monkeypatch: pytest.MonkeyPatch, attempt: str, is_resumable: bool, left: int
) -> None:
    """The platform tells the attempt's number: a later one may have begun in the middle, so it leaves all rows."""
    write(account, [*generation(*range(COUNT)), status("COMPLETE")])
    monkeypatch.setenv("WORKER_JOB_ATTEMPT", attempt)
    run = write(account, [*generation(*range(1, COUNT)), status("COMPLETE")], is_resumable=is_resumable)

    assert run.exit_code == 0, run
    assert len(account.rows("persons")) == COUNT - 2 + left
    assert run.states() != []


def test_an_unreadable_line_may_have_been_any_row(account: Account) -> None:
    """A line that nobody can read: nothing is deleted, and the run says why."""
    write(account, [*generation(*range(COUNT)), status("COMPLETE")])
    run = write(account, [*generation(*range(1, COUNT)), '{"type":"RECORD","rec', status("COMPLETE")])

    assert run.exit_code == 1
    assert "1 line of the input" in run.errors()[0]["message"]
    assert len(account.rows("persons")) == COUNT


def test_a_cleared_mirror_keeps_its_rows(account: Account) -> None:
    """`Clear data` of a mirrored stream: no row is deleted, and nothing fails."""
    write(account, [*generation(*range(COUNT)), status("COMPLETE")])
    empty = {"type": "STATE", "state": {"type": "STREAM", "stream": {"stream_descriptor": {"name": "persons"}}}}
    run = write(account, [status("STARTED"), empty, status("COMPLETE")])

    assert run.exit_code == 0, run
    assert len(account.rows("persons")) == COUNT
    assert len(run.states()) == 1


@pytest.mark.parametrize("missing", [2, 3])
def test_a_row_that_cannot_be_deleted_is_left(account: Account, missing: int) -> None:
    """Pipedrive keeps failing on its deletion: it is named and left; several in a row are an outage."""
    write(account, [*generation(*range(ALL)), status("COMPLETE")])
    account.sandbox.set_faults({"kind": "status", "status": 500, "method": "DELETE", "times": None})
    run = write(account, [*generation(*range(missing, ALL)), status("COMPLETE")])

    assert len(account.rows("persons")) == ALL
    assert run.exit_code == (0 if missing < 3 else 1), run
    assert len([text for text in run.logs("WARN") if "could not be deleted" in text]) == 2
    assert bool(run.states()) == (missing < 3)
