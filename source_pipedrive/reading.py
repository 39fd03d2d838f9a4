"""Reading one stream: its lists one after the other, page by page, with a resume point after every page."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from pipedrive_client.compare import Moment
from pipedrive_client.errors import Refused
from pipedrive_client.paging import Page
from source_pipedrive.account import Account, RecordMaker
from source_pipedrive.chosen import Chosen
from source_pipedrive.feed import CUT_OFF, Feed
from source_pipedrive.schema import load
from source_pipedrive.state import Climb, Mark, Position, Progress, StreamState
from source_pipedrive.stream_spec import ListSpec, StreamSpec
from source_pipedrive.values import utc
from source_pipedrive.vanished import GONE, Comparison
from source_pipedrive.walk import Unfiltered, Walk

#: How the API refuses a feature that the account does not have.
#: Source: https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes
CLOSED = (402, 403, 404, 415)

Row = dict[str, Any]
Checkpoint = Callable[[], None]


def nothing() -> None:
    """No checkpoint."""


class StreamReader:
    """Reads one stream's lists. Used by one thread.

    With a ``feed`` every row goes there, too, for the stream's children; ``emits`` is False when only they were
    selected.
    """

    def __init__(
        self,
        spec: StreamSpec,
        account: Account,
        state: StreamState,
        checkpoint: Checkpoint = nothing,
        feed: Feed | None = None,
        emits: bool = True,
        label: str = "",
    ) -> None:
        self.spec = spec
        self._account = account
        self._label = label or spec.name
        self._client = account.client.labelled(self._label)
        self._state = state
        self._checkpoint = checkpoint
        self._feed = feed
        self._emits = emits
        self._maker = RecordMaker(spec, account)
        self._chosen = Chosen(spec, account)
        self._comparison = Comparison(state.ids) if emits and self._compares() else None
        self._has_read = False

    def _compares(self) -> bool:
        columns = load(self.spec.name)["properties"]
        return self._account.config.deletions == "compare" and bool(self.spec.cursor) and "is_deleted" in columns

    def records(self) -> Iterator[Row]:
        """Every record of the stream that is new since its state. Raises what the client raises."""
        self._account.reference.meter_under(self._label)
        try:
            yield from self._lists()
        except BaseException as error:
            if self._comparison:
                self._state.ids = self._comparison.ids_so_far
            if self._feed:
                self._feed.finish(error if isinstance(error, Exception) else RuntimeError(CUT_OFF))
            raise
        if self._feed:
            self._feed.finish()
        self._state.is_unfinished = False
        self._maker.warn()

    def _lists(self) -> Iterator[Row]:
        try:
            for part in self.spec.lists:
                if not self._chosen.skips(part):
                    yield from self._list(part)
            yield from self._vanished()
        except Refused as error:
            self._chosen.word(error)
            if not self.spec.feature or error.status not in CLOSED or self._has_read:
                raise
            self._account.logger.warning(
                f"Stream `{self.spec.name}` is empty: it needs {self.spec.feature}. {error.message}"
            )

    def _list(self, part: ListSpec) -> Iterator[Row]:
        progress = self._state.progress(part.name)
        start, growing, climb = progress.position, Progress(progress.position), Climb()
        walk = self._walk(part, start)
        for page in walk.pages:
            self._has_read = True
            marks = [Mark(self._time(row), self._key(row), self._content(row)) for row in page.rows]
            for mark, row in zip(marks, page.rows, strict=True):
                is_chosen = not self._chosen.tests or self._chosen.matches({**self._maker.shaped(row), **part.sets})
                self._pass_on(part, mark, row, is_chosen)
                if is_chosen and self._emits and self._wanted(start, mark):
                    yield self._record(part, row)
            growing.advance(marks, None if part.filtered else page.start)
            if walk.climbs:
                # A bookmark over rows in no order would lose the older ones of later pages when the read is cut off.
                progress.position = growing.position if climb.goes_on(marks) else start
                self._checkpoint()
        progress.position = replace(growing.position, at=None)
        self._checkpoint()

    def _pass_on(self, part: ListSpec, mark: Mark, row: Row, is_chosen: bool) -> None:
        """Tell the children and the comparison of ids of a row."""
        if self._feed and is_chosen:
            self._feed.add(part.name, mark, row)
        elif self._feed:
            self._feed.skip(part.name, mark)
        if self._comparison:
            is_wanted = is_chosen and self._is_in_range(mark)
            (self._comparison.meet if is_wanted else self._comparison.pass_by)(row)

    def _wanted(self, start: Position, mark: Mark) -> bool:
        if self.spec.cursor is None:
            return True
        return start.is_new(mark) and self._is_in_range(mark)

    def _is_in_range(self, mark: Mark) -> bool:
        since = self._account.config.start_date
        return mark.time is None or since is None or mark.time >= since

    def _vanished(self) -> Iterator[Row]:
        """Rows that were there at the end of the last run and are not any more."""
        if not self._comparison or not self.spec.cursor:
            return
        gone = self._comparison.vanished(self._client, [part.path for part in self.spec.lists])
        # A destination that keeps the newest row by its cursor needs a time, and the API no longer has one.
        now = str(Moment.of(self._client.server_clock.now()))
        for one in gone:
            yield self._maker.record({"id": one, self.spec.cursor: now, "is_deleted": True})
        self._state.ids = self._comparison.ids
        self._checkpoint()

    def _time(self, row: Row) -> str | None:
        if self.spec.cursor is None:
            return None
        try:
            value = row.get(self.spec.cursor)
            return None if value is None else utc(value)
        except ValueError:
            return None

    def _content(self, row: Row) -> Row:
        # A list of mere parents has one custom field in a first run and all of them later: that is no change.
        return row if self._emits else {key: value for key, value in row.items() if key != "custom_fields"}

    def _key(self, row: Row) -> str:
        return str(row.get(self.spec.primary_key[0]))

    def _record(self, part: ListSpec, row: Row) -> Row:
        if self.spec.detail and not self._account.config.suppress_extended_requests:
            row = row | self._detail(row)
        record = self._maker.record(row)
        record.update(part.sets)
        return record

    def _detail(self, row: Row) -> Row:
        """What the list leaves out of a row; nothing when the row is gone meanwhile."""
        detail = self.spec.detail
        assert detail is not None
        try:
            answer = self._client.request("GET", detail.path, id=row["id"])
        except Refused as error:
            if error.status not in GONE:
                raise
            self._account.skipped_parents[self.spec.name] += 1
            return {}
        found = (answer.get("additional_data") or {}).get(detail.beside) if detail.beside else answer.get("data")
        whole = found[0] if isinstance(found, list) and found else found
        return {key: whole.get(key) for key in detail.take} if isinstance(whole, dict) else {}

    def _walk(self, part: ListSpec, start: Position) -> Walk:
        if part.shared:
            return Walk(iter([Page(self._account.reference.rows(part.path), {})]), climbs=False)
        params = self._params(part, start)
        if part.ordered and not part.filtered and not self._comparison:
            return Unfiltered(self._client, part.path, params, self._time).walk(start)
        if not self._emits and self._feed:
            needs = self._feed.needs | self._chosen.columns
            part = replace(part, include=tuple(name for name in part.include if name in needs))
            params |= self._least(params)
        return Walk(self._account.extras.pages(self._client, part, params), climbs=part.ordered)

    def _least(self, params: dict[str, str]) -> dict[str, str]:
        """One custom field, or those that the selection needs, instead of all, for a list of mere parents."""
        if not self.spec.fields or self.spec.flat_fields or "updated_since" in params:
            return {}
        fields, keys = self._account.reference.fields.custom(self.spec.fields), self._chosen.custom_keys()
        if not fields or keys is None:
            return {}
        return {"custom_fields": ",".join(keys or [fields[0].key])}

    def _params(self, part: ListSpec, start: Position) -> dict[str, str]:
        config = self._account.config
        deleted = part.deleted if config.deletions != "ignore" else {}
        since = max(filter(None, (config.start_date, self._bookmark(part, start))), default=None)
        if self._comparison:
            since = config.start_date
        filtered = {"updated_since": since} if part.filtered and since else {}
        return self._chosen.narrowed(part, {**part.params, **deleted, **filtered})

    def _bookmark(self, part: ListSpec, start: Position) -> str | None:
        """The oldest bookmark of the stream and of the children that it feeds; None when one sees everything."""
        times = ([start.update_time] if self._emits else []) + ([self._feed.since(part.name)] if self._feed else [])
        return None if None in times else min(filter(None, times), default=None)
