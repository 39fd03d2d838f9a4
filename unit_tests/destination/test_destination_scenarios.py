"""Every scenario and every feature has a test that bears its number, and the pages that list them are up to date."""

from pathlib import Path

from scripts import features, scenarios

PAGES = Path(__file__).resolve().parents[2] / "docs" / "contributing"


def test_every_scenario_has_a_named_test() -> None:
    """No number of the list is without a test."""
    found = scenarios.proofs()
    assert [row for row in scenarios.REQUIRED if row not in found] == []


def test_every_feature_has_a_named_test() -> None:
    """No row is without a test, and no test names a row that is not in the list."""
    found = features.proofs()
    rows = [row for row, _ in features.FEATURES]
    assert [row for row in rows if row not in found] == []
    assert [row for row in found if row not in rows] == []


def test_the_pages_are_up_to_date() -> None:
    """`make docs` would write the same."""
    assert (PAGES / "scenarios.md").read_text(encoding="utf-8") == scenarios.document()
    assert (PAGES / "features.md").read_text(encoding="utf-8") == features.document()
