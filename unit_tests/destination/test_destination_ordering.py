"""Parallel where records have nothing in common, in order where they have."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from destination_pipedrive.writing.ordering import conflict_groups, run_groups


def test_items_that_share_a_key_are_one_chain_in_order() -> None:
    """Sharing is passed on: 1 with 2 and 2 with 4 makes one chain."""
    items = [(1, "a"), (2, "ab"), (3, "c"), (4, "b"), (5, "")]

    assert conflict_groups(items, lambda item: item[1]) == [[(1, "a"), (2, "ab"), (4, "b")], [(3, "c")], [(5, "")]]


def test_a_late_item_joins_two_chains() -> None:
    """The joined chain keeps the order of arrival."""
    items = [(1, "a"), (2, "b"), (3, "ab"), (4, "a")]

    assert conflict_groups(items, lambda item: item[1]) == [items]


def test_after_an_error_nothing_starts() -> None:
    """The error is raised, the rest of its chain is not done."""
    done: list[int] = []

    def act(item: int) -> None:
        if item == 2:
            raise RuntimeError("stop")
        done.append(item)

    with ThreadPoolExecutor(1) as pool, pytest.raises(RuntimeError, match="stop"):
        run_groups(pool, [[1, 2, 3], [4]], act)
    assert done == [1]
