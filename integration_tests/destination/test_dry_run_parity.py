"""A dry run says what the run then does, whatever the records of one run have to do with each other."""

import pytest

from integration_tests.destination.account import WRITES, Account
from integration_tests.destination.dry_run_inputs import CASES, Make
from integration_tests.destination.dry_run_more_inputs import MORE


def written(account: Account) -> int:
    """Tokens that the writes of the last run cost."""
    return sum(each["tokens"] for each in account.sandbox.requests() if each["method"] in WRITES)


@pytest.mark.parametrize("make", [*CASES, *MORE], ids=lambda make: make.__name__)
def test_t45_the_plan_is_what_the_run_then_does(account: Account, make: Make) -> None:
    """T45: the same counts of every object, the same tokens for writes, the same tokens in all."""
    messages, config = make(account)
    dry = account.write(messages, dry_run=True, **config)
    assert account.writes() == []
    real = account.write(messages, **config)

    assert dry.exit_code == real.exit_code == 0
    assert real.summary["objects"] == dry.summary["objects"]
    assert written(account) == dry.summary["planned_tokens"] > 0
    assert account.tokens() == dry.summary["tokens"] + dry.summary["planned_tokens"]
