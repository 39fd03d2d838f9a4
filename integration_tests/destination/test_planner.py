"""What a look-up costs: by id, by listing, by search."""

import pytest

from integration_tests.destination.account import Account, record

MAPPED = [{"stream": "deals", "match_on": ["title"]}]


def people(account: Account, count: int) -> None:
    """Store so many persons."""
    emails = [[{"value": f"p{n}@acme.test", "primary": True, "label": "work"}] for n in range(count)]
    account.sandbox.put_rows("persons", [{"name": f"P {n}", "emails": each} for n, each in enumerate(emails)])


def searches(account: Account) -> int:
    """How many searches the last run made."""
    return len([path for _, path in account.calls() if path.endswith("/search")])


def test_t36_few_rows_in_a_large_account_are_searched_for(account: Account) -> None:
    """T36: 3 rows against 20,000 persons cost at most 155 tokens."""
    people(account, 20_000)
    rows = [record("persons", name=f"New {n}", email=f" P{n}@ACME.test") for n in (5, 10_000)]
    run = account.write([*rows, record("persons", name="Nobody yet", email="new@acme.test")])

    assert run.summary["objects"]["persons"]["updated"] == 2
    assert run.summary["objects"]["persons"]["created"] == 1
    assert searches(account) == 3
    assert account.tokens() <= 155


def test_t36_t37_many_rows_are_found_by_one_listing(account: Account) -> None:
    """T36, T37: 1,000 rows against 20,000 persons, 5 % changed: the listing, the definitions and 50 writes."""
    people(account, 20_000)
    rows = [record("persons", name=f"P {n}" if n % 20 else f"Q {n}", email=f"p{n}@acme.test") for n in range(1_000)]
    run = account.write(rows)

    assert run.summary["objects"]["persons"] | {"skipped": 0} == {
        "created": 0, "updated": 50, "unchanged": 950, "deleted": 0, "skipped": 0, "rejected": 0,
    }  # fmt: skip
    assert account.tokens() == 2 + 10 + 10 * 40 + 5 * 50
    account.write(rows)
    assert account.writes() == []


def test_t5_the_lag_of_the_search_index_makes_no_duplicate(account: Account) -> None:
    """T5: what was created a moment ago is among the newest rows, which are always listed."""
    people(account, 20_000)
    account.sandbox.change_settings(search_lag=60.0)
    new = [record("persons", name="New", email="new@acme.test"), record("persons", name="New", email="NEW@acme.test")]
    first = account.write(new)
    second = account.write(new)

    assert first.summary["objects"]["persons"]["created"] == 1
    assert second.summary["objects"]["persons"]["unchanged"] == 2
    assert account.writes() == []


def test_t5_an_old_row_whose_key_changed_a_moment_ago(account: Account) -> None:
    """T5: the search does not know its new email address yet; recent changes are listed before it is trusted."""
    people(account, 20_000)
    account.sandbox.change_settings(search_lag=60.0)
    change = [record("persons", id=9, emails=[{"value": "nine@acme.test", "primary": True}])]
    account.write(change, mappings=[{"stream": "persons", "match_on": ["id"]}])
    run = account.write([record("persons", name="Nine", email="nine@acme.test")])

    assert run.summary["objects"]["persons"]["created"] == 0
    assert [row["id"] for row in account.rows("persons") if "nine@acme.test" in str(row["emails"])] == [9]


def test_t9_a_search_hit_is_read_and_compared(account: Account) -> None:
    """T9: a hit of the search is no match until its own values say so."""
    people(account, 20_000)
    account.sandbox.set_faults(
        {
            "kind": "status",
            "status": 200,
            "path": "/persons/search$",
            "body": {"success": True, "data": {"items": [{"result_score": 1, "item": {"id": 7}}]}},
        }
    )
    run = account.write([record("persons", name="Self", email="elf@acme.test")])

    assert run.summary["objects"]["persons"]["created"] == 1
    assert account.row("persons", 7)["name"] == "P 6"


@pytest.mark.parametrize("kind", ["status", "drop"])
def test_t7_a_failed_search_creates_nothing(account: Account, kind: str) -> None:
    """T7: a search that keeps failing ends the run."""
    people(account, 20_000)
    account.sandbox.set_faults({"kind": kind, "path": "/persons/search$", "times": None})
    run = account.write([record("persons", name="Self", email="self@acme.test")])

    assert run.exit_code == 1
    assert account.writes() == []


def test_rows_named_by_id_are_read_in_batches(account: Account) -> None:
    """250 deals by id cost three reads of 100 ids, however many deals there are."""
    org = account.put("organizations", name="Acme")
    account.sandbox.put_rows("deals", [{"title": f"D {n}", "org_id": org} for n in range(2_000)])
    run = account.write([record("deals", id=n, title=f"D {n - 1}") for n in range(1, 251)])

    assert run.summary["objects"]["deals"]["unchanged"] == 250
    assert account.tokens() == 2 + 10 + 3 * 10


def test_an_unknown_id_is_never_a_create(account: Account) -> None:
    """An id that is not there is rejected as no_match, also where deals are listed."""
    for mappings in ([], [{"stream": "deals", "match_on": ["id", "title"]}]):
        run = account.write([record("deals", id=99, title="Ghost", org_id=1)], mappings=mappings)
        assert account.writes() == []
        assert any("no_match" in text for text in run.logs("WARN"))
