"""Rows that come before their parents."""

import io
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from destination_pipedrive.references import deferral as waiting
from destination_pipedrive.references.deferral import DeferredQueue
from destination_pipedrive.run import main
from integration_tests.destination.account import Account, catalog_of, record, stream_state
from integration_tests.harness import stream_status
from pipedrive_client import clock

MAPPINGS = [
    {"stream": "deals", "match_on": ["title"], "links": {"person": {"by": "email", "from": "mail"}}},
]
ALL = ("deals", "organizations", "persons")


def rows(count: int) -> dict[str, list[dict[str, Any]]]:
    """Companies, their persons, and the persons' deals."""
    return {
        "deals": [record("deals", title=f"D{n}", organization=f"C{n}", mail=f"p{n}@x.test") for n in range(count)],
        "organizations": [record("organizations", name=f"C{n}") for n in range(count)],
        "persons": [record("persons", name=f"P{n}", email=f"p{n}@x.test", organization=f"C{n}") for n in range(count)],
    }


def assert_linked(account: Account, count: int) -> None:
    """Every deal hangs on its company and person, every person on its company."""
    companies = {row["name"]: row["id"] for row in account.rows("organizations")}
    persons = {row["name"]: row for row in account.rows("persons")}
    deals = {row["title"]: row for row in account.rows("deals")}
    assert len(companies) == len(persons) == len(deals) == count
    for n in range(count):
        assert persons[f"P{n}"]["org_id"] == companies[f"C{n}"] == deals[f"D{n}"]["org_id"]
        assert deals[f"D{n}"]["person_id"] == persons[f"P{n}"]["id"]


def test_t21_deals_before_companies_before_persons(account: Account) -> None:
    """T21: streams in alphabetical order, with states between: states are held back, links are right."""
    found = rows(250)
    messages = [
        each for number, name in enumerate(ALL, start=1) for each in (*found[name], stream_state(name, number, 250.0))
    ]
    run = account.write(messages, catalog_of(*ALL), mappings=MAPPINGS)

    assert run.summary["status"] == "Success", run
    assert_linked(account, 250)
    assert [state["id"] for state in run.states()] == [1, 2, 3]
    assert [state["destinationStats"]["recordCount"] for state in run.states()] == [250.0] * 3

    account.write(messages, catalog_of(*ALL), mappings=MAPPINGS)
    assert account.writes() == []


def test_t21_interleaved(account: Account) -> None:
    """T21: rows of the three streams in turn."""
    found = rows(120)
    messages = [each for three in zip(*(found[name] for name in ALL), strict=True) for each in three]
    run = account.write([*messages, stream_state("deals", 1)], catalog_of(*ALL), mappings=MAPPINGS)

    assert run.summary["status"] == "Success", run
    assert_linked(account, 120)


def test_t21_a_complete_parent_stream_settles_what_waits(account: Account) -> None:
    """Once the parents' streams are complete, nothing waits for the end of the input."""
    found = rows(2)
    bad = record("persons", name="Orphan", email="o@x.test", organization="Nobody")
    messages = [
        bad, stream_state("persons", 1), *found["organizations"], stream_status("organizations"),
        record("persons", name="Late", email="l@x.test", organization="Nobody"), stream_state("persons", 2),
    ]  # fmt: skip
    run = account.write(messages, catalog_of("organizations", "persons"))

    assert len([text for text in run.logs("WARN") if "parent_not_found" in text]) == 2
    assert [state["destinationStats"]["rejectedRecordCount"] for state in run.states()] == [1.0, 1.0]


def test_t60_the_order_of_one_row_is_kept_while_it_waits(account: Account) -> None:
    """A second version of a waiting row waits behind it, so the newer values win."""
    messages = [
        record("persons", name="First", email="p@x.test", organization="C"),
        stream_state("persons", 1),
        record("persons", name="Second", email="p@x.test"),
        record("organizations", name="C"),
    ]
    account.write(messages, catalog_of("organizations", "persons"))
    (person,) = account.rows("persons")

    assert person["name"] == "Second"
    assert person["org_id"] == account.rows("organizations")[0]["id"]


def test_t17_after_ten_minutes_states_flow(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """T17: a row that waited ten minutes is settled by `on_missing_parent`."""
    monkeypatch.setattr(waiting, "LONGEST_WAIT", 0.0)
    clock.sleep(1)
    messages = [
        record("persons", name="P", email="p@x.test", organization="C"), stream_state("persons", 1),
        record("organizations", name="C"),
    ]  # fmt: skip
    mappings = [{"stream": "persons", "on_missing_parent": "null"}]
    run = account.write(messages, catalog_of("organizations", "persons"), mappings=mappings)

    assert run.states()[0]["destinationStats"]["recordCount"] == 1.0
    assert account.rows("persons")[0]["org_id"] is None


class Slow(io.BytesIO):
    """Standard input of a source that takes its time: lines, and None where a second passed without one."""

    def __init__(self, lines: Iterator[bytes | None]) -> None:
        super().__init__()
        self._lines = lines

    def __next__(self) -> Any:
        return next(self._lines)


@pytest.mark.parametrize("gap", [6.0, 4.0], ids=["quiet", "a record now and then"])
def test_t65_states_leave_though_the_source_is_slow(account: Account, gap: float) -> None:
    """A change held for later records of its row does not hold a state back for ten minutes."""
    account.put("persons", name="Old", emails=[{"value": "p@x.test", "primary": True, "label": "work"}])
    out = io.StringIO()
    waited = 0.0

    def lines() -> Iterator[bytes | None]:
        nonlocal waited
        yield json.dumps(record("persons", name="New", email="p@x.test")).encode()
        yield json.dumps(stream_state("persons", 1)).encode()
        while '"STATE"' not in out.getvalue() and waited < 700:
            clock.sleep(gap)
            waited += gap
            yield None
            if gap < 5:
                yield json.dumps(record("persons", name=f"N{waited}", email=f"n{waited}@x.test")).encode()

    for name, content in {"config": account.config(), "catalog": catalog_of("persons")}.items():
        (account.folder / f"{name}.json").write_text(json.dumps(content))
    files = [f"--{name}={account.folder / name}.json" for name in ("config", "catalog")]
    assert main(["write", *files], Slow(lines()), out) == 0

    assert 0 < waited <= 600


def test_t51_what_waits_is_on_disk(account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """T51: rows that wait for a parent go to a file, whole, and come back when the parent is there."""
    size, count = 10_000, 200
    sizes: list[int] = []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(DeferredQueue, "close", lambda queue: sizes.extend(_sizes(tmp_path)))
    early = [record("deals", title=f"D{n}", organization="C0", junk="x" * size) for n in range(count)]
    run = account.write([*early, record("organizations", name="C0")], catalog_of(*ALL), mappings=MAPPINGS)

    assert run.summary["objects"]["deals"]["created"] == count
    assert sum(sizes) > size * count


def test_no_room_for_what_waits(account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A disk that is full ends the run with a message that names the folder; what was settled has its state."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    connect = sqlite3.connect

    def full(*arguments: Any, **options: Any) -> sqlite3.Connection:
        base = connect(*arguments, **options)
        base.execute("PRAGMA max_page_count = 20")
        return base

    monkeypatch.setattr(sqlite3, "connect", full)
    first = [record("organizations", name="C1"), stream_state("organizations", 1)]
    early = [record("deals", title=f"D{n}", organization="C0", junk="x" * 10_000) for n in range(50)]
    run = account.write([*first, *early, stream_state("deals", 2)], catalog_of(*ALL), mappings=MAPPINGS)

    assert run.exit_code == 1
    assert f"{tmp_path} takes no more" in run.errors()[0]["message"]
    assert run.errors()[0]["failure_type"] == "config_error"
    assert run.summary["status"] == "Error"
    assert [state["id"] for state in run.states()] == [1]
    assert not list(tmp_path.glob("pipedrive-*"))


def _sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.rglob("*.sqlite")]


def test_a_state_waits_for_rows_that_a_failed_run_did_not_come_to(account: Account) -> None:
    """Rows leave the queue parents first: when the run ends in the middle, a state behind the others stays."""
    outage = {"kind": "status", "status": 503, "method": "POST", "path": "/persons$", "times": None}
    account.sandbox.set_faults(outage)
    messages = [
        record("deals", title="D0", organization="C0"), stream_state("deals", 1),
        *rows(3)["persons"], stream_state("persons", 2), *rows(3)["organizations"],
    ]  # fmt: skip
    run = account.write(messages, catalog_of(*ALL), mappings=MAPPINGS)

    assert run.exit_code == 1, run
    assert account.rows("deals") == []
    assert run.states() == []
