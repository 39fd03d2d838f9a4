"""Measures a whole account and the growth of an account, and draws both: ``python -m bench.chart``.

The picture is ``docs/pictures/speed.svg``, which docs/performance.md shows; each half is a ratio within this run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import growth, whole

PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "speed.svg"
WIDTH, ROW, LEFT, LONGEST = 720, 30, 240, 360
#: Colours that are told apart on a light and on a dark page.
COLOURS = {"limit": "#8c959f", "source": "#2da44e"}
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" '
    'font-size="14">\n<title>{title}</title>\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
)


@dataclass(frozen=True)
class Bar:
    """One bar: its name, its length, and what is written behind it."""

    name: str
    value: float
    text: str
    colour: str


def groups(account: dict[str, Any], grown: dict[str, Any]) -> dict[str, list[Bar]]:
    """Heading -> the bars below it, of the figures of both benchmarks."""
    limit, seconds = account["least_seconds"], account["seconds"]
    pairs = zip(grown["deals"], grown["rows_per_second"], strict=True)
    return {
        f"A whole account, {account['calls']:,} calls: seconds": [
            Bar("what the burst window allows", limit, f"{limit:.0f} s", COLOURS["limit"]),
            Bar("the source", seconds, f"{seconds:.0f} s", COLOURS["source"]),
        ],
        "One stream: rows per second of processor time": [
            Bar(f"{deals:,} deals", rows, f"{rows:,}", COLOURS["source"]) for deals, rows in pairs
        ],
    }


def drawn(parts: dict[str, list[Bar]]) -> str:
    """The picture; the longest bar of each group is as long as there is room."""
    lines, top = [], 10
    for heading, bars in parts.items():
        lines.append(f'<text x="10" y="{top + 20}" font-weight="bold">{heading}</text>')
        lines += _bars(bars, top + ROW)
        top += (len(bars) + 1) * ROW + 15
    head = HEAD.format(width=WIDTH, height=top, title="; ".join(parts))
    return f"{head}{chr(10).join(lines)}\n</svg>\n"


def _bars(bars: list[Bar], top: int) -> Iterable[str]:
    longest = max(bar.value for bar in bars)
    for number, bar in enumerate(bars):
        place, length = top + number * ROW, round(bar.value / longest * LONGEST)
        yield f'<text x="{LEFT - 10}" y="{place + 19}" text-anchor="end">{bar.name}</text>'
        yield f'<rect x="{LEFT}" y="{place + 4}" width="{length}" height="{ROW - 10}" fill="{bar.colour}"/>'
        yield f'<text x="{LEFT + length + 8}" y="{place + 19}">{bar.text}</text>'


def run() -> int:
    """Measure, print, draw. Answers the exit code: 1 when one of the two is slower than it may be."""
    account = whole.main(whole.DEALS)
    print("\n".join(whole.report(account)), flush=True)
    grown = growth.main(growth.SIZES)
    print("\n".join(growth.report(grown)), flush=True)
    PICTURE.write_text(drawn(groups(account, grown)), encoding="utf-8")
    return 0 if whole.is_right(account) and grown["ratio"] <= growth.MOST else 1


if __name__ == "__main__":
    raise SystemExit(run())
