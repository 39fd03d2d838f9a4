"""One command of the source, from its arguments to its lines. Loads the CDK; ``run.py`` does not."""

import argparse
import gc
import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn

import orjson
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.logger import PRINT_BUFFER, is_platform_debug_log_enabled
from airbyte_cdk.models import AirbyteMessage, Type
from airbyte_cdk.sources.connector_state_manager import HashableStreamDescriptor
from airbyte_cdk.utils.airbyte_secrets_utils import get_secrets, update_secrets
from airbyte_cdk.utils.memory_monitor import _HIGH_PRESSURE_CHECK_INTERVAL, MemoryMonitor
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from pipedrive_client import secrets
from pipedrive_client.errors import Interrupted, WordedError
from pipedrive_client.lenient_json import dumps_exactly
from pipedrive_client.process import Output, Stopping, end, supervise
from source_pipedrive.commands.arguments import is_for_people, parse
from source_pipedrive.commands.catalog import configured_catalog, selected
from source_pipedrive.commands.estimate import Estimator
from source_pipedrive.config.config import Config
from source_pipedrive.inputs import specs_of
from source_pipedrive.run_report import NOTHING_READ
from source_pipedrive.source import SourcePipedrive
from source_pipedrive.sync.cdk_adapter import traced
from source_pipedrive.sync.chunks import Chunk
from source_pipedrive.sync.run_context import RunContext

secrets.follow(update_secrets)
UNEXPECTED = "Something failed that should not; the log says more."
#: How many more objects there may be before Python looks for garbage during a read. It does so after 700, many times a
#: page, whose rows are no garbage: all of them go when the page does.
GARBAGE_THRESHOLD = 50_000


class Entrypoint(AirbyteEntrypoint):
    """The CDK's entrypoint; the config is checked by the source, which words its errors, and nulls are printed."""

    def __init__(self, source: SourcePipedrive) -> None:
        super().__init__(source)
        self._pipedrive = source
        self._guard = _MemoryGuard(self._memory_monitor, source.stopping)

    @staticmethod
    def parse_args(args: list[str]) -> argparse.Namespace:
        """The command line. Exits with 2 when it is wrong."""
        return parse(args) or AirbyteEntrypoint.parse_args(args)

    def run(self, parsed_args: argparse.Namespace) -> Iterable[str | bytes]:  # type: ignore[override]
        """The lines of one command; those of a chunk of records together, encoded, each with its end."""
        level = logging.DEBUG if parsed_args.debug or is_platform_debug_log_enabled() else logging.INFO
        self.logger.setLevel(level)
        if parsed_args.command == "read":
            yield from self._read(parsed_args)
        elif parsed_args.command == "spec":
            yield from super().run(parsed_args)
        elif is_for_people(parsed_args.command):
            config = self._config(parsed_args)
            yield (self._catalog if parsed_args.command == "catalog" else self._estimate)(parsed_args, config)
        else:
            config = self._config(parsed_args)
            command = {"check": self.check, "discover": self.discover}[parsed_args.command]
            yield from map(told, command(self.source.spec(self.logger), config))

    def _read(self, parsed_args: argparse.Namespace) -> Iterable[str | bytes]:
        try:
            config = self._config(parsed_args)
            catalog, state = self.source.read_catalog(parsed_args.catalog), self.source.read_state(parsed_args.state)
            Config.parse(config)
        except Exception:
            self.logger.info(f"SUMMARY {orjson.dumps(NOTHING_READ).decode()}")
            raise
        counts: defaultdict[HashableStreamDescriptor, float] = defaultdict(float)
        for item in self._pipedrive.read_chunks(self.logger, config, catalog, state):
            if isinstance(item, Chunk):
                counts[HashableStreamDescriptor(item.stream)] += item.count
                self._guard.check(item.count)
                yield item.text
            else:
                yield told(self.handle_record_counts(item, counts))

    def _config(self, parsed_args: argparse.Namespace) -> MutableMapping[str, Any]:
        """The config file, its secrets hidden before anything can print them."""
        secrets.forget()
        config = self.source.read_config(parsed_args.config)
        secrets.hide(get_secrets(self.source.spec(self.logger).connectionSpecification, config))
        return config

    @staticmethod
    def set_up_secret_filter(config: Any, connection_specification: Any) -> None:
        """The secrets of a config are hidden when it is read, in all their forms."""

    def _catalog(self, parsed_args: argparse.Namespace, config: Mapping[str, Any]) -> str:
        message = AirbyteMessage(type=Type.CATALOG, catalog=self._pipedrive.discover(self.logger, config))
        discovered = orjson.loads(self.airbyte_message_to_string(message))["catalog"]
        catalog = configured_catalog(discovered, parsed_args.streams)
        return orjson.dumps(catalog, option=orjson.OPT_INDENT_2).decode()

    def _estimate(self, parsed_args: argparse.Namespace, config: Mapping[str, Any]) -> str:
        account = RunContext.connect(Config.parse(config), self.logger)
        names = parsed_args.streams
        if parsed_args.catalog:
            names = [spec.name for spec in specs_of(self.source.read_catalog(parsed_args.catalog), account.table)]
        found = Estimator(account).estimate([account.table[name] for name in selected(names, account.table)])
        return orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2).decode() if parsed_args.json else found.table()

    @staticmethod
    def validate_connection(source_spec: Any, config: Any) -> None:
        """The source parses and words its config itself."""


class _MemoryGuard:
    """The CDK's watch over memory; it ends a read in order instead of breaking out of it."""

    def __init__(self, monitor: MemoryMonitor, stopping: Stopping) -> None:
        self._monitor = monitor
        self._stopping = stopping

    def check(self, records: int) -> None:
        """Ask the read to stop when memory is nearly used up. ``records``: how many more there are.

        The monitor looks at every so many of its calls, one for each record; those that do not look are only counted.
        """
        monitor = self._monitor
        interval = _HIGH_PRESSURE_CHECK_INTERVAL if monitor._high_pressure_mode else monitor._check_interval
        skipped = min(records - 1, interval - 1 - monitor._message_count % interval)
        monitor._message_count += skipped
        try:
            monitor.check_memory_usage()
        except AirbyteTracedException as error:
            advice = "The next run resumes from the last state; give the connector more memory, or lower `num_workers`."
            self._stopping.ask(Interrupted(f"{error.message} {advice}", failure_type=error.failure_type.value))
        monitor._message_count += records - 1 - skipped


def run(arguments: list[str]) -> NoReturn:
    """Run one command and end the process with its exit code."""
    # Before stdout is taken over, so that argparse complains on stderr.
    parsed = Entrypoint.parse_args(arguments)
    stopping = Stopping()
    output = Output(stopping, Interrupted.by)
    sys.__stdout__ = output  # type: ignore[misc, assignment]

    def work() -> int:
        with PRINT_BUFFER:
            return execute(parsed, partial(_print, output), SourcePipedrive(stopping))

    if parsed.command == "read":
        gc.set_threshold(GARBAGE_THRESHOLD)
        supervise(work, stopping, Interrupted.by)
    code = work()
    # What nobody could read has not been said.
    end(code or int(stopping.reason is not None))


def main(arguments: list[str], write: Callable[[str], None]) -> int:
    """Run the command that ``arguments`` name and return its exit code; a wrong command line exits with 2."""

    def write_text(lines: str | bytes) -> None:
        write(lines if isinstance(lines, str) else lines.decode().removesuffix("\n"))

    return execute(Entrypoint.parse_args(arguments), write_text, SourcePipedrive())


def execute(parsed: argparse.Namespace, write: Callable[[str | bytes], None], source: SourcePipedrive) -> int:
    """Run one parsed command, hand all of its lines to ``write``, return the exit code."""
    if is_for_people(parsed.command):
        with _logs_on_stderr():
            return _execute(
                parsed,
                write,
                source,
                lambda error: sys.stderr.write(f"{secrets.filter_secrets(error.message or UNEXPECTED)}\n"),
            )
    return _execute(parsed, write, source, lambda error: write(told(error.as_airbyte_message())))


def _execute(
    parsed: argparse.Namespace,
    write: Callable[[str | bytes], None],
    source: SourcePipedrive,
    fail: Callable[[AirbyteTracedException], object],
) -> int:
    entrypoint = Entrypoint(source)
    if not is_for_people(parsed.command):
        source.send = lambda message: write(dumps_exactly(message).decode())
    try:
        for line in entrypoint.run(parsed):
            write(line)
    except (WordedError, AirbyteTracedException) as error:
        fail(traced(error) if isinstance(error, WordedError) else error)
        return 1
    except Exception as error:
        entrypoint.logger.exception("Unexpected failure")
        fail(AirbyteTracedException.from_exception(error, message=f"Unexpected failure: {type(error).__name__}."))
        return 1
    return 0


def told(message: AirbyteMessage) -> str:
    """A message as its line; what is said to people and to the platform is without secrets."""
    line = Entrypoint.airbyte_message_to_string(message)
    return secrets.filter_secrets(line) if message.type in (Type.TRACE, Type.CONNECTION_STATUS) else line


class _PlainWords(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """The message alone, without secrets."""
        return secrets.filter_secrets(super().format(record))


@contextmanager
def _logs_on_stderr() -> Iterator[None]:
    """Warnings in plain words beside standard output, which holds nothing but what was asked for."""
    root, handler = logging.getLogger(), logging.StreamHandler(sys.stderr)
    before, root.handlers = root.handlers, [handler]
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_PlainWords())
    try:
        yield
    finally:
        root.handlers = before


def _print(output: Output, lines: str | bytes) -> None:
    """Print a message, or those of a chunk, which need not be copied into the buffer of the messages."""
    if isinstance(lines, str):
        PRINT_BUFFER.write(lines + "\n")
        # A state that waits in a buffer when the process dies would make the next run read its rows again.
        if lines.startswith(('{"type":"STATE"', '{"type":"CONTROL"')):
            PRINT_BUFFER.flush()
    else:
        with PRINT_BUFFER.lock:
            PRINT_BUFFER.flush()
            output.write_bytes(lines)
