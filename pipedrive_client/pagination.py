"""Pages of a list: v2 cursors, v1 offsets, single answers. Always the largest page that the endpoint allows.

Source: https://pipedrive.readme.io/docs/core-api-concepts-pagination
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import Endpoint, endpoint
from pipedrive_client.errors import TransientError
from pipedrive_client.lenient_json import Found, dumps
from pipedrive_client.repairs import PAGE, ROW
from pipedrive_client.typed_rows import are_typed, as_rows, column

Row = dict[str, Any]

#: In place of the ``data`` that an answer does not have.
NO_DATA = object()
#: How often a page without readable rows is asked for again before it is an error.
UNREADABLE_TRIES = 3
#: Pages without rows, one after the other, that promise more; the API may leave out rows that the user does not see.
MAX_EMPTY_PAGES = 10
#: More digits than these are no id: 64 bits do not hold them.
MOST_ID_DIGITS = 19
#: An offset walk whose rows have moved steps back a tenth of a page, then further: a whole page would be no progress.
STEPS_A_PAGE = 10


@dataclass(frozen=True)
class Page:
    """One answer. ``extra``: its ``additional_data``. ``start``: offset of its first row; 0 in cursor lists."""

    rows: list[Row]
    extra: Mapping[str, Any]
    start: int | None = 0


@dataclass(frozen=True)
class Listing:
    """A list to read: endpoint template, query parameters (without paging) and path arguments.

    ``null_is_empty``: a page that stays ``data: null`` counts as empty, so that it does not block the list.
    """

    client: PipedriveClient
    path: str
    params: Mapping[str, Any]
    path_args: Mapping[str, Any]
    null_is_empty: bool = False

    @property
    def row(self) -> Endpoint:
        """The endpoint's facts."""
        return endpoint("GET", self.path)

    def get(self, paging: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any] | None]:
        """``data`` and ``additional_data`` of one answer."""
        body = self.client.request("GET", self.path, params={**self.params, **paging}, **self.path_args)
        extra = body.get("additional_data")
        return body.get("data", NO_DATA), extra if isinstance(extra, dict) else None

    def page(self, data: list[Any], extra: Mapping[str, Any] | None, start: int = 0) -> Page:
        """The page of an answer's rows; what is no object is left out and counted."""
        rows = data if are_typed(data) else [row for row in data if isinstance(row, dict)]
        self.note(ROW, len(data) - len(rows))
        return Page(rows, extra or {}, start)

    def note(self, kind: str, count: int = 1) -> None:
        """Count what the list held that is not as it should be."""
        self.client.repairs.note(self.client.label, Found({(self.path, kind): count} if count else {}))


def pages(
    client: PipedriveClient,
    path: str,
    params: Mapping[str, Any] | None = None,
    start: int = 0,
    null_is_empty: bool = False,
    **path_args: Any,
) -> Iterator[Page]:
    """Every page of the list at ``path``. ``start`` is the first offset of a v1 offset list.

    ``null_is_empty``: a page that is ``data: null`` each time it is asked for counts as empty and is noted; only for
    callers to whom a row too few does no harm. Raises what the client raises, and TransientError when an answer holds
    no readable rows, and when pages go round in a circle or stay empty although more are promised.
    """
    listing = Listing(client, path, params or {}, path_args, null_is_empty)
    paging = listing.row.paging
    if paging == "cursor":
        return _cursor_pages(listing)
    if paging == "offset":
        return _offset_pages(listing, start)
    return _single(listing)


def rows(
    client: PipedriveClient, path: str, params: Mapping[str, Any] | None = None, **path_args: Any
) -> Iterator[Row]:
    """Every row of the list at ``path``."""
    for page in pages(client, path, params, **path_args):
        yield from page.rows


def one_row(client: PipedriveClient, path: str, params: Mapping[str, Any] | None = None, **path_args: Any) -> Row:
    """The row that the answer of ``path`` is about; an answer without one is asked for again.

    Raises what the client raises, and TransientError when no answer holds a row: that says nothing about the row.
    """
    for _ in range(UNREADABLE_TRIES):
        data = client.request("GET", path, params=params, **path_args).get("data")
        if isinstance(data, dict) and data:
            return data
    said = f"Pipedrive's answer to GET /{path} holds no row. Try again later."
    raise TransientError(said, status=200, path=path)


def own_id(row: Mapping[str, Any], path: str, key: str = "id", is_text: bool = False) -> Any:
    """The id of a row of ``path``; whole numbers may come as text.

    Raises TransientError where none can be read: the row is there, and taken for none it might be created again.
    """
    found = readable_id(row.get(key), is_text)
    if found is not None:
        return found
    said = f"Pipedrive's answer to GET /{path} holds a row without a readable `{key}`. Try again later."
    raise TransientError(said, status=200, path=path)


def readable_id(found: Any, is_text: bool = False) -> Any:
    """An id as it came, or None where it is none."""
    if not is_text and isinstance(found, str) and found.isascii() and found.isdecimal():
        found = int(found) if len(found) <= MOST_ID_DIGITS else None
    return found if isinstance(found, str if is_text else int) and not isinstance(found, bool) and found else None


def _single(listing: Listing) -> Iterator[Page]:
    data, extra = _readable(listing, {}, empty_is_null=True)
    yield listing.page(data, extra)


def _rows_in(data: Any, row: Endpoint) -> Any:
    """The list inside ``data`` where an endpoint wraps it; searches always do."""
    if row.paging == "object" and (data is None or isinstance(data, dict)):
        return [data] if data else []
    if not isinstance(data, dict):
        return data
    return data.get(row.inside or "items", data)


def _cursor_pages(listing: Listing) -> Iterator[Page]:
    limit, walked = listing.row.max_limit, _Walked(listing.path)
    cursor: str | None = None
    while True:
        paging = {"limit": limit, **({"cursor": cursor} if cursor else {})}
        data, extra = _readable(listing, paging, empty_is_null=cursor is None)
        if extra is None and len(data) >= limit:
            # Some lists leave additional_data out at their end, a broken answer does so too: ask once more.
            data, extra = _readable(listing, paging, empty_is_null=cursor is None)
        content, found = _content(data), [listing.page(data, extra)]
        # A walk that waits to go on must not keep the page that it has handed out.
        del data
        yield found.pop()
        cursor = str((extra or {}).get("next_cursor") or "")
        if not cursor:
            return
        walked.turn(content, cursor)


class _Walked:
    """Where a walk has been, to notice when it goes round: it would never end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._cursors: set[str] = set()
        self._pages: dict[int, Any] = {}
        self._empty = 0

    def turn(self, content: int | None, place: str | int) -> None:
        """A page was read and ``place`` is the next cursor, or the offset of this page. Raises TransientError.

        ``content`` stands for the rows of the page; None when it had none.
        """
        self._empty = self._empty + 1 if content is None else 0
        if self._empty > MAX_EMPTY_PAGES:
            raise self._error(f"promise more, but {self._empty} in a row were empty")
        is_known = isinstance(place, str) and place in self._cursors
        if is_known or (content is not None and self._pages.setdefault(content, place) != place):
            raise self._error("go round in a circle")
        if isinstance(place, str):
            self._cursors.add(place)

    def forget(self) -> None:
        """The walk steps back by itself, and may meet a page again."""
        self._pages.clear()

    def _error(self, what: str) -> TransientError:
        # With a status: Pipedrive did answer, and one list that does so says nothing about the next.
        return TransientError(f"The pages of GET /{self._path} {what}. Try again later.", status=200, path=self._path)


def _content(data: list[Row]) -> int | None:
    if not data:
        return None
    try:
        ids = column(data, "id")
        if {int, str}.issuperset(map(type, ids)):
            return hash((tuple(ids), tuple(column(data, "update_time"))))
    except (AttributeError, TypeError):
        # A row that is no object, or whose id or time is one.
        pass
    return hash(dumps(as_rows(data)))


def _readable(
    listing: Listing, paging: Mapping[str, Any], empty_is_null: bool
) -> tuple[list[Row], Mapping[str, Any] | None]:
    """The rows of one answer.

    ``data: null`` is an empty list in v1 only, where a list may end and nothing follows; anything else that is no list
    is asked for again. "No answer" must never be taken for "no rows" where something is created or deleted by it.
    """
    is_v1 = listing.path.startswith("v1/")
    may_be_null = is_v1 and (empty_is_null or listing.row.paging == "offset")  # an offset walk finds out by itself
    for _ in range(UNREADABLE_TRIES):
        data, extra = listing.get(paging)
        data = _rows_in(data, listing.row)
        if isinstance(data, list):
            return data, extra
        if data is None and may_be_null and not _more(extra):
            return [], extra
    if data is None and listing.null_is_empty:
        listing.note(PAGE)
        return [], extra
    raise TransientError(
        f"Pipedrive's answer to GET /{listing.path} contains no list of rows. Try again later.",
        status=200,
        path=listing.path,
    )


# v1 offsets move when rows before them vanish or change their place, and a row at the edge of a page would be missed.
# Each page therefore starts with the last row of the page before. When that row is not there, the walk steps back
# until it meets a row of that page which has not changed since: in a list by change time all before it were read.

Key = tuple[Any, Any]


def _offset_pages(listing: Listing, start: int) -> Iterator[Page]:
    limit, walked = listing.row.max_limit, _Walked(listing.path)
    recent: set[Key] = set()
    while True:
        data, extra = _readable(listing, {"start": start, "limit": limit}, empty_is_null=start == 0)
        if recent and start > 0 and not (data and _key(data[0]) in recent):
            walked.forget()
            start, data, extra = _step_back(listing, start, recent)
        fresh = _after(data, recent)
        yield listing.page(fresh, extra, start + len(data) - len(fresh))
        if not _has_more(extra, len(data), limit):
            return
        walked.turn(_content(data), start)
        if not fresh:  # more is promised, but not here: go on behind this page, or this one would come for ever
            start, recent = start + limit, set()
            continue
        recent = {_key(row) for row in data if _key(row)[0] is not None}
        start += len(data) - (1 if recent else 0)


def _step_back(listing: Listing, start: int, recent: set[Key]) -> tuple[int, list[Row], Mapping[str, Any] | None]:
    """Go back, further each time, until the page holds a row that was read; else from the beginning."""
    limit = listing.row.max_limit
    step = limit // STEPS_A_PAGE
    while True:
        start = max(start - step, 0)
        data, extra = _readable(listing, {"start": start, "limit": limit}, empty_is_null=start == 0)
        if start == 0 or any(_key(row) in recent for row in data):
            return start, data, extra
        step *= 2


def _after(data: list[Row], recent: set[Key]) -> list[Row]:
    """The rows behind the last one that was read; all of them when none was (twice is better than never)."""
    known = [index for index, row in enumerate(data) if _key(row) in recent]
    return data[known[-1] + 1 :] if known else data


def _key(row: Row) -> Key:
    """A row in the state in which it was read; one that changed has moved to another place."""
    if not isinstance(row, dict):
        return (None, None)
    row_id, time = row.get("id"), row.get("update_time")
    return (row_id if isinstance(row_id, int | str) else None, time if isinstance(time, str) else None)


def _pagination(extra: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The paging block, nested under ``pagination`` or flat in ``additional_data``."""
    nested = (extra or {}).get("pagination")
    return nested if isinstance(nested, dict) else (extra or {})


def _more(extra: Mapping[str, Any] | None) -> bool:
    return bool(_pagination(extra).get("more_items_in_collection") or (extra or {}).get("next_cursor"))


def _has_more(extra: Mapping[str, Any] | None, count: int, limit: int) -> bool:
    """Whether to go on: what the answer says, else whether the page was full."""
    says = _pagination(extra).get("more_items_in_collection")
    return bool(says) if isinstance(says, bool | int) else count >= limit
