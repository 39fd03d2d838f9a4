"""The way of a record: each step once, however many records and parents take part."""

import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import destination_pipedrive
import pipedrive_client
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.pipeline import Pipeline
from destination_pipedrive.planning.planner import Planner
from integration_tests.destination.account import Account, catalog_of, record

#: Calls of our functions, the client's with them, for one more person with a company of its own, and how many different
#: ones there are in all. What a run prepares once is not in it.
MOST_CALLS, MOST_FUNCTIONS = 250, 280
#: Where our code is.
OURS = tuple(str(Path(package.__file__ or "").parent) for package in (destination_pipedrive, pipedrive_client))
STEPS = ((RecordMapper, "map"), (Matcher, "match"), (Planner, "decide"), (Planner, "create"), (Planner, "new"))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each step is taken."""
    found: Counter[str] = Counter()

    def counted(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            found[name] += 1
            return step(*arguments, **named)

        return call

    for owner, name in STEPS:
        monkeypatch.setattr(owner, name, counted(name, getattr(owner, name)))
    return found


def test_a_person_and_its_company_are_mapped_matched_and_planned_once(account: Account, calls: Counter[str]) -> None:
    """Both new: the record is mapped, decided on and planned once, each of the two rows is looked for once."""
    link = {"by": "name", "from": "company", "create_if_missing": True}
    mapping = {"stream": "persons", "links": {"organization": link}}
    rows = [record("persons", name="Ann", email="ann@acme.test", company="Acme")]
    run = account.write(rows, mappings=[mapping])

    assert {name: counts["created"] for name, counts in run.summary["objects"].items()} == dict.fromkeys(
        ("persons", "organizations"), 1
    )
    assert calls == {"map": 1, "decide": 1, "create": 1, "match": 2, "new": 2}


def test_records_that_change_nothing_are_matched_once(account: Account, calls: Counter[str]) -> None:
    """The second run: one look-up a record, no parent is looked for, nothing is planned anew."""
    rows = [record("persons", name=f"P{number}", email=f"p{number}@acme.test") for number in range(20)]
    account.write(rows)
    calls.clear()
    account.write(rows)

    assert account.writes() == []
    assert calls == {"map": 20, "match": 20, "decide": 20}


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each named function of ours is called inside `Pipeline.run`, by any thread."""
    found: Counter[str] = Counter()
    run, lock = Pipeline.run, threading.Lock()

    def count(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS) and not code.co_name.startswith("<"):
            with lock:
                found[f"{Path(code.co_filename).parent.name}/{Path(code.co_filename).name}: {code.co_qualname}"] += 1

    def watched(self: Pipeline, messages: Any) -> None:
        threading.setprofile(count)
        sys.setprofile(count)
        try:
            run(self, messages)
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    monkeypatch.setattr(Pipeline, "run", watched)
    return found


def test_a_person_with_a_company_takes_few_functions(account: Account, functions: Counter[str]) -> None:
    """Two rows, two requests: what one more record of them calls, and how many different functions there are."""
    columns = {name: {"type": "string"} for name in ("name", "email", "company")}
    catalog = catalog_of("persons")
    catalog["streams"][0]["stream"]["json_schema"]["properties"] = columns
    link = {"by": "name", "from": "company", "create_if_missing": True}
    totals = []
    for count in (4, 14):
        account.sandbox.reset(seed=1, scale=0)
        functions.clear()
        people = [
            record(
                "persons", name=f"P{n} of {count}", email=f"p{n}.{count}@acme.test", company=f"Company {n} of {count}"
            )
            for n in range(count)
        ]
        account.write(people, catalog, mappings=[{"stream": "persons", "links": {"organization": link}}])
        assert len(account.rows("organizations")) == len(account.rows("persons")) == count
        totals.append(functions.total())

    assert (totals[1] - totals[0]) / 10 < MOST_CALLS
    assert len(functions) < MOST_FUNCTIONS
