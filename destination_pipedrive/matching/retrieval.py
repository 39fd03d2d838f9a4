"""One listing of an object's rows, page by page, and the price of its rest against searching. Newest rows first."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from destination_pipedrive.flow import Row
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.matching.rows import RowFlattener
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.endpoints import MAX_IDS, MAX_LIMIT, endpoint
from pipedrive_client.errors import Gone
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import Page, pages, rows

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
        return page.rows

    def is_search_cheaper(self, terms: list[Term]) -> bool:
        """Whether searching for these, with what was searched before, costs less than the rest of the listing."""
        if self._spec.archived_path or not self._spec.reads_ids or not all(self._search_field(key) for key, _ in terms):
            return False
        wanted = endpoint("GET", self._spec.path + "/search").cost * len(terms)
        return self._search_spent + wanted < endpoint("GET", self._spec.path).cost * self._pages_left

    def search(self, terms: list[Term]) -> set[int]:
        """Ids of the rows that an exact search finds. A hit says little: it is to be read and compared."""
        path = self._spec.path + "/search"
        self._search_spent += endpoint("GET", path).cost * len(terms)
        found: set[int] = set()
        for key, value in terms:
            params = {"term": value, "fields": self._search_field(key), "exact_match": "true"}
            found.update(hit["item"]["id"] for hit in rows(self._client, path, params))
        return found

    def _search_field(self, key: MatchKey) -> str:
        """The search category that holds a key, or empty: a name may be spelled with other spaces than it is kept."""
        if key.key == "emails":
            return "email"
        return "custom_fields" if key.custom and key.type.is_text else ""

    def _all_pages(self) -> Iterator[Page]:
        for path, params in self._spec.lists or ((self._spec.path, {}),):
            yield from pages(self._client, path, {**self._params, **params})
        if self._spec.archived_path:
            yield from pages(self._client, self._spec.archived_path, self._params)

    def _estimate(self, newest: list[Row]) -> int:
        """How many pages follow: ids are given in turn, and the newest page shows how many of them still exist."""
        if len(newest) < MAX_LIMIT or self._spec.text_ids:
            return 0
        highest, lowest = int(newest[0]["id"]), int(newest[-1]["id"])
        density = len(newest) / max(highest - lowest + 1, len(newest))
        return ceil((lowest - 1) * density / MAX_LIMIT)


def _has_more(page: Page) -> bool:
    """Whether another page follows, in either way of paging."""
    nested = page.extra.get("pagination")
    offset = nested if isinstance(nested, dict) else page.extra
    return bool(page.extra.get("next_cursor") or offset.get("more_items_in_collection"))


#: Up to this many rows a GET each (1 token) costs no more than one archived page (20 tokens).
MOST_SINGLE_READS = 20


class ById:
    """Reads rows. What the client raises ends the run, but for a row that is gone."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, flattener: RowFlattener) -> None:
        self._client = client
        self._spec = spec
        self._flattener = flattener

    def one(self, row_id: Any) -> Row:
        """One row, flat. Raises Gone when it does not exist."""
        params = self._flattener.includes
        answer = self._client.request("GET", self._spec.item_path, params=params, id=row_id).get("data") or {}
        if self._flattener.is_gone(answer):
            raise gone(self._spec)
        return self._flattener.flat(self._flattener.completed(answer), every=True)

    def some(self, ids: Sequence[Any]) -> Iterator[Row]:
        """Those of these rows that exist, flat."""
        if not self._spec.reads_ids:
            yield from self._singly(ids)
            return
        for start in range(0, len(ids), MAX_IDS):
            yield from self._batch(ids[start : start + MAX_IDS])

    def _batch(self, ids: Sequence[Any]) -> Iterator[Row]:
        found = list(self._rows_at(self._spec.path, ids))
        yield from found
        missing = sorted(set(ids) - {row["id"] for row in found})
        if missing and self._spec.archived_path:
            many = len(missing) > MOST_SINGLE_READS
            yield from self._rows_at(self._spec.archived_path, missing) if many else self._singly(missing)

    def _singly(self, ids: Sequence[Any]) -> Iterator[Row]:
        for row_id in ids:
            try:
                yield self.one(row_id)
            except Gone:
                continue

    def _rows_at(self, path: str, ids: Sequence[Any]) -> Iterator[Row]:
        params = {"ids": ",".join(map(str, ids)), **self._flattener.params}
        found = rows(self._client, path, params)
        return (self._flattener.flat(row) for row in found if not self._flattener.is_gone(row))


def gone(spec: ObjectSpec) -> Gone:
    """What is raised for a row that does not exist any more."""
    return Gone(f"The {spec.noun} was deleted.", status=404, path=spec.path)
