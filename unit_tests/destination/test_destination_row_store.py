"""Rows in memory by their keys: what it costs to enter, find and take out rows that share a key."""

from collections.abc import Callable
from typing import Any

import pytest

from destination_pipedrive.matching import row_store
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.matching.row_store import RowStore

NAME = MatchKey("name", "name", "text")
DOMAIN = MatchKey("domain", "website", "domain")
Row = dict[str, Any]


def filled(count: int, name: str = "Acme") -> RowStore:
    """A store of so many rows of one name."""
    store = RowStore()
    store.add_keys((NAME,))
    for number in range(1, count + 1):
        store.put({"id": number, "name": name})
    return store


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Row]:
    """Every row whose values for a key are worked out."""
    seen: list[Row] = []
    read = row_store.key_values

    def counted(key: MatchKey, row: Row) -> list[str]:
        seen.append(row)
        return read(key, row)

    monkeypatch.setattr(row_store, "key_values", counted)
    return seen


@pytest.mark.parametrize("count", [1_000, 20_000])
def test_filling_reads_each_row_once(reads: list[Row], count: int) -> None:
    """However many rows share a value, each is read once when it is entered."""
    filled(count)

    assert len(reads) == count


@pytest.mark.parametrize(
    ("act", "most"),
    [
        (lambda store: store.drop(7), 1),
        (lambda store: store.put({"id": 7, "name": "Acme"}), 2),
        (lambda store: store.put({"id": 30_000, "name": "Acme"}), 1),
        (lambda store: store.ids(NAME, ["acme"]), 0),
    ],
    ids=["drop", "replace", "add", "find"],
)
def test_one_row_among_many_of_its_value_costs_as_much_as_one_alone(
    reads: list[Row], act: Callable[[RowStore], Any], most: int
) -> None:
    """A change or a look-up reads no other row that has the same key."""
    store = filled(20_000)
    reads.clear()
    act(store)

    assert len(reads) <= most


def test_a_look_up_copies_nothing() -> None:
    """The ids of a shared value are lent: 20,000 of them cost a look-up nothing."""
    store = filled(20_000)

    assert store.ids(NAME, ["acme"]) is store.ids(NAME, ["acme"])


def test_rows_leave_the_value_that_they_had() -> None:
    """A row that gets another name is found by that one only; the last of a value leaves nothing behind."""
    store = filled(3)
    store.put({"id": 2, "name": "Beta"})

    assert store.ids(NAME, ["acme"]) == {1, 3}
    assert store.ids(NAME, ["beta"]) == {2}
    store.drop(2)
    assert not store.ids(NAME, ["beta"])
    assert store.ids(NAME, ["beta", "acme"]) == {1, 3}


@pytest.mark.parametrize("others", [5, 50])
def test_rows_with_another_value_of_a_key_are_told_apart(others: int) -> None:
    """Rows that have the value, or none, stay; the same whether rows are looked at one by one or as sets."""
    store = filled(others)
    for number in range(1, others + 1):
        store.put({"id": number, "name": "Acme", "website": f"d{number}.example"})
    store.put({"id": 98, "name": "Acme", "website": "gmail.com"})
    store.put({"id": 99, "name": "Acme", "website": None})

    left = store.not_apart(store.ids(NAME, ["acme"]), DOMAIN, ["d3.example"])
    assert left == {3, 98, 99}
    store.drop(98)
    store.put({"id": 99, "name": "Acme", "website": "d99.example"})
    assert store.not_apart(store.ids(NAME, ["acme"]), DOMAIN, ["d3.example"]) == {3}


def test_what_is_planned_lies_over_what_is_read() -> None:
    """A planned row stays when rows are let go of, and a planned change holds when the row is read again."""
    store = filled(2)
    store.plan(1, {"name": "Beta"})
    store.add_planned({"id": -1, "name": "Acme"})
    store.clear()

    assert store.ids(NAME, ["acme"]) == {-1}
    assert store.put({"id": 1, "name": "Acme"})["name"] == "Beta"
    assert store.ids(NAME, ["beta"]) == {1}


def test_what_this_run_deleted_does_not_come_back() -> None:
    """A list that still shows a row does not bring it back; a row created under its id does."""
    store = filled(2)
    store.bury(1)
    store.put({"id": 1, "name": "Acme"})
    assert store.ids(NAME, ["acme"]) == {2}

    store.add({"id": 1, "name": "Acme"})
    assert store.ids(NAME, ["acme"]) == {1, 2}
