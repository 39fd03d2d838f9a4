"""Ids of the other account to ids here: by the old ids that copied rows keep, or by the claims of this run."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from destination_pipedrive.copying.claims import Claims
from destination_pipedrive.flow import MappedRecord
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.writing.object_writer import ObjectWriter

Writers = Callable[[ObjectSpec], ObjectWriter]


class OldIds:
    """Where the copies of rows are. Used by the thread of the batch alone."""

    def __init__(self, objects: Writers, keys: Mapping[str, MatchKey], claims: Mapping[str, Claims]) -> None:
        """``keys``: object -> the key of the field that holds old ids; ``claims``: those of the other objects."""
        self._objects = objects
        self._keys = keys
        self._claims = claims

    def find(self, wanted: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], Any]:
        """(object, old id) -> id here, for those rows that have a copy. Raises what the client raises."""
        found: dict[tuple[str, str], Any] = {}
        for name, origins in wanted.items():
            distinct = tuple(dict.fromkeys(origins))
            pairs = self._by_old_id(name, distinct) if name in self._keys else self._by_claim(name, distinct)
            found.update(((name, origin), row_id) for origin, row_id in pairs if row_id is not None)
        return found

    def release(self, names: Iterable[str]) -> None:
        """Let go of rows that were read for one batch only."""
        for name in names:
            if name in self._keys:
                self._objects(OBJECTS[name]).rows.release()

    def _by_old_id(self, name: str, origins: tuple[str, ...]) -> list[tuple[str, Any]]:
        key, objects = self._keys[name], self._objects(OBJECTS[name])
        records = [MappedRecord({key.key: origin}) for origin in origins]
        objects.rows.require_fields((), (key,))
        objects.matcher.prepare(records, (key,))
        return [
            (origin, objects.matcher.match(record, (key,)).first)
            for origin, record in zip(origins, records, strict=True)
        ]

    def _by_claim(self, name: str, origins: tuple[str, ...]) -> list[tuple[str, Any]]:
        claims = self._claims.get(name)
        return [(origin, claims.row_of(origin)) for origin in origins] if claims else []
