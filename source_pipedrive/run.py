"""The command line: ``source-pipedrive spec | check | discover | read``.

Exit codes: 0 done, 1 failed (a TRACE error says why), 2 wrong command line, 143 ended by SIGTERM before reading began.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

SPEC = Path(__file__).parent / "spec.json"


def run() -> None:
    """Run one command of ``sys.argv`` and exit."""
    # The first process of a container would not be ended by a signal that it does not handle.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(128 + signal.SIGTERM))
    if sys.argv[1:] == ["spec"]:
        print(json.dumps({"type": "SPEC", "spec": json.loads(SPEC.read_bytes())}))
        return
    # Loading the CDK takes more than a second, which `spec` does not need. What is loaded stays: looking through it for
    # garbage, while loading and at the end, is a quarter of that time.
    gc.disable()
    from source_pipedrive import entrypoint

    gc.freeze()
    gc.enable()
    entrypoint.run(sys.argv[1:])


def main(arguments: list[str], write: Callable[[str], None]) -> int:
    """Run the command that ``arguments`` name and return its exit code; a wrong command line exits with 2."""
    from source_pipedrive import entrypoint

    return entrypoint.main(arguments, write)
