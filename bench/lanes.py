"""How long one long list takes in lanes, under real waiting: ``python -m bench.lanes 60000``.

An account of so many deals that answers after 150 ms and lets 80 calls arrive in any two seconds. It is read with the
workers of the default and with one, which reads page after page. No run can take less time than its calls divided by
40 a second. Lanes do not reach that on a list of this length: the first 20 pages are read one by one, and further lanes
come as the pages that they may waste stay below 3 % of those read.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import requests

from bench import deals_account
from bench.window import ANSWER_SECONDS, CALLS_A_SECOND, configured, ended, read

DEALS = 60_000
CALLS_A_WINDOW = 80
#: Workers of the default, and one: a list in one lane.
WORKERS = (8, 1)
#: The most that lanes may take, as a share of the time of one, and the calls that they may take on top.
MOST_TIME, MOST_CALLS = 0.65, 1.08


def main(deals: int, workers: Sequence[int] = WORKERS) -> dict[str, Any]:
    """Read the same account with each number of workers."""
    with deals_account.start(deals, ANSWER_SECONDS, CALLS_A_WINDOW) as url, tempfile.TemporaryDirectory() as folder:
        found = {str(count): _measured(Path(folder), url, count) for count in workers}
    return {"deals": deals, "pages": -(-deals // deals_account.PAGE), "workers": found}


def _measured(folder: Path, url: str, workers: int) -> dict[str, Any]:
    credentials = {"auth_type": "api_token", "api_token": deals_account.TOKEN}
    config = {"credentials": credentials, "api_url": url, "num_workers": workers}

    def refused() -> int:
        return int(requests.get(url + deals_account.REFUSED, timeout=60).json())

    before = refused()
    seconds, summary = read(folder, config, configured(folder, config, ["deals"]))
    least = summary["requests"] / CALLS_A_SECOND
    return {
        "seconds": round(seconds, 1),
        "least_seconds": round(least, 1),
        "records": summary["streams"]["deals"]["records"],
        "calls": summary["requests"],
        "tokens": summary["tokens"],
        "refused": refused() - before,
        "status": summary["status"],
    }


def report(found: dict[str, Any]) -> list[str]:
    """The figures for people, and last as JSON."""
    lines = [
        f"{count} workers: {each['records']:,} deals, {each['calls']} calls, {each['tokens']} tokens, "
        f"{each['seconds']} s; {CALLS_A_SECOND:.0f} calls a second take {each['least_seconds']} s; "
        f"{each['refused']} refused with 429"
        for count, each in found["workers"].items()
    ]
    return [*lines, f"BENCH {json.dumps(found)}"]


def is_right(found: dict[str, Any]) -> bool:
    """Whether lanes are fast, take hardly more calls, and read what one lane reads."""
    lanes, one = (found["workers"][str(count)] for count in WORKERS)
    is_fast = lanes["seconds"] <= MOST_TIME * one["seconds"]
    is_frugal = lanes["calls"] <= MOST_CALLS * one["calls"]
    is_whole = lanes["records"] == one["records"] >= found["deals"]
    return bool(is_fast and is_frugal and is_whole and not lanes["refused"])


def run(arguments: Sequence[str]) -> int:
    """Measure and print. Answers the exit code: 1 when the read took too long."""
    found = main(int(arguments[0]) if arguments else DEALS)
    return ended(report(found), is_right(found))


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
