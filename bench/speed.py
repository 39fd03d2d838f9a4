"""What a record costs the processor: the source beside a bare loop and a declarative manifest over the same list.

``python -m bench.speed 60000``, all in one run. The bare loop is requests, orjson and a write per page; nothing that
reads the list in Python can do with less. Compared is the processor time of whole processes, and beyond that of an
account of one page, which is start and end. Ends with 1 when a record costs more than it may.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import deals_account
from bench.manifest import PROGRAM, manifest
from bench.read import command
from bench.write import wait

#: The bare loop, as a program of its own.
LOOP = """
import sys
import orjson, requests
url, cursor, session = sys.argv[1], None, requests.Session()
session.headers["x-api-token"] = "bench"
while True:
    answer = orjson.loads(session.get(url, params={"limit": 500, "cursor": cursor}).content)
    lines = [orjson.dumps({"type": "RECORD", "record": {"stream": "deals", "data": row}}) for row in answer["data"]]
    sys.stdout.buffer.write(b"\\n".join(lines) + b"\\n")
    cursor = answer["additional_data"]["next_cursor"]
    if cursor is None:
        break
"""
#: How often the source and the bare loop are measured, in turns; the best counts.
ROUNDS = 8
#: The most that a record may cost beyond the start, and a whole process, in those of the bare loop; and a record in
#: those of the manifest.
MOST, MOST_WHOLE, MOST_OF_MANIFEST = 1.8, 2.5, 0.45


def cost(arguments: list[str]) -> tuple[int, float]:
    """Most memory in megabytes, and processor time in seconds, of a process; what it prints is thrown away."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, text=True, env=environment)
    used = wait(process)
    assert process.returncode == 0, f"{arguments[0]} ended with {process.returncode}"
    return used


def best(commands: dict[str, list[str]], rounds: int) -> tuple[dict[str, float], int]:
    """Processor seconds of each command in its best round, and the most megabytes of any.

    A machine has quick minutes and slow ones, in which the same takes up to twice as long; the best is what it takes.
    """
    found: dict[str, list[float]] = {name: [] for name in commands}
    most = 0
    for _ in range(rounds):
        for name, arguments in commands.items():
            megabytes, seconds = cost(arguments)
            found[name].append(seconds)
            most = max(most, megabytes)
    return {name: min(seconds) for name, seconds in found.items()}, most


def read(deals: int, rounds: int) -> tuple[dict[str, float], int]:
    """Processor seconds of each way to read so many deals, and the most megabytes."""
    with deals_account.start(deals) as url, tempfile.TemporaryDirectory() as folder:
        config = {"credentials": {"auth_type": "api_token", "api_token": deals_account.TOKEN}, "api_url": url}
        source = command(Path(folder), config)
        told = json.dumps(manifest(url, deals_account.LIST))
        bare = {"loop": [sys.executable, "-c", LOOP, url + deals_account.LIST]}
        near, most = best({**bare, "source": source}, rounds)
        # It takes five times as long, so a slow minute does not change what it shows.
        far, others = best({"manifest": [sys.executable, "-c", PROGRAM, told, *source[1:]]}, 1)
        return {**near, **far}, max(most, others)


def main(deals: int, rounds: int = ROUNDS) -> dict[str, Any]:
    """Read the list in all ways, and answer what a record took."""
    started, _ = read(deals_account.PAGE, rounds)
    whole, megabytes = read(deals, rounds)
    each = {name: (whole[name] - started[name]) / (deals - deals_account.PAGE) * 1e6 for name in whole}
    return {
        "deals": deals,
        **{f"{name}_microseconds": round(one, 1) for name, one in each.items()},
        "ratio": round(each["source"] / each["loop"], 2),
        "whole_process_ratio": round(whole["source"] / whole["loop"], 2),
        "ratio_to_manifest": round(each["source"] / each["manifest"], 2),
        "whole_process_ratio_to_manifest": round(whole["source"] / whole["manifest"], 2),
        "megabytes": megabytes,
    }


def is_right(found: dict[str, Any]) -> bool:
    """Whether it cost no more than it may be asked to."""
    is_near = found["ratio"] <= MOST and found["whole_process_ratio"] <= MOST_WHOLE
    return bool(is_near and found["ratio_to_manifest"] <= MOST_OF_MANIFEST)


if __name__ == "__main__":
    found = main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
    print(
        f"{found['source_microseconds']} µs per record beyond the start against {found['loop_microseconds']} µs of "
        f"the bare loop: {found['ratio']} times; whole processes {found['whole_process_ratio']} times; "
        f"{found['manifest_microseconds']} µs of the manifest: {found['ratio_to_manifest']} times, whole processes "
        f"{found['whole_process_ratio_to_manifest']} times; {found['megabytes']} MB at most"
    )
    print(f"BENCH {json.dumps(found)}", flush=True)
    raise SystemExit(0 if is_right(found) else 1)
