"""Rows that Pipedrive has not stamped: what was made over the API has ``update_time: null`` until it is first touched.

Whether ``updated_since`` shows such rows is not documented, so a list that was asked with it is looked through once
more: the newest ids while the account shows such rows and once a day otherwise; all of them when no run has looked.
Source: answers of the API, https://github.com/n8n-io/n8n, packages/nodes-base/nodes/Pipedrive/test/v2/mock-data.json.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from operator import attrgetter
from typing import Any, Final

from pipedrive_client.typed_rows import column
from source_pipedrive.records.converters import utc

Row = dict[str, Any]
#: Pages of a list, read with these parameters in place of its own.
Ask = Callable[[dict[str, str]], Iterator[list[Row]]]

#: How long nobody looks, as long as no row without a change time was seen.
INTERVAL: Final = timedelta(days=1)
NEWEST_IDS = {"sort_by": "id", "sort_direction": "desc"}
#: Rows without a change time stand at one end of this order; which one is not documented.
BOTH_ENDS = (
    {"sort_by": "update_time", "sort_direction": "asc"},
    {"sort_by": "update_time", "sort_direction": "desc"},
)


@dataclass(frozen=True)
class Look:
    """The last look through a list: the newest id then, the server's time, and whether rows without a time were there.

    JSON form: ``{"newest_id": 500, "time": "2026-11-29T10:00:00Z", "unstamped": true}``.
    """

    newest_id: int
    time: str
    has_unstamped: bool

    @classmethod
    def read(cls, state: Any) -> "Look | None":
        """From its JSON form. Raises ValueError, TypeError or KeyError for anything but that and None."""
        if state is None:
            return None
        time = utc(state["time"])
        if time is None:
            raise ValueError("no time")
        return cls(int(state["newest_id"]), time, bool(state["unstamped"]))

    def as_state(self) -> Row:
        """JSON form."""
        return {"newest_id": self.newest_id, "time": self.time, "unstamped": self.has_unstamped}

    def is_due(self, now: str) -> bool:
        """Whether the list must be looked through at ``now``."""
        passed = datetime.fromisoformat(now) - datetime.fromisoformat(self.time)
        # A look in the future is one by a wrong clock.
        return self.has_unstamped or not timedelta(0) <= passed < INTERVAL


#: In place of a look, for a list that another connector has read so far: the page of the newest ids is enough.
BY_OTHERS: Final = Look(2**63 - 1, "1970-01-01T00:00:00Z", False)


class UnstampedRows:
    """Follows one reading of one list, and looks for what it may not have shown. Used by one thread."""

    def __init__(self, looks: Iterable[Look | None], is_filtered: bool, since: str | None = None) -> None:
        """``looks``: those of all who read this list, which is asked with ``updated_since`` when it ``is_filtered``.

        ``since``: rows that were added before are not wanted.
        """
        looks = list(looks)
        self._known = [look for look in looks if look is not None]
        self._knows_all = len(self._known) == len(looks)
        self._newest_before = min((look.newest_id for look in self._known), default=0)
        self._is_filtered = is_filtered
        self._since = since
        self._newest = 0
        self._has_unstamped = False
        self._has_looked = False
        #: The server's time when the first page came.
        self._started = ""

    def pass_page(self, rows: list[Row], now: str) -> None:
        """Rows that the list showed, and the server's time."""
        self._started = self._started or now
        self._has_unstamped |= not all(column(rows, "update_time"))
        self._newest = max(self._newest, self._newest_settled(rows))

    def _newest_settled(self, rows: list[Row]) -> int:
        """The newest id of rows; one that was added meanwhile does not say that all before it were seen."""
        ids = [one if isinstance(one, int) else 0 for one in column(rows, "id")]
        newest = max(ids, default=0)
        added = column(rows, "add_time")
        if newest <= self._newest or str(added[ids.index(newest)] or "") < self._started:
            return newest
        settled = (str(time or "") < self._started for time in added)
        return max(compress(ids, settled), default=0)

    def further(self, ask: Ask) -> Iterator[list[Row]]:
        """Pages of rows without a change time that ``updated_since`` has left out; nothing when no look is due."""
        if not self._is_due:
            return
        yield from self._newest_ids(ask)
        if not self._knows_all:
            for order in BOTH_ENDS:
                yield from self._end(ask(order))

    def last(self, ask: Ask) -> Iterator[list[Row]]:
        """Such rows at the end of a list that was begun at several places, of which only the first is without a filter.

        One that came is where all of them are: at the list's beginning, or among the others by when they were added.
        """
        if not self._is_filtered and not self._has_unstamped:
            yield from self._end(ask(BOTH_ENDS[1]))

    @property
    def _is_due(self) -> bool:
        """A list that shows such rows although it was asked with ``updated_since`` shows all of them."""
        is_time = not self._knows_all or any(look.is_due(self._started) for look in self._known)
        return self._is_filtered and not self._has_unstamped and is_time

    def look(self) -> Look:
        """What the next run has to know, once the list was read to its end."""
        if self._has_looked or not self._is_filtered:
            return Look(self._newest or self._newest_before, self._started, self._has_unstamped)
        if self._has_unstamped:
            return Look(max(self._newest, self._newest_before), self._started, False)
        return min(self._known, key=attrgetter("time"))

    def _newest_ids(self, ask: Ask) -> Iterator[list[Row]]:
        """Down to the newest id of the last look; the first page as a whole, as rows may become visible late."""
        self._has_looked, is_first = True, True
        for rows in ask(NEWEST_IDS):
            self._newest = max([self._newest, *map(_id, rows)])
            found = [row for row in self._unstamped(rows) if is_first or _id(row) > self._newest_before]
            self._has_unstamped |= bool(found)
            yield found
            if not self._knows_all or any(_id(row) <= self._newest_before for row in rows):
                return
            is_first = False

    def _end(self, pages: Iterator[list[Row]]) -> Iterator[list[Row]]:
        for rows in pages:
            found = self._unstamped(rows)
            self._has_unstamped |= bool(found)
            yield found
            if any(row.get("update_time") for row in rows):
                return

    def _unstamped(self, rows: Iterable[Row]) -> list[Row]:
        return [row for row in rows if not row.get("update_time") and self._is_wanted(row)]

    def _is_wanted(self, row: Row) -> bool:
        added = str(row.get("add_time") or "")
        return not (self._since and added) or added >= str(self._since)


def _id(row: Row) -> int:
    found = row.get("id")
    return found if isinstance(found, int) else 0
