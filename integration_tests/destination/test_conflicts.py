"""When both sides changed: `conflict_policy`."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record, stream_state

EMAIL = [{"value": "bob@acme.test", "primary": True, "label": "work"}]
NEWEST: dict[str, Any] = {
    "conflict_policy": "newest_wins",
    "mappings": [{"stream": "persons", "updated_at_field": "changed"}],
}


def bob(**data: Any) -> dict[str, Any]:
    """A RECORD of Bob."""
    return record("persons", email="bob@acme.test", **data)


def test_c17_destination_wins_fills_empty_fields_only(account: Account) -> None:
    """What is there stays, what is empty is filled."""
    account.put("persons", name="Robert", emails=EMAIL)
    account.write([bob(name="Bob", phone="555")], conflict_policy="destination_wins")

    assert [body.keys() for body in account.bodies("PATCH")] == [{"phones"}]


@pytest.mark.parametrize(
    ("changed", "wins"),
    [("2026-03-01T10:00:01Z", True), ("2026-03-01 10:00:00", True), ("2026-03-01T10:59:00+01:00", False)],
)
def test_c17_newest_wins_compares_both_times(account: Account, changed: str, wins: bool) -> None:
    """The later change stays; at the same second the sender's does."""
    row_id = account.put("persons", name="Robert", emails=EMAIL, update_time="2026-03-01T10:00:00Z")
    run = account.write([bob(name="Bob", changed=changed)], **NEWEST)

    assert account.row("persons", row_id)["name"] == ("Bob" if wins else "Robert")
    assert run.summary["objects"]["persons"]["updated" if wins else "skipped"] == 1
    assert not any("`changed`" in text for text in run.logs("WARN"))


@pytest.mark.parametrize("there", [True, False])
def test_c17_records_of_one_run_are_compared_with_each_other(account: Account, there: bool) -> None:
    """The latest record stays in whatever order they come: what this run wrote does not count as Pipedrive's change."""
    if there:
        account.put("persons", name="Robert", emails=EMAIL, update_time="2026-01-01T00:00:00Z")
    days = {"First": "02-01", "Third": "02-03", "Second": "02-02"}
    records = [bob(name=name, changed=f"2026-{day}") for name, day in days.items()]
    messages = [message for each in records for message in (each, stream_state("persons", 1))]
    for sent in (records, messages):
        dry = account.write(sent, dry_run=True, **NEWEST)
        run = account.write(sent, **NEWEST)

        assert [row["name"] for row in account.rows("persons")] == ["Third"]
        assert dry.summary["objects"] == run.summary["objects"]


def test_t53_newest_wins_reads_again_before_it_writes(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """T53: somebody edits the row between the listing and the PATCH; the later edit stays."""
    row_id = account.put("persons", name="Robert", emails=EMAIL, update_time="2026-01-01T00:00:00Z")
    _edit_after_listing(account, monkeypatch, id=row_id, name="Rob", update_time="2026-05-01T00:00:00Z")
    run = account.write([bob(name="Bob", changed="2026-03-01T00:00:00Z")], **NEWEST)

    assert account.writes() == []
    assert account.row("persons", row_id)["name"] == "Rob"
    assert run.summary["objects"]["persons"]["skipped"] == 1


def test_t53_the_last_writer_wins_otherwise(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """T53: with source_wins the record is written over an edit of the same field, and over no other field."""
    row_id = account.put("persons", name="Robert", emails=EMAIL)
    _edit_after_listing(account, monkeypatch, id=row_id, name="Rob", phones=[{"value": "1", "primary": True}])
    account.write([bob(name="Bob")])

    assert account.row("persons", row_id)["name"] == "Bob"
    assert account.row("persons", row_id)["phones"][0]["value"] == "1"


def test_newest_wins_needs_a_time(account: Account) -> None:
    """A mapping without the column is a config error; a record without the time is rejected."""
    refused = account.write([bob(name="Bob")], conflict_policy="newest_wins")
    assert "`updated_at_field`" in refused.errors()[0]["message"]

    account.put("persons", name="Robert", emails=EMAIL)
    run = account.write([bob(name="Bob")], **NEWEST)
    assert run.summary["objects"]["persons"]["rejected"] == 1
    assert account.writes() == []


def _edit_after_listing(account: Account, monkeypatch: pytest.MonkeyPatch, **row: Any) -> None:
    """Change a row as soon as its list was read."""
    handle = type(account.sandbox).handle

    def handle_and_edit(sandbox: Any, request: Any) -> Any:
        response = handle(sandbox, request)
        if request.method == "GET" and request.path.endswith("/persons"):
            sandbox.put_rows("persons", [row])
        return response

    monkeypatch.setattr(type(account.sandbox), "handle", handle_and_edit)


def test_records_of_rows_that_meet_are_written_in_their_order(account: Account) -> None:
    """`newest_wins`: what names a row as another record of the batch will call it is decided on before that is done."""
    records = [("P2", "c1", 3), ("P2", "c1", 3), ("P1", None, 3), ("P1", None, 5), ("P1", "c1", 4)]
    messages = [record("products", name=name, code=code, at=f"2030-05-0{day}T10:00:00Z") for name, code, day in records]
    mapping = {"stream": "products", "updated_at_field": "at"}
    config = {"mappings": [mapping], "conflict_policy": "newest_wins"}
    dry = account.write(messages, dry_run=True, **config)
    run = account.write(messages, **config)

    assert run.summary["objects"] == dry.summary["objects"]
    assert sorted((row["name"], row["code"] or "") for row in account.rows("products")) == [("P1", ""), ("P1", "c1")]
