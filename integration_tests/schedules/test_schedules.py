"""Drawn schedules: 200 in ``make test``, as many as ``SCHEDULE_CASES`` says in ``make soak``."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from integration_tests.schedules import destination_case, source_case, test_put_back

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
PARTS = 10
#: How many are tried in ``make test``, half of them with each connector.
ORDINARY = 200
CASES = int(os.environ.get("SCHEDULE_CASES", ORDINARY))
FIRST_SEED = int(os.environ.get("SCHEDULE_SEED", "0"))


def try_all(strategy: SearchStrategy[Any], attempt: Callable[[Any], None], part: int) -> None:
    """Draw and try the cases of one part; the same seed draws the same."""

    @seed(FIRST_SEED * PARTS + part)
    @settings(
        max_examples=max(1, CASES // 2 // PARTS),
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def inner(case: Any) -> None:
        try:
            attempt(case)
        except AssertionError as error:
            failures.append(f"{error}\n{case}")
            raise

    failures: list[str] = []
    try:
        inner()
    except Exception as error:
        # Threads may meet in another order the next time: what failed once is a fault all the same.
        told = failures or [repr(error)]
        pytest.fail(f"{len(told)} failures, the first and the last:\n{told[0]}\n{told[-1]}", pytrace=False)


@pytest.mark.parametrize("part", range(PARTS))
def test_source(part: int) -> None:
    """Whatever happens on the way, in the end the warehouse holds the account: nothing lost, no false tombstone."""
    try_all(source_case.cases(), source_case.attempt, part)


@pytest.mark.parametrize("part", range(PARTS))
def test_destination(part: int) -> None:
    """Whatever happens on the way, in the end Pipedrive holds the rows of a run that nothing disturbed."""
    try_all(destination_case.cases(), destination_case.attempt, part)


def test_the_page_counts_right() -> None:
    """docs/reliability.md tells the number of kinds of mapping, of faults that are put back, and of cases."""
    page = PAGE.read_text(encoding="utf-8")
    kinds = sum(len(ways) for ways in destination_case.WAYS.values())
    faults = len(test_put_back.DESTINATION) + len(test_put_back.SOURCE)

    assert f"{kinds} kinds of mapping" in page
    most = test_put_back.MOST_CASES
    assert f"each is found within {test_put_back.SETS * most} cases, most within {most} | {faults} |" in page
    assert f"| the same schedules | {ORDINARY // 2} |" in page
    assert f"each run tries the same {ORDINARY}." in page
