"""What a record costs the processor that changes nothing, beside a bare loop: ``make bench-unchanged``.

Processor time of whole processes, for few records and for many of the same rows: what the start and reading the rows
take is in both, so that the difference is that of the records. The bare loop reads the same lines and does nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.write import feed, messages, person, result, start_write, wait
from demo.server import SandboxProcess

#: Rows of the account, and records of the two writes.
ROWS, FEW, MANY = 5_000, 20_000, 220_000
#: Most processor time of a record in microseconds, beyond that of the bare loop.
MOST = 60.0
#: The bare loop, as a program of its own.
LOOP = """
import json, sys
for line in sys.stdin.buffer:
    json.loads(line)
"""


def main(few: int, many: int) -> dict[str, Any]:
    """Write records that change nothing, few and many, and answer what each of the others took in microseconds."""
    with SandboxProcess.start(scale=0) as sandbox, tempfile.TemporaryDirectory() as folder:
        sandbox.call("POST", "_sandbox/settings", {"burst": False})
        sandbox.call("POST", "_sandbox/rows/persons", [person(n) for n in range(ROWS)])
        # The bench's own changes go first, so that no record changes anything.
        write(Path(folder), sandbox.config(), ROWS)
        times = {
            "write": [write(Path(folder), sandbox.config(), count) for count in (few, many)],
            "loop": [loop(count) for count in (few, many)],
        }
    each = {name: (long - short) / (many - few) * 1e6 for name, (short, long) in times.items()}
    return {
        "records": many - few,
        "loop_microseconds": round(each["loop"], 1),
        "write_microseconds": round(each["write"], 1),
        "ratio": round(each["write"] / each["loop"], 2),
        "most_microseconds": MOST,
    }


def write(folder: Path, config: dict[str, Any], count: int) -> float:
    """Processor time in seconds of a write of so many records."""
    process, printed = start_write(folder, config)
    assert process.stdin is not None
    feed(process.stdin, messages(count, ROWS))
    used = wait(process)
    result(printed, count, ROWS, 1.0, used)
    return used[1]


def loop(count: int) -> float:
    """Processor time in seconds of the bare loop over so many records."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen([sys.executable, "-c", LOOP], stdin=subprocess.PIPE, text=True, env=environment)
    assert process.stdin is not None
    feed(process.stdin, messages(count, ROWS))
    return wait(process)[1]


if __name__ == "__main__":
    few, many = (FEW, int(sys.argv[1]) + FEW) if len(sys.argv) > 1 else (FEW, MANY)
    found = main(few, many)
    print(
        f"{found['write_microseconds']} µs a record that changes nothing against {found['loop_microseconds']} µs of "
        f"the bare loop: {found['ratio']} times"
    )
    print(f"BENCH {json.dumps(found)}")
    sys.exit(found["write_microseconds"] > MOST)
