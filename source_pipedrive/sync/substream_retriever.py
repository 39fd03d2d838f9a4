"""Reading what hangs below parents: in batches where the API takes them, gated by the parents' counters, in slices.

Parents come in the order of their change, so a slice that is done is a resume point as soon as all before it are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import RunStopped
from pipedrive_client.pagination import pages
from source_pipedrive.records.converters import id_or_none, utc_or_none
from source_pipedrive.streams.schemas import load
from source_pipedrive.streams.spec import READ_UNTIL, TODAY, ChildSpec, StreamSpec
from source_pipedrive.sync.parent_requests import ParentRequests
from source_pipedrive.sync.parent_spool import Parent, ParentSpool
from source_pipedrive.sync.row_filter import RowFilter
from source_pipedrive.sync.run_context import RecordMaker, RunContext
from source_pipedrive.sync.slices import Slice, SliceSizes
from source_pipedrive.sync.state import RowVersion, StreamState

Row = dict[str, Any]
#: Records below parents that are handed over at once.
CHUNK_SIZE = 500
#: In place of a digest of a parent's content, which is not what its children are asked for.
DAILY = "daily"


class ChildReader:
    """Reads one child stream. Slices are read by several threads."""

    def __init__(self, spec: StreamSpec, account: RunContext, spool: ParentSpool, state: StreamState) -> None:
        assert spec.child is not None
        self.spec = spec
        self._child: ChildSpec = spec.child
        self._account = account
        self._client = account.client.labelled(spec.name)
        self._spool = spool
        self.sizes = SliceSizes(self._child, account)
        self._maker = RecordMaker(spec, account)
        self._filter = RowFilter(spec, account)
        self._start = {name: progress.position for name, progress in state.lists.items()}
        self._asking = ParentRequests(spec, account, self._client)
        self._has_time = "parent_update_time" in load(spec.name)["properties"]
        self._hints = spool.hints.get(spec.name)
        self._told = spool.hints.get(self._child.told_by)
        self._is_over = False
        self._today = date.min

    # slices

    def slices(self) -> Iterator[Slice]:
        """The parents in slices, as they come.

        Raises what reading the parents raised, and RunStopped once no request may start any more.
        """
        try:
            for part in self._slices():
                if not part.is_free:
                    self._client.budget.check()
                if self._hints:
                    self._hints.begin()
                yield part
        finally:
            if self._hints:
                self._hints.end()

    def _slices(self) -> Iterator[Slice]:
        self._account.reference.meter_under(self.spec.name)
        self._spool.wait()
        if self._told:
            self._account.turns.admit(self._child.told_by)
            self._told.wait()
        self._today = self._client.server_clock.now().date()
        number = 0
        for spool in self._spool.chain:
            spool.wait()
            for part in self._slices_of(spool):
                yield replace(part, number=number)
                number += 1
        self._tell_known()

    def _slices_of(self, spool: ParentSpool) -> Iterator[Slice]:
        part, size = Slice(spool), self.sizes.parents
        try:
            for parent, end in self._parents(spool):
                part.add(parent, end, self._is_asked(parent))
                if part.parents == 1:
                    self._tell_known()
                if part.asked == size or (spool.is_waited_for(end) and self.sizes.is_scarce):
                    yield part
                    part, size = Slice(spool, end), self.sizes.parents
        except RunStopped:
            # Those that need not be asked for are done all the same.
            if part.is_free:
                yield part
            raise
        if part.end > part.begin:
            yield part

    def _tell_known(self) -> None:
        """Who follows the run can tell its end once all parents are there."""
        if self._spool.total is not None:
            self._account.parents_known[self.spec.name] = self._spool.total

    def _parents(self, spool: ParentSpool, begin: int = 0, end: int | None = None) -> Iterator[tuple[Parent, int]]:
        """Parents with the place behind them. One that is asked daily counts as changed today."""
        for parent, place in spool.parents(begin, end):
            if self._child.daily:
                mark = RowVersion(f"{self._today}T00:00:00Z", parent.mark.key, digest=DAILY)
                parent = replace(parent, mark=mark, row=self._with_days(parent))
            yield parent, place

    def _with_days(self, parent: Parent) -> Row:
        start = self._start.get(parent.place)
        last = (start.update_time or "")[:10] if start else ""
        return parent.row | {TODAY: self._today, READ_UNTIL: last or None} if parent.row else {}

    def _is_asked(self, parent: Parent) -> bool:
        """Whether there may be something new below this parent."""
        start = self._start.get(parent.place)
        if self.spec.cursor is not None and start is not None and not start.is_new(parent.mark):
            return False
        since = self._account.config.start_date
        if since is not None and parent.mark.time is not None and parent.mark.time < since:
            return False
        if not parent.row or parent.row.get("is_deleted"):
            return False
        return not self._child.gate or any(may_have(parent.row, name) for name in self._child.gate)

    # rows

    def records(self, part: Slice) -> Iterator[list[bytes]]:
        """The records below the parents of one slice, as JSON.

        Raises what the client raises, RunStopped only once or twice.
        """
        try:
            if self._is_over:
                return
            yield from self._records(part)
            part.is_read = True
            self._account.add_parents_done(self.spec.name, part.parents)
        except RunStopped:
            self._is_over = True
            raise
        finally:
            if self._hints:
                self._hints.end()

    def _records(self, part: Slice) -> Iterator[list[bytes]]:
        self._account.reference.meter_under(self.spec.name)
        parents = [
            parent.row for parent, _ in self._parents(part.spool, part.begin, part.end) if self._is_asked(parent)
        ]
        if parents and not self._asking.is_closed:
            yield from map(self._maker.encoded, chunked(self._shaped(parents)))

    def _shaped(self, parents: list[Row]) -> Iterator[Row]:
        for parent, row in self._rows(parents):
            related = {self._child.key: parent["id"], **{name: parent.get(name) for name in self._child.inherit}}
            if self._has_time:
                related["parent_update_time"] = utc_or_none(parent.get("update_time"))
            record = self._maker.shaped(related | row if self._child.read else row | related)
            if self._filter.matches(record):
                yield record

    def _rows(self, parents: list[Row]) -> Iterator[tuple[Row, Row]]:
        if self._child.read:
            yield from self._child.read(self._client, self._with_told(parents), self._ask)
        elif self._child.batch:
            yield from self._batch(parents)
        else:
            yield from self._single(parents)

    def _with_told(self, parents: list[Row]) -> list[Row]:
        told = self._told
        return [row | {self._child.told_by: told.told(row["id"])} for row in parents] if told else parents

    def _batch(self, parents: list[Row]) -> Iterator[tuple[Row, Row]]:
        for group, found in self._asking.ask_each([parents], self._fetch):
            by_id = {parent["id"]: parent for parent in group}
            for row in found:
                # A row that names none of its parents belongs to the only one, or nobody knows to which.
                parent = by_id.get(id_or_none(row.get(self._child.key))) or (group[0] if len(group) == 1 else None)
                if parent is None:
                    self._maker.left_out(self._child.key)
                else:
                    yield parent, row

    def _single(self, parents: list[Row]) -> Iterator[tuple[Row, Row]]:
        for (parent,), found in self._asking.ask_each([[parent] for parent in parents], self._fetch):
            # Nothing is told of a parent without rows: it may have been skipped.
            if self._hints and found:
                shaped = map(self.spec.prepare, found) if self.spec.prepare else found
                self._hints.tell(parent["id"], [row.get(self._child.hints) for row in shaped])
            yield from ((parent, row) for row in (self._child.together(found) if self._child.together else found))

    def _ask(self, parent: Row, path: str, params: Row) -> list[Row]:
        named = {"id": parent["id"]} if "{id}" in path else {}
        return self._asking.ask(parent, lambda client, _: _all(client, path, params=params, **named))

    def _fetch(self, client: PipedriveClient, parents: list[Row]) -> list[Row]:
        return _all(client, self._child.path, **self._arguments(parents))

    def _arguments(self, parents: list[Row]) -> dict[str, Any]:
        child = self._child
        params = {**child.params, **(child.bodies if self._account.config.mail_bodies else {})}
        if child.batch:
            return {"params": params | {child.batch: ",".join(str(parent["id"]) for parent in parents)}}
        if child.param:
            return {"params": params | {child.param: parents[0]["id"]}}
        return {"params": params, "id": parents[0]["id"]}

    # the end

    @property
    def is_refused(self) -> bool:
        """True while every child call was refused: the stream must not count as read."""
        return self._asking.is_refused

    def finish(self) -> None:
        """All slices are done. Raises Refused when every child call was refused."""
        self._maker.warn()
        self._asking.finish()


def _all(client: PipedriveClient, path: str, **arguments: Any) -> list[Row]:
    return [row for page in pages(client, path, null_is_empty=True, **arguments) for row in page.rows]


def may_have(parent: Row, name: str) -> bool:
    """Whether a counter or an id of the parent says that there is something.

    A counter that the API did not send says nothing, as an account's plan may refuse one: then the parent is asked.
    """
    if parent.get(name) is None:
        return name.endswith("_count")
    try:
        return int(parent[name] or 0) != 0
    except (TypeError, ValueError):
        return True


def chunked(records: Iterable[Row]) -> Iterator[list[Row]]:
    """Up to CHUNK_SIZE records at a time. What was read before a failure comes before it."""
    found: list[Row] = []
    try:
        for record in records:
            found.append(record)
            if len(found) == CHUNK_SIZE:
                yield found
                found = []
    except Exception:
        if found:
            yield found
        raise
    if found:
        yield found
