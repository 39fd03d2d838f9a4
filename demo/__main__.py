"""Both connectors, end to end, against a sandbox of their own. The last line of the output is ``DEMO {json}``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from demo.console import Screen
from demo.server import SandboxProcess
from demo.steps import Demo


def main() -> int:
    """Run the demo. Answers the exit code."""
    options = _parser().parse_args()
    started = time.monotonic()
    screen = Screen()
    try:
        with SandboxProcess.start(scale=options.scale) as sandbox:
            result = Demo(sandbox, options.folder, screen).run()
    except RuntimeError as error:
        print(f"\nThe demo stopped: {error}", file=sys.stderr)
        return 1
    screen.say()
    screen.say(f"Done in {time.monotonic() - started:.0f} s.")
    print(f"\nDEMO {json.dumps(result)}", flush=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--scale", type=float, default=5, help="size of the account; 1 is about 100 deals")
    parser.add_argument(
        "--folder", type=Path, default=Path(".cache/demo"), help="where DuckDB and logs go; earlier ones are replaced"
    )
    return parser


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Nothing is left to do, and taking down all that PyAirbyte has loaded takes seconds.
    os._exit(code)
