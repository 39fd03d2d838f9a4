"""The documents say what the tables say."""

from __future__ import annotations

import re

import pytest

from destination_pipedrive.objects import OBJECTS
from integration_tests.harness import ROOT
from scripts.document_tables import written
from source_pipedrive.streams import STREAMS

LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})


@pytest.mark.parametrize("name", [spec.name for spec in STREAMS])
def test_every_stream_is_documented(name: str) -> None:
    """docs/streams.md has a line for every stream."""
    assert f"\n| {name} |" in (ROOT / "docs" / "streams.md").read_text(encoding="utf-8")


def test_every_object_is_documented() -> None:
    """docs/objects.md has a line for every object, with its default match keys and what a new row needs."""
    text = (ROOT / "docs" / "objects.md").read_text(encoding="utf-8")

    assert text == written(text)
    assert not [name for name in OBJECTS if f"\n| {name} |" not in text]


def test_surprises_are_numbered_and_say_why() -> None:
    """BEHAVIOR.md counts without a gap, and every entry says why it matters."""
    text = (ROOT / "BEHAVIOR.md").read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^### (\d+)\.", text, re.MULTILINE)]
    entries = re.split(r"^### ", text, flags=re.MULTILINE)[1:]

    assert numbers == list(range(1, len(numbers) + 1))
    assert not [entry.splitlines()[0] for entry in entries if "**Why this matters:**" not in entry]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path) -> None:
    """Every relative link of a document leads to a file."""
    targets = LINK.findall(path.read_text(encoding="utf-8"))

    assert not [target for target in targets if not (path.parent / target).exists()]


def test_every_make_target_explains_itself() -> None:
    """`make help` lists every target that is not a file."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert set(re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)) == set(
        re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE)
    )
