"""Records made by several threads at once: counted whole, each with its own changes, and custom fields renewed once."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pipedrive_client.field_definitions import Field
from source_pipedrive.records.custom_fields import Names, compile_plan
from source_pipedrive.records.customs import ColumnCustoms
from source_pipedrive.records.problems import CHANGES
from source_pipedrive.records.transformer import Lookups, RecordTransformer

THREADS = 8
PROPERTIES = {
    "id": {"type": "integer"},
    "count": {"type": ["null", "integer"]},
    "parts": {"type": ["null", "array"], "items": {"type": ["null", "integer"]}},
}


@pytest.fixture(autouse=True)
def _often() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def transformer() -> RecordTransformer:
    return RecordTransformer(PROPERTIES, Lookups(dict, dict))


def together(work: Callable[[int], Any]) -> list[Any]:
    """What ``work`` returns in each of several threads that start together."""
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> Any:
        barrier.wait(timeout=10)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_a_record_names_what_became_null() -> None:
    """Columns and parts of them, each once; a record without any has no mark."""
    made = transformer()

    assert made.record({"id": 1, "count": "x", "parts": [1, "a", "b"]}) == {
        "id": 1,
        "count": None,
        "parts": [1, None, None],
        CHANGES: ["count", "parts[]"],
    }
    for row in ({"id": 2, "count": None, "parts": [3]}, {"id": 3, "count": 1, "parts": [None]}):
        assert made.record(row) == row


def test_threads_share_a_transformer() -> None:
    """Each record has its own changes, and all are counted."""
    made, rounds = transformer(), 500

    def work(number: int) -> set[tuple[str, ...]]:
        row = {"id": number, "count": "x"} if number % 2 else {"id": number, "parts": ["x"]}
        return {tuple(made.record(row)[CHANGES]) for _ in range(rounds)}

    assert together(work) == [{("count",)} if number % 2 else {("parts[]",)} for number in range(THREADS)]
    counted = THREADS // 2 * rounds
    assert [f"in {counted} rows" in text for text in made.problems.sentences()] == [True, True]


def test_an_unknown_key_renews_the_plan_once() -> None:
    """Threads that meet a key that the plan does not know all write it, and the definitions are read once."""
    old, new = Field("a" * 40, "Old", "varchar", True), Field("b" * 40, "New", "varchar", True)
    asked = []

    def customs(*fields: Field, fresh: Any = None) -> ColumnCustoms:
        names = {field.key: field.label.lower() for field in fields}
        return ColumnCustoms(fields, names, compile_plan(fields, names, Names({})), False, fresh)

    def fresh() -> ColumnCustoms:
        asked.append(threading.get_ident())
        return customs(old, new)

    made = transformer()
    made.use(customs(old, fresh=fresh))

    rows = together(lambda number: made.record({"id": 1, "custom_fields": {new.key: "x"}}))

    assert [row["new"] for row in rows] == ["x"] * THREADS
    assert len(asked) == 1
    assert made.problems.sentences() == []
