"""One command of the source, from its arguments to its lines. Loads the CDK; ``run.py`` does not."""

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import orjson
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER, is_platform_debug_log_enabled
from airbyte_cdk.models import AirbyteMessage
from airbyte_cdk.utils.memory_monitor import MemoryMonitor
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from pipedrive_client.errors import Interrupted
from pipedrive_client.lenient_json import dumps
from pipedrive_client.process import Output, Stopping, end, supervise
from source_pipedrive.config.config import Config
from source_pipedrive.records.problems import CHANGES
from source_pipedrive.run_report import NOTHING_READ
from source_pipedrive.source import SourcePipedrive

#: How a value that could not be read is told. Source: AirbyteRecordMessageMetaChange of the Airbyte protocol.
_NULLED = {"change": "NULLED", "reason": "SOURCE_SERIALIZATION_ERROR"}


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entrypoint; the config is checked by the source, which words its errors, and nulls are printed."""

    def __init__(self, source: SourcePipedrive) -> None:
        super().__init__(source)
        self._memory_monitor = _MemoryGuard(self._memory_monitor, source.stopping)  # type: ignore[assignment]

    def run(self, parsed_args: argparse.Namespace) -> Iterable[str]:
        """The lines of one command."""
        level = logging.DEBUG if parsed_args.debug or is_platform_debug_log_enabled() else logging.INFO
        self.logger.setLevel(level)
        if parsed_args.command == "read":
            yield from self._read(parsed_args)
        elif parsed_args.command == "spec":
            yield from super().run(parsed_args)
        else:
            config = self.source.read_config(parsed_args.config)
            command = {"check": self.check, "discover": self.discover}[parsed_args.command]
            yield from map(_line, command(self.source.spec(self.logger), config))

    def _read(self, parsed_args: argparse.Namespace) -> Iterable[str]:
        try:
            config = self.source.read_config(parsed_args.config)
            catalog, state = self.source.read_catalog(parsed_args.catalog), self.source.read_state(parsed_args.state)
            Config.parse(config)
        except Exception:
            self.logger.info(f"SUMMARY {orjson.dumps(NOTHING_READ).decode()}")
            raise
        yield from map(_line, self.read(self.source.spec(self.logger), config, catalog, state))

    @staticmethod
    def validate_connection(source_spec: Any, config: Any) -> None:
        """The source parses and words its config itself."""


class _MemoryGuard:
    """The CDK's watch over memory; it ends a read in order instead of breaking out of it."""

    def __init__(self, monitor: MemoryMonitor, stopping: Stopping) -> None:
        self._monitor = monitor
        self._stopping = stopping

    def check_memory_usage(self) -> None:
        """Ask the read to stop when memory is nearly used up."""
        try:
            self._monitor.check_memory_usage()
        except AirbyteTracedException as error:
            advice = "The next run goes on from the last state; give the connector more memory, or lower `num_workers`."
            self._stopping.ask(Interrupted(f"{error.message} {advice}", failure_type=error.failure_type))


def _line(message: AirbyteMessage) -> str:
    """One line of stdout. The CDK leaves out a record's nulls; "cleared" and "never sent" would look the same.

    What could not be read and is null for that reason is told in `meta.changes`, as the protocol has it.
    """
    record = message.record
    if record is None:
        return Entrypoint.airbyte_message_to_string(message)
    nulled = record.data.pop(CHANGES, ())
    content = {"stream": record.stream, "data": record.data, "emitted_at": record.emitted_at}
    if nulled:
        content["meta"] = {"changes": [{"field": place, **_NULLED} for place in nulled]}
    return dumps({"type": "RECORD", "record": content}).decode()


def run(arguments: list[str]) -> NoReturn:
    """Run one command and end the process with its exit code."""
    # Before stdout is taken over, so that argparse complains on stderr.
    parsed = Entrypoint.parse_args(arguments)
    if not parsed.command:
        sys.stderr.write("usage: source-pipedrive {spec,check,discover,read} …\n")
        sys.exit(2)
    stopping = Stopping()
    sys.__stdout__ = Output(stopping, Interrupted.by)  # type: ignore[misc, assignment]

    def work() -> int:
        with PRINT_BUFFER:
            return execute(parsed, _print, SourcePipedrive(stopping))

    if parsed.command == "read":
        supervise(work, stopping, Interrupted.by)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end(work())


def main(arguments: list[str], write: Callable[[str], None]) -> int:
    """Run the command that ``arguments`` name and return its exit code; a wrong command line exits with 2."""
    return execute(Entrypoint.parse_args(arguments), write, SourcePipedrive())


def execute(parsed: argparse.Namespace, write: Callable[[str], None], source: SourcePipedrive) -> int:
    """Run one parsed command, hand every message line to ``write``, return the exit code."""
    entrypoint = Entrypoint(source)
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
