"""Which rows are taken, which are created, and which changes are too small."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record


def person(number: int, **more: Any) -> dict[str, Any]:
    """A person with an email address."""
    return record("persons", name=f"P{number}", email=f"p{number}@acme.test", **more)


def persons(**rules: Any) -> list[dict[str, Any]]:
    """The mapping of persons."""
    return [{"stream": "persons", **rules}]


def test_c5_d8_a_filter_leaves_rows_out_with_their_reason(account: Account) -> None:
    """C5, D8: rows that do not meet the condition are skipped, counted and named."""
    rows = [person(number, score=number * 10) for number in range(5)]
    fields = [{"source": "score", "mode": "ignore"}]
    run = account.write(rows, mappings=persons(filter="score >= 30", fields=fields))

    assert sorted(row["name"] for row in account.rows("persons")) == ["P3", "P4"]
    assert run.summary["objects"]["persons"]["skipped"] == 3
    assert len([text for text in run.logs("INFO") if "does not meet `filter` (score >= 30)" in text]) == 3


def test_a17_create_when_limits_creates_only(account: Account) -> None:
    """A17: a row that is there is updated, one that is not there is created at certain stages only."""
    account.write([person(1)])
    mappings = persons(create_when="stage in ('Customer')", fields=[{"source": "stage", "mode": "ignore"}])
    rows = [person(1, phone="1", stage="Lead"), person(2, stage="Lead"), person(3, stage="Customer")]
    run = account.write(rows, mappings=mappings)

    assert sorted(row["name"] for row in account.rows("persons")) == ["P1", "P3"]
    assert run.summary["objects"]["persons"] == {
        "created": 1, "updated": 1, "unchanged": 0, "deleted": 0, "skipped": 1, "rejected": 0,
    }  # fmt: skip


def test_a17_no_parent_is_created_for_a_row_that_is_not(account: Account) -> None:
    """A17: the company of a skipped person is not created either."""
    row = person(1, organization="Acme", stage="Lead")
    account.write([row], mappings=persons(create_when="stage == 'Customer'", on_missing_parent="create"))

    assert account.writes() == []


def test_b20_max_records_takes_the_first_rows_that_are_wanted(account: Account) -> None:
    """B20: a small first test; rows that the filter leaves out do not count."""
    rows = [person(number) for number in range(6)]
    run = account.write(rows, mappings=persons(filter="name != 'P0'", max_records=2))

    assert sorted(row["name"] for row in account.rows("persons")) == ["P1", "P2"]
    assert run.summary["objects"]["persons"]["skipped"] == 4


def test_b10_small_changes_are_left(account: Account) -> None:
    """B10: a score that moves less than `min_change` is not written; a large step is."""
    deal = account.put("deals", title="Deal", value=100, org_id=account.put("organizations", name="Acme"))
    mappings = [{"stream": "deals", "min_change": {"value": 10}}]
    account.write([record("deals", id=deal, value=109.5)], mappings=mappings)
    assert account.writes() == []

    account.write([record("deals", id=deal, value=110)], mappings=mappings)
    assert account.bodies("PATCH") == [{"value": 110}]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"filter": "score >"}, "`/mappings/0/filter`"),
        ({"filter": "scor > 5"}, "`/mappings/0/filter`: stream `persons` has no column `scor`. Did you mean `score`?"),
        ({"max_records": 0}, "`/mappings/0/max_records` must be a whole number of at least 1."),
        ({"min_change": {"name": 5}}, "`/mappings/0/min_change/name`: `name` is no number."),
        ({"min_change": {"name": "x"}}, "`/mappings/0/min_change/name` must be a number above zero."),
    ],
)
def test_c21_a_wrong_rule_is_named_by_its_pointer(account: Account, rules: dict[str, Any], said: str) -> None:
    """C21: one sentence, before anything is written."""
    catalog = catalog_of("persons")
    catalog["streams"][0]["stream"]["json_schema"]["properties"] = {"name": {}, "email": {}, "score": {}}
    run = account.write([person(1)], catalog, mappings=persons(**rules))

    assert run.exit_code == 1
    assert said in run.errors()[0]["message"]
    assert account.writes() == []
