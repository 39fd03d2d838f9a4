"""With what the lists of a stream are asked for, and how each of them is walked."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.pagination import Page
from source_pipedrive.records.converters import times, utc_or_none
from source_pipedrive.streams.spec import TAKES_CUSTOM_FIELDS, ListSpec, StreamSpec
from source_pipedrive.sync.lane_reader import LaneReader
from source_pipedrive.sync.lanes import Lanes
from source_pipedrive.sync.parent_spool import ParentSpool
from source_pipedrive.sync.row_filter import RowFilter
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.state import Position
from source_pipedrive.sync.unfiltered_list import ListPages, UnfilteredList

Row = dict[str, Any]
#: Rows without a change time that a state remembers: those of the newest pages, where they are looked for.
MOST_UNSTAMPED = 1_000


class ListRequests:
    """The lists of one stream. ``emits``: it is selected itself; ``compares``: all of its rows are met each time."""

    def __init__(
        self,
        spec: StreamSpec,
        account: RunContext,
        client: PipedriveClient,
        row_filter: RowFilter,
        spool: ParentSpool | None,
        emits: bool,
        compares: bool,
    ) -> None:
        self._spec, self._account, self._client, self._filter = spec, account, client, row_filter
        self._spool, self._emits, self._compares = spool, emits, compares

    def walk(self, part: ListSpec, start: Position, client: PipedriveClient) -> ListPages | LaneReader:
        """The pages of a list that stands at ``start``, which ``client`` asks for."""
        most_untimed = MOST_UNSTAMPED if part.stamped_late else None
        if part.shared:
            pages = iter([Page(self._account.reference.rows(part.path), {})])
            return ListPages(pages, False, start, most_untimed)
        if part.ordered and not part.filtered and not self._compares:
            listing = UnfilteredList(client, part.path, self.params(part, start), self._time)
            return listing.walk(start, most_untimed)
        if part.is_begun_anywhere and not self._spool:
            return self._lanes(part, start, most_untimed, client)
        # Children take their parents in the order of their change, and have enough to ask for to fill the window.
        return ListPages(self._pages(part, start, client), part.ordered, start, most_untimed)

    def _lanes(self, part: ListSpec, start: Position, most_untimed: int | None, client: PipedriveClient) -> LaneReader:
        lanes = Lanes(start, self._times, self._client.server_clock.now, most_untimed, is_whole=self._compares)

        def walk(since: str | None) -> Iterator[Page]:
            params = self.params(part, Position(since), begins_inside=since != lanes.since)
            return self._account.extras.pages(client, part, params)

        return LaneReader(lanes, walk, self._account.seats, self._client.budget.pacing)

    def _pages(self, part: ListSpec, start: Position, client: PipedriveClient) -> Iterator[Page]:
        params = self.params(part, start)
        if not self._emits and self._spool:
            needs = self._spool.needs | self._filter.columns
            part = replace(part, include=tuple(name for name in part.include if name in needs))
            params |= self._least(part, params)
        return self._account.extras.pages(client, part, params)

    def _times(self, rows: list[Row]) -> list[str | None]:
        return times(rows, self._spec.cursor) if self._spec.cursor else [None] * len(rows)

    def _time(self, row: Row) -> str | None:
        return utc_or_none(row.get(self._spec.cursor)) if self._spec.cursor else None

    def _least(self, part: ListSpec, params: dict[str, str]) -> dict[str, str]:
        """One custom field, or those that the selection needs, instead of all, for a list of mere parents."""
        if not self._spec.fields or part.path not in TAKES_CUSTOM_FIELDS or "updated_since" in params:
            return {}
        fields, keys = self._account.reference.fields.custom(self._spec.fields), self._filter.custom_keys()
        if not fields or keys is None:
            return {}
        return {"custom_fields": ",".join(keys or [fields[0].key])}

    def others(self, part: ListSpec, start: Position, order: dict[str, str]) -> Iterator[list[Row]]:
        """Pages of the whole list in another order."""
        params = {name: value for name, value in self.params(part, start).items() if name != "updated_since"}
        for page in self._account.extras.pages(self._client, part, params | order):
            yield page.rows

    def params(self, part: ListSpec, start: Position, begins_inside: bool = False) -> dict[str, str]:
        """With what a list is asked for. ``begins_inside``: from the bookmark on, also by who reads the whole list."""
        config = self._account.config
        deleted = part.deleted if config.deletions != "ignore" else {}
        since = max(filter(None, (config.start_date, self._bookmark(part, start))), default=None)
        if self._compares and not begins_inside:
            since = config.start_date
        filtered = {"updated_since": since} if part.filtered and since else {}
        return self._filter.push_down(part, {**part.params, **deleted, **filtered})

    def _bookmark(self, part: ListSpec, start: Position) -> str | None:
        """The oldest bookmark of the stream and of the children that it feeds; None when one sees everything."""
        times = ([start.update_time] if self._emits else []) + ([self._spool.since(part.name)] if self._spool else [])
        return None if None in times else min(filter(None, times), default=None)
