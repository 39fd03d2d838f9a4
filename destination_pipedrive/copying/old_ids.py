"""Ids of the other account to ids here: by the old ids that copied rows keep, or by the claims of this run."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from destination_pipedrive.copying.claims import Claims
from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import MappedRecord
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.writing.object_writer import ObjectWriter

Writers = Callable[[ObjectSpec], ObjectWriter]


class OldIds:
    """Where the copies of rows are. Used by the thread of the batch alone."""

    def __init__(self, objects: Writers, field_of: Callable[[str], Field | None], claims: Mapping[str, Claims]) -> None:
        """``field_of``: the field of an object that holds old ids, if it has one; ``claims``: those of the others."""
        self._objects = objects
        self._field_of = cache(field_of)
        self._claims = claims

    def find(self, wanted: Mapping[str, Iterable[str]]) -> dict[tuple[str, str], Any]:
        """(object, old id) -> id here, for those rows that have a copy. Raises what the client raises."""
        found: dict[tuple[str, str], Any] = {}
        for name, origins in wanted.items():
            distinct = tuple(dict.fromkeys(origins))
            field = self._field_of(name) if distinct else None
            pairs = self._by_old_id(name, field, distinct) if field else self._by_claim(name, distinct)
            found.update(((name, origin), row_id) for origin, row_id in pairs if row_id is not None)
        return found

    def _by_old_id(self, name: str, field: Field, origins: tuple[str, ...]) -> list[tuple[str, Any]]:
        key, objects = MatchKey.of(field.name, field, "external_id"), self._objects(OBJECTS[name])
        records = [MappedRecord({key.key: origin}) for origin in origins]
        objects.rows.require_fields((field,), (key,))
        objects.matcher.prepare(records, (key,))
        found = [
            (origin, objects.matcher.match(each, (key,)).first) for origin, each in zip(origins, records, strict=True)
        ]
        objects.rows.release()
        return found

    def _by_claim(self, name: str, origins: tuple[str, ...]) -> list[tuple[str, Any]]:
        claims = self._claims.get(name)
        return [(origin, claims.row_of(origin)) for origin in origins] if claims else []
