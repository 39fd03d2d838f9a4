"""Plain text for a newcomer: headings, sentences and small tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

WIDEST_CELL = 34


class Steps:
    """Numbers the headings."""

    def __init__(self) -> None:
        self._count = 0

    def heading(self, text: str) -> None:
        """Start the next step."""
        self._count += 1
        print(f"\n{self._count}. {text}\n", flush=True)


def say(text: str) -> None:
    """One sentence."""
    print(f"   {text}".rstrip(), flush=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows under column names; numbers to the right, long text cut."""
    rows = [list(row) for row in rows]
    cells = [[_text(value) for value in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(columns, *cells, strict=True)]
    is_number = [all(isinstance(row[index], int | float | Decimal) for row in rows) for index in range(len(columns))]
    for line in [list(columns), ["-" * width for width in widths], *cells]:
        padded = (_pad(*cell) for cell in zip(line, widths, is_number, strict=True))
        print("   " + "  ".join(padded).rstrip(), flush=True)


def _text(value: Any) -> str:
    text = "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = text.rstrip("0").rstrip(".") if isinstance(value, Decimal) and "." in text else text
    return text if len(text) <= WIDEST_CELL else text[: WIDEST_CELL - 1] + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _pad(text: str, width: int, is_number: bool) -> str:
    fill = " " * (width - _width(text))
    return fill + text if is_number else text + fill
