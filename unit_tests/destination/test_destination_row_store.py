"""Rows in memory by their keys: what it costs to enter, find and take out rows that share a key."""

from collections.abc import Callable
from typing import Any

import pytest

from destination_pipedrive.matching import key_index, row_store
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
    read = key_index.key_values

    def counted(key: MatchKey, row: Row) -> list[str]:
        seen.append(row)
        return read(key, row)

    monkeypatch.setattr(key_index, "key_values", counted)
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


@pytest.fixture
def created(monkeypatch: pytest.MonkeyPatch) -> RowStore:
    """A store of 40 rows that this run created, of which 20 may stay in memory; rows 31 and 32 have one name."""
    monkeypatch.setattr(row_store, "MOST_IN_MEMORY", 20)
    store = RowStore()
    store.add_keys((NAME,))
    for number in range(1, 41):
        store.add({"id": number, "name": "Twin" if number in (3, 4) else f"N {number}"})
    store.move_to_disk()
    return store


def test_created_rows_leave_memory_and_are_found(created: RowStore) -> None:
    """The latest stay; the others come back when their key or id is asked for."""
    assert len(created.rows) == 10 + 2
    assert created.ids(NAME, ["n 7"]) == {7}
    assert 7 in created.rows
    assert created.ids(NAME, ["n 8", "n 9"]) == {8, 9}
    assert created.get(10) == {"id": 10, "name": "N 10"}
    assert created.ids(NAME, ["n 99"]) == set()
    assert created.knows(11)
    assert not created.knows(99)


def test_rows_that_share_a_key_stay_in_memory(created: RowStore) -> None:
    """Whoever looks for one of them needs them all, in every batch."""
    assert created.ids(NAME, ["twin"]) == {3, 4}
    created.add({"id": 50, "name": "N 7"})
    assert created.ids(NAME, ["n 7"]) == {7, 50}


@pytest.mark.parametrize("row_id", [7, 40], ids=["on disk", "in memory"])
def test_a_row_that_is_written_again_is_one_row(created: RowStore, row_id: int) -> None:
    """A new version takes the place of the one on disk, and a deletion takes it away."""
    created.put({"id": row_id, "name": "Changed"})
    assert created.ids(NAME, [f"n {row_id}"]) == set()
    assert created.ids(NAME, ["changed"]) == {row_id}
    created.bury(row_id)
    assert not created.knows(row_id)


def test_a_change_that_is_held_keeps_its_row_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is planned of a row can be taken back as long as it is not written."""
    monkeypatch.setattr(row_store, "MOST_IN_MEMORY", 2)
    store = RowStore()
    store.add_keys((NAME,))
    for number in range(1, 9):
        store.add({"id": number, "name": f"N {number}"})
    store.plan(1, {"name": "Planned"})
    store.move_to_disk()
    assert 1 in store.rows
    store.unplan(1)
    assert store.ids(NAME, ["n 1"]) == {1}


def test_a_new_key_finds_rows_on_disk(created: RowStore) -> None:
    """Rows that were put away before a key was known are found by it, and all of them can be listed."""
    assert created.ids(DOMAIN, ["acme.test"]) == set()
    assert len(created.all_rows()) == 40
    created.move_to_disk()
    created.clear()
    assert created.all_rows() == {}
