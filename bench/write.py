"""A large write: how much memory it takes and how fast it is. `python -m bench.write [records] [rows]`.

The account is a stand-in in a process of its own, so that the memory measured is the destination's alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from demo.server import SandboxProcess, executable

RECORDS, ROWS = 1_000_000, 100_000
#: One record of so many differs from the account's row.
EVERY = 100
#: Rows stored by one call, and records between two states.
BATCH, STATE_EVERY = 5_000, 50_000
#: Most memory that a write may take, in megabytes.
MOST_MEGABYTES = 500
EMAIL = "p{}@acme.test"


def main(records: int, rows: int) -> dict[str, Any]:
    """Write so many records into an account of so many persons, and answer what it took."""
    with SandboxProcess.start(scale=0) as sandbox, tempfile.TemporaryDirectory() as folder:
        sandbox.call("POST", "_sandbox/settings", {"burst": False})
        for start in range(0, rows, BATCH):
            people = [person(n) for n in range(start, min(start + BATCH, rows))]
            sandbox.call("POST", "_sandbox/rows/persons", people)
        started = time.monotonic()
        process, printed = start_write(Path(folder), sandbox.config())
        assert process.stdin is not None
        feed(process.stdin, records, rows)
        peak = wait(process)
        return result(printed, records, rows, time.monotonic() - started, peak)


def person(number: int) -> dict[str, Any]:
    """A row as the account has it."""
    email = {"value": EMAIL.format(number), "primary": True, "label": "work"}
    return {"name": f"Person {number}", "emails": [email], "phones": [], "owner_id": 1}


def messages(records: int, rows: int) -> Iterator[dict[str, Any]]:
    """The records, which go round the rows, and states."""
    for number in range(records):
        row = number % rows
        name = f"Changed {row}" if row % EVERY == 0 else f"Person {row}"
        data = {"name": name, "email": EMAIL.format(row)}
        yield {"type": "RECORD", "record": {"stream": "persons", "data": data, "emitted_at": 1}}
        if number % STATE_EVERY == STATE_EVERY - 1 or number == records - 1:
            stream = {"stream_descriptor": {"name": "persons"}, "stream_state": {"n": number}}
            yield {"type": "STATE", "state": {"type": "STREAM", "stream": stream}}


def start_write(folder: Path, config: dict[str, Any]) -> tuple[subprocess.Popen[str], Path]:
    """The real executable, with the file that it prints to."""
    stream = {"name": "persons", "json_schema": {"type": "object", "properties": {}}}
    catalog = {"streams": [{"stream": stream, "destination_sync_mode": "append_dedup", "sync_mode": "incremental"}]}
    files = {"config": {**config, "plan": "ultimate"}, "catalog": catalog}
    arguments = [executable("destination-pipedrive"), "write"]
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        arguments += [f"--{name}", str(folder / f"{name}.json")]
    printed = folder / "printed"
    environment = {**os.environ, "PIPEDRIVE_SKIP_WAITS": "1", "NO_PROXY": "127.0.0.1"}
    with printed.open("w", encoding="utf-8") as out:
        return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=out, text=True, env=environment), printed


def feed(stdin: IO[str], records: int, rows: int) -> None:
    """Hand over every message and close the input."""
    for message in messages(records, rows):
        stdin.write(json.dumps(message) + "\n")
    stdin.close()


def wait(process: subprocess.Popen[str]) -> int:
    """Wait for the end; the most memory that the process took, in megabytes."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return int(usage.ru_maxrss // unit)


def result(printed: Path, records: int, rows: int, seconds: float, peak: int) -> dict[str, Any]:
    """What is reported, from the run's SUMMARY."""
    logs = [json.loads(line) for line in printed.read_text(encoding="utf-8").splitlines() if "SUMMARY " in line]
    summary = json.loads(logs[0]["log"]["message"].removeprefix("SUMMARY "))
    return {
        "records": records,
        "rows": rows,
        "seconds": round(seconds, 1),
        "records_per_second": round(records / seconds),
        "megabytes": peak,
        "most_megabytes": MOST_MEGABYTES,
        "tokens": summary["tokens"],
        "tokens_per_record": round(summary["tokens"] / records, 4),
        "persons": summary["objects"]["persons"],
    }


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:3]]
    found = main(*(given + [RECORDS, ROWS][len(given) :]))
    print(f"{found['records']:,} records at {found['records_per_second']:,} a second, {found['megabytes']} MB at most")
    print(f"BENCH {json.dumps(found)}")
    sys.exit(found["megabytes"] > MOST_MEGABYTES)
