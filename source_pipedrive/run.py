"""The command line: ``source-pipedrive spec | check | discover | read``."""

import sys
from collections.abc import Callable
from typing import Any

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_pipedrive.source import SourcePipedrive


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entrypoint; the config is checked by the source, which words its errors."""

    @staticmethod
    def validate_connection(source_spec: Any, config: Any) -> None:
        """The source parses and words its config itself."""


def run() -> None:
    """Run one command of ``sys.argv`` and exit: 0 done, 1 failed (a TRACE error says why), 2 wrong command line."""
    with PRINT_BUFFER:
        code = main(sys.argv[1:], _print)
    sys.exit(code)


def main(arguments: list[str], write: Callable[[str], None]) -> int:
    """Run one command, hand every message line to ``write``, return the exit code. Wrong usage exits with 2."""
    entrypoint = Entrypoint(SourcePipedrive())
    parsed = entrypoint.parse_args(arguments)
    if not parsed.command:
        sys.stderr.write("usage: source-pipedrive {spec,check,discover,read} …\n")
        return 2
    try:
        for line in entrypoint.run(parsed):
            write(line)
    except AirbyteTracedException as error:
        write(Entrypoint.airbyte_message_to_string(error.as_airbyte_message()))
        return 1
    except Exception as error:
        entrypoint.logger.exception("Unexpected failure")
        traced = AirbyteTracedException.from_exception(error, message=f"Unexpected failure: {type(error).__name__}.")
        write(Entrypoint.airbyte_message_to_string(traced.as_airbyte_message()))
        return 1
    return 0


def _print(line: str) -> None:
    PRINT_BUFFER.write(line + "\n")
    # A state that waits in a buffer when the process dies would make the next run read its rows again.
    if line.startswith('{"type":"STATE"'):
        PRINT_BUFFER.flush()
