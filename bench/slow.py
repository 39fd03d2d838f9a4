"""Memory of a read and of a write whose output is taken slowly, beside the same taken at once.

``python -m bench.slow [deals] [records]``: for a while a few kilobytes a second are taken, then all. The account is a
stand-in in a process of its own, so that the memory measured is the connector's alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from bench.read import command as reading
from bench.write import command as writing
from bench.write import feed, person, record, wait
from demo.server import SandboxProcess

DEALS, RECORDS = 50_000, 200_000
#: Bytes a second, and for how many seconds.
RATE, SECONDS = 4_096, 30
#: Rows that the account has, and records between two states of a write.
ROWS, STATE_EVERY = 5_000, 100


def take(output: IO[bytes], is_slow: bool) -> int:
    """Read output to its end, the first of it slowly; answer how many bytes there were."""
    taken, until = 0, time.monotonic() + (SECONDS if is_slow else 0)
    while time.monotonic() < until:
        part = os.read(output.fileno(), RATE)
        taken += len(part)
        if not part:
            return taken
        time.sleep(1)
    while part := output.read(1 << 20):
        taken += len(part)
    return taken


def measure(arguments: list[str], given: Iterable[dict[str, Any]], is_slow: bool) -> dict[str, Any]:
    """What one command takes whose output goes through a pipe."""
    environment = {**os.environ, "PIPEDRIVE_SKIP_WAITS": "1", "NO_PROXY": "127.0.0.1"}
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        text = os.fdopen(os.dup(process.stdin.fileno()), "w", encoding="utf-8")
        process.stdin.close()
        feeder = threading.Thread(target=feed, args=(text, given))
        feeder.start()
        size = take(process.stdout, is_slow)
        feeder.join()
        megabytes, _ = wait(process)
    assert process.returncode == 0, f"{arguments[0]} ended with {process.returncode}"
    return {"megabytes": megabytes, "output_megabytes": round(size / 1e6, 1)}


def messages(records: int) -> Iterable[dict[str, Any]]:
    """Records that change little, with many states."""
    for number in range(records):
        row = number % ROWS
        yield from record(number, records, {"name": f"Person {row}", "email": f"p{row}@acme.test"})
        if number % STATE_EVERY == 0:
            stream = {"stream_descriptor": {"name": "persons"}, "stream_state": {"n": number}}
            yield {"type": "STATE", "state": {"type": "STREAM", "stream": stream}}


def main(deals: int, records: int) -> dict[str, Any]:
    """Each of both, taken at once and slowly."""
    found: dict[str, Any] = {}
    with SandboxProcess.start(scale=0) as sandbox, tempfile.TemporaryDirectory() as folder:
        sandbox.call("POST", "_sandbox/settings", {"burst": False})
        sandbox.call("POST", "_sandbox/seed", {"scale": 0, "deals": deals})
        sandbox.call("POST", "_sandbox/rows/persons", [person(number) for number in range(ROWS)])
        config = {**sandbox.config(), "plan": "ultimate"}
        read, write = reading(Path(folder), config), writing(Path(folder), config)
        for kind, is_slow in {"at once": False, "slowly": True}.items():
            found[f"read, taken {kind}"] = measure(read, (), is_slow)
            found[f"write, taken {kind}"] = measure(write, messages(records), is_slow)
    return found


if __name__ == "__main__":
    sizes = [int(each) for each in sys.argv[1:]]
    for name, taken in main(*(sizes + [DEALS, RECORDS][len(sizes) :])).items():
        print(f"{name}: {taken['megabytes']} MB at most, {taken['output_megabytes']} MB of output")
