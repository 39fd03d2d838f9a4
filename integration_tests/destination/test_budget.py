"""Tokens: the reserve of the account, the budget of a run, and what a check costs."""

import pytest

from integration_tests.destination.account import Account, Message, record, stream_state


def people(count: int) -> list[Message]:
    """Persons, each with a state behind it."""
    return [
        each
        for n in range(count)
        for each in (record("persons", name=f"P{n}", email=f"p{n}@acme.test"), stream_state("persons", n))
    ]


def test_t35_the_reserve_is_kept_and_the_next_run_goes_on(account: Account) -> None:
    """T35: the account never falls below `daily_token_reserve`; a run with more room writes the rest, once."""
    account.sandbox.change_settings(daily_limit=1000)
    run = account.write(people(40), daily_token_reserve=900)

    assert run.exit_code == 1
    assert run.errors()[0]["failure_type"] == "config_error"
    assert "`daily_token_reserve`" in run.errors()[0]["message"]
    assert account.sandbox.meter()["remaining"] >= 900
    assert 0 < len(run.states()) == len(account.rows("persons")) < 40

    rest = people(40)[2 * len(run.states()) :]
    assert account.write(rest).exit_code == 0
    assert len(account.rows("persons")) == 40


def test_t33_what_was_in_flight_is_told_and_written_once(account: Account) -> None:
    """T33: the daily tokens run out in the middle of a batch; the next day the same input leaves one row per record."""
    account.sandbox.change_settings(daily_limit=120)
    messages = [each for each in people(40) if each["type"] == "RECORD"]
    run = account.write([*messages, stream_state("persons", 1)])
    assert run.exit_code == 1
    assert run.states() == []
    assert "Try again after midnight" in run.errors()[0]["message"]
    refused = [each["status"] for each in account.sandbox.requests()].count(429)
    assert refused <= 8

    account.sandbox.change_settings(daily_limit=100_000)
    assert account.write(messages).exit_code == 0
    assert len(account.rows("persons")) == 40


@pytest.mark.parametrize(("mappings", "most"), [([], 110), ([{"stream": "persons"}], 35)])
def test_a_check_reads_one_row_an_object(account: Account, mappings: list[Message], most: int) -> None:
    """However many rows there are, a check asks for one of each object."""
    run = account.check(mappings=mappings)

    assert run.connection_status["status"] == "SUCCEEDED"
    assert account.tokens() <= most
    lists = [each for each in account.sandbox.requests() if each["path"].endswith(("/persons", "/deals", "/notes"))]
    assert lists
    assert all(("limit", "1") in [tuple(pair) for pair in each["query"]] for each in lists)


def test_a_check_reports_the_permissions_that_pipedrive_shows(account: Account) -> None:
    """Permissions that the user lacks are named; one that the config needs fails the check."""
    account.sandbox.change_settings(refused_permissions=["can_add_custom_fields"])
    run = account.check()
    needing = account.check(auto_create_fields=True)

    assert any("lacks: can_add_custom_fields" in text for text in run.logs("WARN"))
    assert run.connection_status["status"] == "SUCCEEDED"
    assert needing.connection_status["status"] == "FAILED"
    assert "`can_add_custom_fields`" in needing.connection_status["message"]
