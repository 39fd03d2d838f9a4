"""The installed executable passes the checks that hold for every destination (``integration_tests/conformance``)."""

import pytest

from integration_tests.conformance.suite import CHECKS, run_check
from integration_tests.destination.account import Account
from integration_tests.destination.persons_adapter import PersonsAdapter

#: Known not to hold yet -> why.
OPEN = {"overwrite_is_never_taken_for_append": "generation_id and minimum_generation_id of the catalog are not read"}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.xfail(reason=OPEN[name])) if name in OPEN else name for name in CHECKS],
)
def test_conformance(name: str, account: Account) -> None:
    """Every check; none is skipped, and what fails is named above."""
    run_check(name, PersonsAdapter(account))
