"""Parents of rows: found by name, domain, email or your external ID, or planned when they are missing and may be
created. A planned parent is written only when a record that is itself written needs it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache

from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import Create, MappedRecord, Match, Reference, Reject, Rejected
from destination_pipedrive.matching.parents import BELONGS_TO, PARENTS, ParentKeys, as_record
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.writing.failures import Failures
from destination_pipedrive.writing.object_writer import ObjectWriter
from destination_pipedrive.writing.ordering import run_groups
from destination_pipedrive.writing.placeholders import planned_in
from pipedrive_client.errors import TransientError

#: How many refused parents, and keys of rejected rows, are remembered.
MOST_REMEMBERED = 100_000


class Awaited(Exception):
    """The parent is not there, and may still come in this run."""


@dataclass(frozen=True)
class PlannedParent:
    """A parent that will be created once a record needs it."""

    objects: ObjectWriter
    reference: Reference
    change: Create
    fields: Mapping[str, Field]


#: What is known of a parent that was asked for: its id, why there is none, or that it does not exist.
Known = int | Reject | None


class ReferenceResolver:
    """Finds the parents of a batch, and creates those that are needed. Used by the thread of the batch alone, but for
    ``id_of``.
    """

    def __init__(
        self,
        objects: Callable[[ObjectSpec], ObjectWriter],
        keys: ParentKeys,
        may_come: Callable[[str], bool],
        failures: Failures,
    ) -> None:
        """``objects``: how rows of an object are found and written. ``may_come``: whether a stream that is not at its
        end may bring rows of an object.
        """
        self._failures = failures
        self._objects = objects
        self._keys = keys
        self._may_come = may_come
        self._known: dict[tuple[str, Any], Known] = {}
        self._planned: dict[int, PlannedParent] = {}
        self._refused: LRUCache[tuple[str, Any], Reject] = LRUCache(MOST_REMEMBERED)
        self._rejected: LRUCache[tuple[str, str, str], bool] = LRUCache(MOST_REMEMBERED)

    def look_up(self, records: Iterable[MappedRecord]) -> None:
        """Ask for all parents that these records name, and plan those that are missing and may be created."""
        beside: dict[tuple[str, Any], MappedRecord] = {}
        wanted: dict[tuple[str, Any], Reference] = {}
        for record in records:
            for reference in record.references:
                name = reference.name
                if name not in self._known:
                    beside[name] = record
                    if name not in wanted or reference.create_if_missing:
                        wanted[name] = reference
        for parent in PARENTS if wanted else ():
            alike: dict[tuple[str, ...], list[Reference]] = {}
            for reference in wanted.values():
                if reference.parent == parent:
                    alike.setdefault(reference.kinds, []).append(reference)
            for kinds, references in alike.items():
                self._look_up_alike(parent, kinds, references, beside)

    def id_of(self, reference: Reference, on_missing: str, may_wait: bool) -> int | None:
        """The id of a parent that was asked for; None to write without it.

        Raises Rejected, or Awaited when it may still come and the record may wait.
        """
        found = self._known[reference.name]
        parent = reference.parent
        if isinstance(found, Reject):
            if found.code == "ambiguous_match":
                raise Rejected("ambiguous_match", found.reason, parent)
            raise Rejected("parent_rejected", f"its {parent} was rejected: {found.reason}", parent)
        if found is not None:
            return found
        if may_wait and self._may_come(PARENTS[parent]):
            raise Awaited
        if self._is_rejected(reference):
            raise Rejected("parent_rejected", f"its {parent} was rejected in this run.", parent)
        if on_missing != "null":
            how = " or ".join(f"`{kind}`" for kind, _ in reference.by)
            raise Rejected("parent_not_found", f"no {parent} has this {how}.", parent)
        return None

    def awaited(self, record: MappedRecord) -> set[str]:
        """The objects of the parents of a record that may still come in this run."""
        return {name for each in record.references if self._may_come(name := PARENTS[each.parent])}

    def reject(self, object_name: str, record: MappedRecord) -> None:
        """Remember a row that was rejected, so that its children say so."""
        for parent, name in PARENTS.items():
            if name == object_name:
                matcher = self._objects(OBJECTS[name]).matcher
                for key in self._keys.of(parent).keys.values():
                    self._rejected.update(((name, key.key, value), True) for value in matcher.key_values(key, record))

    def create(self, row_ids: Iterable[int]) -> None:
        """Create these planned parents, and those that they need themselves, in order."""
        wanted = self._closure(row_ids) if self._planned else {}
        for parent in PARENTS if wanted else ():
            some = {row_id: each for row_id, each in wanted.items() if each.reference.parent == parent}
            if some:
                pool = self._objects(OBJECTS[PARENTS[parent]]).pool
                run_groups(pool, [[pair] for pair in some.items()], self._create)

    def finish(self) -> None:
        """The batch is done: forget what was planned and not needed, and what was asked for."""
        for row_id, planned in self._planned.items():
            planned.objects.forget_planned(row_id)
        for name in {PARENTS[parent] for parent, _ in self._known}:
            self._objects(OBJECTS[name]).rows.release()
        self._planned.clear()
        self._known.clear()

    def _look_up_alike(
        self,
        parent: str,
        kinds: tuple[str, ...],
        references: list[Reference],
        beside: Mapping[tuple[str, Any], MappedRecord],
    ) -> None:
        """Look up parents of one name that are known by the same kinds of keys."""
        objects, known_by = self._objects(OBJECTS[PARENTS[parent]]), self._keys.of(parent, kinds)
        records = [as_record(each, known_by.keys) for each in references]
        objects.rows.require_fields((), known_by.tried)
        objects.matcher.prepare(records, known_by.tried)
        for reference, record in zip(references, records, strict=True):
            name, match = reference.name, objects.matcher.match(record, known_by.tried)
            if name in self._refused:
                self._known[name] = self._refused[name]
            elif len(match.ids) > 1:
                self._known[name] = _ambiguous(objects.spec, match)
            elif match.ids:
                self._known[name] = int(match.ids[0])
            # What no row can be found by would be created again in every run.
            elif reference.create_if_missing and "id" not in kinds and match.key:
                self._known[name] = self._plan(objects, reference, record, beside[name])
            else:
                self._known[name] = None

    def _plan(
        self, objects: ObjectWriter, reference: Reference, record: MappedRecord, child: MappedRecord
    ) -> int | Reject:
        directory = self._keys.directory(reference.parent)
        values = {**record.values, **self._belongings(reference, child)}
        names = {*values, *objects.planner.defaults}
        fields = {key: field for key in names if (field := directory.by_key(key))}
        change = objects.planner.new(values, fields, record)
        if isinstance(change, Reject):
            return change
        row_id: int = objects.enter_planned(change.after)
        self._planned[row_id] = PlannedParent(objects, reference, Create(change.after, row_id), fields)
        return row_id

    def _belongings(self, reference: Reference, child: MappedRecord) -> dict[str, Any]:
        """What a new parent belongs to itself: the company of the same record, for a deal the person too."""
        found: dict[str, Any] = {}
        for other, key in BELONGS_TO.get(reference.parent, {}).items():
            named = next((each for each in child.references if each.parent == other), None)
            row_id = self._known.get(named.name) if named else child.values.get(key)
            if isinstance(row_id, int):
                found[key] = row_id
        return found

    def _closure(self, row_ids: Iterable[int]) -> dict[int, PlannedParent]:
        found: dict[int, PlannedParent] = {}
        todo = list(row_ids)
        while todo:
            row_id = todo.pop()
            if row_id in self._planned:
                found[row_id] = planned = self._planned.pop(row_id)
                todo += planned_in(planned.change.after)
        return found

    def _create(self, pair: tuple[int, PlannedParent]) -> None:
        row_id, planned = pair
        name, start = planned.reference.name, self._failures.start()
        try:
            self._known[name] = planned.objects.create_for_others(planned.change, planned.fields)
        except Rejected as error:
            self._known[name] = self._refused[name] = error.change
            parent = planned.reference.parent
            why = Reject("parent_rejected", f"its {parent} was rejected: {error.change.reason}", parent)
            planned.objects.ids.refuse(row_id, why)
        except TransientError as error:
            # Each record that needs it fails of this one request.
            planned.objects.ids.refuse(row_id, error)
        else:
            self._failures.record_outcome(start, "created")

    def _is_rejected(self, reference: Reference) -> bool:
        name, known_by = PARENTS[reference.parent], self._keys.of(reference.parent, reference.kinds)
        record, matcher = as_record(reference, known_by.keys), self._objects(OBJECTS[name]).matcher
        return any(
            (name, key.key, value) in self._rejected
            for key in known_by.tried
            if not key.is_id
            for value in matcher.key_values(key, record)
        )


def _ambiguous(spec: ObjectSpec, match: Match) -> Reject:
    ids = ", ".join(map(str, sorted(match.ids)[:10]))
    return Reject("ambiguous_match", f"{len(match.ids)} {spec.name} have the same `{match.key}` (ids {ids}).")
