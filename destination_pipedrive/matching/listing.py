"""One listing of an object's rows, page by page, and the price of its rest against searching. Newest rows first."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from math import ceil
from typing import Any

from destination_pipedrive.flow import Row
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import MAX_LIMIT, endpoint
from pipedrive_client.pagination import Page, own_id, pages, rows

#: A key and a normal form, to be looked up.
Term = tuple[MatchKey, str]


class Listing:
    """Pages of the live rows, then of the archived ones."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, params: Mapping[str, Any]) -> None:
        self.is_complete = False
        self._client = client
        self._spec = spec
        self._params = {**params, **spec.newest_first}
        self._pages = self._all_pages()
        self._pages_left = 0
        self._last: list[Row] = []
        # Before the first search one page of what changed lately is read.
        self._search_spent = endpoint("GET", spec.path).cost if spec.path.startswith("api/v2") else 0

    def next_page(self) -> list[Row]:
        """The rows of the next page."""
        page = next(self._pages, None)
        if page is None:
            self.is_complete = True
            return []
        self.is_complete = not _has_more(page) and not self._spec.archived_path and len(self._spec.lists) < 2
        self._pages_left = max(self._pages_left - 1, 0) or self._estimate(page.rows)
        self._last = page.rows
        return page.rows

    def is_search_cheaper(self, terms: list[Term]) -> bool:
        """Whether searching for these, with what was searched before, costs less than the rest of the listing."""
        if self._spec.archived_path or not self._spec.reads_ids or not all(_search_field(key) for key, _ in terms):
            return False
        wanted = endpoint("GET", self._spec.path + "/search").cost * len(terms)
        return self._search_spent + wanted < endpoint("GET", self._spec.path).cost * self._pages_left

    def search(self, terms: list[Term]) -> set[int]:
        """Ids of the rows that an exact search finds. A hit says little: it is to be read and compared."""
        path = self._spec.path + "/search"
        self._search_spent += endpoint("GET", path).cost * len(terms)
        found: set[int] = set()
        for key, value in terms:
            params = {"term": value, "fields": _search_field(key), "exact_match": "true"}
            found.update(own_id(_item(hit), path) for hit in rows(self._client, path, params))
        return found

    def reaches(self, since: datetime) -> bool:
        """Whether every row that was created after ``since`` is among those read: the last page shows an older one.

        A row made over the API may have no ``update_time``, and its ``add_time`` may be the sender's: that counts only
        where the times are in the order of the ids.
        """
        limit = since.strftime("%Y-%m-%dT%H:%M:%S")
        if any(_second(row, "update_time") < limit for row in self._last if row.get("update_time")):
            return True
        added = [_second(row, "add_time") for row in self._last]
        return bool(added) and added[-1] < limit and added == sorted(added, reverse=True)

    def _all_pages(self) -> Iterator[Page]:
        for path, params in lists_of(self._spec):
            yield from pages(self._client, path, {**self._params, **params})
        if self._spec.archived_path:
            yield from pages(self._client, self._spec.archived_path, self._params)

    def _estimate(self, newest: list[Row]) -> int:
        """How many pages follow: ids are given in turn, and the newest page shows how many of them still exist."""
        if len(newest) < MAX_LIMIT or self._spec.text_ids:
            return 0
        highest, lowest = (int(own_id(row, self._spec.path)) for row in (newest[0], newest[-1]))
        density = len(newest) / max(highest - lowest + 1, len(newest))
        return ceil((lowest - 1) * density / MAX_LIMIT)


def lists_of(spec: ObjectSpec) -> Iterable[tuple[str, Mapping[str, str]]]:
    """The lists that hold the live rows of an object, with their parameters."""
    return spec.lists or ((spec.path, {}),)


def _search_field(key: MatchKey) -> str:
    """The search category that holds a key, or empty: a name may be spelled with other spaces than it is kept."""
    if key.key == "emails":
        return "email"
    return "custom_fields" if key.custom and key.type.is_text else ""


def _item(hit: Row) -> Row:
    found = hit.get("item")
    return found if isinstance(found, dict) else {}


def _second(row: Row, name: str) -> str:
    """A time to the second; times come as UTC in three spellings, whose first 19 characters compare."""
    return str(row.get(name) or "")[:19].replace(" ", "T")


def _has_more(page: Page) -> bool:
    """Whether another page follows, in either way of paging."""
    nested = page.extra.get("pagination")
    offset = nested if isinstance(nested, dict) else page.extra
    return bool(page.extra.get("next_cursor") or offset.get("more_items_in_collection"))
