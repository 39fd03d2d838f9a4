"""How much of the burst window a read uses, under real waiting: ``make bench-window``.

An account that answers after 150 ms and lets 80 calls arrive in any two seconds, as an OAuth app of the Lite plan has
it. Most of the calls are one per deal. No run can take less time than its calls divided by 40 a second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.server import SandboxProcess, command_line

#: Deals of the account. One in forty is deleted and not asked for, so that the read takes about 1,700 calls.
DEALS = 1_745
ANSWER_SECONDS = 0.15
CALLS_A_SECOND = 80 / 2.0
#: Most time against the least that the window allows.
MOST = 1.15
OAUTH = {
    "auth_type": "oauth2.0",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
    "refresh_token": "sandbox-refresh",
}


def main(deals: int) -> dict[str, Any]:
    """Read an account of so many deals, one call each, and answer how long it took and what the server answered."""
    return measure({"deals": deals, "changes": deals}, ("deals", "deal_changelog"))


def measure(rows: dict[str, int], streams: Sequence[str] | None = None) -> dict[str, Any]:
    """Read the streams, or all, of an account of so many rows of each kind."""
    with SandboxProcess.start(scale=0) as sandbox, tempfile.TemporaryDirectory() as folder:
        sandbox.call("POST", "_sandbox/settings", {"burst": True, "plan": "lite", "daily_limit": 10_000_000})
        sandbox.call("POST", "_sandbox/seed", {"scale": 0, **rows})
        config = {"credentials": OAUTH, "api_url": sandbox.url, "oauth_url": sandbox.url}
        catalog = configured(Path(folder), config, streams)
        sandbox.call("DELETE", "_sandbox/requests")
        sandbox.call("POST", "_sandbox/faults", [{"kind": "delay", "delay": ANSWER_SECONDS, "times": None}])
        seconds, summary = read(Path(folder), config, catalog)
        answered = sandbox.call("GET", "_sandbox/requests")
    return beside_the_window(answered, seconds) | {"status": summary["status"]}


def beside_the_window(answered: Iterable[Mapping[str, Any]], seconds: float) -> dict[str, Any]:
    """How long calls took beside the time that the burst window leaves for as many. ``answered``: the log."""
    statuses = Counter(each["status"] for each in answered if each["path"] != "/oauth/token")
    least = statuses.total() / CALLS_A_SECOND
    return {
        "calls": statuses.total(),
        "refused": statuses[429],
        "seconds": round(seconds, 1),
        "least_seconds": round(least, 1),
        "ratio": round(seconds / least, 3),
    }


def configured(folder: Path, config: dict[str, Any], streams: Sequence[str] | None) -> dict[str, Any]:
    """The catalog of the streams, or of all, as the source's own command prints it."""
    arguments = command_line("source-pipedrive", "catalog", folder, config=config)
    arguments += ["--streams", ",".join(streams)] if streams else []
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(arguments, check=True, capture_output=True, text=True, encoding="utf-8", env=environment)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def read(folder: Path, config: dict[str, Any], catalog: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    """Seconds from the start of the first stream to the end of the process, and the run's summary."""
    arguments = command_line("source-pipedrive", "read", folder, config=config, catalog=catalog)
    started, summary = 0.0, ""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            started = started or ("STARTED" in line and time.monotonic()) or 0.0
            summary = line if '"SUMMARY ' in line else summary
    return time.monotonic() - started, json.loads(json.loads(summary)["log"]["message"].removeprefix("SUMMARY "))


def report(found: dict[str, Any]) -> list[str]:
    """The figures for people, and last as JSON."""
    return [
        f"{found['calls']:,} calls in {found['seconds']} s, {found['ratio']} times the {found['least_seconds']} s that "
        f"{CALLS_A_SECOND:.0f} calls a second take; {found['refused']} of them were refused with 429",
        f"BENCH {json.dumps(found)}",
    ]


def run(arguments: Sequence[str]) -> int:
    """Measure and print. Answers the exit code: 1 when the run took too long or was refused."""
    found = main(int(arguments[0]) if arguments else DEALS)
    is_right = found["ratio"] <= MOST and not found["refused"] and found["status"] == "Success"
    return ended(report(found), is_right)


def ended(lines: Sequence[str], is_right: bool) -> int:
    """Print what a benchmark found. Answers its exit code."""
    print("\n".join(lines), flush=True)
    return 0 if is_right else 1


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
