"""Lists that are sorted by change time but cannot be filtered by it: how a further run reads little of them.

The first walk goes from the oldest change to the newest; when it is cut off, the next one goes on near that place. A
list that was read to its end is read from the newest change down to the bookmark.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import endpoint
from pipedrive_client.pagination import STEPS_A_PAGE, Page, pages
from source_pipedrive.sync.state import Bookmark, OrderCheck, Position, RowVersion

Row = dict[str, Any]

#: In place of the ``sort`` of a row of the table.
NEWEST_FIRST = {"sort": "update_time DESC"}


class ListPages:
    """Pages of a list. ``is_ascending``: they come oldest change first, so each is a resume point."""

    def __init__(
        self,
        pages: Iterator[Page],
        is_ascending: bool,
        start: Position,
        most_untimed: int | None = None,
    ) -> None:
        self.pages = pages
        self.is_ascending = is_ascending
        self.growing = Bookmark(start.without_lanes(), most_untimed)
        self._start = start
        self._order = OrderCheck()

    def passed(self, page: Page, marks: list[RowVersion], begin: int | None) -> Position:  # noqa: ARG002
        """Rows of a page, the first at ``begin`` in the list, were handed on; answers where the list stands."""
        self.growing.advance(marks, begin)
        return self.growing.position if self._order.goes_on(marks) else self._start


def oldest_first(walk: ListPages) -> ListPages:
    """The same rows, so that each is a resume point; those of a walk from the newest change down wait in memory.

    They are what changed since the last run. Their places in the list are not known.
    """
    if not walk.is_ascending:
        walk.pages, walk.is_ascending = _turned(walk.pages), True
    return walk


def _turned(pages: Iterator[Page]) -> Iterator[Page]:
    for page in reversed(list(pages)):
        yield Page(page.rows[::-1], page.extra, start=None)


@dataclass(frozen=True)
class UnfilteredList:
    """An offset list with its parameters; ``time`` reads the change time of a row."""

    client: PipedriveClient
    path: str
    params: dict[str, str]
    time: Callable[[Row], str | None]

    def walk(self, start: Position, most_untimed: int | None) -> ListPages:
        """What has to be read of the list when it stands at ``start``."""
        if start.update_time is None:
            return ListPages(self._pages(), True, start, most_untimed)
        if start.offset is not None:
            pages = self._from(start.offset, start.update_time)
            return ListPages(pages, True, start, most_untimed)
        return ListPages(self._down_to(start.update_time), False, start, most_untimed)

    def _pages(self, begin: int = 0) -> Iterator[Page]:
        return pages(self.client, self.path, self.params, begin, null_is_empty=True)

    def _from(self, place: int, bookmark: str) -> Iterator[Page]:
        """From a row before the bookmark on. It stands nearer to the start when rows before it changed or vanished."""
        step = endpoint("GET", self.path).max_limit // STEPS_A_PAGE
        while place > 0:
            place, step = max(place - step, 0), 2 * step
            walk = self._pages(place)
            first = next(walk)
            if place == 0 or (first.rows and (self.time(first.rows[0]) or "") < bookmark):
                yield first
                yield from walk
                return
        yield from self._pages()

    def _down_to(self, bookmark: str) -> Iterator[Page]:
        """The newest rows; all of them, in any order, when the answer does not fall from new to old as it was asked to.

        A page of one time proves nothing, so the walk ends only after it has seen the times fall.
        """
        before, falls = None, False
        for page in pages(self.client, self.path, self.params | NEWEST_FIRST, null_is_empty=True):
            yield page
            for time in filter(None, map(self.time, page.rows)):
                if before is not None and time > before:
                    yield from self._pages()
                    return
                falls = falls or (before is not None and time < before)
                before = time
            if falls and before is not None and before < bookmark:
                return
