"""docs/destination.md against the code: options, codes, links and quoted sentences."""

from __future__ import annotations

import re

import pytest

from destination_pipedrive.config.mappings import LINKS
from destination_pipedrive.flow import CODES
from destination_pipedrive.objects.records import OBJECTS
from integration_tests.harness import ROOT
from scripts.document_options import written

TEXT = (ROOT / "docs" / "destination.md").read_text(encoding="utf-8")
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("destination_pipedrive", "pipedrive_client")
    for path in sorted((ROOT / folder).rglob("*.py"))
)


def rows(title: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    section = re.split(rf"^## {re.escape(title)}$", TEXT, flags=re.MULTILINE)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_the_options_are_those_of_the_form() -> None:
    """`make docs` writes the tables; they are up to date."""
    assert written(TEXT) == TEXT


def test_every_code_is_explained() -> None:
    """Codes and the words that open their sentences."""
    assert {code.strip("`"): words for code, words, _ in rows("What becomes of a record")} == CODES


def test_every_link_is_explained() -> None:
    """Links, by what they are known, and that some object has them."""
    table = TEXT.split("| link | known by | of |")[1].split("\n\n")[0]
    found = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", table, re.MULTILINE))

    assert {name: set(re.findall(r"`(\w+)`", known)) for name, known in found.items()} == {
        name: set(ways) for name, ways in LINKS.items()
    }
    assert set(found) == {link for spec in OBJECTS.values() for link in spec.parents or {}}


@pytest.mark.parametrize("said", [cells[0] for cells in rows("Troubleshooting")])
def test_a_quoted_message_is_one_that_the_code_says(said: str) -> None:
    """Each quotation stands in the code; names of options stand for what the message fills in."""
    pattern = r"[^\n]*?".join(re.escape(part) for part in re.split(r"`[^`]*`", said))

    assert re.search(pattern, re.sub(r'"\s*\n\s*f?"', "", CODE)), said
