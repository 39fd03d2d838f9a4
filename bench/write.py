"""A large write: how much memory it takes and how fast it is. `python -m bench.write [records] [rows]`.

With `--own-parents N` instead, N new persons are written, each of a new company of its own: two new rows a record. The
account is a stand-in in a process of its own, so that the memory measured is the destination's alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from bench import echo_account
from demo.server import SandboxProcess, command_line

RECORDS, ROWS = 1_000_000, 100_000
#: One record of so many differs from the account's row.
EVERY = 100
#: Rows stored by one call, and records between two states.
BATCH, STATE_EVERY = 5_000, 50_000
#: Most memory that a write may take, in megabytes.
MOST_MEGABYTES = 500
EMAIL = "p{}@acme.test"
#: Links each person to a company of its own.
OWN_PARENT = {
    "stream": "persons",
    "links": {"organization": {"by": "name", "from": "company", "create_if_missing": True}},
}


def main(records: int, rows: int) -> dict[str, Any]:
    """Write so many records into an account of so many persons, and answer what it took."""
    with SandboxProcess.start(scale=0) as sandbox, tempfile.TemporaryDirectory() as folder:
        sandbox.call("POST", "_sandbox/settings", {"burst": False})
        for start in range(0, rows, BATCH):
            people = [person(n) for n in range(start, min(start + BATCH, rows))]
            sandbox.call("POST", "_sandbox/rows/persons", people)
        return measure(Path(folder), sandbox.config(), messages(records, rows), records, rows)


def with_own_parents(records: int) -> dict[str, Any]:
    """Write so many new persons, each of a company that no other names and that is created, into an empty account."""
    with echo_account.start() as config, tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), {**config, "mappings": [OWN_PARENT]}, newcomers(records), records, 0)


def measure(
    folder: Path, config: dict[str, Any], given: Iterable[dict[str, Any]], records: int, rows: int
) -> dict[str, Any]:
    """What one write takes."""
    started = time.monotonic()
    process, printed = start_write(folder, config)
    assert process.stdin is not None
    feed(process.stdin, given)
    used = wait(process)
    return result(printed, records, rows, time.monotonic() - started, used)


def person(number: int) -> dict[str, Any]:
    """A row as the account has it."""
    email = {"value": EMAIL.format(number), "primary": True, "label": "work"}
    return {"name": f"Person {number}", "emails": [email], "phones": [], "owner_id": 1}


def messages(records: int, rows: int) -> Iterator[dict[str, Any]]:
    """The records, which go round the rows, and states."""
    for number in range(records):
        row = number % rows
        name = f"Changed {row}" if row % EVERY == 0 else f"Person {row}"
        yield from record(number, records, {"name": name, "email": EMAIL.format(row)})


def newcomers(records: int) -> Iterator[dict[str, Any]]:
    """Records of people who are not there, each of a company that is not there, and states."""
    for number in range(records):
        company = f"Company {number}"
        yield from record(number, records, {"name": f"New {number}", "email": EMAIL.format(number), "company": company})


def record(number: int, records: int, data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One record, and the state that follows the last of many."""
    yield {"type": "RECORD", "record": {"stream": "persons", "data": data, "emitted_at": 1}}
    if number % STATE_EVERY == STATE_EVERY - 1 or number == records - 1:
        stream = {"stream_descriptor": {"name": "persons"}, "stream_state": {"n": number}}
        yield {"type": "STATE", "state": {"type": "STREAM", "stream": stream}}


def start_write(folder: Path, config: dict[str, Any]) -> tuple[subprocess.Popen[str], Path]:
    """The real executable, with the file that it prints to."""
    printed = folder / "printed"
    environment = {**os.environ, "PIPEDRIVE_SKIP_WAITS": "1", "NO_PROXY": "127.0.0.1"}
    arguments = command(folder, {**config, "plan": "ultimate"})
    with printed.open("w", encoding="utf-8") as out:
        return subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=out, text=True, env=environment), printed


def command(folder: Path, config: dict[str, Any]) -> list[str]:
    """How persons are written; the files that it takes are in the folder."""
    stream = {"name": "persons", "json_schema": {"type": "object", "properties": {}}}
    catalog = {"streams": [{"stream": stream, "destination_sync_mode": "append_dedup", "sync_mode": "incremental"}]}
    return command_line("destination-pipedrive", "write", folder, config=config, catalog=catalog)


def feed(stdin: IO[str], given: Iterable[dict[str, Any]]) -> None:
    """Hand over every message and close the input."""
    for message in given:
        stdin.write(json.dumps(message) + "\n")
    stdin.close()


def wait(process: subprocess.Popen[str]) -> tuple[int, float]:
    """Wait for the end; the most memory that the process took, in megabytes, and its processor time in seconds."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return int(usage.ru_maxrss // unit), usage.ru_utime + usage.ru_stime


def result(printed: Path, records: int, rows: int, seconds: float, used: tuple[int, float]) -> dict[str, Any]:
    """What is reported, from the run's SUMMARY."""
    logs = [json.loads(line) for line in printed.read_text(encoding="utf-8").splitlines() if "SUMMARY " in line]
    summary = json.loads(logs[0]["log"]["message"].removeprefix("SUMMARY "))
    return {
        "records": records,
        "rows": rows,
        "seconds": round(seconds, 1),
        "records_per_second": round(records / seconds),
        "megabytes": used[0],
        "processor_seconds": round(used[1], 1),
        "most_megabytes": MOST_MEGABYTES,
        "tokens": summary["tokens"],
        "tokens_per_record": round(summary["tokens"] / records, 4),
        "objects": summary["objects"],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=RECORDS)
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--own-parents", type=int, metavar="N", help="write N persons, each of a company of its own")
    given = parser.parse_args()
    found = with_own_parents(given.own_parents) if given.own_parents else main(given.records, given.rows)
    print(f"{found['records']:,} records at {found['records_per_second']:,} a second, {found['megabytes']} MB at most")
    print(f"BENCH {json.dumps(found)}")
    sys.exit(found["megabytes"] > MOST_MEGABYTES)
