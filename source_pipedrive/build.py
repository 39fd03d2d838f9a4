"""A row of the table as a stream of the CDK's concurrent classes. Only this file and ``source.py`` know those."""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams import NO_CURSOR_STATE_KEY
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor, CursorField
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import Record

from source_pipedrive.reading import Account, StreamReader
from source_pipedrive.state import StreamState
from source_pipedrive.stream_spec import StreamSpec


class PageCursor(Cursor):
    """Writes a state message whenever the reader has passed a page.

    The CDK's own cursor writes one when a partition closes, which for a list is its end: a read that dies half-way
    would start again. The message goes through the queue that the records went through, so it never overtakes them.
    """

    def __init__(self, name: str, is_incremental: bool, state: StreamState, messages: MessageRepository) -> None:
        self._name = name
        self._is_incremental = is_incremental
        self._positions = state
        self._messages = messages
        self._manager = ConnectorStateManager()
        self._emitted: Mapping[str, Any] | None = None

    @property
    def state(self) -> MutableMapping[str, Any]:
        """The stream's state as JSON."""
        return self._positions.as_state() if self._is_incremental else {NO_CURSOR_STATE_KEY: True}

    def checkpoint(self) -> None:
        """Emit the state if it has moved."""
        if self._is_incremental and self.state != self._emitted:
            self._emit()

    def observe(self, record: Record) -> None:
        """Positions move by page, not by record."""

    def close_partition(self, partition: Partition) -> None:
        """The reader has emitted its last state itself."""

    def ensure_at_least_one_state_emitted(self) -> None:
        """Called once at the end of the stream, whether it succeeded or not."""
        if self._emitted is None or self.state != self._emitted:
            self._emit()

    def should_be_synced(self, record: Record) -> bool:  # noqa: ARG002
        """The reader decides what is new."""
        return True

    def _emit(self) -> None:
        self._emitted = self.state
        self._manager.update_state_for_stream(self._name, None, self._emitted)
        self._messages.emit_message(self._manager.create_state_message(self._name, None))


class StreamPartition(Partition):
    """A stream read by one thread."""

    def __init__(self, reader: StreamReader) -> None:
        self._reader = reader

    def read(self) -> Iterable[Record]:
        """The stream's records."""
        name = self._reader.spec.name
        for data in self._reader.records():
            yield Record(data, name)

    def to_slice(self) -> Mapping[str, Any] | None:
        """One slice: the whole stream."""
        return None

    def stream_name(self) -> str:
        """The stream's name."""
        return self._reader.spec.name

    def __hash__(self) -> int:
        return hash(self._reader.spec.name)


class OnePartition(PartitionGenerator):
    """The simplest slicing: one partition. Time windows would be another generator."""

    def __init__(self, reader: StreamReader) -> None:
        self._reader = reader

    def generate(self) -> Iterable[Partition]:
        """The stream's only partition."""
        yield StreamPartition(self._reader)


def build_stream(
    spec: StreamSpec, account: Account, schema: Mapping[str, Any], state: StreamState, messages: MessageRepository
) -> DefaultStream:
    """The CDK stream of one row of the table."""
    cursor = PageCursor(spec.name, spec.cursor is not None, state, messages)
    reader = StreamReader(spec, account, state, cursor.checkpoint)
    return DefaultStream(
        partition_generator=OnePartition(reader),
        name=spec.name,
        json_schema=schema,
        primary_key=list(spec.primary_key),
        cursor_field=CursorField(spec.cursor) if spec.cursor else None,
        logger=account.logger,
        cursor=cursor,
    )
