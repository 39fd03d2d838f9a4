"""Rows of the table as streams of the CDK's concurrent classes, which only this, ``partitions`` and ``source`` know."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from airbyte_cdk.sources.message import MessageRepository
from airbyte_cdk.sources.streams.concurrent.cursor import Cursor, CursorField
from airbyte_cdk.sources.streams.concurrent.default_stream import DefaultStream
from airbyte_cdk.sources.streams.concurrent.partitions.partition_generator import PartitionGenerator

from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.sync.cdk_adapter import OnePartition, PageCursor, ParentSlices, SliceCursor
from source_pipedrive.sync.list_retriever import StreamReader
from source_pipedrive.sync.parent_reading import ParentReading
from source_pipedrive.sync.parent_spool import ParentSpool
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.state import StreamState
from source_pipedrive.sync.substream_retriever import ChildReader
from source_pipedrive.sync.workers import SiblingHints

#: By list, up to where it was read.
Places = tuple[str, ...]


class StreamFactory:
    """Builds the streams of one run, so that a parent is read once for all that need it.

    Where a list can be read from any time on, children share it with those that stand where they stand: a stream that
    has to catch up neither keeps the others from going on nor has them read again what they know.
    """

    def __init__(self, account: RunContext, messages: MessageRepository) -> None:
        self._account = account
        self._messages = messages
        self._specs: list[StreamSpec] = []
        self._states: Mapping[str, StreamState] = {}
        self._spools: dict[str, dict[Places, ParentSpool]] = {}
        self._slices: list[ParentSlices] = []

    def build(self, specs: list[StreamSpec], states: Mapping[str, StreamState]) -> list[DefaultStream]:
        """The streams, parents first: a child waits for its parent, which must then have been started.

        A child comes after the one that tells it something.
        """
        self._specs, self._states = specs, states
        for name in dict.fromkeys(spec.child.parent for spec in specs if spec.child):
            self._spools[name] = self._parents(name)
        ranked = sorted(specs, key=self._rank)
        self._account.turns.line_up(spec.name for spec in sorted(ranked, key=self._how_far))
        return list({spec.name: self._stream(spec) for spec in ranked}.values())

    def close(self) -> None:
        """The run is over: whoever waits for parents, siblings or room waits no longer."""
        for spools in self._spools.values():
            for spool in spools.values():
                spool.close()
        for slices in self._slices:
            slices.close()
        self._account.turns.close()

    def _rank(self, spec: StreamSpec) -> int:
        if spec.child:
            return 3 if spec.child.told_by else 2
        return 0 if spec.name in self._spools else 1

    def _how_far(self, spec: StreamSpec) -> tuple[bool, Places]:
        """How far a stream was read, list by list; what is read whole each time comes last."""
        lists = self._account.table[spec.child.parent].lists if spec.child else spec.lists
        state = self._states[spec.name]
        return spec.cursor is None, tuple(state.position(part.name).update_time or "" for part in lists)

    # parents

    def _parents(self, name: str) -> dict[Places, ParentSpool]:
        """The spools of a parent by where its readers stand; with their children, each behind one that it ends at."""
        parent = self._account.table[name]
        children = [spec for spec in self._specs if spec.child and spec.child.parent == name]
        spools: dict[Places, ParentSpool] = {}
        for spec in [*children, *(spec for spec in self._specs if spec is parent)]:
            place = self._place(spec)
            if place not in spools:
                spools[place] = self._spool(parent, children)
            spools[place].children.append(self._states[spec.name] if spec.cursor else StreamState())
        hints = {one.child.told_by: SiblingHints() for one in children if one.child and one.child.told_by}
        for place, spool in spools.items():
            spool.hints = {name: found for name, found in hints.items() if any(one.name == name for one in children)}
            further = [other for other in spools if other != place and _is_behind(place, other)]
            if further:
                times = (time or None for time in min(further))
                names = (part.name for part in parent.lists)
                spools[min(further)].follow(spool, dict(zip(names, times, strict=True)))
        return spools

    def _spool(self, parent: StreamSpec, children: list[StreamSpec]) -> ParentSpool:
        kinds = [one.child for one in children if one.child]
        keys = frozenset[str]().union(*(one.keys for one in kinds))
        gathers = next((one.gathers for one in kinds), "")
        in_order = all(part.ordered for part in parent.lists)
        sorts = not any(one.daily for one in kinds)
        return ParentSpool(parent.name, keys, self._account.folder, gathers, in_order, sorts)

    def _place(self, spec: StreamSpec) -> Places:
        """Where a stream stands in the lists of its parent, or in its own; the same for all if they cannot begin there.

        A parent whose ids are compared is read from the start in any case.
        """
        parent = self._account.table[spec.child.parent] if spec.child else spec
        is_whole = self._account.config.deletions == "compare" and parent in self._specs
        if is_whole or not all(part.ordered and part.filtered for part in parent.lists):
            return ()
        state = self._states[spec.name]
        return tuple(state.position(part.name).update_time or "" for part in parent.lists)

    # streams

    def _stream(self, spec: StreamSpec) -> DefaultStream:
        if spec.child:
            return self._child_stream(spec)
        state = self._states[spec.name]
        cursor = PageCursor(spec, state, self._messages, self._account.turns)
        spool = self._spools.get(spec.name, {}).get(self._place(spec))
        if spool:
            spool.read_alone = partial(self._account.turns.admit, spec.name)
        reader = StreamReader(spec, self._account, state, cursor.checkpoint, spool)
        return default_stream(
            spec, OnePartition(reader, self._account.seats, self._account.turns), cursor, self._account
        )

    def _child_stream(self, spec: StreamSpec) -> DefaultStream:
        assert spec.child is not None
        parent, state = self._account.table[spec.child.parent], self._states[spec.name]
        spool = self._spools[parent.name][self._place(spec)]
        if spool.read_alone is None:
            spool.read_alone = ParentReading(parent, self._account, spool, spec.name).start
        reader = ChildReader(spec, self._account, spool, state)
        cursor = SliceCursor(reader, spool, state, self._messages, self._account.turns)
        slices = ParentSlices(reader, cursor, self._account.seats, self._account.turns)
        self._slices.append(slices)
        return default_stream(spec, slices, cursor, self._account)


def _is_behind(place: Places, other: Places) -> bool:
    return all(mine <= further for mine, further in zip(place, other, strict=True))


def unread(
    spec: StreamSpec, account: RunContext, schema: Mapping[str, Any], messages: MessageRepository
) -> DefaultStream:
    """A stream that only describes itself, for discover."""
    state = StreamState()
    cursor = PageCursor(spec, state, messages, account.turns)
    generator = OnePartition(StreamReader(spec, account, state), account.seats, account.turns)
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
