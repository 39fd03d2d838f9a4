"""The command line: ``destination-pipedrive spec | check | discover | plan | propose | report | studio | write``.

Exit codes: 0 done, 1 failed with a TRACE error, 2 wrong command line. A run that a signal stopped dies of that signal.
"""

import argparse
import logging
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from pipedrive_client.process import end, start, supervise

if TYPE_CHECKING:
    from destination_pipedrive.destination import DestinationPipedrive
    from destination_pipedrive.protocol.output import Output

#: Commands that print for people, and say errors as plain text.
FOR_PEOPLE = ("plan", "propose", "report", "studio")
SPEC = Path(__file__).parent / "spec.json"


def run() -> None:
    """The console script `destination-pipedrive`: run one command of ``sys.argv`` and exit."""
    if not start(SPEC, _load):
        return
    from destination_pipedrive.destination import DestinationPipedrive
    from destination_pipedrive.protocol.output import Output
    from destination_pipedrive.protocol.shutdown import Shutdown

    # Where PYTHONUNBUFFERED is set, Python's own stdout loses the rest of a write that a signal cuts short.
    with open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False) as stdout:
        output = Output(stdout)
        shutdown = Shutdown(output)
        destination = DestinationPipedrive(shutdown)
        parsed = destination.parse_args(sys.argv[1:])

        def work() -> int:
            return shutdown.code(_execute(destination, parsed, output))

        if parsed.command == "write":
            supervise(work, shutdown, shutdown.stopped, shutdown.grace, shutdown.last_words)
        code = work()
        sys.stdout.flush()
        sys.stderr.flush()
        # Closing a stream on a full disk would fail once more; every line has left it already, or cannot.
        end(code)


def _load() -> None:
    import destination_pipedrive.destination  # noqa: F401


def main(arguments: Sequence[str], stdin: BinaryIO | None = None, stdout: TextIO | None = None) -> int:
    """Run one command and return its exit code; everything printed is one message a line on ``stdout``."""
    from destination_pipedrive.destination import DestinationPipedrive
    from destination_pipedrive.protocol.output import Output
    from destination_pipedrive.protocol.shutdown import Shutdown

    output = Output(stdout or sys.stdout)
    destination = DestinationPipedrive(Shutdown(output), stdin)
    return _execute(destination, destination.parse_args(list(arguments)), output)


def _execute(destination: "DestinationPipedrive", parsed: argparse.Namespace, output: "Output") -> int:
    from destination_pipedrive.protocol.output import UNEXPECTED
    from pipedrive_client.errors import WordedError
    from pipedrive_client.secrets import filter_secrets

    logger = logging.getLogger("airbyte")
    logger.setLevel(logging.INFO)
    is_for_people = parsed.command in FOR_PEOPLE
    logging.getLogger().handlers = [logging.NullHandler() if is_for_people else output.log_handler()]
    try:
        destination.run_cmd(parsed)
    except Exception as error:
        if not isinstance(error, WordedError):
            logger.error(f"Unexpected {type(error).__name__}", exc_info=error)
        if is_for_people:
            # Their log is what stands on the screen: nothing else would hold the details.
            where = "" if isinstance(error, WordedError) else "".join(traceback.format_exception(error))
            said = error.message if isinstance(error, WordedError) else UNEXPECTED
            sys.stderr.write(f"{filter_secrets(where + said)}\n")
        else:
            output.error(error)
        return 1
    return 0
