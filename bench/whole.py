"""How long a whole account takes, under real waiting, against what the burst window allows: ``python -m bench.whole``.

Every stream of an account with rows of every kind, most of whose calls are one per record, under the conditions of
``bench.window``. No run can take less time than its calls divided by 40 a second.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from bench.account import rows
from bench.window import CALLS_A_SECOND, ended, measure

DEALS = 1_000
#: The most that a read may take: so many times the least, and a start.
MOST, START_SECONDS = 1.1, 5.0


def main(deals: int) -> dict[str, Any]:
    """Read all of an account of so many deals, and answer how long it took."""
    return {"deals": deals, **measure(rows(deals))}


def report(found: dict[str, Any]) -> list[str]:
    """The figures for people, and last as JSON."""
    return [
        f"{found['deals']:,} deals and all else of the account: {found['calls']:,} calls in {found['seconds']} s, "
        f"{found['ratio']} times the {found['least_seconds']} s that {CALLS_A_SECOND:.0f} calls a second take; "
        f"{found['refused']} refused with 429",
        f"BENCH {json.dumps(found)}",
    ]


def is_right(found: dict[str, Any]) -> bool:
    """Whether it was as fast as it may be asked to be, and no call was refused."""
    most = MOST * found["least_seconds"] + START_SECONDS
    return bool(found["seconds"] <= most and not found["refused"] and found["status"] == "Success")


def run(arguments: Sequence[str]) -> int:
    """Measure and print. Answers the exit code: 1 when the read took too long or was refused."""
    found = main(int(arguments[0]) if arguments else DEALS)
    return ended(report(found), is_right(found))


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
