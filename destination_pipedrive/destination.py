"""The commands: spec, check, discover, write."""

import argparse
import logging
import sys
import threading
import webbrowser
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import orjson
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import AirbyteConnectionStatus, Status
from airbyte_cdk.utils.airbyte_secrets_utils import get_secrets, update_secrets

from destination_pipedrive.commands.check import problems
from destination_pipedrive.commands.command_line import parse
from destination_pipedrive.commands.discover import destination_catalog
from destination_pipedrive.commands.plan import make_plan, rows_of
from destination_pipedrive.commands.preflight import refuse, validate
from destination_pipedrive.commands.propose import proposal_text, tables
from destination_pipedrive.config.catalog import ConfiguredStream, configured_streams
from destination_pipedrive.config.config import Config
from destination_pipedrive.copying.copying import Copying, copies_anything
from destination_pipedrive.mapping.compiler import refusal_to_replace
from destination_pipedrive.pipeline import Pipeline
from destination_pipedrive.protocol.clearing import opening
from destination_pipedrive.protocol.json_lines import Message
from destination_pipedrive.protocol.messages import read_messages
from destination_pipedrive.protocol.output import Output
from destination_pipedrive.protocol.shutdown import Shutdown
from destination_pipedrive.protocol.state_barrier import StateBarrier
from destination_pipedrive.report.model import of_plan
from destination_pipedrive.report.page import check_writable, write_page
from destination_pipedrive.report.result_log import report_of
from destination_pipedrive.results.plan_table import table
from destination_pipedrive.session import Session
from pipedrive_client import clock, secrets
from pipedrive_client.config import ConfigError, hand_on_rotated
from pipedrive_client.config_errors import together
from pipedrive_client.errors import PipedriveError
from pipedrive_client.spool_folder import remove_abandoned
from pipedrive_client.ticker import Ticker
from pipedrive_client.transport import CHECK, for_check

logger = logging.getLogger("airbyte")
secrets.follow(update_secrets)

NO_STUDIO = (
    "The studio needs the package `{}`, which comes with an extra: pip install 'airbyte-pipedrive[studio]'. The images "
    "lack it; `propose` needs nothing more."
)


class DestinationPipedrive(Destination):
    """Reads raw messages instead of the CDK's classes: those lose keys of a STATE and die of an unknown type."""

    def __init__(self, shutdown: Shutdown | None = None, stdin: BinaryIO | None = None) -> None:
        self._shutdown = shutdown or Shutdown(Output(sys.stdout))
        self._output = self._shutdown.output
        self._stdin = stdin
        self._has_summed_up = threading.Lock()

    def parse_args(self, args: list[str]) -> argparse.Namespace:
        """The command line. Exits with 2 when it is wrong."""
        return parse(args)

    def run_cmd(self, parsed_args: argparse.Namespace) -> Iterable[Any]:
        """Run one command; what it prints goes to the output as it happens. Raises what ends it."""
        command: str = parsed_args.command
        if command == "spec":
            self._output.send({"type": "SPEC", "spec": self._spec()})
        elif command == "check":
            self._check(self._config(parsed_args.config, parsed_args.mappings))
        elif command == "discover":
            self._discover(parsed_args.config)
        elif command == "plan":
            self._plan(parsed_args)
        elif command == "propose":
            self._propose(parsed_args)
        elif command == "report":
            write_page(parsed_args.html, report_of(parsed_args.rows))
            self._output.text(f"The run is shown in {parsed_args.html}.\n")
        elif command == "studio":
            self._studio(parsed_args)
        elif command == "write":
            self._write(parsed_args)
        return ()

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Whether a run can start with this config, and if not every reason."""
        try:
            session = Session(self._parsed(config), logger, CHECK)
            found = list(dict.fromkeys((*session.config.problems, *for_check(lambda: list(problems(session))))))
        except (ConfigError, PipedriveError) as error:
            found = [str(error)]
        except OSError as error:
            found = [f"Pipedrive cannot be asked from this machine: {error}. Check its certificates and network."]
        if found:
            return AirbyteConnectionStatus(status=Status.FAILED, message=together(found))
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def write(self, config: Mapping[str, Any], configured_catalog: Any, input_messages: Iterable[Any]) -> Iterable[Any]:
        """Write raw messages; ``configured_catalog`` is the catalog as JSON. States go to the output as they settle."""
        session: Session | None = None
        failed = True
        remove_abandoned()
        try:
            session = Session(self._parsed(config), logger)
            self._watch(session)
            with Ticker(session.progress.tell):
                self._write_all(session, configured_catalog, input_messages)
            for line in session.plan.lines if session.plan else ():
                logger.info(f"Would {line.action} {line.object_name} {line.row}: {line.what}")
            session.close()
            failed = False
        finally:
            if session and failed:
                with suppress(ConfigError):
                    session.close()
            self._summary(session, failed)
        return ()

    def _parsed(self, raw: Mapping[str, Any], config: Config | None = None) -> Config:
        """The config; a refresh token that replaces its own is handed on. Raises ConfigError."""
        config = config or Config.as_far_as_readable(raw)
        hand_on_rotated(config.settings, raw, self._output.send)
        return config

    def _watch(self, session: Session) -> None:
        """Let the run end in order and soon when it is to stop."""
        self._shutdown.writes = session.writes.__len__
        self._shutdown.summary = partial(self._summary, session, failed=True)
        self._shutdown.on_stop(lambda: session.client.budget.stop(self._shutdown.error))

    def _check(self, config: Mapping[str, Any]) -> None:
        status = self.check(logger, config)
        content = {"status": status.status.value} | ({"message": status.message} if status.message else {})
        self._output.safely({"type": "CONNECTION_STATUS", "connectionStatus": content})

    def _discover(self, config_path: str) -> None:
        raw = self._config(config_path)
        session = Session(self._parsed(raw, Config.from_json(raw)), logger)
        self._output.send({"type": "DESTINATION_CATALOG", "destination_catalog": destination_catalog(session)})

    def _write(self, parsed: argparse.Namespace) -> None:
        try:
            config, catalog, messages = self._inputs(parsed)
        except ConfigError:
            self._summary(None, failed=True)
            raise
        self.write(config, catalog, messages)

    def _inputs(self, parsed: argparse.Namespace) -> tuple[Mapping[str, Any], Any, Iterator[Message | None]]:
        """Config, catalog and messages of `plan` and `write`; of a file with rows those of its one stream."""
        config = self._config(parsed.config, parsed.mappings)
        catalog = _read_json(parsed.catalog, "catalog") if parsed.catalog else None
        if not parsed.rows:
            return config, catalog, self._messages()
        catalog, lines = rows_of(parsed.rows, catalog, config)
        return config, catalog, read_messages(lines, logger)

    def _messages(self) -> Iterator[Message | None]:
        stdin = self._stdin or (sys.stdin.buffer if sys.stdin else None)
        return read_messages(self._shutdown.lines(stdin), logger)

    def _plan(self, parsed: argparse.Namespace) -> None:
        """A dry run for people: a table instead of messages, and on request a page."""
        if parsed.html:
            check_writable(parsed.html)
        config, catalog, messages = self._inputs(parsed)
        plan = make_plan(config, catalog, messages, self._write_all, logger)
        self._output.text(table(plan))
        if parsed.html:
            write_page(parsed.html, of_plan(plan))

    def _propose(self, parsed: argparse.Namespace) -> None:
        """A mapping for people to look through."""
        found = tables(parsed.rows or parsed.catalog, parsed.stream or "")
        config = {**self._config(parsed.config), "mappings": None} if parsed.config else None
        session = Session(Config.as_far_as_readable(config), logger, CHECK) if config else None
        try:
            self._output.text(proposal_text(found, parsed.object or "", session))
        finally:
            if session:
                session.close()

    def _studio(self, parsed: argparse.Namespace) -> None:
        """A local page until Ctrl-C; its packages are needed for this command only."""
        try:
            from destination_pipedrive.studio.model import Studio
            from destination_pipedrive.studio.server import serve
        except ImportError as error:
            raise ConfigError(NO_STUDIO.format(error.name)) from None
        studio = Studio(self._config(parsed.config), self._write_all, logger, parsed.save or "")
        try:
            if parsed.rows:
                studio.open(parsed.rows)
            serve(studio, self._output.text, None if parsed.no_browser else webbrowser.open)
        finally:
            studio.close()

    def _write_all(self, session: Session, catalog: Any, messages: Iterable[Message | None]) -> None:
        streams = configured_streams(catalog)
        if session.config.problems:
            refuse(session, streams)
        session.account.me()
        logger.info(session.account.greeting())
        replacing = {each.key: why for each in streams if (why := refusal_to_replace(session.config.mappings, each))}
        if replacing:
            streams = tuple(each for each in streams if each.key not in replacing)
            first, rest = opening(messages, replacing)
            if rest is None:
                self._pass_states(session, first)
                return
            messages = chain(first, rest)
        if copies_anything(session.config):
            self._copy(session, streams, messages)
            return
        validate(session, streams)
        Pipeline(session, streams, self._output).run(messages)

    def _copy(
        self, session: Session, streams: tuple[ConfiguredStream, ...], messages: Iterable[Message | None]
    ) -> None:
        """A write of which some records are those of another account."""
        copying = Copying(session.config, streams, session.copy_tools)
        try:
            validate(session, copying.streams)
            rest = copying.begin(messages)
            Pipeline(session, copying.streams, self._output, copying).run(rest)
        finally:
            copying.close()

    def _pass_states(self, session: Session, messages: Iterable[Message]) -> None:
        """What is done when no record came."""
        states = StateBarrier(session.ledger, self._output, session.config.dry_run)
        for message in messages:
            if message["type"] == "STATE":
                states.add(message, 0, clock.monotonic())
        states.release(None)

    def _summary(self, session: Session | None, failed: bool) -> None:
        if not self._has_summed_up.acquire(blocking=False):
            return
        content: dict[str, Any] = {"status": "Error", "objects": {}, "requests": 0, "tokens": 0, "tokens_left": None}
        if session:
            spent, left = session.client.meter.total, session.client.budget.tokens_left
            content = session.ledger.summary(failed, spent.requests, spent.tokens, left)
            if session.plan:
                content |= {"dry_run": True, "planned_tokens": session.plan.tokens}
        if session and content["objects"]:
            for sentence in session.progress.rejections(session.config.rejects is not None):
                logger.info(sentence)
            logger.info(f"What was {'planned' if session.plan else 'written'}:\n{session.progress.table()}")
        logger.info(f"SUMMARY {orjson.dumps(content).decode()}")

    def _config(self, path: str, mappings_path: str | None = None) -> Mapping[str, Any]:
        """The config file, its secrets known to the log filter before anything can print them.

        A file of mappings, YAML or JSON, takes the place of those in the config.
        """
        config = _read_json(path, "config")
        if not isinstance(config, Mapping):
            raise ConfigError(f"The config file {path} must hold a JSON object.")
        secrets.forget()
        secrets.hide(get_secrets(self._spec()["connectionSpecification"], config))
        return {**config, "mappings": _read_text(mappings_path, "mappings")} if mappings_path else config

    def _spec(self) -> dict[str, Any]:
        spec: dict[str, Any] = orjson.loads((Path(__file__).parent / "spec.json").read_bytes())
        return spec


def _read(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"The {what} file {path} cannot be read: {error.strerror}.") from None


def _read_text(path: str, what: str) -> str:
    try:
        return _read(path, what).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"The {what} file {path} is not UTF-8.") from None


def _read_json(path: str, what: str) -> Any:
    try:
        return orjson.loads(_read(path, what))
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"The {what} file {path} is not JSON (line {error.lineno}, column {error.colno}).") from None
