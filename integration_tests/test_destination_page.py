"""docs/destination.md against the code: options, codes, links and quoted sentences."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest

from destination_pipedrive.config.mapping_reader import read_mappings
from destination_pipedrive.config.mappings import LINKS
from destination_pipedrive.flow import CODES
from destination_pipedrive.objects.records import OBJECTS
from integration_tests.harness import ROOT
from integration_tests.registry.form import form
from scripts.document_options import written
from scripts.mapping_schema import schema

BLOCK = re.compile(r"```(yaml|json)\n(.*?)```", re.DOTALL)
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
    assert {code.strip("`"): words for code, words, _ in rows("Outcomes and rejections")} == CODES


def test_every_link_is_explained() -> None:
    """Links, by what they are known, and that some object has them."""
    table = TEXT.split("| link | found by | available for |")[1].split("\n\n")[0]
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


def examples() -> list[tuple[str, str]]:
    """Every block of YAML or JSON on the page and in the README, with its language; values of a Helm chart aside."""
    texts = (TEXT, (ROOT / "README.md").read_text(encoding="utf-8"))
    return [found for text in texts for found in BLOCK.findall(text) if not found[1].lstrip().startswith("global:")]


def test_examples_are_for_the_form_and_for_files() -> None:
    """Mappings are shown as the text of the form, and as the list of a file."""
    with_mappings = [body for language, body in examples() if language == "json" and '"mappings"' in body]

    assert len([body for language, body in examples() if language == "yaml"]) >= 6
    assert len(with_mappings) >= 3


@pytest.mark.parametrize(("language", "body"), examples())
def test_an_example_can_be_used_as_it_stands(language: str, body: str) -> None:
    """The form takes it, the reader finds nothing wrong with it, and neither does an editor with the schema."""
    config: dict[str, Any] = json.loads(body) if language == "json" else {"mappings": body}
    read = read_mappings(config.get("mappings"))

    jsonschema.validate(config, form("destination"))
    assert read.problems == ()
    listed = config.get("mappings", []) if language == "json" else read.text.value if read.text else []
    jsonschema.Draft7Validator(schema()).validate(listed)
