"""How large an account's lists are, learnt from a page of each: its newest ids, and which of the older ids are there.

Ids of most objects are numbers in the order of creation. So the newest page of a list and the share of a hundred older
ids that still exist tell its length; lists without such ids are only known to be at least as long as what was seen.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import MAX_IDS, endpoint
from pipedrive_client.errors import Refused
from pipedrive_client.pagination import Page, pages
from source_pipedrive.streams.custom_retrievers import persons_of_organizations
from source_pipedrive.streams.spec import ListSpec, StreamSpec
from source_pipedrive.sync.row_filter import LISTED, SEARCHED, ResolvedFilter

Row = dict[str, Any]
#: Lists that take `ids` and the order of ids. Source: parameters of the v2 operations.
TAKES_IDS = frozenset(
    f"api/v2/{name}" for name in ("deals", "deals/archived", "persons", "organizations", "activities", "products")
)
#: v1 lists that can be sorted by a numeric id. Source: `sort` of GET /notes and GET /files.
SORTS_IDS = frozenset({"v1/notes", "v1/files"})
NEWEST_IDS = {"sort_by": "id", "sort_direction": "desc"}
#: How sure a number of rows is.
EXACT, ABOUT, AT_LEAST = "exact", "about", "at least"
#: Steps of this share of the way never meet the same place again.
_GOLDEN = 0.618034


@dataclass
class Size:
    """What is known of one list. ``read``: the rows of its newest pages, ``walk`` the rest of them, None at the end.

    ``older``: those of ``asked`` ids at equal distances below them that exist; ``has_ids``: ids are numbers.
    """

    read: list[Row] = field(default_factory=list)
    walk: Iterator[Page] | None = None
    has_ids: bool = False
    older: list[Row] = field(default_factory=list)
    asked: int = 0

    @property
    def below(self) -> int:
        """How many ids there are below those that were read."""
        ids = [row["id"] for row in self.read if isinstance(row.get("id"), int)]
        return min(ids) - 1 if ids and self.has_ids else 0

    @property
    def rows(self) -> float:
        """How many rows the list has."""
        return sum(weight for _, weight in self.sample) + (self.sure == AT_LEAST)

    @property
    def sure(self) -> str:
        """How sure that is."""
        if self.walk is None:
            return EXACT
        return ABOUT if self.asked or self.below else AT_LEAST

    @property
    def sample(self) -> list[tuple[Row, float]]:
        """Rows, each with how many it stands for."""
        if self.walk is None or not self.below:
            return [(row, 1.0) for row in self.read]
        if self.asked:
            return [*((row, 1.0) for row in self.read), *((row, self.below / self.asked) for row in self.older)]
        span = max(row["id"] for row in self.read) - self.below
        return [(row, 1 + self.below / span) for row in self.read]

    @property
    def has_unstamped(self) -> bool:
        """Whether a row has no change time yet."""
        return any(not row.get("update_time") for row in (*self.read, *self.older))


class Probe:
    """Asks for pages as long as its tokens last: those that the client has not spent yet on anything else."""

    def __init__(self, client: PipedriveClient, tokens: int) -> None:
        self._client = client.labelled("estimate")
        self._tokens = tokens

    @property
    def left(self) -> int:
        """Tokens that may still be spent."""
        return self._tokens - self._client.meter.total.tokens

    def size(self, part: ListSpec, params: Mapping[str, str]) -> Size | None:
        """What a first page tells of a list; None without the tokens for it. A list that is refused is empty."""
        by_id = part.path in TAKES_IDS or part.path in SORTS_IDS
        order = NEWEST_IDS if part.path in TAKES_IDS else {"sort": "id DESC"} if by_id else {}
        kept = {key: value for key, value in params.items() if not by_id or key not in ("sort", *NEWEST_IDS)}
        size = Size(walk=self._pages(part, kept | order), has_ids=by_id)
        try:
            return size if self._read_on(part, size) else None
        except Refused:
            return Size()

    def refine(self, part: ListSpec, params: Mapping[str, str], size: Size) -> bool:
        """Spend some more on a list that is not known exactly: its next page, where the tokens reach to its end or its
        ids tell nothing, else a hundred of its older ids. False when nothing more can be learnt.
        """
        row = endpoint("GET", part.path)
        unread = ceil((size.rows - len(size.read)) / row.max_limit)
        asks_ids = part.path in TAKES_IDS and "filter_id" not in params
        if size.walk is None or self.left < row.cost:
            return False
        if not asks_ids or unread * row.cost <= self.left:
            return self._read_on(part, size)
        return self._ask_older(part, params, size)

    def _read_on(self, part: ListSpec, size: Size) -> bool:
        row = endpoint("GET", part.path)
        if self.left < row.cost or size.walk is None:
            return False
        page = next(size.walk, Page([], {}, 0))
        size.read += page.rows
        # Pages of an offset list begin with the last row of the one before.
        if row.paging not in ("cursor", "offset") or len(page.rows) < row.max_limit - 1:
            size.walk = None
        size.older, size.asked = [], 0
        return True

    def _ask_older(self, part: ListSpec, params: Mapping[str, str], size: Size) -> bool:
        """Other ids each time."""
        count = min(MAX_IDS, size.below)
        place = (size.asked / MAX_IDS + 0.5) * _GOLDEN % 1
        ids = sorted({1 + int((number + place) * size.below / count) for number in range(count)} if count else ())
        if not ids:
            return False
        kept = {key: value for key, value in params.items() if key not in NEWEST_IDS}
        found = next(self._pages(part, {**kept, "ids": ",".join(map(str, ids))}), Page([], {}, 0))
        size.older += found.rows
        size.asked += len(ids)
        return True

    def _pages(self, part: ListSpec, params: Mapping[str, str]) -> Iterator[Page]:
        include = {"include_fields": ",".join(part.include)} if part.include else {}
        return pages(self._client, part.path, {**params, **include}, null_is_empty=True)


def pages_of(path: str, rows: float) -> int:
    """Calls that reading so many rows of a list takes. Offset pages begin with the last row of the one before."""
    row = endpoint("GET", path)
    if row.paging not in ("cursor", "offset") or rows <= row.max_limit:
        return 1
    if row.paging == "offset":
        return 1 + ceil((rows - row.max_limit) / (row.max_limit - 1))
    return ceil(rows / row.max_limit)


def calls_for_names(resolved: ResolvedFilter | None) -> Iterator[str]:
    """The calls that it takes to know what a condition names: small lists, a search for each parent, the own user."""
    if resolved is None:
        return
    if resolved.where.uses_current_user:
        yield "v1/users/me"
    for name in resolved.pseudo:
        texts = {text for text in resolved.where.compared_with(name) if isinstance(text, str) and text}
        if name in LISTED:
            yield from [LISTED[name]] if texts else []
        else:
            yield from [SEARCHED[name][0]] * len(texts)


def rows_below(spec: StreamSpec, asked: Sequence[tuple[Row, float]]) -> int | None:
    """Rows that a counter of the parents tells; None where there is none."""
    child = spec.child
    assert child is not None
    counters = [name for name in child.gate if name.endswith("_count")]
    if not asked:
        return 0
    if child.read is persons_of_organizations:
        return round(sum(weight for _, weight in asked))
    if child.read or len(counters) != 1 or any(row.get(counters[0]) is None for row, _ in asked):
        return None
    return round(sum(weight * int(row[counters[0]] or 0) for row, weight in asked))


def matters(spec: StreamSpec, part: ListSpec, parents: Collection[str]) -> bool:
    """Whether the price depends on the length of a list."""
    return spec.name in parents or spec.detail is not None or not is_one_call(part)


def is_one_call(part: ListSpec) -> bool:
    """Whether a list comes in one answer, by its kind or because accounts have little of it."""
    return part.shared or endpoint("GET", part.path).paging not in ("cursor", "offset")
