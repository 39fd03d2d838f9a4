"""Rows of the table as streams of the CDK's concurrent classes, which only this, ``partitions`` and ``source`` know."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor, CursorField
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.sync.cdk_adapter import OnePartition, PageCursor, ParentSlices, SliceCursor
from source_pipedrive.sync.list_retriever import StreamReader
from source_pipedrive.sync.parent_spool import ParentSpool, SiblingHints
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.state import StreamState
from source_pipedrive.sync.substream_retriever import ChildReader
from source_pipedrive.sync.workers import Seats

#: Slices of a stream that wait to be read, or are, per worker: enough that none has to wait for the next one.
SLICES_A_WORKER = 2


class StreamFactory:
    """Builds the streams of one run, so that a parent is read once for all that need it."""

    def __init__(self, account: RunContext, messages: MessageRepository) -> None:
        self._account = account
        self._messages = messages
        self._spools: dict[str, ParentSpool] = {}
        self._slices: list[ParentSlices] = []

    def build(self, specs: list[StreamSpec], states: Mapping[str, StreamState]) -> list[DefaultStream]:
        """The streams, parents first: a child waits for its parent, which must then have been started.

        A child comes after the one that tells it something.
        """
        for spec in specs:
            if spec.child:
                self._spool(spec, [one for one in specs if one.child and one.child.parent == spec.child.parent])
        built = {spec.name: self._stream(spec, states[spec.name], specs) for spec in sorted(specs, key=self._rank)}
        return list(built.values())

    def close(self) -> None:
        """The run is over: whoever waits for parents, siblings or room waits no longer."""
        for spool in self._spools.values():
            spool.close()
        for slices in self._slices:
            slices.close()

    def _rank(self, spec: StreamSpec) -> int:
        if spec.child:
            return 3 if spec.child.told_by else 2
        return 0 if spec.name in self._spools else 1

    def _spool(self, spec: StreamSpec, siblings: list[StreamSpec]) -> None:
        assert spec.child is not None
        keys = frozenset().union(*(one.child.keys for one in siblings if one.child))
        if spec.child.parent not in self._spools:
            in_order = all(part.ordered for part in self._account.table[spec.child.parent].lists)
            self._spools[spec.child.parent] = ParentSpool(
                spec.child.parent, keys, self._account.folder, spec.child.gathers, in_order
            )
        if spec.child.told_by in (one.name for one in siblings):
            self._spools[spec.child.parent].hints[spec.child.told_by] = SiblingHints()

    def _stream(self, spec: StreamSpec, state: StreamState, specs: list[StreamSpec]) -> DefaultStream:
        if spec.child:
            return self._child_stream(spec, state, specs)
        cursor = PageCursor(spec, state, self._messages)
        reader = StreamReader(spec, self._account, state, cursor.checkpoint, self._spools.get(spec.name))
        return default_stream(spec, OnePartition(reader, self._account.seats), cursor, self._account)

    def _child_stream(self, spec: StreamSpec, state: StreamState, specs: list[StreamSpec]) -> DefaultStream:
        assert spec.child is not None
        parent, spool = self._account.table[spec.child.parent], self._spools[spec.child.parent]
        spool.children.append(state if spec.cursor else StreamState())
        if parent not in specs and spool.read_alone is None:
            spool.read_alone = self._parent_reader(parent, spool, spec.name)
        reader = ChildReader(spec, self._account, spool, state)
        cursor = SliceCursor(reader, spool, state, self._messages)
        ahead = SLICES_A_WORKER * self._account.config.num_workers
        slices = ParentSlices(reader, cursor, self._account.seats, ahead)
        self._slices.append(slices)
        return default_stream(spec, slices, cursor, self._account)

    def _parent_reader(self, parent: StreamSpec, spool: ParentSpool, label: str) -> "ParentReading":
        reader = StreamReader(parent, self._account, StreamState(), spool=spool, emits=False, label=label)
        return ParentReading(reader, self._account.seats)


class ParentReading:
    """Reads a parent that is not selected itself, for its children."""

    def __init__(self, reader: StreamReader, seats: Seats) -> None:
        self._reader = reader
        self._seats = seats

    def __call__(self) -> None:
        """Read it to its end; nothing of it is emitted. What goes wrong is told to the children by their spool."""
        with self._seats, suppress(Exception):
            for _ in self._reader.records():
                pass


def unread(
    spec: StreamSpec, account: RunContext, schema: Mapping[str, Any], messages: MessageRepository
) -> DefaultStream:
    """A stream that only describes itself, for discover."""
    state = StreamState()
    cursor = PageCursor(spec, state, messages)
    generator = OnePartition(StreamReader(spec, account, state), account.seats)
    return default_stream(spec, generator, cursor, account, schema)


def default_stream(
    spec: StreamSpec,
    generator: PartitionGenerator,
    cursor: Cursor,
    account: RunContext,
    schema: Mapping[str, Any] | None = None,
) -> DefaultStream:
    """The CDK stream of one row of the table."""
    return DefaultStream(
        partition_generator=generator,
        name=spec.name,
        json_schema=schema or {},
        primary_key=list(spec.primary_key),
        cursor_field=CursorField(spec.cursor) if spec.cursor else None,
        logger=account.logger,
        cursor=cursor,
        supports_file_transfer=bool(spec.content),
    )
