"""How a read's cost grows with the account: ``python -m bench.growth 20000 200000``.

The same stream from a small and from a large account, in turns; compared is the processor time beyond that of an
account of one page, which is start and end. Ten times the rows must not cost more than ten times as much.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import deals_account
from bench.read import command
from bench.speed import best

SIZES = (20_000, 200_000)
#: The most that a record of the large account may cost, in those of the small one.
MOST = 1.1
#: How often each is measured; the best counts.
ROUNDS = 2


def main(sizes: Sequence[int], rounds: int = ROUNDS) -> dict[str, Any]:
    """Read accounts of so many deals; answers rows per second of processor time, and what a record costs more."""
    with ExitStack() as stack:
        commands = {}
        for size in (deals_account.PAGE, *sizes):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(deals_account.start(size))
            credentials = {"auth_type": "api_token", "api_token": deals_account.TOKEN}
            commands[str(size)] = command(folder, {"credentials": credentials, "api_url": url})
        seconds, megabytes = best(commands, rounds)
    start = seconds[str(deals_account.PAGE)]
    each = [(seconds[str(size)] - start) / (size - deals_account.PAGE) for size in sizes]
    return {
        "deals": list(sizes),
        "rows_per_second": [round(1 / one) for one in each],
        "ratio": round(each[-1] / each[0], 2),
        "megabytes": megabytes,
    }


def report(found: dict[str, Any]) -> list[str]:
    """The figures for people, and last as JSON."""
    pairs = zip(found["deals"], found["rows_per_second"], strict=True)
    sizes = "; ".join(f"{deals:,} deals: {rows:,} rows per second of processor time" for deals, rows in pairs)
    return [
        f"{sizes}; a record of the largest account costs "
        f"{found['ratio']} times one of the smallest; {found['megabytes']} MB at most",
        f"BENCH {json.dumps(found)}",
    ]


def run(arguments: Sequence[str]) -> int:
    """Measure and print. Answers the exit code: 1 when the cost grows faster than the account."""
    found = main([int(each) for each in arguments] or SIZES)
    print("\n".join(report(found)), flush=True)
    return 0 if found["ratio"] <= MOST else 1


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
