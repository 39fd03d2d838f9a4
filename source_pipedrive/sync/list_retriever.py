"""Reading one stream: its lists one after the other, page by page, with a resume point after every page."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, repeat
from typing import Any

from pipedrive_client.endpoints import endpoint
from pipedrive_client.errors import Refused
from pipedrive_client.expressions.comparison import Moment
from pipedrive_client.repairs import some
from pipedrive_client.typed_rows import are_typed, as_rows, written
from source_pipedrive.records.converters import utc_or_none
from source_pipedrive.streams.schemas import load
from source_pipedrive.streams.spec import ListSpec, StreamSpec
from source_pipedrive.sync.deletion_detection import Id, IdSnapshot
from source_pipedrive.sync.file_transfer import FileTransfer, Whole
from source_pipedrive.sync.lane_reader import LaneReader, known_of
from source_pipedrive.sync.list_requests import ListRequests
from source_pipedrive.sync.parent_spool import CUT_OFF, ParentSpool
from source_pipedrive.sync.row_details import RowDetails
from source_pipedrive.sync.row_filter import RowFilter
from source_pipedrive.sync.run_context import RecordMaker, RunContext
from source_pipedrive.sync.state import Bookmark, Position, RowVersion, StreamState
from source_pipedrive.sync.tombstones import Tombstones
from source_pipedrive.sync.unfiltered_list import ListPages, oldest_first
from source_pipedrive.sync.unstamped_rows import UnstampedRows

#: How the API refuses a feature that the account does not have.
#: Source: https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes
CLOSED = (402, 403, 404, 415)

Row = dict[str, Any]
Checkpoint = Callable[[], None]


class StreamReader:
    """Reads one stream's lists. Used by one thread.

    With a ``spool`` every row goes there, too, for the stream's children; ``emits`` is False when only they were
    selected.
    """

    def __init__(
        self,
        spec: StreamSpec,
        account: RunContext,
        state: StreamState,
        checkpoint: Checkpoint = lambda: None,
        spool: ParentSpool | None = None,
        emits: bool = True,
        label: str = "",
    ) -> None:
        self.spec = spec
        self._account = account
        self._label = label or spec.name
        self._client = account.client.labelled(self._label)
        self._state = state
        self._checkpoint = checkpoint
        self._spool = spool
        self._emits = emits
        self._maker = RecordMaker(spec, account, self._label)
        #: The wanted rows.
        self.filter = RowFilter(spec, account)
        self._snapshot = IdSnapshot(state.ids, state.gone) if emits and self._compares() else None
        #: Children, or the comparison of ids, are told of every row.
        self._is_followed = spool is not None or self._snapshot is not None
        self._details = RowDetails(spec, account, self._client)
        copies = emits and bool(spec.content) and spec.name in account.with_files
        self._portions = FileTransfer(spec, account, self._client) if copies else Whole()
        self._takes_details = bool(spec.detail) and not account.config.suppress_extended_requests
        self._since = account.config.start_date
        self._requests = ListRequests(
            spec, account, self._client, self.filter, spool, emits, compares=self._snapshot is not None
        )
        self._has_read = False
        self._now = self._server_time()

    def _compares(self) -> bool:
        columns = load(self.spec.name)["properties"]
        return self._account.config.deletions == "compare" and bool(self.spec.cursor) and "is_deleted" in columns

    def _server_time(self) -> str:
        return str(Moment.of(self._client.server_clock.now()))

    def params(self, part: ListSpec) -> dict[str, str]:
        """With what a list is asked for in a first read."""
        return self._requests.params(part, Position())

    def records(self) -> Iterator[list[bytes]]:
        """Every record of the stream that is new since its state, as JSON, by page. Raises what the client raises."""
        self._account.reference.meter_under(self._label)
        try:
            yield from self._lists()
        except BaseException as error:
            self._keep_ids()
            if self._spool:
                self._spool.finish(error if isinstance(error, Exception) else RuntimeError(CUT_OFF))
            raise
        finally:
            self._maker.warn()
        if self._spool:
            self._spool.finish()
        self._state.is_unfinished = False

    def _lists(self) -> Iterator[list[bytes]]:
        try:
            for part in self.spec.lists:
                if not self.filter.skips(part):
                    yield from self._list(part)
            yield from self._vanished()
        except Refused as error:
            self.filter.explain(error)
            if not self.spec.feature or error.status not in CLOSED or self._has_read:
                raise
            self._account.logger.warning(
                f"Stream `{self.spec.name}` is empty: it needs {self.spec.feature}. {error.message}"
            )

    def _list(self, part: ListSpec) -> Iterator[list[bytes]]:
        progress = self._state.progress(part.name)
        start = progress.position
        listing, unstamped = self._walk(part, start), self._unstamped(part, start)
        if self._spool:
            self._spool.begin(listing.is_ascending)
        for page in listing.pages:
            self._has_read = True
            self._now = self._server_time()
            unstamped.pass_page(page.rows, self._now)
            records, marks = self._page(part, known_of(page) or start, page.rows)
            if self._spool:
                self._spool.pass_on()
            for ready, passed, begin in self._portions.of(records, marks, None if part.filtered else page.start):
                yield self._maker.encoded(ready)
                position = listing.passed(page, passed, begin)
                if listing.is_ascending:
                    # A bookmark over rows in no order would lose older ones of later pages when the read is cut off.
                    self._keep(progress, position)
            self._maker.learn(page)
        # The list may have had no page at all.
        unstamped.pass_page([], self._now)
        growing, ask = listing.growing, partial(self._others, part, start)
        begun_inside = part.stamped_late and isinstance(listing, LaneReader) and listing.is_cut
        for rows in chain(unstamped.further(ask), unstamped.last(ask) if begun_inside else ()):
            records, marks = self._page(part, growing.position, rows)
            yield self._maker.encoded(records)
            growing.advance(marks)
        self._details.finish()
        self._portions.finish()
        look = unstamped.look() if part.stamped_late else None
        if self._spool and look:
            self._spool.add_look(part.name, look)
        self._keep(progress, replace(growing.position, offset=None, look=look), is_end=True)

    def _page(self, part: ListSpec, start: Position, found: list[Any]) -> tuple[Iterable[Any], list[RowVersion]]:
        """The records of one page, and what a bookmark needs of its rows. Who follows is told of all rows before.

        Records of typed rows are JSON already.
        """
        if not found:
            # Nothing has to be known for no row: what columns need, such as users, may cost tokens.
            return [], []
        is_whole = self._is_whole(start)
        rows = self._maker.keyed(found if is_whole else as_rows(found))
        marks = self._maker.versions(rows, self._now, self._emits)
        if is_whole and are_typed(rows):
            return written(rows), marks
        if is_whole:
            return self._made(part, rows), marks
        chosen = self._chosen(part, start, rows, marks)
        return list(chosen) if self._is_followed else chosen, marks

    def _is_whole(self, start: Position) -> bool:
        """Whether every row of a list is emitted, as in its first read, without a look at each."""
        is_first = self.spec.cursor is None or (start.update_time is None and not start.seen and not self._since)
        return is_first and not (self._takes_details or self._is_followed or self.filter.tests)

    def _is_typed(self, part: ListSpec, start: Position) -> bool:
        """Whether rows may be typed: where each of them is emitted, and nothing else is done with it."""
        is_walked = not part.shared and endpoint("GET", part.path).paging == "cursor"
        return is_walked and self._is_whole(start) and self._emits and not self._portions.are_rows

    def _chosen(self, part: ListSpec, start: Position, rows: list[Row], marks: list[RowVersion]) -> Iterator[Row]:
        """The records of rows that are wanted and new."""
        made: Iterator[Row | None] = self._made(part, rows) if self.filter.tests else repeat(None)
        for mark, row, record in zip(marks, rows, made, strict=False):
            is_chosen = record is None or self.filter.matches(record)
            if self._is_followed:
                self._pass_on(part, mark, row, is_chosen)
            if is_chosen and self._emits and self._wanted(start, mark, row):
                yield self._record(part, row, record)

    def _unstamped(self, part: ListSpec, start: Position) -> UnstampedRows:
        looks = [start.look] if self._emits else []
        looks += self._spool.looks_before(part.name) if self._spool else []
        is_filtered = part.stamped_late and "updated_since" in self._requests.params(part, start)
        return UnstampedRows(looks, is_filtered, self._account.config.start_date)

    def _others(self, part: ListSpec, start: Position, order: dict[str, str]) -> Iterator[list[Row]]:
        for rows in self._requests.others(part, start, order):
            self._now = self._server_time()
            yield rows

    def _keep(self, progress: Bookmark, position: Position, is_end: bool = False) -> None:
        """Move the bookmark, together with the ids that were met on the way: a row without id could vanish unseen."""
        if self._snapshot and not (is_end or self._portions.are_rows or self._snapshot.is_due):
            return
        self._keep_ids()
        progress.position = position
        self._checkpoint()

    def _keep_ids(self) -> None:
        if self._snapshot:
            self._state.ids, self._state.gone = self._snapshot.so_far()

    def _pass_on(self, part: ListSpec, mark: RowVersion, row: Row, is_chosen: bool) -> None:
        """Tell the children and the comparison of ids of a row."""
        if self._spool and is_chosen:
            self._spool.add(part.name, mark, row)
        elif self._spool:
            self._spool.skip(part.name, mark)
        if self._snapshot:
            is_wanted = is_chosen and self._is_in_range(mark)
            (self._snapshot.add if is_wanted else self._snapshot.add_if_known)(row)

    def _wanted(self, start: Position, mark: RowVersion, row: Row) -> bool:
        if self.spec.cursor is None:
            return True
        is_new = start.is_new(mark) or (self._snapshot is not None and self._snapshot.has_turned(row))
        return is_new and self._is_in_range(mark)

    def _is_in_range(self, mark: RowVersion) -> bool:
        return self._since is None or mark.time is None or mark.time >= self._since

    def _vanished(self) -> Iterator[list[bytes]]:
        """Rows that were there at the end of the last run and are not any more."""
        if not self._snapshot:
            return
        paths, config = [part.path for part in self.spec.lists], self._account.config
        search = Tombstones(self._client, paths, self.spec.name, config.max_deleted_share)
        gone, self._now = search.find(self._snapshot), self._server_time()
        records = [self._tombstone(one, last) for one, last in gone.items()]
        yield self._maker.encoded(records)
        if search.undecided:
            self._account.logger.warning(
                f"Stream `{self.spec.name}`: {some(search.undecided, 'row')} that the list shows no more could not be "
                "read by id; the next sync looks again."
            )
        time = max((record[self.spec.cursor or ""] for record in records), default="")
        self._state.ids, self._state.gone = self._snapshot.at_the_end(gone, time)
        self._checkpoint()

    def _tombstone(self, one: Id, last: Row) -> Row:
        """A row that is gone, with its last values where the API shows them.

        Otherwise without any: an explicit null would empty a column that a destination could have left as it is. The
        time is now, as a destination that keeps the newest row by its cursor needs one, and the API has none any more.
        """
        cursor = self.spec.cursor or ""
        record = self._maker.shaped(last | {"id": one}) if last else {"id": one}
        return record | {cursor: record.get(cursor) or self._now, "is_deleted": True}

    def _time(self, row: Row) -> str | None:
        """When a row changed; None when it does not say, or says a time to come: no bookmark may pass the clock."""
        time = utc_or_none(row.get(self.spec.cursor)) if self.spec.cursor else None
        return None if time is None or time > self._now else time

    def _made(self, part: ListSpec, rows: Iterable[Row]) -> Iterator[Row]:
        """The records of rows, one after the other."""
        records = self._maker.made(rows)
        return ({**record, **part.constants} for record in records) if part.constants else records

    def _record(self, part: ListSpec, row: Row, record: Row | None) -> Row:
        """What is emitted of a row; ``record`` when it was made before."""
        if self._takes_details:
            row, record = row | self._details.of(row), None
        record = record or next(self._made(part, (row,)))
        if self._snapshot is None:
            return record
        cursor, beat = self.spec.cursor or "", self._snapshot.time_to_beat(row)
        if beat and (record.get(cursor) or "") < beat:
            # It is back unchanged. With its own time it would lose against the row that said that it was gone.
            record[cursor] = max(beat, self._now)
        return record

    def _walk(self, part: ListSpec, start: Position) -> ListPages | LaneReader:
        self._maker.begin(part.constants if self._is_typed(part, start) else None)
        walk = self._requests.walk(part, start, self._client.reading(self._maker.decode))
        is_turned = self._portions.are_rows and not self._snapshot
        return oldest_first(walk) if is_turned and isinstance(walk, ListPages) else walk
