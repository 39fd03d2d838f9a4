"""docs/backup.md: its tables are those of the code, and its recipes run from the text of the page."""

import re

import pytest

from integration_tests.copying.accounts import Copied, write
from integration_tests.destination.account import Account
from integration_tests.harness import ROOT
from scripts.document_copy import written

TEXT = (ROOT / "docs" / "backup.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"<!-- recipe: (\w+) -->\n```yaml\n(.*?)```", TEXT, re.DOTALL))


def test_the_tables_are_up_to_date() -> None:
    """`make docs` writes them."""
    assert written(TEXT) == TEXT


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_copies_and_then_writes_nothing(original: Copied, target: Account, name: str) -> None:
    """The text of the page is what the form takes."""
    check = target.check(mappings=RECIPES[name])
    run = write(target, original, mappings=RECIPES[name])
    fields = {row["field_name"] for row in target.sandbox.rows("personFields")}
    again = write(target, original, mappings=RECIPES[name])

    assert check.connection_status["status"] == "SUCCEEDED"
    assert run.exit_code == again.exit_code == 0
    assert run.summary["objects"]["persons"]["created"] > 100
    assert ("Acme ID" if name == "copy_with_entry" else "Original ID") in fields
    assert target.writes() == []
