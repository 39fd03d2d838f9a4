"""Console entry. Exit codes: 0 done, 1 failed with a TRACE error, 2 wrong command line."""

import logging
import sys
from collections.abc import Sequence
from typing import BinaryIO, TextIO

from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from destination_pipedrive.destination import DestinationPipedrive
from destination_pipedrive.output import UNEXPECTED, Output


def main(arguments: Sequence[str], stdin: BinaryIO | None = None, stdout: TextIO | None = None) -> int:
    """Run one command and return its exit code; everything printed is one message a line on ``stdout``."""
    output = Output(stdout or sys.stdout)
    logger = logging.getLogger("airbyte")
    logger.setLevel(logging.INFO)
    destination = DestinationPipedrive(output, stdin)
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


def run() -> None:
    """The console script `destination-pipedrive`."""
    sys.exit(main(sys.argv[1:]))
