"""E14: what the source emits of every object that both sides have is written back without a change."""

import pytest

from destination_pipedrive.objects.records import CORE, OBJECTS
from integration_tests.destination.account import Account
from integration_tests.harness import Connector, configured

#: A deal may have a product twice; tasks have no key of their own.
BY_ID = ("deal_products", "projects", "tasks")


@pytest.mark.parametrize("name", [name for name, spec in OBJECTS.items() if spec not in CORE])
def test_e14_t49_it_comes_back_unchanged(busy_account: Account, source: Connector, name: str) -> None:
    """E14, T49: every row of the source is found again, and nothing is written."""
    catalog = source.discover(busy_account.config()).catalog
    read = source.read(busy_account.config(), configured(catalog, [name])).of_type("RECORD")
    live = [each for each in read if not each["record"]["data"].get("is_deleted")]
    mappings = [{"stream": name, "match_on": ["id"]}] if name in BY_ID else []
    run = busy_account.write(live, mappings=mappings)

    assert live
    assert [text for text in run.logs("WARN") if "rejected" in text] == []
    assert busy_account.writes() == []
    assert run.summary["objects"][name]["unchanged"] == len(live)
