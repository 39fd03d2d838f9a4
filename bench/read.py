"""A large read: how much memory it takes and how fast it is, by the size of the account: ``make bench-read``.

The account is a stand-in in a process of its own, so that the memory measured is the source's alone. On few cores it
slows the source down: it shares them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.write import wait
from demo.server import SandboxProcess, command_line

SIZES = (10_000, 100_000)


def main(deals: int) -> dict[str, Any]:
    """Read an account of so many deals, and answer what it took."""
    with SandboxProcess.start(scale=0) as sandbox, tempfile.TemporaryDirectory() as folder:
        sandbox.call("POST", "_sandbox/settings", {"burst": False})
        sandbox.call("POST", "_sandbox/seed", {"scale": 0, "deals": deals})
        started = time.monotonic()
        process, printed = start_read(Path(folder), sandbox.config())
        peak, _ = wait(process)
        seconds = time.monotonic() - started
        rows = sum(line.startswith('{"type":"RECORD"') for line in printed.open(encoding="utf-8"))
    assert process.returncode == 0, f"The read of {deals:,} deals ended with {process.returncode}."
    return {"rows": rows, "seconds": round(seconds, 1), "rows_per_second": round(rows / seconds), "megabytes": peak}


def start_read(folder: Path, config: dict[str, Any]) -> tuple[subprocess.Popen[str], Path]:
    """The real executable, with the file that it prints to."""
    printed = folder / "printed"
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    with printed.open("w", encoding="utf-8") as out:
        return subprocess.Popen(command(folder, config), stdout=out, text=True, env=environment), printed


def command(folder: Path, config: dict[str, Any]) -> list[str]:
    """How the deals are read; the files that it takes are in the folder."""
    stream = {"name": "deals", "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]}
    catalog = {"streams": [{"stream": stream, "destination_sync_mode": "append_dedup", "sync_mode": "incremental"}]}
    return command_line("source-pipedrive", "read", folder, config={**config, "plan": "ultimate"}, catalog=catalog)


if __name__ == "__main__":
    for size in [int(each) for each in sys.argv[1:]] or SIZES:
        found = main(size)
        print(f"{found['rows']:,} rows at {found['rows_per_second']:,} a second, {found['megabytes']} MB at most")
        print(f"BENCH {json.dumps(found)}")
