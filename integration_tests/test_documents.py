"""The documents say what the tables say."""

from __future__ import annotations

import re

import pytest

from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.objects import OBJECTS
from integration_tests.harness import ROOT
from pipedrive_client.endpoints import endpoint
from source_pipedrive.stream_spec import StreamSpec
from source_pipedrive.streams import STREAMS

LINK = re.compile(r"\]\((?!https?://)([^)#]+)")
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})


@pytest.mark.parametrize("spec", STREAMS, ids=lambda spec: spec.name)
def test_every_stream_is_documented(spec: StreamSpec) -> None:
    """docs/streams.md has a line for every stream, with its key, cursor, lists and their price."""
    lists = ", ".join(f"`{part.path}` {endpoint('GET', part.path).cost}" for part in spec.lists)
    keys = ", ".join(f"`{key}`" for key in spec.primary_key)
    cursor = f"`{spec.cursor}`" if spec.cursor else "–"
    line = f"| {spec.name} | {keys} | {cursor} | {lists} | {price_of_a_rerun(spec)} |"

    assert line in (ROOT / "docs" / "streams.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("spec", OBJECTS.values(), ids=lambda spec: spec.name)
def test_every_object_is_documented(spec: ObjectSpec) -> None:
    """docs/objects.md has a line for every object, with its default match keys and what a new row needs."""
    match_on = ", then ".join(f"`{key}`" for key in spec.match_on) or "–"
    needs = [
        *(f"`{key}`" for key in spec.required),
        *([" or ".join(f"`{key}`" for key in spec.one_of)] * bool(spec.one_of)),
    ]
    line = f"| {spec.name} | {match_on} | {', '.join(needs) or '–'} |"

    assert line in (ROOT / "docs" / "objects.md").read_text(encoding="utf-8").splitlines()


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


def price_of_a_rerun(spec: StreamSpec) -> str:
    """What a second run costs when nothing changed."""
    filtered = [part for part in spec.lists if part.filtered]
    whole = [part for part in spec.lists if not part.filtered]
    calls = f"{sum(endpoint('GET', part.path).cost for part in filtered)} tokens" if filtered else ""
    listing = "the full listing" + (f" of `{whole[0].path}`" if filtered and whole else "") if whole else ""
    return " and ".join(filter(None, (calls, listing)))
