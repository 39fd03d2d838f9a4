"""The way of a record: each step once, however many records and parents take part."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.planning.planner import Planner
from integration_tests.destination.account import Account, record

STEPS = ((RecordMapper, "draft"), (Matcher, "match"), (Planner, "decide"), (Planner, "create"), (Planner, "new"))


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
    assert calls == {"draft": 1, "decide": 1, "create": 1, "match": 2, "new": 2}


def test_records_that_change_nothing_are_matched_once(account: Account, calls: Counter[str]) -> None:
    """The second run: one look-up a record, no parent is looked for, nothing is planned anew."""
    rows = [record("persons", name=f"P{number}", email=f"p{number}@acme.test") for number in range(20)]
    account.write(rows)
    calls.clear()
    account.write(rows)

    assert account.writes() == []
    assert calls == {"draft": 20, "match": 20, "decide": 20}
