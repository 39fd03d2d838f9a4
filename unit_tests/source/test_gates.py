"""Whether a parent is asked for its children, by what its listing says."""

from typing import Any

import pytest

from source_pipedrive.sync.substream_retriever import may_have


@pytest.mark.parametrize(
    ("row", "name", "expected"),
    [
        ({"products_count": 0}, "products_count", False),
        ({"products_count": "0"}, "products_count", False),
        ({"products_count": 2}, "products_count", True),
        ({"products_count": "2"}, "products_count", True),
        ({"products_count": "many"}, "products_count", True),
        ({"products_count": None}, "products_count", True),
        ({}, "products_count", True),
        ({"org_id": None}, "org_id", False),
        ({"org_id": 7}, "org_id", True),
        ({}, "org_id", False),
    ],
)
def test_a_gate(row: dict[str, Any], name: str, expected: bool) -> None:
    """Only a counter of zero, or an id that is not there, spares the call; a counter that is null says nothing."""
    assert may_have(row, name) is expected
