"""The promises of `make bench-tokens`, on a smaller account. Scenario: every stream for the fewest tokens."""

from __future__ import annotations

import pytest

from bench import floor
from bench.tokens import Result, complaints, measure, report
from source_pipedrive.streams.table import STREAMS

DEALS = 400
#: Streams below parents that have a change time: with no parent changed there is nothing to ask.
CHILDREN = {spec.name for spec in STREAMS if spec.child and spec.cursor}


@pytest.fixture(scope="module")
def result() -> Result:
    """Three reads of one account: first, unchanged, one deal in a hundred changed."""
    return measure(DEALS)


def test_every_stream_is_read_without_complaint(result: Result) -> None:
    """All three runs succeed without a warning, every stream has rows, every call belongs to a stream."""
    assert not complaints(result)


def test_a_first_read_costs_at_most_5_percent_over_the_floor(result: Result) -> None:
    """Reading everything costs at most 5 % more than the API's prices allow, and never less than the floor says."""
    tokens, least = result.first.tokens, result.first_floor

    assert tokens.total() <= 1.05 * sum(least.values())
    assert not {name: (tokens[name], price) for name, price in least.items() if tokens[name] < price}


def test_persons_of_deals_alone_cost_more_than_the_floor(result: Result) -> None:
    """Only `deal_persons` asks again for what other streams were told; every other stream costs its floor."""
    over = {name for name, price in result.first_floor.items() if result.first.tokens[name] > price}

    assert over <= {"deal_persons"}


def test_an_unchanged_read_asks_no_parent_again(result: Result) -> None:
    """With nothing changed no child is asked for, and a list with a filter takes one call."""
    calls = result.unchanged.requests

    assert not {name: calls[name] for name in CHILDREN if calls[name]}
    assert {name: calls[name] for name in floor.FILTERED} == {
        "deals": 2,
        "persons": 1,
        "organizations": 1,
        "activities": 1,
        "products": 1,
        "leads": 2,
        "notes": 1,
    }
    assert result.unchanged.tokens == result.unchanged_floor


def test_changed_deals_cost_what_they_cost(result: Result) -> None:
    """With 1 % of the deals changed, each stream costs at most what those deals cost; other streams cost no more."""
    assert result.changed.rows["deals"] == DEALS // 100
    assert not {name for name, more in result.extra.items() if more > result.parents.get(name, 0)}


def test_the_report_ends_with_the_totals(result: Result) -> None:
    """The last line is `BENCH` and the totals as JSON, and a table names every stream."""
    lines = report(result)

    assert lines[-1].startswith('BENCH {"deals": 400,')
    assert {spec.name for spec in STREAMS} <= {line.split(" ")[0] for line in lines}
