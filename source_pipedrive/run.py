"""The command line: ``source-pipedrive spec | check | discover | read | catalog | estimate``.

Exit codes: 0 done, 1 failed (a TRACE error says why), 2 wrong command line. A command that is told to stop by SIGTERM
or SIGINT dies of that signal, a read after its summary and error. The first process of a container, which cannot, exits
with 1, and with 143 before reading began.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from pipedrive_client.process import start

SPEC = Path(__file__).parent / "spec.json"


def run() -> None:
    """Run one command of ``sys.argv`` and exit."""
    if start(SPEC, _load):
        from source_pipedrive import entrypoint

        entrypoint.run(sys.argv[1:])


def _load() -> None:
    import source_pipedrive.entrypoint  # noqa: F401


def main(arguments: list[str], write: Callable[[str], None]) -> int:
    """Run the command that ``arguments`` name and return its exit code; a wrong command line exits with 2."""
    from source_pipedrive import entrypoint

    return entrypoint.main(arguments, write)
