"""Reading parents that are not selected themselves, or not at the place at which their children stand."""

import threading
from collections.abc import Iterator
from contextlib import suppress

from pipedrive_client.pagination import Page
from source_pipedrive.streams.spec import ListSpec, StreamSpec
from source_pipedrive.sync.lane_reader import LaneReader
from source_pipedrive.sync.list_retriever import StreamReader
from source_pipedrive.sync.parent_spool import ParentSpool
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.state import Position, StreamState
from source_pipedrive.sync.unfiltered_list import ListPages
from source_pipedrive.sync.unstamped_rows import UnstampedRows


class ParentReader(StreamReader):
    """Reads parents for their children alone, up to where those begin that the spool's follower has."""

    def __init__(self, spec: StreamSpec, account: RunContext, spool: ParentSpool, label: str) -> None:
        """``label``: the stream that the requests count under."""
        super().__init__(spec, account, StreamState(), spool=spool, emits=False, label=label)
        self._parents = spool

    def _walk(self, part: ListSpec, start: Position) -> ListPages | LaneReader:
        found = super()._walk(part, start)
        found.pages = self._own(part.name, found.pages)
        return found

    def _own(self, place: str, pages: Iterator[Page]) -> Iterator[Page]:
        if self._parents.is_left_to_follower(place, self._parents.since(place)):
            return
        for page in pages:
            yield page
            newest = max(filter(None, map(self._time, page.rows)), default=None)
            if newest is not None and self._parents.is_left_to_follower(place, newest):
                return

    def _unstamped(self, part: ListSpec, start: Position) -> UnstampedRows:
        if self._parents.is_left_to_follower(part.name):
            return UnstampedRows([], is_filtered=False)
        return super()._unstamped(part, start)


class ParentReading:
    """Has the parents read page by page, as their children need them. Takes a seat for each page."""

    def __init__(self, spec: StreamSpec, account: RunContext, spool: ParentSpool, label: str) -> None:
        self._reader = ParentReader(spec, account, spool, label)
        self._seats = account.seats
        self._spool = spool

    def start(self) -> None:
        """Begin, in a thread. What goes wrong is told to the children by their spool."""
        threading.Thread(target=self._run, name=f"parents-{self._spool.name}", daemon=True).start()

    def _run(self) -> None:
        pages = self._reader.records()
        with suppress(Exception):
            while self._spool.wait_until_wanted():
                with self._seats:
                    if next(pages, None) is None:
                        return
