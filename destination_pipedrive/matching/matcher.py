"""Which row a record is about: pure over the rows that were read for it."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import NO_OTHERS, MappedRecord, Match, OtherRows, Rejected, Row, row_age
from destination_pipedrive.matching.children import ChildLoader
from destination_pipedrive.matching.keys import MatchKey, is_indexed, key_values
from destination_pipedrive.matching.known_rows import KnownRows
from destination_pipedrive.matching.retrieval import ListLoader, Loader, Pay
from destination_pipedrive.matching.row_store import FEW, RowStore
from destination_pipedrive.matching.rows import KeyValues, RowFlattener, record_keys
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.client import PipedriveClient

#: Fields in which a row must be the same as the record, besides the key.
Alike = Mapping[str, Field]
NO_FIELDS: Alike = {}


class Matcher:
    """Finds rows of one object. ``match`` may be called by several threads, ``prepare`` by that of the batch alone."""

    def __init__(self, spec: ObjectSpec, rows: KnownRows, store: RowStore, loader: Loader) -> None:
        self.spec = spec
        self.rows = rows
        self._store = store
        self._loader = loader

    @classmethod
    def of(cls, client: PipedriveClient, spec: ObjectSpec, pay: Pay) -> "Matcher":
        """The matcher of an object. ``pay`` is told what a run would ask about rows that exist in a plan only."""
        client, flattener = client.labelled(spec.name), RowFlattener(spec)
        store = RowStore(is_passing=spec.below is None)
        loader: Loader = (
            ChildLoader(client, spec, spec.below, flattener, store, pay)
            if spec.below
            else ListLoader(client, spec, flattener, store, pay)
        )
        return cls(spec, KnownRows(spec, flattener, store, loader), store, loader)

    def prepare(self, records: Iterable[MappedRecord], keys: Sequence[MatchKey]) -> None:
        """Read what these records need, so that ``match`` can answer."""
        self._loader.prepare(list(records), keys)

    def match(self, record: MappedRecord, keys: Sequence[MatchKey], alike: Alike = NO_FIELDS) -> Match:
        """The rows of the first key that finds any; a row with another value of an earlier key is another row.

        With another key than the id, rows that differ from the record in a field of ``alike`` are other rows, too.
        """
        own = record_keys(self.spec, record, keys)
        with self._store.lock:
            match, tried = _find(self._store, own, self._wanted(record, alike) if alike else [])
        is_asked = all(self._loader.has_asked(record, key, values) for key, values in own[:tried] if values)
        if is_asked and (not record.references or match.key == "id" or not _is_open(record, keys, alike)):
            return match
        return replace(match, asked=False)

    def key_values(self, key: MatchKey, record: MappedRecord) -> list[str]:
        """The normal forms of a record's values for a key."""
        return record_keys(self.spec, record, (key,))[0][1]

    @cached_property
    def refusal(self) -> Callable[[MappedRecord], Rejected | None]:
        """Why the rows beside a record could not be read; None when they could."""
        return self._loader.refusal

    def _wanted(self, record: MappedRecord, alike: Alike) -> list[tuple[Field, Any]]:
        """What a row must hold besides the key, as far as the record says it."""
        values = self.spec.prepare(record.values, None) if self.spec.prepare else record.values
        return [(field, values[key]) for key, field in alike.items() if key in values]


def _is_open(record: MappedRecord, keys: Sequence[MatchKey], alike: Alike) -> bool:
    """Whether a parent that tells rows apart is not known yet."""
    unknown = {link.key for link in record.references}
    return any(part.key in unknown for key in keys for part in key.fields) or not unknown.isdisjoint(alike)


def _find(store: RowStore, own: Sequence[KeyValues], wanted: Sequence[tuple[Field, Any]]) -> tuple[Match, int]:
    """The match, and how many of the keys it took."""
    first, others = "", NO_OTHERS
    external = {key.name for key, _ in own if key.form == "external_id"}
    for place, (key, values) in enumerate(own):
        if not values:
            continue
        first = first or key.name
        found = store.ids(key, values)
        if found and wanted and not key.is_id:
            found = _alike(store, found, wanted)
        kept, apart = _split(store, found, key, own[:place]) if found and place else (found, NO_OTHERS)
        if kept or key.is_id or apart.differs in external:
            return Match(key.name, _in_order(store, kept), apart), place + 1
        others = others if others.ids else apart
    return Match(first, (), others), len(own)


def _alike(store: RowStore, found: Set[Any], wanted: Sequence[tuple[Field, Any]]) -> Set[Any]:
    """Those of the rows that hold what is wanted. Of many that share a key the indexes of other fields leave few."""
    for field, value in wanted:
        if len(found) <= FEW:
            break
        key = MatchKey.of(field.key, field, "content")
        values = key_values(key, {field.key: value}) if is_indexed(field) else []
        found = found & store.ids(key, values) if values else found
    return {row_id for row_id in found if _holds(store.rows[row_id], wanted)}


def _holds(row: Row, wanted: Sequence[tuple[Field, Any]]) -> bool:
    return all(field.holds(row.get(field.key), value) for field, value in wanted)


def _split(store: RowStore, found: Set[Any], key: MatchKey, earlier: Sequence[KeyValues]) -> tuple[Set[Any], OtherRows]:
    """The rows that no earlier key sets apart from the record, and those that one does.

    Rows that nothing but an external id sets apart are named before those that another key sets apart.
    """
    held = [pair for pair in earlier if pair[1]]
    same, differs = found, ""
    for other, values in held:
        if other.form != "external_id":
            left = store.not_apart(same, other, values)
            differs = differs or (other.name if len(left) < len(same) else "")
            same = left
    for other, values in held:
        kept = store.not_apart(same, other, values) if other.form == "external_id" else same
        if len(kept) < len(same):
            return kept, _others(store, same, kept, key.name, other.name)
    return same, _others(store, found, same, key.name, differs) if differs else NO_OTHERS


def _others(store: RowStore, found: Set[Any], kept: Set[Any], same: str, differs: str) -> OtherRows:
    some = frozenset(islice((row_id for row_id in found if row_id not in kept), FEW))
    return OtherRows(_in_order(store, some), same, differs)


def _in_order(store: RowStore, ids: Set[Any]) -> tuple[Any, ...]:
    """Ids of rows, the oldest row first."""
    if len(ids) < 2:
        return tuple(ids)
    if all(isinstance(row_id, int) for row_id in ids):
        return tuple(sorted(ids, key=row_age) if min(ids, default=0) < 0 else sorted(ids))
    return tuple(sorted(ids, key=lambda row_id: _age(row_id, store.rows.get(row_id, {}))))


def _age(row_id: Any, row: Row) -> tuple[str, int, str]:
    """By what rows whose ids say nothing are put in the order in which they were created."""
    return str(row.get("add_time") or "")[:19].replace(" ", "T"), len(str(row_id)), str(row_id)
