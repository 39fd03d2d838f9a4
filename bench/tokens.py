"""What reading an account costs, stream by stream, beside the lowest possible price: ``make bench-tokens``.

Three runs: everything for the first time, then with nothing changed, then with one deal in a hundred changed.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bench import floor
from bench.account import account, touch
from bench.reading import Run, Source
from pipedrive_sandbox.server.http import SandboxServer
from source_pipedrive.streams.table import STREAMS

DEALS = 4_000
CHANGED = 0.01


@dataclass(frozen=True)
class Result:
    """Three runs and the lowest price of each, by stream. ``parents`` is what the changed deals cost at first."""

    deals: int
    first: Run
    first_floor: Mapping[str, int]
    unchanged: Run
    unchanged_floor: Mapping[str, int]
    changed: Run
    changed_floor: Mapping[str, int]
    parents: Mapping[str, int]

    @property
    def extra(self) -> Counter[str]:
        """What the changed deals cost more than the unchanged run, by stream."""
        more = Counter(self.changed.tokens)
        more.subtract(self.unchanged.tokens)
        return more

    def figures(self) -> dict[str, int | float]:
        """The totals."""
        tokens, least = self.first.tokens.total(), sum(self.first_floor.values())
        return {
            "deals": self.deals,
            "rows": self.first.rows.total(),
            "requests": self.first.requests.total(),
            "tokens": tokens,
            "floor": least,
            "over_floor_percent": round(100 * (tokens - least) / least, 2),
            "unchanged_tokens": self.unchanged.tokens.total(),
            "unchanged_floor": sum(self.unchanged_floor.values()),
            "changed_extra_tokens": self.extra.total(),
            "changed_extra_floor": sum(self.changed_floor.values()),
            "changed_parents_price": sum(self.parents.values()),
        }


def measure(deals: int) -> Result:
    """Build the account and read it three times."""
    with SandboxServer(account(deals)) as server:
        sandbox = server.sandbox
        source = Source(sandbox, server.url)
        first, first_floor = source.read(), floor.everything(sandbox)
        unchanged, unchanged_floor = source.read(first), floor.unchanged(sandbox)
        chosen = touch(sandbox, CHANGED)
        changed = source.read(unchanged)
        below = floor.below_deals(sandbox, chosen)
        with_participants = floor.having(sandbox, "deal_participants", "deal_id", [row["id"] for row in chosen])
        alone = below["deal_persons"] + floor.each("api/v2/persons", with_participants)
    return Result(
        deals, first, first_floor, unchanged, unchanged_floor, changed, below, {**below, "deal_persons": alone}
    )


def report(result: Result) -> list[str]:
    """The tables as lines, and last the totals as JSON."""
    names = [spec.name for spec in STREAMS]
    return [
        f"1. Everything, for the first time ({result.deals:,} deals)",
        "",
        *_table(("stream", "rows", "requests", "tokens", "floor"), _costs(names, result.first, result.first_floor)),
        "",
        "2. Nothing changed (streams that cost nothing are left out)",
        "",
        *_table(
            ("stream", "rows", "requests", "tokens", "floor"), _costs(names, result.unchanged, result.unchanged_floor)
        ),
        "",
        f"3. {CHANGED:.0%} of the deals changed: what it cost more than run 2, and what those deals cost",
        "",
        *_table(("stream", "rows", "more tokens", "floor", "price of those deals"), _extras(names, result)),
        "",
        f"BENCH {json.dumps(result.figures())}",
    ]


def complaints(result: Result) -> list[str]:
    """What is wrong with a result: failed runs, warnings, calls that no stream accounts for."""
    runs = {"first": result.first, "unchanged": result.unchanged, "changed": result.changed}
    known = {spec.name for spec in STREAMS}
    found = [f"{name} run: exit code {run.exit_code}" for name, run in runs.items() if run.exit_code]
    found += [f"{name} run: {text}" for name, run in runs.items() for text in run.complaints]
    found += [f"{name} run: a call for {other}" for name, run in runs.items() for other in run.requests.keys() - known]
    return found + [f"no rows: {name}" for name in sorted(known - result.first.rows.keys())]


def main() -> int:
    """Measure and print. Answers the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.tokens", description=__doc__)
    parser.add_argument("--deals", type=int, default=DEALS, help=f"size of the account (default {DEALS:,})")
    result = measure(parser.parse_args().deals)
    *tables, totals = report(result)
    wrong = complaints(result)
    print("\n".join([*tables, *wrong, totals]), flush=True)
    return 1 if wrong else 0


def _costs(names: list[str], run: Run, least: Mapping[str, int]) -> list[tuple[str | int, ...]]:
    lines = [
        (name, run.rows[name], run.requests[name], run.tokens[name], least.get(name, 0))
        for name in names
        if run.rows[name] or run.tokens[name] or least.get(name, 0)
    ]
    total = ("total", run.rows.total(), run.requests.total(), run.tokens.total(), sum(least.values()))
    return [*lines, total]


def _extras(names: list[str], result: Result) -> list[tuple[str | int, ...]]:
    extra, least, parents = result.extra, result.changed_floor, result.parents
    rows = Counter(result.changed.rows)
    lines = [
        (name, rows[name], extra[name], least.get(name, 0), parents.get(name, 0))
        for name in names
        if extra[name] or parents.get(name, 0) or name == "deals"
    ]
    shown = sum(rows[str(name)] for name, *_ in lines)
    return [*lines, ("total", shown, extra.total(), sum(least.values()), sum(parents.values()))]


def _table(heads: tuple[str, ...], lines: list[tuple[str | int, ...]]) -> list[str]:
    cells = [heads, *(tuple(f"{cell:,}" if isinstance(cell, int) else cell for cell in line) for line in lines)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join([name.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))])
        for name, *rest in cells
    ]


if __name__ == "__main__":
    raise SystemExit(main())
