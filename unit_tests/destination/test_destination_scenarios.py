"""Every scenario has a test that bears its number, and the page that lists them is up to date."""

from pathlib import Path

from scripts.scenarios import REQUIRED, document, proofs

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scenarios.md"


def test_every_scenario_has_a_named_test() -> None:
    """No number of the list is without a test."""
    found = proofs()
    assert [f"T{number}" for number in REQUIRED if number not in found] == []


def test_the_page_is_up_to_date() -> None:
    """`make docs` would write the same."""
    assert PAGE.read_text(encoding="utf-8") == document()
