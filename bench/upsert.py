"""How much of the burst window a write uses, under real waiting: ``make bench-upsert``.

An account that answers after 150 ms and lets 80 calls arrive in any two seconds, as an OAuth app of the Lite plan has
it. Persons are upserted by email, every other one changed. No run can take less time than its calls divided by 40 a
second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from bench.window import ANSWER_SECONDS, CALLS_A_SECOND, OAUTH, beside_the_window
from bench.write import EMAIL, command, feed, person
from demo.server import SandboxProcess

#: Rows of the account, each of which one record is about.
ROWS = 5_000
#: Most time: so many times the least that the window allows, and so many seconds besides.
MOST, BESIDES = 1.1, 5.0
#: A greeting in the log: the account is known, the write begins.
BEGINS = "Connected as"


def main(rows: int) -> dict[str, Any]:
    """Upsert so many rows, every other one changed, and answer how long it took and what the server answered."""
    with SandboxProcess.start(scale=0) as sandbox, tempfile.TemporaryDirectory() as folder:
        sandbox.call("POST", "_sandbox/settings", {"burst": True, "plan": "lite", "daily_limit": 10_000_000})
        sandbox.call("POST", "_sandbox/rows/persons", [person(n) for n in range(rows)])
        sandbox.call("POST", "_sandbox/faults", [{"kind": "delay", "delay": ANSWER_SECONDS, "times": None}])
        config = {"credentials": OAUTH, "api_url": sandbox.url, "oauth_url": sandbox.url}
        seconds, summary = write(Path(folder), config, rows)
        answered = sandbox.call("GET", "_sandbox/requests")
    return beside_the_window(answered, seconds) | {
        "status": summary["status"],
        "persons": summary["objects"]["persons"],
    }


def messages(rows: int) -> Iterator[dict[str, Any]]:
    """A record for each row, every other one with another name, and a state."""
    for number in range(rows):
        name = f"Changed {number}" if number % 2 else f"Person {number}"
        data = {"name": name, "email": EMAIL.format(number)}
        yield {"type": "RECORD", "record": {"stream": "persons", "data": data, "emitted_at": 1}}
    stream = {"stream_descriptor": {"name": "persons"}, "stream_state": {"n": rows}}
    yield {"type": "STATE", "state": {"type": "STREAM", "stream": stream}}


def write(folder: Path, config: dict[str, Any], rows: int) -> tuple[float, dict[str, Any]]:
    """Seconds from the greeting to the end of the process, and the run's summary."""
    arguments = command(folder, config)
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        threading.Thread(target=feed, args=(process.stdin, messages(rows)), daemon=True).start()
        started, summary = listen(process.stdout)
    return time.monotonic() - started, summary


def listen(stdout: IO[str]) -> tuple[float, dict[str, Any]]:
    """When the write began, by the clock of this process, and the run's summary."""
    started, summary = 0.0, ""
    for line in stdout:
        started = started or (BEGINS in line and time.monotonic()) or 0.0
        summary = line if '"SUMMARY ' in line else summary
    found: dict[str, Any] = json.loads(json.loads(summary)["log"]["message"].removeprefix("SUMMARY "))
    return started, found


def run(arguments: Sequence[str]) -> int:
    """Measure and print. Answers the exit code: 1 when the run took too long or was refused."""
    found = main(int(arguments[0]) if arguments else ROWS)
    print(
        f"{found['calls']:,} calls in {found['seconds']} s, {found['ratio']} times the {found['least_seconds']} s that "
        f"{CALLS_A_SECOND:.0f} calls a second take; {found['refused']} of them were refused with 429"
    )
    print(f"BENCH {json.dumps(found)}", flush=True)
    is_in_time = found["seconds"] <= MOST * found["least_seconds"] + BESIDES
    return 0 if is_in_time and not found["refused"] and found["status"] == "Success" else 1


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
