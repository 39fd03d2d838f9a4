"""What exists already: finds rows of one object in the cheapest correct way, and keeps what it learned.

Rows that are named by id are read in batches of 100. For everything else the object is listed once, the newest rows
first; where that costs more than searching for the few keys that are wanted, they are searched for instead, and every
hit is read and compared here. The 500 newest rows are always listed, so the lag of Pipedrive's search index does not
matter. A failed look-up is never "not found": what the client raises ends the run.
"""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.draft import Draft
from destination_pipedrive.index import Index, Row
from destination_pipedrive.keys import MatchKey, key_values
from destination_pipedrive.listing import Listing
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.objects_extra.leads import read_flat
from destination_pipedrive.plan import Match
from destination_pipedrive.targets import Target
from pipedrive_client.endpoints import MAX_CUSTOM_FIELDS, MAX_IDS
from pipedrive_client.errors import Gone
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import pages, rows

#: Up to this many rows a GET each (1 token) costs no more than one archived page (20 tokens).
MOST_SINGLE_READS = 20
#: How many ids of created rows are remembered: far more than the burst windows of some seconds let through.
MOST_CREATED = 5_000


#: How ids of rows begin that exist in a dry run only.
PLANNED = ("-", "new-")
#: How keys of fields begin that exist in a dry run only.
PLANNED_KEY = "new:"


class Finder:
    """Finds rows of one object. Safe to share between threads."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec) -> None:
        self.spec = spec
        self._client = client.labelled(spec.name)
        self._kept = frozenset(
            ("id", "is_archived", "update_time", "stage_change_time", *(field.key for field in spec.fields))
        )
        self._custom: set[str] = set()
        self._on_request: set[str] = set()
        self._flat_targets: dict[str, Target] = {}
        self._asked: frozenset[str] = frozenset()
        self._index = Index()
        self._floor: int | None = None
        self._created: deque[int | str] = deque(maxlen=MOST_CREATED)
        self._listing: Listing | None = None
        self._searched: set[tuple[str, str]] = set()
        self._lock = threading.RLock()

    @property
    def highest_id(self) -> int:
        """The highest id seen so far; a row that is created from now on has a higher one."""
        return self._index.highest_id

    @property
    def floor(self) -> int | None:
        """An id below those of all rows that are created from now on; None as long as none is known."""
        return self._floor

    def want(self, targets: Iterable[Target], keys: Iterable[MatchKey] = ()) -> None:
        """Remember which fields are compared and which keys are looked up."""
        keys = tuple(keys)
        with self._lock:
            self._custom.update(key.key for key in keys if key.custom)
            for target in targets:
                self._flat_targets.update({target.key: target} if target.custom else {})
                (self._custom if target.custom else self._on_request).update([target.key] * target.may_be_unread)
            if self._listing and any(key.custom and key.key not in self._asked for key in keys):
                # The rows were listed without this key's field.
                self._listing, self._searched = None, set()
            self._index.add_keys(keys)

    def prepare(self, drafts: Iterable[Draft], keys: tuple[MatchKey, ...]) -> None:
        """Read what these drafts need, so that ``find`` can answer."""
        drafts = list(drafts)
        with self._lock:
            terms = dict.fromkeys(term for draft in drafts for term in self._terms(draft, keys))
            if terms:
                self._look_up(list(terms))
            if any(key.is_id for key in keys):
                self._fetch({draft.row_id for draft in drafts if draft.row_id and self._may_exist(draft.row_id)})

    def find(self, draft: Draft, keys: tuple[MatchKey, ...]) -> Match:
        """The rows of the first key that the draft has and that is known; else the first key that it has."""
        first = Match()
        for key in keys:
            if key.is_id:
                if draft.row_id is not None:
                    return Match("id", (draft.row_id,) if self.knows(draft.row_id) else ())
                continue
            with self._lock:
                match = self._index.find(key, self.key_values(key, draft))
            if match.ids:
                return match
            first = first if first.key else match
        return first

    def key_values(self, key: MatchKey, draft: Draft) -> list[str]:
        """The normal forms of a draft's values for a key."""
        values = self.spec.prepare(draft.values, None) if self.spec.prepare else draft.values
        return key_values(key, values)

    def row(self, row_id: int, needed: Iterable[str] = ()) -> Row:
        """A row as it is on the server, read again (1 token) when it was read without these fields."""
        with self._lock:
            row = self._index.rows[row_id]
        return row if all(key in row for key in needed) else self.read(row_id)

    def read(self, row_id: int) -> Row:
        """Read one row now (1 token). Raises Gone when it was deleted meanwhile."""
        if str(row_id).startswith(PLANNED):
            return self._index.rows[row_id]
        params = self._includes()
        answer = self._client.request("GET", self.spec.path + "/{id}", params=params, id=row_id).get("data") or {}
        if _is_gone(answer):
            raise Gone(f"The {self.spec.noun} was deleted.", status=404, path=self.spec.path)
        return self.put({**dict.fromkeys(self._on_request), **answer})

    def put(self, row: Mapping[str, Any]) -> Row:
        """Enter a row that the API answered, new or changed."""
        return self.put_flat(self._flat(row, every=True))

    def put_flat(self, flat: Row) -> Row:
        """Enter a flat row."""
        with self._lock:
            self._index.put(flat)
        return flat

    def add(self, row: Mapping[str, Any]) -> Row:
        """Enter a row that this run created."""
        flat = self._flat(row, every=True)
        with self._lock:
            self._created.append(flat["id"])
            self._raise_floor(flat["id"])
        return self.put_flat(flat)

    def is_own(self, row_id: int) -> bool:
        """True for a row that was there before, or that this run created a moment ago."""
        return self.knows(row_id) or row_id in self._created

    def drop(self, row_id: int) -> None:
        """Forget a row that is gone."""
        with self._lock:
            self._index.drop(row_id)

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

    def newest(self) -> Iterator[tuple[Row, Row]]:
        """All live rows, the newest first, as they come and flat: where a row is looked for whose answer was lost."""
        for page in pages(self._client, self.spec.path, {**self.spec.newest_first, **self._includes()}):
            yield from ((row, self._flat(row, every=True)) for row in page.rows)

    def _terms(self, draft: Draft, keys: tuple[MatchKey, ...]) -> Iterator[tuple[MatchKey, str]]:
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
        if listing.is_search_cheaper(new):
            self._searched.update((key.key, value) for key, value in new)
            self._fetch(listing.search(new) - self._index.rows.keys())
            return
        while not listing.is_complete:
            self._enter(listing.next_page())

    def _begin(self) -> Listing:
        """The listing, its newest page read."""
        if self._listing is None:
            self._asked = frozenset(self._custom)
            self._listing = Listing(self._client, self.spec, {**self._fields(), **self._includes()})
            newest = self._listing.next_page()
            self._raise_floor(*(row["id"] for row in newest), 0)
            self._enter(newest)
        return self._listing

    def _raise_floor(self, *ids: Any) -> None:
        if not self.spec.text_ids:
            self._floor = max(self._floor or 0, *ids)

    def _may_exist(self, row_id: int) -> bool:
        """Whether reading an id that is not here may find it: unless all rows are here and it is none of the newest."""
        is_listed = self._listing is not None and self._listing.is_complete
        return not self.knows(row_id) and (not is_listed or self.spec.text_ids or row_id > self.highest_id)

    def _fetch(self, wanted: set[int]) -> None:
        ids = sorted(wanted)
        if not self.spec.reads_ids:
            self._fetch_singly(ids)
            return
        for start in range(0, len(ids), MAX_IDS):
            batch = ids[start : start + MAX_IDS]
            self._enter(self._rows_at(self.spec.path, batch))
            missing = [row_id for row_id in batch if not self.knows(row_id)]
            if missing and self.spec.archived_path:
                self._fetch_archived(missing)

    def _fetch_archived(self, ids: list[int]) -> None:
        if len(ids) > MOST_SINGLE_READS:
            self._enter(self._rows_at(self.spec.archived_path, ids))
            return
        self._fetch_singly(ids)

    def _fetch_singly(self, ids: list[int]) -> None:
        for row_id in ids:
            try:
                self.read(row_id)
            except Gone:
                continue

    def _rows_at(self, path: str, ids: list[int]) -> Iterator[Row]:
        if self._listing is None:
            self._asked = frozenset(self._custom)
        return rows(self._client, path, {"ids": ",".join(map(str, ids)), **self._fields(), **self._includes()})

    def _fields(self) -> dict[str, str]:
        """Only the custom fields that are needed, as far as the API lets them be chosen."""
        few = 0 < len(self._asked) <= MAX_CUSTOM_FIELDS and not self.spec.flat_custom
        real = sorted(key for key in self._asked if not key.startswith(PLANNED_KEY))
        return {"custom_fields": ",".join(real)} if few and real else {}

    def _includes(self) -> dict[str, str]:
        return {"include_fields": ",".join(sorted(self._on_request))} if self._on_request else {}

    def _enter(self, found: Iterable[Mapping[str, Any]]) -> None:
        for row in found:
            if not _is_gone(row):
                self._index.put(self._flat(row))

    def _flat(self, row: Mapping[str, Any], every: bool = False) -> Row:
        """Body keys and custom-field keys side by side; only what may be compared."""
        flat = {key: value for key, value in row.items() if key in self._kept}
        if self.spec.flat_custom:
            return flat | read_flat(row, self._flat_targets.values())
        custom = row.get("custom_fields") or {}
        wanted = custom.keys() | self._custom if every else self._asked
        flat.update((key, custom.get(key)) for key in wanted)
        if not every:
            flat.update((key, row.get(key)) for key in self._on_request)
        return flat


def _is_gone(row: Mapping[str, Any]) -> bool:
    """True for a row that was deleted, as v2 or v1 says it."""
    return bool(row.get("is_deleted")) or row.get("active_flag") is False
