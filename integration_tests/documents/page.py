"""A Markdown document in parts: sections, tables, blocks of code, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from integration_tests.harness import ROOT

#: Every document of the repository that people read on its own.
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")})

_FENCE = re.compile(r"^(?P<indent> *)```(?P<kind>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?!https?://)([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Page:
    """One document, by its path below the repository's root."""

    def __init__(self, path: str | Path) -> None:
        self.path = ROOT / path
        self.text = self.path.read_text(encoding="utf-8")
        #: What is left without blocks of code.
        self.prose = _FENCE.sub("", self.text)

    def code(self, kind: str) -> list[str]:
        """The blocks of code of a kind, such as ``json``."""
        return [found["text"] for found in _FENCE.finditer(self.text) if found["kind"] == kind]

    def section(self, title: str) -> str:
        """What stands below a heading, up to the next one of its level or above."""
        found = re.search(rf"^(#+) {re.escape(title)}$", self.prose, re.MULTILINE)
        assert found, f"{self.path.name} has no heading `{title}`"
        rest = self.prose[found.end() :]
        return re.split(rf"^#{{1,{len(found[1])}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]

    def rows(self, title: str, number: int = 0) -> list[list[str]]:
        """The cells of a table below a heading, without its head; ``number`` counts the tables there."""
        tables = re.findall(r"(?:^\|.*\n)+", self.section(title), re.MULTILINE)
        return [cells(line) for line in tables[number].splitlines()[2:]]

    def links(self) -> Iterator[tuple[str, str]]:
        """Path and anchor of every relative link; either may be empty."""
        for link in _LINK.findall(self.prose):
            path, _, anchor = link.partition("#")
            yield path, anchor

    def anchors(self) -> set[str]:
        """The anchors that the headings get."""
        return {anchor(heading) for heading in _HEADING.findall(self.prose)}


def anchor(heading: str) -> str:
    """A heading's anchor, as repository hosts make it."""
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", words).replace(" ", "-")


def cells(line: str) -> list[str]:
    """The cells of a line of a table."""
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def figures(text: str) -> set[int]:
    """The whole numbers in a text, thousands separated by commas or not."""
    return {int(figure.replace(",", "")) for figure in re.findall(r"\d[\d,]*\d|\d", text)}


def names(cell: str) -> list[str]:
    """The names in backticks in a cell."""
    return re.findall(r"`([\w.]+)`", cell)
