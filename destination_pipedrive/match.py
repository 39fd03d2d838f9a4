"""What exists already: an index of one object's rows by key, from one listing, kept true by our own writes.

A failed look-up is never "not found": what the client raises ends the run.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.keys import MatchKey, key_values
from destination_pipedrive.mapping import Draft
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.plan import Match
from destination_pipedrive.targets import Target
from pipedrive_client.endpoints import MAX_CUSTOM_FIELDS, MAX_IDS
from pipedrive_client.errors import Gone
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import pages, rows

Row = dict[str, Any]
#: Up to this many rows a GET each (1 token) costs no more than one archived page (20 tokens).
MOST_SINGLE_READS = 20


class Finder:
    """Finds rows of one object. Safe to share between threads."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec) -> None:
        self.spec = spec
        self.highest_id = 0
        self._client = client.labelled(spec.name)
        self._kept = frozenset(("id", "is_archived", *(field.key for field in spec.fields)))
        self._keys: dict[str, MatchKey] = {}
        self._wanted: set[str] = set()
        self._on_request: set[str] = set()
        self._asked: frozenset[str] = frozenset()
        self._rows: dict[int, Row] = {}
        self._ids: dict[str, dict[str, tuple[int, ...]]] = {}
        self._listed = False
        self._lock = threading.RLock()

    def want(self, targets: Iterable[Target], keys: Iterable[MatchKey] = ()) -> None:
        """Remember which fields are compared and which keys are looked up."""
        with self._lock:
            self._keys.update({key.key: key for key in keys if not key.is_id})
            self._wanted.update(key.key for key in keys if key.custom)
            for target in targets:
                (self._wanted if target.custom else self._on_request).update([target.key] * target.may_be_unread)
            if self._listed and not self._keys.keys() <= self._ids.keys():
                self._index_again()

    def prepare(self, drafts: Iterable[Draft], keys: tuple[MatchKey, ...]) -> None:
        """Read what these drafts need: rows by id in batches of 100, everything else by one listing a run."""
        drafts = list(drafts)
        with self._lock:
            if not self._listed and any(self._needs_listing(draft, keys) for draft in drafts):
                self._list()
            if not self._listed and any(key.is_id for key in keys):
                self._fetch({draft.row_id for draft in drafts if draft.row_id} - self._rows.keys())

    def find(self, draft: Draft, keys: tuple[MatchKey, ...]) -> Match:
        """The rows of the first key that the draft has and that is known; else the first key that it has."""
        first = Match()
        for key in keys:
            if key.is_id:
                if draft.row_id is not None:
                    return Match("id", (draft.row_id,) if draft.row_id in self._rows else ())
                continue
            match = self.find_by(key, self.key_values(key, draft))
            if match.ids:
                return match
            first = first if first.key else match
        return first

    def find_by(self, key: MatchKey, values: list[str]) -> Match:
        """The rows that have one of these values; without values there is no key."""
        with self._lock:
            held = self._ids.get(key.key, {})
            ids = dict.fromkeys(row_id for value in values for row_id in held.get(value, ()))
        return Match(key.name, tuple(ids)) if values else Match()

    def key_values(self, key: MatchKey, draft: Draft) -> list[str]:
        """The normal forms of a draft's values for a key."""
        values = self.spec.prepare(draft.values, None) if self.spec.prepare else draft.values
        return key_values(key, values)

    def row(self, row_id: int, needed: Iterable[str] = ()) -> Row:
        """A row as it is on the server, read again (1 token) when it was read without these fields."""
        with self._lock:
            row = self._rows[row_id]
        return row if all(key in row for key in needed) else self.read(row_id)

    def read(self, row_id: int) -> Row:
        """Read one row now (1 token). Raises Gone when it was deleted meanwhile."""
        params = self._includes()
        answer = self._client.request("GET", self.spec.path + "/{id}", params=params, id=row_id).get("data") or {}
        if answer.get("is_deleted"):
            raise Gone(f"The {self.spec.noun} was deleted.", status=404, path=self.spec.path)
        return self.put({**dict.fromkeys(self._on_request), **answer})

    def put(self, row: Mapping[str, Any]) -> Row:
        """Enter a row that the API answered, new or changed."""
        return self.put_flat(self._flat(row, every=True))

    def put_flat(self, flat: Row) -> Row:
        """Enter a flat row."""
        with self._lock:
            self._remove_keys(flat["id"])
            self._enter(flat)
        return flat

    def drop(self, row_id: int) -> None:
        """Forget a row that is gone."""
        with self._lock:
            self._remove_keys(row_id)
            self._rows.pop(row_id, None)

    def forget_fetched(self) -> None:
        """Let go of rows that were read by id for one batch, so that memory stays flat."""
        with self._lock:
            if not self._listed:
                self._rows.clear()
                self._ids = {key: {} for key in self._ids}

    def knows(self, row_id: int) -> bool:
        """True for a row that was listed or written in this run."""
        return row_id in self._rows

    def _needs_listing(self, draft: Draft, keys: tuple[MatchKey, ...]) -> bool:
        if draft.row_id is not None and keys and keys[0].is_id:
            return False
        return any(not key.is_id and self.key_values(key, draft) for key in keys)

    def _list(self) -> None:
        self._ids = {key: {} for key in self._keys}
        for row in self._listing({}):
            self._enter(self._flat(row))
        self._listed = True

    def _fetch(self, wanted: set[int]) -> None:
        ids = sorted(wanted)
        for start in range(0, len(ids), MAX_IDS):
            batch = ids[start : start + MAX_IDS]
            for row in self._rows_at(self.spec.path, {"ids": ",".join(map(str, batch))}):
                self._enter(self._flat(row))
            missing = [row_id for row_id in batch if row_id not in self._rows]
            if missing and self.spec.archived_path:
                self._fetch_archived(missing)

    def _fetch_archived(self, ids: list[int]) -> None:
        if len(ids) > MOST_SINGLE_READS:
            for row in self._rows_at(self.spec.archived_path, {"ids": ",".join(map(str, ids))}):
                self._enter(self._flat(row))
            return
        for row_id in ids:
            try:
                self.read(row_id)
            except Gone:
                continue

    def _listing(self, params: Mapping[str, Any]) -> Iterator[Row]:
        yield from self._rows_at(self.spec.path, params)
        if self.spec.archived_path:
            yield from self._rows_at(self.spec.archived_path, params)

    def _rows_at(self, path: str, params: Mapping[str, Any]) -> Iterator[Row]:
        self._asked = frozenset(self._wanted)
        few = 0 < len(self._asked) <= MAX_CUSTOM_FIELDS
        custom = {"custom_fields": ",".join(sorted(self._asked))} if few else {}
        return rows(self._client, path, {**params, **custom, **self._includes()})

    def _includes(self) -> dict[str, str]:
        return {"include_fields": ",".join(sorted(self._on_request))} if self._on_request else {}

    def newest(self) -> Iterator[Row]:
        """All live rows, the newest first, flat and whole: where a row is looked for whose answer was lost."""
        params = {"sort_by": "id", "sort_direction": "desc", **self._includes()}
        for page in pages(self._client, self.spec.path, params):
            yield from (self._flat(row, every=True) for row in page.rows)

    def _flat(self, row: Mapping[str, Any], every: bool = False) -> Row:
        """Body keys and custom-field keys side by side; only what may be compared."""
        flat = {key: value for key, value in row.items() if key in self._kept}
        custom = row.get("custom_fields") or {}
        wanted = custom.keys() | self._wanted if every else self._asked
        flat.update((key, custom.get(key)) for key in wanted)
        if not every:
            flat.update((key, row.get(key)) for key in self._on_request)
        return flat

    def _enter(self, flat: Row) -> None:
        row_id = flat["id"]
        self._rows[row_id] = flat
        self.highest_id = max(self.highest_id, row_id)
        for key in self._keys.values():
            held = self._ids.setdefault(key.key, {})
            for value in key_values(key, flat):
                ids = held.get(value, ())
                if row_id not in ids:
                    held[value] = (*ids, row_id)

    def _remove_keys(self, row_id: int) -> None:
        row = self._rows.get(row_id)
        for key in self._keys.values() if row else ():
            held = self._ids.get(key.key, {})
            for value in key_values(key, row or {}):
                left = tuple(each for each in held.get(value, ()) if each != row_id)
                held.update({value: left}) if left else held.pop(value, None)

    def _index_again(self) -> None:
        rows_now, self._ids = list(self._rows.values()), {key: {} for key in self._keys}
        if any(key.custom and key.key not in self._asked for key in self._keys.values()):
            self._list()
            return
        for row in rows_now:
            self._enter(row)
