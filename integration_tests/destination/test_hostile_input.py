"""Input and answers that nobody would send on purpose: everything is written, rejected or named, and nothing breaks."""

import json
from typing import Any

import pytest

from destination_pipedrive.protocol.json_lines import DEEPEST
from integration_tests.destination.account import Account, catalog_of, record, stream_state
from integration_tests.harness import Run

GOOD = record("persons", name="Good", email="good@acme.test")
NAMES = (
    "__proto__", "constructor", "prototype", "__class__", "toString", "id; DROP TABLE", "../../x", "", " ",
    "\u202eemag", "a" * 5_000, "\x00", "ﷺ" * 300, "{{7*7}}", "${jndi:ldap://x}",
)  # fmt: skip
TEXTS = (
    "=HYPERLINK(\"http://x\")", "+1+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>", "'; DROP TABLE persons;--",
    "{{7*7}}", "%s%s%n", "\u202egnp.exe", "🧑‍🚀 Ünï", "\\\\server\\share",
)  # fmt: skip


def counts(run: Run, name: str = "persons") -> dict[str, int]:
    """How many records of an object ended how."""
    assert run.exit_code == 0, run
    assert not any("Traceback" in text for text in run.logs())
    return {key: count for key, count in run.summary["objects"][name].items() if count}


@pytest.mark.parametrize("name", NAMES)
def test_a_column_of_any_name(account: Account, name: str) -> None:
    """A column that no field has is left out, whatever it is called."""
    rows = [record("persons", **{"name": "A", "email": "a@x.test", name: value}) for value in ("x", {"a": 1}, [1])]

    assert counts(account.write([*rows, GOOD, stream_state("persons", 1)])) == {"created": 2, "unchanged": 2}
    assert {row["name"] for row in account.rows("persons")} == {"A", "Good"}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_written_as_it_is(account: Account, text: str) -> None:
    """Formulas, markup and templates are text."""
    run = account.write([record("persons", name=text, email="a@x.test")])
    again = account.write([record("persons", name=text, email="a@x.test")])

    assert (counts(run), counts(again)) == ({"created": 1}, {"unchanged": 1})
    assert [row["name"] for row in account.rows("persons")] == [text]


def test_a_long_line(account: Account) -> None:
    """A line of 20 MB is read; what is too long for its field is that record's own trouble."""
    long = record("persons", name="L", email="l@x.test", notes_nobody_has="x" * 20_000_000)
    wide = record("persons", name="W", email="w@x.test", **{f"column_{n}": n for n in range(10_000)})
    run = account.write([long, wide, GOOD, stream_state("persons", 1)])

    assert counts(run) == {"created": 3}
    assert max(len(line) for line in run.stdout.splitlines()) < 1_000_000
    assert len(run.states()) == 1


@pytest.mark.parametrize("depth", [DEEPEST - 10, DEEPEST + 10, 1_100, 10_000])
@pytest.mark.parametrize("column", ["unmapped", "name", "owner_id", "label_ids"])
def test_a_value_of_many_levels(account: Account, depth: int, column: str) -> None:
    """A value of any depth ends at most its own record."""
    deep = '{"a":' * depth + "1" + "}" * depth
    data = {"name": "A", "email": "a@x.test", column: 0}
    line = json.dumps(record("persons", **data)).replace(f'"{column}": 0', f'"{column}": {deep}')
    run = account.write([line, GOOD, stream_state("persons", 1)], catalog_of("persons"))

    found = counts(run)
    assert sum(found.values()) == 2
    assert found.get("rejected", 0) == (depth > DEEPEST or column != "unmapped")
    assert len(run.states()) == 1


def test_tasks_that_are_each_other_s_parents(account: Account) -> None:
    """Parents in a circle never come; their records are rejected and the run ends."""
    board = account.put("projects", title="P")
    rows = [
        {"title": "A", "project_id": board, "parent_task_id": 901},
        {"title": "B", "project_id": board, "parent_task_id": 902},
    ]
    run = account.write([*(record("tasks", **row) for row in rows), stream_state("tasks", 1)])

    assert run.exit_code == 0, run
    assert len(run.states()) == 1


def options_of(count: int) -> list[dict[str, Any]]:
    """Options of a field."""
    return [{"id": number, "label": f"Option {number}"} for number in range(1, count + 1)]


def test_a_field_of_10_000_options(account: Account) -> None:
    """The last of many options is found, and one that is not there is not listed with all the others."""
    field = {
        "field_name": "Colour", "field_code": "c" * 40, "field_type": "enum", "is_custom_field": True,
        "options": options_of(10_000),
    }  # fmt: skip
    account.sandbox.put_rows("personFields", [field])
    rows = [record("persons", name=f"P{n}", email=f"p{n}@x.test", Colour=f"Option {n}") for n in (1, 10_000, 10_001)]
    run = account.write([*rows, stream_state("persons", 1)])

    assert counts(run) == {"created": 2, "rejected": 1}
    assert max(len(text) for text in run.logs()) < 2_000
