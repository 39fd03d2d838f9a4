"""Slices of streams, and the cursors that move over them, in the CDK's concurrent classes."""

import threading
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.concurrent_source.stream_thread_exception import StreamThreadException
from airbyte_cdk.sources.connector_state_manager import ConnectorStateManager
from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams import NO_CURSOR_STATE_KEY
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator
from airbyte_cdk.sources.types import Record
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from pipedrive_client.errors import WordedError
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.sync.chunks import Chunk
from source_pipedrive.sync.list_retriever import StreamReader
from source_pipedrive.sync.parent_spool import ParentSpool
from source_pipedrive.sync.slices import Slice
from source_pipedrive.sync.state import Bookmark, Position, StreamState
from source_pipedrive.sync.substream_retriever import ChildReader
from source_pipedrive.sync.workers import Room, Seats, StoppableQueue, Turns


def traced(error: WordedError) -> AirbyteTracedException:
    """An error as the CDK tells it to the platform."""
    kind = FailureType(error.failure_type)
    found = AirbyteTracedException(error.message, error.message, kind, exception=error)
    found.__cause__ = error
    return found


class MessageQueue(StoppableQueue):
    """What the threads of a read hand over; what failed in one of them is traced here."""

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Add an item as soon as there is room. Raises QueueClosed."""
        if isinstance(item, StreamThreadException) and isinstance(item.exception, WordedError):
            item = StreamThreadException(traced(item.exception), item.stream_name)
        super().put(item, block, timeout)


class PageCursor(Cursor):
    """Writes a state message whenever the reader has passed a page.

    The CDK's own cursor writes one when a partition closes, which for a list is its end: a read that dies half-way
    would start again. The message goes through the queue that the records went through, so it never overtakes them.
    """

    def __init__(self, spec: StreamSpec, state: StreamState, messages: MessageRepository, turns: Turns) -> None:
        self._name = spec.name
        self._turns = turns
        self._is_incremental = spec.cursor is not None
        self._has_local_bookmark = spec.has_local_bookmark
        self._positions = state
        self._messages = messages
        self._manager = ConnectorStateManager()
        self._emitted: Mapping[str, Any] | None = None

    @property
    def state(self) -> MutableMapping[str, Any]:
        """The stream's state as JSON."""
        if not self._is_incremental:
            return {NO_CURSOR_STATE_KEY: True}
        return self._positions.as_state(self._has_local_bookmark)

    def checkpoint(self) -> None:
        """Emit the state if it has moved."""
        if self._is_incremental and self.state != self._emitted:
            self._emit()

    def observe(self, record: Record) -> None:
        """Positions move by page, not by record. The CDK calls this with every chunk."""

    def close_partition(self, partition: Partition) -> None:
        """The reader has emitted its last state itself."""

    def ensure_at_least_one_state_emitted(self) -> None:
        """Called once at the end of the stream, whether it succeeded or not."""
        self._turns.over(self._name)
        if self._emitted is None or self.state != self._emitted:
            self._emit()

    def should_be_synced(self, record: Record) -> bool:  # noqa: ARG002
        """The reader decides what is new."""
        return True

    def _emit(self) -> None:
        self._emitted = self.state
        self._manager.update_state_for_stream(self._name, None, self._emitted)
        self._messages.emit_message(self._manager.create_state_message(self._name, None))


class SliceCursor(PageCursor):
    """Moves a child stream's bookmark over slices that are done, in their order; slices end in any order."""

    def __init__(
        self, reader: ChildReader, spool: ParentSpool, state: StreamState, messages: MessageRepository, turns: Turns
    ) -> None:
        super().__init__(reader.spec, state, messages, turns)
        self._reader = reader
        self._spool = spool
        self._start = {name: one.position for name, one in state.lists.items()}
        self._growing: dict[str, Bookmark] = {}
        self._done: dict[int, Slice] = {}
        self._next = 0
        self._total: int | None = None
        self._lock = threading.Lock()

    def close_partition(self, partition: Partition) -> None:
        """One slice is over. Raises Refused when it was the last, and every call of the stream was refused."""
        assert isinstance(partition, SlicePartition)
        if not partition.part.is_read:
            return
        with self._lock:
            self._done[partition.part.number] = partition.part
            self._advance()

    def generated(self, total: int) -> None:
        """All slices are known. Raises as ``close_partition`` does when they were already done."""
        with self._lock:
            self._total = total
            self._advance()

    def _advance(self) -> None:
        is_end = self._total is not None and len(self._done) + self._next == self._total
        if is_end:
            self._reader.finish()
            self._positions.is_unfinished = False
        if self._reader.is_refused:
            return
        while self._next in self._done:
            part = self._done.pop(self._next)
            for place, marks in part.marks.items():
                self._grown(place).advance(marks)
            for place, look in part.looks.items():
                grown = self._grown(place)
                grown.position = replace(grown.position, look=look)
            self._next += 1
        # A bookmark over parents in no order would lose the older ones that are still to come when the read is cut off.
        is_safe = self._spool.is_ordered or is_end
        for place, grown in self._growing.items():
            kept = grown.position if is_safe else self._start.get(place, Position())
            self._positions.progress(place).position = kept
        self.checkpoint()

    def _grown(self, place: str) -> Bookmark:
        """How far a list's slices are done, whether or not that can be written."""
        return self._growing.setdefault(place, Bookmark(self._start.get(place, Position())))


class StreamPartition(Partition):
    """A stream's lists, read by one thread."""

    def __init__(self, reader: StreamReader, seats: Seats) -> None:
        self._reader = reader
        self._seats = seats

    def read(self) -> Iterable[Chunk]:  # type: ignore[override]
        """The stream's records."""
        name = self._reader.spec.name
        with self._seats:
            for records in self._reader.records():
                if records:
                    yield Chunk.of(name, records)

    def to_slice(self) -> Mapping[str, Any] | None:
        """One slice: the whole stream."""
        return None

    def stream_name(self) -> str:
        """The stream's name."""
        return self._reader.spec.name

    def __hash__(self) -> int:
        return hash(self._reader.spec.name)


class SlicePartition(Partition):
    """The rows below a range of parents."""

    def __init__(self, reader: ChildReader, part: Slice, seats: Seats, is_over: Callable[[], None]) -> None:
        """``is_over`` is called when the slice was read, or failed."""
        self._reader = reader
        self._seats = seats
        self._is_over = is_over
        self.part = part

    def read(self) -> Iterable[Chunk]:  # type: ignore[override]
        """The slice's records."""
        name = self._reader.spec.name
        try:
            with self._seats:
                for records in self._reader.records(self.part):
                    if records:
                        yield Chunk.of(name, records)
        finally:
            self._is_over()

    def to_slice(self) -> Mapping[str, Any] | None:
        """The slice's number."""
        return {"slice": self.part.number}

    def stream_name(self) -> str:
        """The stream's name."""
        return self._reader.spec.name

    def __hash__(self) -> int:
        return hash((self._reader.spec.name, self.part.number))


class OnePartition(PartitionGenerator):
    """The simplest slicing: one partition. Time windows would be another generator."""

    def __init__(self, reader: StreamReader, seats: Seats, turns: Turns) -> None:
        self._reader = reader
        self._seats = seats
        self._turns = turns

    def generate(self) -> Iterable[Partition]:
        """The stream's only partition."""
        self._turns.wait(self._reader.spec.name)
        yield StreamPartition(self._reader, self._seats)


class ParentSlices(PartitionGenerator):
    """A child stream's slices of parents, few at a time: those of other streams come in between."""

    def __init__(self, reader: ChildReader, cursor: SliceCursor, seats: Seats, turns: Turns) -> None:
        self._reader = reader
        self._cursor = cursor
        self._seats = seats
        self._turns = turns
        self._room = Room(reader.sizes.most)

    def close(self) -> None:
        """The run is over: nothing waits to be read any more."""
        self._room.close()

    def generate(self) -> Iterable[Partition]:
        """One partition per slice. Raises RunStopped once no request may start any more."""
        self._turns.wait(self._reader.spec.name)
        total, parts = 0, self._reader.slices()
        while True:
            # Room comes first: parents are paid for when their children can be asked for.
            self._room.enter()
            part = next(parts, None)
            if part is None:
                break
            total += 1
            yield SlicePartition(self._reader, part, self._seats, self._room.leave)
        self._cursor.generated(total)
