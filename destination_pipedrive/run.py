"""The command line: ``destination-pipedrive spec | check | discover | plan | write``.

Exit codes: 0 done, 1 failed with a TRACE error, 2 wrong command line. A run that a signal stopped dies of that signal.
"""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from pipedrive_client.process import start

if TYPE_CHECKING:
    from destination_pipedrive.protocol.shutdown import Shutdown

SPEC = Path(__file__).parent / "spec.json"


def run() -> None:
    """The console script `destination-pipedrive`: run one command of ``sys.argv`` and exit."""
    if not start(SPEC, _load):
        return
    from destination_pipedrive.protocol.output import Output
    from destination_pipedrive.protocol.shutdown import Shutdown, die_at_once

    die_at_once()
    # Where PYTHONUNBUFFERED is set, Python's own stdout loses the rest of a write that a signal cuts short.
    with open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False) as stdout:
        shutdown = Shutdown(Output(stdout), owns_process=True)
        shutdown.end(execute(sys.argv[1:], shutdown))


def _load() -> None:
    import destination_pipedrive.destination  # noqa: F401


def main(arguments: Sequence[str], stdin: BinaryIO | None = None, stdout: TextIO | None = None) -> int:
    """Run one command and return its exit code; everything printed is one message a line on ``stdout``."""
    from destination_pipedrive.protocol.output import Output
    from destination_pipedrive.protocol.shutdown import Shutdown

    return execute(arguments, Shutdown(Output(stdout or sys.stdout)), stdin)


def execute(arguments: Sequence[str], shutdown: "Shutdown", stdin: BinaryIO | None = None) -> int:
    """Run one command under watch and return its exit code."""
    from airbyte_cdk.utils.traced_exception import AirbyteTracedException

    from destination_pipedrive.destination import DestinationPipedrive
    from destination_pipedrive.protocol.output import UNEXPECTED

    output = shutdown.output
    logger = logging.getLogger("airbyte")
    logger.setLevel(logging.INFO)
    destination = DestinationPipedrive(shutdown, stdin)
    parsed = destination.parse_args(list(arguments))
    is_for_people = parsed.command == "plan"
    logging.getLogger().handlers = [logging.NullHandler() if is_for_people else output.log_handler()]
    try:
        destination.run_cmd(parsed)
    except Exception as error:
        if not isinstance(error, AirbyteTracedException):
            logger.error(f"Unexpected {type(error).__name__}", exc_info=error)
        if is_for_people:
            sys.stderr.write(f"{error.message if isinstance(error, AirbyteTracedException) else UNEXPECTED}\n")
        else:
            output.error(error)
        return 1
    return 0
