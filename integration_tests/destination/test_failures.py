"""Requests that fail for good: one record's own trouble, or an outage of Pipedrive."""

from pathlib import Path
from typing import Any

import pytest

from destination_pipedrive.session import WORKERS
from destination_pipedrive.writing.executor import NO_ROW
from destination_pipedrive.writing.failures import MOST_ASIDE, MOST_SUSPECTS
from integration_tests.destination.account import Account, Message, catalog_of, record, stream_state
from integration_tests.destination.test_rejects import kept
from integration_tests.harness import Run

BY_ID = [{"stream": "organizations", "match_on": ["id"]}]


def companies(account: Account, count: int) -> list[int]:
    """Organizations in Pipedrive."""
    return [account.put("organizations", name=f"Company {n}", address={"value": "Old"}) for n in range(count)]


def moves(ids: list[int], to: str = "New") -> list[Message]:
    """RECORDs that change their addresses."""
    return [record("organizations", id=each, address=f"{to} {each}") for each in ids]


def fail(account: Account, row_id: int | str = "", status: int = 500, method: str = "PATCH", **more: Any) -> None:
    """Let every change of a row fail, or of all rows."""
    path = f"/organizations/{row_id}$" if row_id else "/organizations/"
    rule = {"kind": "status", "status": status, "method": method, "path": path, "times": None}
    account.sandbox.set_faults({**rule, **more})


def addresses(account: Account) -> dict[int, str]:
    """What stands in Pipedrive."""
    return {row["id"]: row["address"]["value"] for row in account.rows("organizations")}


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("kind", ["status", "apply_then_status"])
def test_t63_one_record_is_rejected_and_the_others_are_written(
    account: Account, place: int, kind: str, tmp_path: Path
) -> None:
    """A permanent 500 on one record, first, in the middle or last: rejected with path and key; states are out."""
    ids = companies(account, 3)
    fail(account, ids[place], kind=kind)
    messages = [*moves(ids), stream_state("organizations", 1)]
    storage = {"storage_type": "Local", "path": str(tmp_path / "r")}
    run = account.write(messages, mappings=BY_ID, object_storage_config=storage)

    assert run.exit_code == 0, run
    assert run.states()[0]["destinationStats"] == {
        "recordCount": 2.0, "rejectedRecordCount": 1.0, "additionalStats": {"updated": 2.0},
    }  # fmt: skip
    others = [each for each in ids if each != ids[place]]
    assert all(addresses(account)[each] == f"New {each}" for each in others)
    (text,) = [text for text in run.logs("WARN") if "[refused_by_pipedrive" in text]
    assert f"PATCH /api/v2/organizations/{ids[place]}" in text
    assert "500" in text
    assert "may have been applied" in text
    assert "`id`" in text
    assert len(kept(tmp_path / "r")) == 1


def test_the_same_again_is_no_outage(account: Account) -> None:
    """When only the failing record is left to be written, the unchanged ones beside it say that Pipedrive works."""
    ids = companies(account, 3)
    fail(account, ids[1])
    messages = [*moves(ids), stream_state("organizations", 1)]
    assert account.write(messages, mappings=BY_ID).exit_code == 0
    again = account.write(messages, mappings=BY_ID)

    assert again.exit_code == 0, again
    assert again.summary["objects"]["organizations"]["rejected"] == 1
    assert len(again.states()) == 1


def test_a_later_batch_tells(account: Account) -> None:
    """The state behind a failing record waits until a later record went through; then both are settled."""
    ids = companies(account, 2)
    fail(account, ids[0])
    first, second = moves(ids)
    run = account.write(
        [first, stream_state("organizations", 1), second, stream_state("organizations", 2)], mappings=BY_ID
    )

    assert run.exit_code == 0, run
    stats = [state["destinationStats"] for state in run.states()]
    assert stats == [
        {"recordCount": 0.0, "rejectedRecordCount": 1.0, "additionalStats": {}},
        {"recordCount": 1.0, "rejectedRecordCount": 0.0, "additionalStats": {"updated": 1.0}},
    ]


def is_outage(run: Run) -> bool:
    """Whether the run failed as one to be tried again, and rejected nothing."""
    rejected = sum(counts["rejected"] for counts in run.summary["objects"].values())
    is_transient = [error["failure_type"] for error in run.errors()] == ["transient_error"]
    return run.exit_code == 1 and is_transient and not rejected and run.summary["status"] == "Error"


@pytest.mark.parametrize("count", [1, 2, 3, 40, 250])
@pytest.mark.parametrize("status", [500, 503])
def test_an_outage_rejects_nothing(account: Account, count: int, status: int) -> None:
    """Every change fails: the run fails as transient, soon, with the states of what was settled before."""
    ids = companies(account, count)
    fail(account, status=status)
    before = [record("persons", name="Ann", email="ann@acme.test"), stream_state("persons", 1)]
    changes = [*moves(ids), stream_state("organizations", 2)]
    run = account.write([*before, *changes], catalog_of("persons", "organizations"), mappings=BY_ID)

    assert is_outage(run), run
    assert [state["id"] for state in run.states()] == [1]
    assert len({path for _, path in account.writes()}) <= 1 + WORKERS + MOST_ASIDE - 1
    assert "PATCH /api/v2/organizations/" in run.errors()[0]["message"]


@pytest.mark.parametrize("count", [1, 2, 3, 12])
def test_records_that_all_fail_are_no_outage(account: Account, count: int) -> None:
    """Nothing else is written, and a change of a row that does not exist is answered: each is rejected by itself."""
    ids = companies(account, count)
    fail(account, f"({'|'.join(map(str, ids))})")
    run = account.write([*moves(ids), stream_state("organizations", 1)], mappings=BY_ID)

    assert run.exit_code == 0, run
    assert run.summary["objects"]["organizations"]["rejected"] == count
    assert len(run.states()) == 1
    assert [path for _, path in account.writes()].count(f"/api/v2/organizations/{NO_ROW}") == 1


def test_too_many_records_that_fail_are_an_outage(account: Account) -> None:
    """Whatever is answered meanwhile, a whole warehouse is not rejected."""
    ids = companies(account, 100)
    fail(account, f"({'|'.join(map(str, ids))})")
    run = account.write([*moves(ids), stream_state("organizations", 1)], mappings=BY_ID)

    assert is_outage(run), run
    assert run.states() == []
    assert len({path for _, path in account.writes()}) <= WORKERS + MOST_SUSPECTS


def test_an_outage_that_begins_with_the_first_write(account: Account) -> None:
    """Lists are read, then nothing is answered any more."""
    ids = companies(account, 3)
    account.sandbox.set_faults(
        {"kind": "status", "status": 500, "method": "PATCH", "path": f"/organizations/({'|'.join(map(str, ids))})$",
         "times": None},
        {"kind": "status", "status": 503, "path": f"/organizations/{NO_ROW}$", "times": None},
    )  # fmt: skip
    run = account.write([*moves(ids), stream_state("organizations", 1)], mappings=BY_ID)

    assert is_outage(run), run
    assert run.states() == []


def test_an_outage_of_writes_is_seen_among_unchanged_records(account: Account) -> None:
    """Reading works, no write does: rows that need none do not make it look healthy."""
    ids = companies(account, 120)
    same = [record("organizations", id=each, address="Old") for each in ids[:100]]
    changed = moves(ids[100:])
    mixed = [each for n, change in enumerate(changed) for each in (*same[n * 5 : n * 5 + 5], change)]
    fail(account)
    run = account.write([*mixed, stream_state("organizations", 1)], mappings=BY_ID)

    assert is_outage(run), run
    assert run.states() == []


def test_an_outage_in_the_middle(account: Account) -> None:
    """What went through before it is no reason to reject what fails in it."""
    ids = companies(account, 90)
    account.sandbox.set_faults(
        {"kind": "status", "method": "PATCH", "path": "/organizations/", "skip": 50, "times": None}
    )
    run = account.write([*moves(ids), stream_state("organizations", 1)], mappings=BY_ID)

    assert is_outage(run), run
    assert run.summary["objects"]["organizations"]["updated"] == 50


def test_a_new_record_that_keeps_failing(account: Account) -> None:
    """A POST that fails for good is looked for each time, then rejected; the others are created."""
    account.sandbox.set_faults({"kind": "status", "method": "POST", "path": "/persons$", "times": 4, "skip": 1})
    people = [record("persons", name=f"P{n}", email=f"p{n}@x.test") for n in (1, 2)]
    run = account.write(
        [
            people[0],
            stream_state("persons", 1),
            people[1],
            stream_state("persons", 2),
            record("persons", name="P3", email="p3@x.test"),
        ]
    )

    assert run.exit_code == 0, run
    assert {row["name"] for row in account.rows("persons")} == {"P1", "P3"}
    (text,) = [text for text in run.logs("WARN") if "[refused_by_pipedrive" in text]
    assert "POST /api/v2/persons" in text
    assert "`email`" in text


def test_a_parent_that_keeps_failing_takes_its_children_only(account: Account) -> None:
    """The rows of an organization that Pipedrive cannot make are rejected; rows of others are written."""
    link = {"organization": {"by": "name", "from": "company", "create_if_missing": True}}
    bad = [record("persons", name=f"B{n}", email=f"b{n}@x.test", company="Bad") for n in range(5)]
    good = [record("persons", name=f"G{n}", email=f"g{n}@x.test", company="Good") for n in range(5)]
    account.sandbox.set_faults({"kind": "status", "method": "POST", "path": "/organizations$", "times": 4})
    run = account.write(
        [*bad, stream_state("persons", 1), *good, stream_state("persons", 2)],
        mappings=[{"stream": "persons", "links": link}],
    )

    assert run.exit_code == 0, run
    assert {row["name"] for row in account.rows("persons")} == {f"G{n}" for n in range(5)}
    assert run.summary["objects"]["persons"]["rejected"] == 5


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 423])
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_t63_a_refusal_of_one_id_is_that_record_s_own(account: Account, status: int, method: str) -> None:
    """Whatever Pipedrive says of one row, the others are written, and the state is out."""
    ids = companies(account, 3)
    fail(account, ids[0], status, method, body={"success": False, "error": "Not this one"})
    operation = "delete" if method == "DELETE" else "upsert"
    run = account.write(
        [*moves(ids), stream_state("organizations", 1)], mappings=[{**BY_ID[0], "operation": operation}]
    )

    assert run.exit_code == 0, run
    assert len(run.states()) == 1
    counts = run.summary["objects"]["organizations"]
    is_gone_already = (method, status) == ("DELETE", 404)
    assert (counts["rejected"], counts["unchanged"]) == ((0, 1) if is_gone_already else (1, 0))
    assert counts["deleted" if method == "DELETE" else "updated"] == 2
    if status not in (404,):
        assert [text for text in run.logs("WARN") if f"{method} /api/v2/organizations/{ids[0]}" in text]


def test_t63_every_match_is_gone(account: Account) -> None:
    """404 on each row that has the key: rejected as no match, and the next record is written."""
    email = [{"value": "bob@acme.test", "primary": True, "label": "work"}]
    twins = [account.put("persons", name=f"Bob {n}", emails=email) for n in range(2)]
    gone = {"success": False, "error": "Person not found"}
    path = f"/persons/({'|'.join(map(str, twins))})$"
    account.sandbox.set_faults(
        {"kind": "status", "status": 404, "method": "PATCH", "path": path, "times": None, "body": gone}
    )
    messages = [
        record("persons", name="Bob Ray", email="bob@acme.test"),
        record("persons", name="Ann", email="a@x.test"),
    ]
    run = account.write(
        [*messages, stream_state("persons", 1)], mappings=[{"stream": "persons", "on_ambiguous": "oldest"}]
    )

    assert run.exit_code == 0, run
    counts = run.summary["objects"]["persons"]
    assert (counts["created"], counts["rejected"]) == (1, 1)


@pytest.mark.parametrize(("status", "code"), [(403, "permission_denied"), (423, "refused_by_pipedrive")])
def test_t63_one_id_that_cannot_be_read(account: Account, status: int, code: str) -> None:
    """Leads are read one by one: the one that is refused is rejected, the others are changed."""
    org = account.put("organizations", name="Acme")
    ids = [f"11111111-1111-4111-8111-11111111111{n}" for n in range(3)]
    account.sandbox.put_rows("leads", [{"id": each, "title": "Old", "organization_id": org} for each in ids])
    fault = {"kind": "status", "status": status, "method": "GET", "path": f"/leads/{ids[1]}$", "times": None}
    account.sandbox.set_faults({**fault, "body": {"success": False, "error": "No"}})
    messages = [record("leads", id=each, title="New") for each in ids]
    run = account.write([*messages, stream_state("leads", 1)])

    assert run.exit_code == 0, run
    counts = run.summary["objects"]["leads"]
    assert (counts["updated"], counts["rejected"]) == (2, 1)
    assert [text for text in run.logs("WARN") if f"[{code}" in text and f"/leads/{ids[1]}" in text]


@pytest.mark.parametrize("status", [404, 500])
def test_an_action_on_a_deal_that_cannot_be_moved_is_the_record_s_own(account: Account, status: int) -> None:
    """A deal vanishes between look-up and move, or its move keeps failing: rejected, and the next one is done."""
    people = [
        account.put("persons", name=f"P{n}", emails=[{"value": f"p{n}@x.test", "primary": True, "label": "work"}])
        for n in range(2)
    ]
    stages = account.rows("stages")
    first, last = stages[0], next(each for each in stages[1:] if each["pipeline_id"] == stages[0]["pipeline_id"])
    deals = [
        account.put(
            "deals",
            title=f"D{n}",
            person_id=each,
            status="open",
            stage_id=first["id"],
            pipeline_id=first["pipeline_id"],
        )
        for n, each in enumerate(people)
    ]
    account.sandbox.set_faults(
        {"kind": "status", "status": status, "method": "PATCH", "path": f"/deals/{deals[0]}$", "times": None}
    )
    action = {"action": "move_deal_to_stage", "stage": last["id"], "pipeline": last["pipeline_id"]}
    messages = [record("persons", email=f"p{n}@x.test", name=f"P{n}") for n in range(2)]
    run = account.write(
        [*messages, stream_state("persons", 1)],
        mappings=[
            {
                "stream": "persons",
                "actions": [{**action, "stage": str(last["id"]), "pipeline": str(last["pipeline_id"])}],
            }
        ],
    )

    assert run.exit_code == 0, run
    assert account.row("deals", deals[1])["stage_id"] == last["id"]
    assert run.summary["objects"]["persons"]["rejected"] == 1


def test_an_option_that_keeps_failing_is_that_of_its_records(account: Account) -> None:
    """An option that Pipedrive cannot make rejects the records that need it; the others are written."""
    fault = {"kind": "status", "status": 500, "method": "POST", "path": "/dealFields/.*options$", "times": None}
    account.sandbox.set_faults(fault)
    org = account.put("organizations", name="Acme")
    labels = ["Nowhere"] * 4 + [None] * 2
    named = [record("deals", title=f"D{n}", org_id=org, channel=each) for n, each in enumerate(labels)]
    mapping = {"stream": "deals", "match_on": ["title"], "fields": [{"source": "channel", "target": "label_ids"}]}
    run = account.write([*named, stream_state("deals", 1)], mappings=[mapping], auto_create_options=True)

    assert run.exit_code == 0, run
    counts = run.summary["objects"]["deals"]
    assert (counts["created"], counts["rejected"]) == (2, 4), run
    assert len(run.states()) == 1
