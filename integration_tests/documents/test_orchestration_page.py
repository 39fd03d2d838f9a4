"""docs/orchestration.md: its code compiles, and its prices follow from the constants of the API."""

from __future__ import annotations

import ast
import re

import pytest

from integration_tests.harness import ROOT
from pipedrive_client.endpoints import MAX_IDS, MAX_LIMIT, endpoint

TEXT = (ROOT / "docs" / "orchestration.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
DEALS, CHANGED = 500_000, 5_000


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_compile_and_name_streams_that_exist(example: str) -> None:
    """Python that can be read; streams and options are spelled as they are."""
    texts = {node.value for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Constant)}

    assert {"credentials", "auth_type", "api_token", "deals"} <= texts


def test_the_prices_follow_from_the_constants() -> None:
    """Pages of 500, 100 deals in a call, and what each call costs."""
    live, archived = (endpoint("GET", path).cost for path in ("api/v2/deals", "api/v2/deals/archived"))
    found = {what: int(tokens.replace(",", "")) for what, tokens in re.findall(r"^\| (.+?) \| ([\d,]+) \|", TEXT, re.M)}

    assert found == {
        "first read of `deals`": DEALS // MAX_LIMIT * live,
        "a run in which nothing changed": live + archived,
        "hourly runs of `deals`, 1 % of the deals changed a day": 24 * (live + archived) + CHANGED // MAX_LIMIT * live,
        "`deal_products` of the 5,000 changed deals": CHANGED
        // MAX_IDS
        * endpoint("GET", "api/v2/deals/products").cost,
        "`deal_changelog` of the 5,000 changed deals": CHANGED * endpoint("GET", "v1/deals/{id}/changelog").cost,
    }
