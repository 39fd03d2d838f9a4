"""`plan`: a dry run for people. It says what `write` would do with its records, what it leaves out, and the price."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

from destination_pipedrive.commands.row_files import record_lines, row_file
from destination_pipedrive.config.catalog import ConfiguredStream, configured_streams
from destination_pipedrive.config.config import Config
from destination_pipedrive.config.mappings import EVERY_STREAM
from destination_pipedrive.protocol.json_lines import Message
from destination_pipedrive.results.ledger import OF_RECORD
from destination_pipedrive.results.plan_report import Plan, PlanReport
from destination_pipedrive.session import Session
from pipedrive_client.config import ConfigError
from pipedrive_client.secrets import filter_secrets

#: Runs a session with a catalog over messages.
Write = Callable[[Session, Any, Iterable[Message | None]], None]
NO_RECORDS = (
    "There is nothing to plan: standard input contains no RECORD message. Pipe the output of a source's `read` into "
    "`plan`, or name a CSV, JSONL or Parquet file with `--from`."
)


def make_plan(
    config: Mapping[str, Any],
    catalog: Any,
    messages: Iterable[Message | None],
    write: Write,
    logger: logging.Logger,
) -> Plan:
    """The plan of a stream's records. Raises ConfigError when there are none, and what ``write`` raises."""
    session = Session(Config.as_far_as_readable({**config, "dry_run": True}), logger)
    assert session.plan is not None
    try:
        with _warnings(logger, session.plan):
            write(session, catalog, messages)
    finally:
        session.close()
    objects = session.ledger.objects()
    if not objects:
        raise ConfigError(NO_RECORDS)
    spent, budget = session.client.meter.total.tokens, session.client.budget
    return session.plan.finished(objects, spent, budget.tokens_left, budget.tokens_limit)


def rows_of(path: str, catalog: Any, config: Mapping[str, Any]) -> tuple[Any, Iterator[bytes]]:
    """A catalog, made from the file where ``catalog`` is None, and the lines of the messages of its stream.

    Raises ConfigError when the file cannot be read, holds no row, or belongs to no stream of the catalog.
    """
    file = row_file(path)
    rows = file.rows()
    first = next(rows, None)
    if first is None:
        raise ConfigError(f"There is nothing to plan: the file {path} holds no row.")
    if catalog is None:
        mappings = [each for each in Config.as_far_as_readable(config).mappings if each.stream != EVERY_STREAM]
        catalog = file.catalog(mappings[0].stream if len(mappings) == 1 else file.path.stem)
    stream = _stream(configured_streams(catalog), file.path.stem)
    return catalog, record_lines(chain((first,), rows), stream.name, stream.namespace)


def _stream(streams: tuple[ConfiguredStream, ...], stem: str) -> ConfiguredStream:
    """The only stream of a catalog, or the one that is called like the file. Raises ConfigError."""
    named = [each for each in streams if stem in (each.name, each.full_name)]
    if len(streams) != 1 and not named:
        names = ", ".join(f"`{each.full_name}`" for each in streams) or "none"
        raise ConfigError(f"The catalog has no stream `{stem}` as the file is called; its streams are {names}.")
    return named[0] if named else streams[0]


@contextmanager
def _warnings(logger: logging.Logger, plan: PlanReport) -> Iterator[None]:
    """Take up in the plan what is warned of, but for single records: those have lines of their own."""
    handler = _Warnings(plan)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Warnings(logging.Handler):
    def __init__(self, plan: PlanReport) -> None:
        super().__init__(logging.WARNING)
        self._plan = plan

    def emit(self, record: logging.LogRecord) -> None:
        """Take up one log record, without secrets."""
        if not hasattr(record, OF_RECORD):
            self._plan.warn(filter_secrets(record.getMessage()))
