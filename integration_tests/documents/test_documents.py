"""The documents say what the tables say, their links lead somewhere, and their examples are accepted."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from destination_pipedrive.config import config as destination
from destination_pipedrive.objects.records import OBJECTS
from integration_tests.documents.page import DOCUMENTS, Page
from integration_tests.harness import ROOT
from scripts.document_tables import PAGES, written
from source_pipedrive.config import config as source
from source_pipedrive.streams.table import STREAMS

#: Whether a config has mappings -> whose it is, and how that reads it.
SIDES: dict[bool, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    False: ("source_pipedrive", source.Config.parse),
    True: ("destination_pipedrive", destination.Config.from_json),
}
CREDENTIALS = {"credentials": {"auth_type": "api_token", "api_token": "token"}}


def every(kind: str) -> list[Any]:
    """The blocks of code of a kind in all documents, each with the place where it stands."""
    return [
        pytest.param(code, id=f"{path.name}-{number}")
        for path in DOCUMENTS
        for number, code in enumerate(Page(path).code(kind))
    ]


@pytest.mark.parametrize("name", [spec.name for spec in STREAMS])
def test_every_stream_is_documented(name: str) -> None:
    """docs/streams.md has a line for every stream."""
    assert f"\n| {name} |" in Page("docs/streams.md").text


def test_every_object_is_documented() -> None:
    """docs/objects.md has a line for every object, with its default match keys and what a new row needs."""
    text = Page("docs/objects.md").text

    assert all(written(Page(path).text, objects) == Page(path).text for path, objects in PAGES.items())
    assert not [name for name in OBJECTS if f"\n| {name} |" not in text]


def test_surprises_are_numbered_and_say_why() -> None:
    """BEHAVIOR.md counts without a gap, and every entry says why it matters."""
    text = Page("BEHAVIOR.md").text
    numbers = [int(number) for number in re.findall(r"^### (\d+)\.", text, re.MULTILINE)]
    entries = re.split(r"^### ", text, flags=re.MULTILINE)[1:]

    assert numbers == list(range(1, len(numbers) + 1))
    assert not [entry.splitlines()[0] for entry in entries if "**Why this matters:**" not in entry]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path) -> None:
    """Every relative link of a document leads to a file, and to a heading of it where it names one."""
    page = Page(path)
    targets = [(page.path.parent / link if link else path, anchor) for link, anchor in page.links()]

    assert not [str(target) for target, _ in targets if not target.exists()]
    assert not [f"{target}#{anchor}" for target, anchor in targets if anchor and anchor not in Page(target).anchors()]


def test_the_readme_links_every_document() -> None:
    """Nobody has to look into folders."""
    linked, for_contributors = (
        {(ROOT / path).resolve() for path, _ in Page(page).links()} for page in ("README.md", "CONTRIBUTING.md")
    )
    pages = {path for path in DOCUMENTS if path.parent.name != "adr" and path.name != "README.md"}
    matrices = {path for path in pages if path.parent.name == "contributing"}

    assert pages - matrices <= linked
    assert matrices <= for_contributors
    assert (ROOT / "docs" / "adr") in linked


@pytest.mark.parametrize("code", every("json"))
def test_every_config_is_accepted(code: str) -> None:
    """What a document shows as a config can be used as it is, with a token in the place of the dots."""
    config = json.loads(code.replace('"…"', '"token"'))
    config = config if "api_token" in config or "credentials" in config else {**CREDENTIALS, **config}

    side, parse = SIDES["mappings" in config]
    known = json.loads((ROOT / side / "spec.json").read_text(encoding="utf-8"))["connectionSpecification"]["properties"]

    assert config.keys() <= known.keys()
    assert parse(config)


@pytest.mark.parametrize("code", every("python"))
def test_every_example_compiles(code: str) -> None:
    """Python in a document can be read by Python."""
    assert ast.parse(code).body


def test_every_make_target_explains_itself() -> None:
    """`make help` lists every target that is not a file."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert set(re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)) == set(
        re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE)
    )
