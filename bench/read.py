"""A large read: how much memory it takes and how fast it is, by the size of the account: ``make bench-read``.

``python -m bench.read 1000000`` reads a million. The account is a stand-in in a process of its own, so that the memory
measured is the source's alone; what it prints is counted and thrown away. On few cores both slow the source down: they
share them.
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

from bench import deals_account
from bench.write import wait
from demo.server import command_line

SIZES = (10_000, 100_000)


def main(deals: int) -> dict[str, Any]:
    """Read an account of so many deals, and answer what it took."""
    with deals_account.start(deals) as url, tempfile.TemporaryDirectory() as folder:
        credentials = {"auth_type": "api_token", "api_token": deals_account.TOKEN}
        started = time.monotonic()
        process = start_read(Path(folder), {"credentials": credentials, "api_url": url})
        assert process.stdout is not None
        rows = sum(line.startswith('{"type":"RECORD"') for line in process.stdout)
        peak, _ = wait(process)
        seconds = time.monotonic() - started
    assert process.returncode == 0, f"The read of {deals:,} deals ended with {process.returncode}."
    return {"rows": rows, "seconds": round(seconds, 1), "rows_per_second": round(rows / seconds), "megabytes": peak}


def start_read(folder: Path, config: dict[str, Any]) -> subprocess.Popen[str]:
    """The real executable, whose lines wait to be read."""
    environment = {**os.environ, "NO_PROXY": "127.0.0.1"}
    return subprocess.Popen(
        command(folder, config), stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    )


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
