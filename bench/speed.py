"""What a record costs the processor: the source beside a bare loop over the same list, in one run.

``python -m bench.speed 60000``. The bare loop is requests, orjson and a write per page; nothing that reads the list in
Python can do with less. Compared is the processor time of whole processes, and beyond the import.
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
IMPORTS = {"loop": "import orjson, requests", "source": "import source_pipedrive.entrypoint"}


def cost(arguments: list[str]) -> tuple[int, float]:
    """Most memory in megabytes, and processor time in seconds, of a process; what it prints is thrown away."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, text=True, env=environment)
    used = wait(process)
    assert process.returncode == 0, f"{arguments[0]} ended with {process.returncode}"
    return used


def main(deals: int) -> dict[str, Any]:
    """Read the list in both ways, and answer what a record took."""
    imports = {name: cost([sys.executable, "-c", code])[1] for name, code in IMPORTS.items()}
    with deals_account.start(deals) as url, tempfile.TemporaryDirectory() as folder:
        config = {"credentials": {"auth_type": "api_token", "api_token": deals_account.TOKEN}, "api_url": url}
        _, loop = cost([sys.executable, "-c", LOOP, url + deals_account.LIST])
        megabytes, source = cost(command(Path(folder), config))
    each = {name: (whole - imports[name]) / deals * 1e6 for name, whole in (("loop", loop), ("source", source))}
    return {
        "deals": deals,
        "loop_microseconds": round(each["loop"], 1),
        "source_microseconds": round(each["source"], 1),
        "ratio": round(each["source"] / each["loop"], 2),
        "whole_process_ratio": round(source / loop, 2),
        "megabytes": megabytes,
    }


if __name__ == "__main__":
    found = main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
    print(
        f"{found['source_microseconds']} µs per record beyond the import against {found['loop_microseconds']} µs of "
        f"the bare loop: {found['ratio']} times; whole processes {found['whole_process_ratio']} times; "
        f"{found['megabytes']} MB at most"
    )
    print(f"BENCH {json.dumps(found)}")
