"""The source: spec, check, discover, read."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from airbyte_cdk.models import (
    AirbyteCatalog,
    AirbyteConnectionStatus,
    AirbyteMessage,
    AirbyteStateMessage,
    ConfiguredAirbyteCatalog,
    Status,
)
from airbyte_cdk.sources import Source
from airbyte_cdk.sources.concurrent_source.thread_pool_manager import ThreadPoolManager
from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.message.concurrent_repository import ConcurrentMessageRepository
from airbyte_cdk.sources.utils.files_directory import get_files_directory
from airbyte_cdk.sources.utils.slice_logger import DebugSliceLogger
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from pipedrive_client.config import ConfigError, hand_on_rotated
from pipedrive_client.errors import Refused, WordedError
from pipedrive_client.field_types import OBJECT
from pipedrive_client.pagination import one_row
from pipedrive_client.process import Stopping
from pipedrive_client.spool_folder import remove_abandoned
from pipedrive_client.ticker import Ticker
from pipedrive_client.transport import CHECK, for_check
from source_pipedrive.config.config import WITH_OBJECT, Config
from source_pipedrive.inputs import (
    full_refreshes,
    known_columns,
    read_catalog,
    read_json,
    read_states,
    specs_of,
    state_of,
    states_of,
    with_files,
)
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS, column_schemas
from source_pipedrive.run_report import as_exception, quiet, raise_failures, tell
from source_pipedrive.streams.schemas import schema_of
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.sync.cdk_adapter import MessageQueue, traced
from source_pipedrive.sync.chunks import Chunk, ChunkSource
from source_pipedrive.sync.progress import Progress
from source_pipedrive.sync.row_filter import check_selections
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.state import StreamState
from source_pipedrive.sync.stream_factory import StreamFactory, unread

#: Chunks of records between the readers and stdout. Few, so that a run that dies has asked for little that it did not
#: print, and holds little in memory.
READ_AHEAD = 10


class SourcePipedrive(Source):
    """Airbyte source for Pipedrive."""

    # Config.parse names the key and says what it must be; the CDK's own check says only what is wrong.
    check_config_against_spec = False

    def __init__(self, stopping: Stopping | None = None) -> None:
        """``stopping`` ends a read before it is done."""
        self.stopping = stopping or Stopping()
        #: Prints a message that stands outside of what a command yields.
        self.send: Callable[[dict[str, Any]], object] = lambda _: None

    def _parsed(self, raw: Mapping[str, Any]) -> Config:
        config = Config.parse(raw)
        hand_on_rotated(config.settings, raw, self.send)
        return config

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
            me = for_check(lambda: _checked(self._parsed(config), logger))
        except WordedError as error:
            return AirbyteConnectionStatus(status=Status.FAILED, message=error.message)
        logger.info(f"Connected to {me.get('company_name')} as {me.get('name')} (user {me.get('id')}).")
        return AirbyteConnectionStatus(status=Status.SUCCEEDED)

    def discover(self, logger: logging.Logger, config: Mapping[str, Any]) -> AirbyteCatalog:
        """Every stream with its columns, the account's custom fields included."""
        account = RunContext.connect(self._parsed(config), logger)
        messages = InMemoryMessageRepository()
        specs = account.table.values()
        streams = [unread(spec, account, _discovered(spec, account), messages).as_airbyte_stream() for spec in specs]
        for sentence in account.client.repairs.take(account.reference.label):
            logger.warning(f"{sentence}.")
        return AirbyteCatalog(streams=streams)

    def read(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage]:
        """Records and states of the configured streams; a ``SUMMARY`` log line at the end in any case."""
        for item in self.read_chunks(logger, config, catalog, state):
            if isinstance(item, Chunk):
                yield from item.messages()
            else:
                yield item

    def read_chunks(
        self,
        logger: logging.Logger,
        config: Mapping[str, Any],
        catalog: ConfiguredAirbyteCatalog,
        state: list[AirbyteStateMessage] | None = None,
    ) -> Iterator[AirbyteMessage | Chunk]:
        """As ``read``, with the records in chunks."""
        remove_abandoned()
        account = RunContext.connect(self._parsed(config), logger)
        names = list(dict.fromkeys(configured.stream.name for configured in catalog.streams))
        given, whole = states_of(state or []), full_refreshes(catalog)
        failures: list[AirbyteTracedException] = []
        failed = True
        try:
            specs = specs_of(catalog, account.table)
            account.columns.known = known_columns(catalog)
            account.with_files, account.files_folder = with_files(catalog), get_files_directory()
            self.stopping.wait_for(lambda: _check_names(account, specs))
            parents = [spec.child.parent for spec in specs if spec.child]
            self.stopping.wait_for(lambda: check_selections(account, [*names, *parents]))
            states = {spec.name: state_of(spec, given, spec.name in whole) for spec in specs}
            progress = Progress(account, logger)
            for message in self._messages(account, specs, states, logger, progress):
                error = None if isinstance(message, Chunk) or not message.trace else message.trace.error
                if error:
                    failures.append(as_exception(error))
                else:
                    yield message
            failed = False
        except (WordedError, AirbyteTracedException) as error:
            last = traced(error) if isinstance(error, WordedError) else error
            yield from raise_failures([*failures, last] if error is self.stopping.reason else failures or [last])
        finally:
            account.close()
            tell(logger, account, names, failed)

    def _messages(
        self,
        account: RunContext,
        specs: list[StreamSpec],
        states: Mapping[str, StreamState],
        logger: logging.Logger,
        progress: Progress,
    ) -> Iterator[AirbyteMessage | Chunk]:
        """What the CDK's concurrent source makes of the streams. Raises the reason for which the run has to stop."""
        queue = MessageQueue(READ_AHEAD, self.stopping)
        messages = ConcurrentMessageRepository(queue, InMemoryMessageRepository())
        builder = StreamFactory(account, messages)
        streams = builder.build(specs, states)
        try:
            # Without a stream the CDK would wait for a first message for ever.
            if streams:
                with Ticker(progress.tell):
                    source = _concurrent_source(account, logger, messages, queue, len(streams))
                    yield from _followed(source.read(list(streams)), progress)
        finally:
            queue.close()
            builder.close()


def _followed(messages: Iterable[AirbyteMessage | Chunk], progress: Progress) -> Iterator[AirbyteMessage | Chunk]:
    """The same messages; their statuses of streams are told."""
    for message in messages:
        if not isinstance(message, Chunk) and message.trace and message.trace.stream_status:
            status = message.trace.stream_status
            progress.status(status.stream_descriptor.name, status.status.value)
        yield message


def _checked(config: Config, logger: logging.Logger) -> Mapping[str, Any]:
    """Who the token acts as. Raises what makes the config unusable."""
    account = RunContext.connect(config, logger, CHECK)
    me = one_row(account.client, "v1/users/me")
    account.columns.check()
    check_selections(account, account.config.selections, with_names=True)
    return me


def _check_names(account: RunContext, specs: list[StreamSpec]) -> None:
    """Hold `column_names` against the account where the catalog does not name the columns. Raises ConfigError."""
    if any(spec.fields and not account.columns.known.get(spec.name) for spec in specs):
        account.columns.check()


def _concurrent_source(
    account: RunContext,
    logger: logging.Logger,
    messages: ConcurrentMessageRepository,
    queue: MessageQueue,
    streams: int,
) -> ChunkSource:
    """All streams generate their slices from the start, each in a thread besides the workers.

    One that came later would stand behind the slices of those before it, however many these are; and one that waits
    among the workers leaves fewer of them, or none.
    """
    workers = account.config.num_workers + streams
    logger = quiet(logger)
    return ChunkSource(
        ThreadPoolManager(ThreadPoolExecutor(workers, thread_name_prefix="workerpool"), logger),
        logger,
        DebugSliceLogger(),
        queue,
        messages,
        initial_number_partitions_to_generate=streams,
    )


def _discovered(spec: StreamSpec, account: RunContext) -> Mapping[str, Any]:
    """A stream's schema with the account's custom fields."""
    mode = account.config.custom_fields
    if spec.fields is None:
        return schema_of(spec)
    whole = {CUSTOM_FIELDS: OBJECT | {"description": "Custom fields as the API sends them."}}
    if mode == "object":
        return schema_of(spec, whole)
    own = whole if mode in WITH_OBJECT else {}
    try:
        names = account.columns.names(spec)
    except Refused as error:
        account.logger.warning(f"Stream `{spec.name}` is listed without custom fields: {error.message}")
        return schema_of(spec, own)
    return schema_of(spec, own | column_schemas(account.reference.fields.custom(spec.fields), names))
