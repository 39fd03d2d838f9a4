"""How rows come into the store in the cheapest correct way: by id, from a list, or by search; the price decides.

Rows that are named by id are read in batches of 100. For everything else the object is listed once, the newest rows
first; where that costs more than searching for the few keys that are wanted, they are searched for instead, and every
hit is read and compared. What is too new for the search index is listed in any case. A failed look-up is never "not
found": what the client raises ends the run.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Protocol

from destination_pipedrive.flow import MappedRecord, Rejected, Row, is_planned
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.matching.listing import Listing, Term, lists_of
from destination_pipedrive.matching.row_reader import RowReader, gone
from destination_pipedrive.matching.row_store import RowStore
from destination_pipedrive.matching.rows import RowFlattener, record_keys
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.results.refusals import rejected
from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused
from pipedrive_client.pagination import pages

#: How far behind the search may be, generously: the vendor gives no figure, others saw seconds.
SEARCH_LAG = timedelta(minutes=10)
#: Is told method and path of a request that a run would send and a plan does not.
Pay = Callable[[str, str], None]


class Loader(Protocol):
    """Reads rows of one object into its store. All but ``read`` and ``newest`` belong to the thread of the batch."""

    def prepare(self, records: Sequence[MappedRecord], keys: Sequence[MatchKey]) -> None:
        """Read what decides which rows these records are about."""

    def has_asked(self, record: MappedRecord, key: MatchKey, values: Iterable[Any]) -> bool:
        """Whether all rows that have a key of this record are in the store."""

    def refusal(self, record: MappedRecord) -> Rejected | None:
        """Why the rows beside a record could not be read; None when they could."""

    def read_all(self) -> None:
        """Read every row that was not read yet."""

    def release(self) -> None:
        """Let go of rows that only the last batch needed, so that memory stays flat."""

    def forget(self) -> None:
        """Read everything anew from now on."""

    def read(self, row_id: Any) -> Row:
        """Read one row now. Raises NotFound when it does not exist any more."""

    def newest(self, values: Mapping[str, Any]) -> Iterator[Row]:
        """The rows beside ``values`` as they are now, flat and the newest first, as they come."""


class ListLoader:
    """Rows that one list of the account holds."""

    def __init__(
        self, client: PipedriveClient, spec: ObjectSpec, flattener: RowFlattener, store: RowStore, pay: Pay
    ) -> None:
        self._client = client
        self._spec = spec
        self._flattener = flattener
        self._store = store
        self._pay = pay
        self._reader = RowReader(client, spec, flattener)
        self._listing: Listing | None = None
        self._searched: set[Term] = set()
        self._knows_recent = False
        self._absent: set[Any] = set()
        #: Rows that are here for the sake of their ids alone.
        self._borrowed: set[Any] = set()

    def prepare(self, records: Sequence[MappedRecord], keys: Sequence[MatchKey]) -> None:
        """Read what decides which rows these records are about."""
        if self._spec.is_small:
            self.read_all()
        if not self._is_listed:
            unnamed = [record for record in records if record.row_id is None or not keys[0].is_id] if keys else []
            known_by = [pair for record in unnamed for pair in record_keys(self._spec, record, keys)]
            terms = dict.fromkeys((key, value) for key, values in known_by if not key.is_id for value in values)
            self._look_up(list(terms))
        if any(key.is_id for key in keys):
            self._fetch_named({record.row_id for record in records if record.row_id})

    def has_asked(self, record: MappedRecord, key: MatchKey, values: Iterable[Any]) -> bool:  # noqa: ARG002
        """Whether all rows that have these values of a key are in the store."""
        if key.is_id:
            return not any(map(self._may_exist, values))
        listing = self._listing
        if listing is not None and listing.is_complete:
            return True
        return all((key, value) in self._searched for value in values)

    def refusal(self, record: MappedRecord) -> Rejected | None:
        """Why the row that a record names by its id could not be read; a list that cannot be read ends the run."""
        error = self._reader.refused.get(record.row_id)
        return rejected(error) if error else None

    def read_all(self) -> None:
        """Read every row that was not read yet."""
        listing = self._begin()
        while not listing.is_complete:
            self._enter(listing.next_page())
        self._searched.clear()

    def release(self) -> None:
        """Let go of rows that were read by id for one batch."""
        with self._store.lock:
            self._store.release_passing() if self._listing is None else self._store.release(self._borrowed)
        self._borrowed.clear()
        self._absent.clear()

    def forget(self) -> None:
        """Read everything anew from now on."""
        self._listing, self._knows_recent = None, False
        self._searched.clear()
        with self._store.lock:
            self._store.clear()
            self._store.is_passing = True
        self.release()

    def read(self, row_id: Any) -> Row:
        """Read one row now (1 token). Raises NotFound when it does not exist any more."""
        if is_planned(row_id):
            for path in [self._spec.item_path] if self._spec.reads_one else [path for path, _ in lists_of(self._spec)]:
                self._pay("GET", path)
            with self._store.lock:
                return self._store.rows[row_id]
        return self._read_again(row_id) if not self._spec.reads_one else self._put(self._reader.one(row_id))

    def newest(self, values: Mapping[str, Any]) -> Iterator[Row]:  # noqa: ARG002
        """All live rows."""
        for path, params in lists_of(self._spec):
            asked = {**self._spec.newest_first, **self._flattener.includes, **params}
            for page in pages(self._client, path, asked):
                yield from (self._flattener.flat(row, every=True) for row in page.rows)

    @property
    def _is_listed(self) -> bool:
        return self._listing is not None and self._listing.is_complete

    def _look_up(self, terms: list[Term]) -> None:
        if not terms:
            return
        listing = self._begin()
        new = [term for term in terms if term not in self._searched]
        if listing.is_complete or not new:
            return
        if listing.is_search_cheaper(new) and self._enter_recent(listing, new):
            with suppress(Refused):  # a term that cannot be searched for is found in the list
                self._fetch_hits(listing.search(new))
                self._searched.update(new)
                return
        self.read_all()

    def _enter_recent(self, listing: Listing, terms: list[Term]) -> bool:
        """Read once what a search may not know yet; False when that is more than one page of changes, or too dear.

        A row that was made over the API and not touched since has no ``update_time``, by which changes are listed: the
        listing itself, which has the newest ids first, goes on until it shows older rows.
        """
        if self._knows_recent:
            return True
        since = self._client.server_clock.now() - SEARCH_LAG
        changed = {"updated_since": since.strftime("%Y-%m-%dT%H:%M:%SZ"), **self._flattener.params}
        page = next(pages(self._client, self._spec.path, changed))
        self._enter(page.rows)
        if page.extra.get("next_cursor"):
            return False
        while not listing.reaches(since):
            if not listing.is_search_cheaper(terms):
                return False
            self._enter(listing.next_page())
        self._knows_recent = True
        return True

    def _begin(self) -> Listing:
        """The listing, its newest page read."""
        if self._listing is None:
            self._flattener.request()
            listing = Listing(self._client, self._spec, self._flattener.params)
            newest = listing.next_page()
            with self._store.lock:
                self._store.is_passing = False
                if self._spec.has_floor:
                    self._store.raise_floor(map(self._flattener.own_id, newest))
            self._enter(newest)
            self._listing = listing
        return self._listing

    def _read_again(self, row_id: Any) -> Row:
        """The list again, where the API does not show one row."""
        listing, found = Listing(self._client, self._spec, self._flattener.params), []
        while not listing.is_complete:
            found += self._flattener.live(listing.next_page())
        with self._store.lock:
            self._store.clear()
            for row in found:
                self._store.put(row)
            if row_id not in self._store.rows:
                raise gone(self._spec)
            return self._store.rows[row_id]

    def _may_exist(self, row_id: Any) -> bool:
        """Whether reading an id that is not here may find it: unless all rows are here and it is none of the newest."""
        with self._store.lock:
            is_out = self._store.knows(row_id) or self._store.is_gone(row_id)
            is_out = is_out or row_id in self._absent or row_id in self._reader.refused
            is_new = self._spec.reads_one and (self._spec.text_ids or row_id > self._store.highest_id)
        return not is_out and (is_new or not self._is_listed)

    def _fetch_named(self, ids: set[Any]) -> None:
        """Read rows that records name by their id."""
        wanted = {row_id for row_id in ids if self._may_exist(row_id)}
        found = self._fetch(wanted)
        self._absent |= wanted - found
        if not self._is_listed:
            self._borrowed |= found

    def _fetch_hits(self, ids: set[Any]) -> None:
        """Read the rows that a search found; they stay, as what was searched is not searched again."""
        self._borrowed -= ids
        with self._store.lock:
            wanted = {row_id for row_id in ids if not (self._store.knows(row_id) or self._store.is_gone(row_id))}
        self._fetch(wanted)

    def _fetch(self, wanted: set[Any]) -> set[Any]:
        """Read rows by their ids; those of them that exist."""
        if self._listing is None:
            self._flattener.request()
        return {self._put(row)["id"] for row in self._reader.some(sorted(wanted))}

    def _put(self, row: Row) -> Row:
        with self._store.lock:
            return self._store.put(row)

    def _enter(self, found: Iterable[Mapping[str, Any]]) -> None:
        """Enter rows of a list."""
        live = self._flattener.live(found)
        self._borrowed.difference_update(row["id"] for row in live)
        with self._store.lock:
            for row in live:
                self._store.put(row)
