"""What exists already: finds rows of one object in the cheapest correct way, and keeps what it learned.

Rows that are named by id are read in batches of 100. For everything else the object is listed once, the newest rows
first; where that costs more than searching for the few keys that are wanted, they are searched for instead, and every
hit is read and compared here. The 500 newest rows are always listed, so the lag of Pipedrive's search index does not
matter. A failed look-up is never "not found": what the client raises ends the run.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from destination_pipedrive.fields.field import PARENT_KINDS, Field
from destination_pipedrive.fields.types import is_same
from destination_pipedrive.flow import MappedRecord, Match, Rejected, Row, is_planned, row_age
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.matching.keys import MatchKey, key_values
from destination_pipedrive.matching.retrieval import ById, Listing, gone
from destination_pipedrive.matching.row_store import RowStore
from destination_pipedrive.matching.rows import RowFlattener
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.errors import Gone
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import pages

#: How far behind the search may be, generously: the vendor gives no figure, others saw seconds.
SEARCH_LAG = timedelta(minutes=10)
#: How many ids of created rows are remembered: far more than the burst windows of some seconds let through.
MOST_CREATED = 5_000


def _nothing(_method: str, _path: str) -> None:
    return None


class Matcher:
    """Finds rows of one object. Safe to share between threads."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec) -> None:
        self.spec = spec
        self._client = client.labelled(spec.name)
        self._flattener = RowFlattener(spec)
        self._by_id = ById(self._client, spec, self._flattener)
        self._index = RowStore()
        self._floor: int | None = None
        self._created: deque[int | str] = deque(maxlen=MOST_CREATED)
        self._listing: Listing | None = None
        self._searched: set[tuple[str, str]] = set()
        self._knows_recent = False
        self._lock = threading.RLock()
        self.pay_planned: Callable[[str, str], None] = _nothing

    @property
    def highest_id(self) -> int:
        """The highest id seen so far; a row that is created from now on has a higher one."""
        return self._index.highest_id

    @property
    def floor(self) -> int | None:
        """An id below those of all rows that are created from now on; None as long as none is known."""
        return self._floor

    def want(self, targets: Iterable[Field], keys: Iterable[MatchKey] = ()) -> None:
        """Remember which fields are compared and which keys are looked up."""
        keys = tuple(keys)
        with self._lock:
            self._flattener.want(targets, keys)
            if self._listing and self._flattener.lacks(keys):
                self._forget_listing()
            self._index.add_keys(keys)

    def prepare(self, drafts: Iterable[MappedRecord], keys: tuple[MatchKey, ...]) -> None:
        """Read what these drafts need, so that ``find`` can answer."""
        drafts = list(drafts)
        with self._lock:
            if self.spec.is_small:
                self.all_rows()
            terms = dict.fromkeys(term for draft in drafts for term in self._terms(draft, keys))
            if terms:
                self._look_up(list(terms))
            if any(key.is_id for key in keys):
                self._fetch({draft.row_id for draft in drafts if draft.row_id and self._may_exist(draft.row_id)})

    def find(self, draft: MappedRecord, keys: tuple[MatchKey, ...]) -> Match:
        """The rows of the first key that the draft has and that is known, the oldest first; else its first key."""
        first = Match()
        for key in keys:
            if key.is_id:
                row_id = self._own_id(draft)
                if row_id is not None:
                    return Match("id", (row_id,) if self.knows(row_id) else ())
                continue
            with self._lock:
                match = self._index.find(key, self.key_values(key, draft))
            if match.ids:
                return Match(match.key, tuple(sorted(match.ids, key=self._age)))
            first = first if first.key else match
        return first

    def key_values(self, key: MatchKey, draft: MappedRecord) -> list[str]:
        """The normal forms of a draft's values for a key."""
        values = self.spec.prepare(draft.values, None) if self.spec.prepare else draft.values
        return key_values(key, values)

    def refusal(self, draft: MappedRecord) -> Rejected | None:  # noqa: ARG002
        """Why the rows beside a draft could not be read; None when they could."""
        return None

    def row(self, row_id: int, needed: Iterable[str] = ()) -> Row:
        """A row as it is on the server, read again (1 token) when it was read without these fields."""
        with self._lock:
            row = self._index.rows[row_id]
        return row if all(key in row for key in needed) else self.read(row_id)

    def read(self, row_id: int) -> Row:
        """Read one row now (1 token). Raises Gone when it was deleted meanwhile."""
        if is_planned(row_id):
            lists = [path for path, _ in self.spec.lists or ((self.spec.path, {}),)]
            for path in [self.spec.item_path] if self.spec.reads_one else lists:
                self.pay_planned("GET", path)
            return self._index.rows[row_id]
        if not self.spec.reads_one:
            return self._read_again(row_id)
        return self.put_flat(self._by_id.one(row_id))

    def put(self, row: Mapping[str, Any]) -> Row:
        """Enter a row that the API answered, new or changed."""
        return self.put_flat(self._flattener.flat(row, every=True))

    def put_flat(self, flat: Row) -> Row:
        """Enter a flat row."""
        with self._lock:
            return self._index.put(flat)

    def add(self, row: Mapping[str, Any]) -> Row:
        """Enter a row that this run created."""
        return self.add_flat(self._flattener.flat(row, every=True))

    def add_flat(self, flat: Row) -> Row:
        """Enter a flat row that this run created."""
        with self._lock:
            self._created.append(flat["id"])
            self._raise_floor(flat["id"])
            return self._index.add(flat)

    def add_planned(self, flat: Row) -> Row:
        """Enter a flat row that a dry run would have created; like an answer it holds every custom field."""
        with self._lock:
            return self._index.add_planned({**self._flattener.no_custom_values, **flat})

    def plan(self, row_id: int, changed: Mapping[str, Any]) -> None:
        """Enter what a dry run would have changed of a row."""
        with self._lock:
            self._index.plan(row_id, changed)

    def is_own(self, row_id: int) -> bool:
        """True for a row that was there before, or that this run created a moment ago."""
        return self.knows(row_id) or row_id in self._created

    def unplan(self, row_id: Any) -> None:
        """Take back what was planned of a row, or a row that was only planned."""
        with self._lock:
            self._index.unplan(row_id)

    def keep(self, row_id: Any) -> None:
        """What is planned of a row stays, as nothing else will take its place: a dry run never writes it."""
        with self._lock:
            self._index.keep(row_id)

    def undelete(self, row: Row) -> None:
        """A row whose deletion was planned stays."""
        with self._lock:
            self._index.undelete(row)

    def lacks(self, row_id: Any, needed: Iterable[str]) -> bool:
        """True when a row was read without one of these fields."""
        row = self._index.rows.get(row_id)
        return row is None or not all(key in row for key in needed)

    def row_or_none(self, row_id: Any, needed: Iterable[str]) -> Row | None:
        """A row with these fields, read again when it was read without; None when it is gone."""
        try:
            return self.row(row_id, needed)
        except Gone:
            self.drop(row_id)
            return None

    def match(self, record: MappedRecord, sync: StreamSync) -> Match:
        """Which rows the record is about."""
        match = self.find(record, sync.keys)
        if sync.is_narrowed and match.key != "id":
            match = replace(match, ids=tuple(row_id for row_id in match.ids if self._is_beside(row_id, record, sync)))
        external = sync.keys[0] if sync.rules.external_id_field and sync.keys else None
        if external is None or match.key == external.name:
            return match
        others = tuple(row_id for row_id in match.ids if self._is_of_another(row_id, record, external))
        return replace(match, ids=tuple(each for each in match.ids if each not in others), others=others)

    def _is_of_another(self, row_id: Any, record: MappedRecord, external: MatchKey) -> bool:
        """Whether a row that was found by another key carries another external ID."""
        own = self.key_values(external, record)
        held = key_values(external, self.row(row_id, (external.key,))) if own else []
        return bool(held) and not set(held) & set(own)

    def _is_beside(self, row_id: Any, record: MappedRecord, sync: StreamSync) -> bool:
        """Whether a row belongs to what the record says it belongs to."""
        row, fields = self.row(row_id), sync.fields
        wanted = self.spec.prepare(record.values, None) if self.spec.prepare else record.values
        narrow = self.spec.narrowed_by or [key for key in wanted if fields[key].kind in PARENT_KINDS]
        owners = {key: wanted[key] for key in narrow if key in wanted}
        return all(is_same(fields[key], row.get(key), value) for key, value in owners.items())

    def drop(self, row_id: int) -> None:
        """Forget a row that is gone."""
        with self._lock:
            self._index.bury(row_id)

    def forget_fetched(self) -> None:
        """Let go of rows that were read by id for one batch, so that memory stays flat."""
        with self._lock:
            if self._listing is None:
                self._index.clear()

    def all_rows(self) -> dict[int, Row]:
        """Every row by id, at the price of what was not listed yet."""
        with self._lock:
            listing = self._begin()
            while not listing.is_complete:
                self._enter(listing.next_page())
            return dict(self._index.rows)

    def knows(self, row_id: int) -> bool:
        """True for a row that was read or written in this run."""
        return row_id in self._index.rows

    def newest(self, _values: Mapping[str, Any]) -> Iterator[Row]:
        """All live rows, flat and the newest first, as they come: where a row is looked for whose answer was lost."""
        for path, params in self.spec.lists or ((self.spec.path, {}),):
            asked = {**self.spec.newest_first, **self._flattener.includes, **params}
            for page in pages(self._client, path, asked):
                yield from (self._flattener.flat(row, every=True) for row in page.rows)

    def _age(self, row_id: Any) -> Any:
        """By what rows are put in the order in which they were created."""
        if isinstance(row_id, int):
            return row_age(row_id)
        row = self._index.rows.get(row_id, {})
        return str(row.get("add_time") or "")[:19].replace(" ", "T"), len(str(row_id)), str(row_id)

    def _own_id(self, draft: MappedRecord) -> Any:
        return draft.row_id

    def _read_again(self, row_id: int) -> Row:
        """The list again, where the API does not show one row."""
        with self._lock:
            self._forget_listing()
            self._index.clear()
            found = self.all_rows()
        if row_id not in found:
            raise gone(self.spec)
        return found[row_id]

    def _forget_listing(self) -> None:
        self._listing, self._searched, self._knows_recent = None, set(), False

    def _terms(self, draft: MappedRecord, keys: tuple[MatchKey, ...]) -> Iterator[tuple[MatchKey, str]]:
        """The keys and values by which a draft is to be looked up, ids apart."""
        if draft.row_id is not None and keys and keys[0].is_id:
            return
        for key in keys:
            for value in () if key.is_id else self.key_values(key, draft):
                yield key, value

    def _look_up(self, terms: list[tuple[MatchKey, str]]) -> None:
        listing = self._begin()
        new = [term for term in terms if (term[0].key, term[1]) not in self._searched]
        if listing.is_complete or not new:
            return
        if listing.is_search_cheaper(new) and self._enter_recent():
            self._searched.update((key.key, value) for key, value in new)
            self._fetch(listing.search(new) - self._index.rows.keys())
            return
        while not listing.is_complete:
            self._enter(listing.next_page())

    def _enter_recent(self) -> bool:
        """Read once what changed lately, which a search may not know yet; False when that is more than one page."""
        if not self._knows_recent:
            since = (self._client.server_clock.now() - SEARCH_LAG).strftime("%Y-%m-%dT%H:%M:%SZ")
            found = pages(self._client, self.spec.path, {"updated_since": since, **self._flattener.params})
            page = next(found)
            self._enter(page.rows)
            self._knows_recent = not page.extra.get("next_cursor")
        return self._knows_recent

    def _begin(self) -> Listing:
        """The listing, its newest page read."""
        if self._listing is None:
            self._flattener.ask()
            self._listing = Listing(self._client, self.spec, self._flattener.params)
            newest = self._listing.next_page()
            self._raise_floor(*(row["id"] for row in newest), 0)
            self._enter(newest)
        return self._listing

    def _raise_floor(self, *ids: Any) -> None:
        if self.spec.has_floor:
            self._floor = max(self._floor or 0, *ids)

    def _may_exist(self, row_id: int) -> bool:
        """Whether reading an id that is not here may find it: unless all rows are here and it is none of the newest."""
        is_listed = self._listing is not None and self._listing.is_complete
        is_settled = not self.spec.reads_one or not (self.spec.text_ids or row_id > self.highest_id)
        is_out = self.knows(row_id) or self._index.is_gone(row_id)
        return not is_out and not (is_listed and is_settled)

    def _fetch(self, wanted: set[int]) -> None:
        if self._listing is None:
            self._flattener.ask()
        for row in self._by_id.some(sorted(each for each in wanted if not self._index.is_gone(each))):
            self._index.put(row)

    def _enter(self, found: Iterable[Mapping[str, Any]]) -> None:
        for row in found:
            if not self._flattener.is_gone(row):
                self._index.put(self._flattener.flat(row))
