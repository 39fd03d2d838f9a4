"""`Clear data` and `Refresh and remove records`, as the platform sends them: a new generation, records or none."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, Message, catalog_of, record, stream_state

CLEARED = {"sync_mode": "full_refresh", "generation_id": 3, "minimum_generation_id": 3, "sync_id": 7}


def status(stream: str, word: str) -> Message:
    """A stream's status."""
    content = {"stream_descriptor": {"name": stream}, "status": word}
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1, "stream_status": content}}


def empty_state(stream: str) -> Message:
    """A state of nothing, by which the platform takes a stream's position away."""
    content = {"stream_descriptor": {"name": stream}, "stream_state": None}
    return {"type": "STATE", "state": {"type": "STREAM", "id": 1, "stream": content}}


def cleared(*streams: str) -> list[Message]:
    """What the platform sends for cleared streams: started, no position, complete."""
    return [
        each
        for name in streams
        for each in (status(name, "STARTED"), empty_state(name), status(name, "COMPLETE"))
    ]  # fmt: skip


@pytest.mark.parametrize("mode", ["append", "overwrite"])
def test_t56_a_cleared_stream_is_no_error(account: Account, mode: str) -> None:
    """Without records, the state is passed on, nothing is written, exit code 0."""
    account.put("persons", name="Bob Ray")
    run = account.write(cleared("persons"), catalog_of("persons", mode=mode, **CLEARED))

    assert run.exit_code == 0, run
    assert run.summary["status"] == "Success"
    assert [state["stream"]["stream_state"] for state in run.states()] == [None]
    assert run.states()[0]["destinationStats"] == {
        "recordCount": 0.0, "rejectedRecordCount": 0.0, "additionalStats": {},
    }  # fmt: skip
    assert account.writes() == []


def test_t56_a_cleared_connection_of_one_global_state(account: Account) -> None:
    """A GLOBAL state of several streams is passed on unchanged; streams that are not cleared have no records either."""
    states = [{"stream_descriptor": {"name": name}, "stream_state": None} for name in ("persons", "deals")]
    shared = {"type": "GLOBAL", "global": {"shared_state": None, "stream_states": states}, "id": 4}
    catalog = catalog_of("persons", mode="append", **CLEARED)
    catalog["streams"] += catalog_of("deals", mode="append", minimum_generation_id=0, generation_id=2)["streams"]
    messages = [{"type": "STATE", "state": shared}, status("persons", "STARTED"), status("persons", "COMPLETE")]
    run = account.write(messages, catalog)

    assert run.exit_code == 0, run
    assert run.states()[0]["global"] == shared["global"]


def test_a_clear_needs_no_mapping(account: Account) -> None:
    """A stream whose name is no object can be cleared, too."""
    run = account.write(cleared("warehouse_people"), catalog_of("warehouse_people", mode="append", **CLEARED))

    assert run.exit_code == 0, run
    assert len(run.states()) == 1


@pytest.mark.parametrize("position", [0, 1, 150])
def test_t56_a_record_of_a_replaced_stream_is_refused(account: Account, position: int) -> None:
    """On the first record the run fails, naming the stream; nothing is written, not even from other streams."""
    catalog = catalog_of("organizations")
    catalog["streams"] += catalog_of("persons", mode="append", **CLEARED)["streams"]
    messages: list[Any] = [record("organizations", name=f"Company {n}") for n in range(200)]
    messages.insert(position, record("persons", name="Bob", email="bob@acme.test"))
    run = account.write([empty_state("persons"), *messages, status("persons", "COMPLETE")], catalog)

    assert run.exit_code == 1
    assert run.errors()[0]["failure_type"] == "config_error"
    assert "`persons`" in run.errors()[0]["message"]
    assert run.summary["status"] == "Error"
    assert account.writes() == []


def test_a_replaced_stream_that_ended_empty_leaves_the_others_alone(account: Account) -> None:
    """A replaced stream that is complete before the first record brings none; the other streams are written."""
    catalog = catalog_of("organizations")
    catalog["streams"] += catalog_of("persons", mode="append", **CLEARED)["streams"]
    run = account.write(
        [*cleared("persons"), record("organizations", name="Acme"), stream_state("organizations", 2)], catalog
    )

    assert run.exit_code == 0, run
    assert len(account.rows("organizations")) == 1
    assert [state["id"] for state in run.states()] == [1, 2]


def test_a_dry_run_of_a_clear_hands_on_nothing(account: Account) -> None:
    """A dry run keeps the states here, too."""
    run = account.write(cleared("persons"), catalog_of("persons", mode="append", **CLEARED), dry_run=True)

    assert run.exit_code == 0
    assert run.states() == []
