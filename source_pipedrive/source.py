"""The source: spec, check, discover, read."""

import json
import logging
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from queue import Queue
from typing import Any

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteErrorTraceMessage,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    FailureType,
    Status,
    Type,
)
from airbyte_cdk.sources import Source
from airbyte_cdk.sources.concurrent_source.concurrent_source import ConcurrentSource
from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.message.concurrent_repository import ConcurrentMessageRepository
from airbyte_cdk.sources.streams.concurrent.partitions.types import QueueItem
from airbyte_cdk.sources.utils.slice_logger import DebugSliceLogger
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from pipedrive_client.budget import Usage
from pipedrive_client.errors import Refused
from pipedrive_client.settings import ConfigError
from source_pipedrive.account import Account
from source_pipedrive.build import Builder, unread
from source_pipedrive.config import Config
from source_pipedrive.customs import OBJECT, column_schemas
from source_pipedrive.feed import GATHERED
from source_pipedrive.files import read_catalog, read_json, read_states
from source_pipedrive.schema import extended, load
from source_pipedrive.state import StreamState, parse_state
from source_pipedrive.stream_spec import StreamSpec
from source_pipedrive.streams import BY_NAME, RENAMED, STREAMS

#: Records between the readers and stdout. Small, so that a run that dies has asked for little that it did not print.
READ_AHEAD = 200


class SourcePipedrive(Source):
    """Airbyte source for Pipedrive."""

    # Config.parse names the key and says what it must be; the CDK's own check says only what is wrong.
    check_config_against_spec = False

    @staticmethod
    def read_config(config_path: str) -> dict[str, Any]:
        """The config file. Raises ConfigError with one sentence."""
        config = read_json(config_path, "config")
        if not isinstance(config, dict):
            raise ConfigError("The config file must hold a JSON object.")
        return config

    @classmethod
    def read_catalog(cls, catalog_path: str) -> ConfiguredAirbyteCatalog:
        """The configured catalog. Raises ConfigError with one sentence."""
        return read_catalog(catalog_path)

    @classmethod
    def read_state(cls, state_path: str) -> list[AirbyteStateMessage]:
        """The state file, old shapes too. Raises ConfigError with one sentence."""
        return read_states(state_path)

    def check(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteConnectionStatus:
        """Who the token acts as; one sentence when it cannot be used."""
        try:
            account = Account.connect(Config.parse(config), logger)
            me = account.client.request("GET", "v1/users/me").get("data") or {}
        except AirbyteTracedException as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        logger.info(f"Connected to {me.get('company_name')} as {me.get('name')} (user {me.get('id')}).")
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """Every stream with its columns, the account's custom fields included."""
        account = Account.connect(Config.parse(config), logger)
        messages = InMemoryMessageRepository()
        streams = [unread(spec, account, _discovered(spec, account), messages).as_airbyte_stream() for spec in STREAMS]
        return AirbyteCatalog(streams=streams)

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Records and states of the configured streams; a ``SUMMARY`` log line at the end in any case."""
        account = Account.connect(Config.parse(config), logger)
        names = list(dict.fromkeys(configured.stream.name for configured in catalog.streams))
        failures: list[AirbyteTracedException] = []
        try:
            for message in _messages(account, [_spec(name) for name in names], _states(state or []), logger):
                if message.type is Type.TRACE and message.trace and message.trace.error:
                    failures.append(_as_exception(message.trace.error))
                else:
                    yield message
        except AirbyteTracedException as error:
            failures = failures or [error]
            yield from _raise_failures(failures)
        finally:
            logger.info(f"SUMMARY {json.dumps(_summary(account, names, failed=bool(failures)))}")


def _messages(
    account: Account, specs: list[StreamSpec], states: Mapping[str, dict[str, Any]], logger: logging.Logger
) -> Iterator[AirbyteMessage]:
    """What the CDK's concurrent source makes of the streams."""
    queue: Queue[QueueItem] = Queue(maxsize=READ_AHEAD)
    messages = ConcurrentMessageRepository(queue, InMemoryMessageRepository())
    streams = Builder(account, messages).build(specs, {spec.name: _state_of(spec, states) for spec in specs})
    # Without a stream the CDK would wait for a first message for ever.
    return _concurrent_source(account, logger, messages, queue).read(list(streams)) if streams else iter(())


def _concurrent_source(
    account: Account, logger: logging.Logger, messages: ConcurrentMessageRepository, queue: Queue[QueueItem]
) -> ConcurrentSource:
    return ConcurrentSource.create(
        num_workers=account.config.num_workers,
        initial_number_of_partitions_to_generate=1,
        logger=_quiet(logger),
        slice_logger=DebugSliceLogger(),
        message_repository=messages,
        queue=queue,
    )


def _discovered(spec: StreamSpec, account: Account) -> Mapping[str, Any]:
    """A stream's schema with the account's custom fields."""
    mode = account.config.custom_fields
    if spec.fields is None:
        return load(spec.name)
    if mode == "object":
        return extended(spec.name, {"custom_fields": OBJECT | {"description": "Custom fields as the API sends them."}})
    try:
        names = account.reference.column_names(spec, mode)
    except Refused as error:
        account.logger.warning(f"Stream `{spec.name}` is listed without custom fields: {error.message}")
        return load(spec.name)
    return extended(spec.name, column_schemas(account.reference.fields.custom(spec.fields), names))


def _spec(name: str) -> StreamSpec:
    """The row of a stream. Raises ConfigError that names what to select instead."""
    if name in BY_NAME:
        return BY_NAME[name]
    if name in RENAMED:
        raise ConfigError(
            f"Stream `{name}` does not exist here; select `{RENAMED[name]}` instead, it holds the same rows."
        )
    near = get_close_matches(name, BY_NAME, n=1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    raise ConfigError(f"Stream `{name}` does not exist. {hint}Refresh the connection's schema to see all streams.")


def _states(messages: list[AirbyteStateMessage]) -> dict[str, dict[str, Any]]:
    """Stream name -> state, from per-stream and global messages."""
    streams = [message.stream for message in messages if message.stream]
    for message in messages:
        streams += message.global_.stream_states if message.global_ else []
    old = {name: state for message in messages for name, state in (message.data or {}).items()}
    return old | {one.stream_descriptor.name: dict(one.stream_state.__dict__) for one in streams if one.stream_state}


def _state_of(spec: StreamSpec, states: Mapping[str, dict[str, Any]]) -> StreamState:
    parent = BY_NAME[spec.child.parent] if spec.child else spec
    names = [GATHERED] if spec.child and spec.child.gathers else [part.name for part in parent.lists]
    state = parse_state(spec.name, states.get(spec.name), names)
    for part in spec.lists:
        if part.formerly in states and "lists" not in states.get(spec.name, {}):
            former = parse_state(part.formerly, states[part.formerly], (part.name,))
            state.lists[part.name] = former.progress(part.name)
    return state


def _quiet(logger: logging.Logger) -> logging.Logger:
    """A logger for the CDK's machinery that tells a worded error in one line, without its stack trace."""
    quiet = logger.getChild("read")
    if not any(isinstance(one, _WordedErrors) for one in quiet.filters):
        quiet.addFilter(_WordedErrors())
    return quiet


class _WordedErrors(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, AirbyteTracedException):
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error.message}", (), None
        return True


def _as_exception(error: AirbyteErrorTraceMessage) -> AirbyteTracedException:
    return AirbyteTracedException(
        message=error.message,
        internal_message=error.internal_message,
        failure_type=error.failure_type or FailureType.system_error,
        stream_descriptor=error.stream_descriptor,
    )


def _raise_failures(failures: list[AirbyteTracedException]) -> Iterator[AirbyteMessage]:
    """Yield every distinct failure but one as a trace, and raise that one.

    One that can be tried again comes last: a platform that looks at the last trace then does try again.
    """
    distinct = {failure.message: failure for failure in failures}
    ordered = sorted(distinct.values(), key=_is_worth_a_retry)
    for failure in ordered[:-1]:
        yield failure.as_airbyte_message()
    raise ordered[-1]


def _is_worth_a_retry(failure: AirbyteTracedException) -> bool:
    return failure.failure_type is not FailureType.config_error


def _summary(account: Account, names: list[str], failed: bool) -> dict[str, Any]:
    meter = account.client.meter
    streams = {}
    for name in names:
        usage = meter.by_label.get(name, Usage())
        streams[name] = {
            "records": account.records[name],
            "requests": usage.requests,
            "tokens": usage.tokens,
            "skipped_parents": account.skipped_parents[name],
        }
    return {
        "status": "Error" if failed else "Success",
        "streams": streams,
        "requests": meter.total.requests,
        "tokens": meter.total.tokens,
        "tokens_left": account.client.budget.tokens_left,
    }
