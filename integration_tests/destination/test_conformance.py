"""The installed executable passes the checks that hold for every destination (``conformance/``)."""

import pytest

from destination_conformance import CHECKS, run_check
from integration_tests.destination.account import Account
from integration_tests.destination.persons_adapter import PersonsAdapter


@pytest.mark.parametrize("name", CHECKS)
def test_conformance(name: str, account: Account) -> None:
    """Every check; none is skipped."""
    run_check(name, PersonsAdapter(account))
