"""`mirror`: what a complete stream does not hold any more is deleted, and nothing else ever is."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, Message, catalog_of, record
from integration_tests.harness import Run

COUNT = 20
RULES = {
    "stream": "persons",
    "operation": "mirror",
    "external_id_field": "Nickname",
    "fields": [{"source": "id", "target": "Nickname"}],
}


def people(*numbers: int) -> list[Message]:
    """RECORDs with external IDs."""
    return [record("persons", id=f"c-{n}", name=f"P {n}", email=f"p{n}@acme.test") for n in numbers]


def status(word: str) -> Message:
    """A stream's status."""
    stream = {"stream_descriptor": {"name": "persons"}, "status": word}
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1, "stream_status": stream}}


def mirror(account: Account, messages: list[Message], sync_mode: str = "full_refresh", **rules: Any) -> Run:
    """Write a mirrored stream of persons."""
    catalog = catalog_of("persons", mode="overwrite")
    catalog["streams"][0]["sync_mode"] = sync_mode
    return account.write(messages, catalog, mappings=[{**RULES, **rules}])


@pytest.fixture
def mirrored(account: Account) -> Account:
    """An account that holds twenty mirrored persons and one of its own."""
    account.put("persons", name="Own", emails=[{"value": "own@acme.test", "primary": True, "label": "work"}])
    mirror(account, [*people(*range(COUNT)), status("COMPLETE")])
    assert len(account.rows("persons")) == COUNT + 1
    return account


def test_a_complete_stream_deletes_what_it_does_not_hold(mirrored: Account) -> None:
    """One of twenty is gone from the stream: it is deleted; the row without an external id stays."""
    run = mirror(mirrored, [*people(*range(1, COUNT)), status("COMPLETE")])

    assert run.exit_code == 0
    assert run.summary["objects"]["persons"] | {"skipped": 0} == {
        "created": 0, "updated": 0, "unchanged": COUNT - 1, "deleted": 1, "skipped": 0, "rejected": 0,
    }  # fmt: skip
    names = {row["name"] for row in mirrored.rows("persons")}
    assert "P 0" not in names
    assert "Own" in names
    mirror(mirrored, [*people(*range(1, COUNT)), status("COMPLETE")])
    assert mirrored.writes() == []


@pytest.mark.parametrize("end", [[], [status("INCOMPLETE")], [status("RUNNING")]])
def test_t24_without_complete_nothing_is_deleted(mirrored: Account, end: list[Message]) -> None:
    """T24: the end of input, or an INCOMPLETE stream, deletes nothing and says so."""
    run = mirror(mirrored, [*people(*range(1, COUNT)), *end])

    assert run.exit_code == 0
    assert mirrored.writes() == []
    assert any("not reported COMPLETE" in text for text in run.logs("WARN"))


def test_t24_a_run_that_fails_deletes_nothing(mirrored: Account) -> None:
    """T24: a write that keeps failing ends the run before the status."""
    mirrored.sandbox.set_faults({"kind": "status", "status": 503, "method": "POST", "times": None})
    run = mirror(mirrored, [*people(*range(1, COUNT + 1)), status("COMPLETE")])

    assert run.exit_code == 1
    assert "DELETE" not in {method for method, _ in mirrored.writes()}


def test_t25_too_many_deletions_are_refused(mirrored: Account) -> None:
    """T25: more than `max_delete_share` of the managed rows: nothing is deleted, and the run fails with an error."""
    run = mirror(mirrored, [*people(*range(3, COUNT)), status("COMPLETE")])
    assert run.exit_code == 1
    assert "3 of 20" in run.errors()[0]["message"]
    assert "`max_delete_share` (0.1)" in run.errors()[0]["message"]
    assert run.errors()[0]["failure_type"] == "config_error"
    assert mirrored.writes() == []

    allowed = mirror(mirrored, [*people(*range(3, COUNT)), status("COMPLETE")], max_delete_share=0.15)
    assert allowed.summary["objects"]["persons"]["deleted"] == 3


def test_t25_a_record_without_its_id_forbids_deletions(mirrored: Account) -> None:
    """T25: it is unknown which row the record belongs to, so none may be deleted."""
    nameless = record("persons", name="P 0", email="p0@acme.test")
    run = mirror(mirrored, [*people(*range(1, COUNT)), nameless, status("COMPLETE")])

    assert run.exit_code == 1
    assert "1 of its records" in run.errors()[0]["message"]
    assert "DELETE" not in {method for method, _ in mirrored.writes()}


def test_a_rejected_record_is_not_missing(mirrored: Account) -> None:
    """A record that Pipedrive refuses is in the stream: its row stays."""
    mirrored.sandbox.set_faults({"kind": "status", "status": 400, "method": "PATCH", "body": {"error": "no"}})
    changed = record("persons", id="c-0", name="Other", email="p0@acme.test")
    run = mirror(mirrored, [changed, *people(*range(1, COUNT)), status("COMPLETE")])

    assert run.summary["objects"]["persons"]["rejected"] == 1
    assert run.summary["objects"]["persons"]["deleted"] == 0


def test_a_dry_run_deletes_nothing(mirrored: Account) -> None:
    """It tells the deletion and sends none."""
    catalog = catalog_of("persons", mode="overwrite", sync_mode="full_refresh")
    messages = [*people(*range(1, COUNT)), status("COMPLETE")]
    run = mirrored.write(messages, catalog, mappings=[RULES], dry_run=True)

    assert run.exit_code == 0
    assert mirrored.writes() == []
    assert run.summary["objects"]["persons"]["deleted"] == 1


@pytest.mark.parametrize(
    ("mode", "rules", "said"),
    [
        ("incremental", {}, "full_refresh"),
        ("full_refresh", {"external_id_field": ""}, "external_id_field"),
        ("full_refresh", {"max_delete_share": 2}, "max_delete_share"),
    ],
)
def test_a_mirror_that_is_not_safe_is_a_config_error(
    account: Account, mode: str, rules: dict[str, Any], said: str
) -> None:
    """Before anything is written, in one sentence."""
    run = mirror(account, [*people(1), status("COMPLETE")], mode, **rules)

    assert run.exit_code == 1
    assert said in run.errors()[0]["message"]
    assert account.writes() == []


def test_two_streams_cannot_own_the_same_rows(account: Account) -> None:
    """Each would delete the rows of the other."""
    catalog = catalog_of("persons", "leads_people", mode="overwrite")
    for stream in catalog["streams"]:
        stream["sync_mode"] = "full_refresh"
    other = {**RULES, "stream": "leads_people", "object": "persons"}
    run = account.write([], catalog, mappings=[RULES, other])

    assert run.exit_code == 1
    assert "`leads_people`" in run.errors()[0]["message"]
