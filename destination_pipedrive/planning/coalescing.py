"""Changes of one row that follow each other, as one change. Changes are folded, never records: what a rule of the
mapping skips or rejects says nothing. Pure.

Without this the earlier record would be written and the later one over it, and both again in every run.
"""

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import Change, Create, Delete, NoOp, Update
from destination_pipedrive.mapping.stream_sync import InFlightRecord
from destination_pipedrive.planning.diff import still_changed

Fields = Mapping[str, Field]
Write = Create | Update | Delete


def fold(first: Write | NoOp, second: Change, fields: Fields) -> Write | NoOp:
    """Both changes of one row as one. What skips the row, or finds it as it should be, changes nothing."""
    if isinstance(second, Delete):
        return NoOp(second.row_id, "the run creates and deletes it.") if isinstance(first, Create) else second
    if isinstance(first, Create) and isinstance(second, Update):
        return Create({**first.after, **second.changed}, first.row_id, first.reason)
    if isinstance(first, Update) and isinstance(second, Update):
        changed = still_changed({**first.changed, **second.changed}, first.before, fields)
        recheck = first.recheck or second.recheck
        return Update(first.row_id, first.before, changed, recheck) if changed else NoOp(first.row_id)
    return second if isinstance(second, Update) else first


@dataclass
class RowChange:
    """All that happens to one row: the folded change, and the records behind it in their order, each with its own."""

    change: Write | NoOp
    parts: list[tuple[InFlightRecord, Change]] = field(default_factory=list)

    def add(self, record: InFlightRecord, change: Change) -> None:
        """Let a later record say something about the row."""
        self.change = fold(self.change, change, record.sync.fields)
        self.parts.append((record, change))

    def realized(self, real: Callable[[Any], Any]) -> "RowChange":
        """The same with the real ids of what it names. Raises Rejected when one of them was refused."""
        for record, _ in self.parts:
            record.mapped.replace(real(record.mapped.values))
        if isinstance(self.change, Update):
            self.change = replace(self.change, changed=real(self.change.changed))
        return self

    @property
    def record(self) -> InFlightRecord:
        """The first record."""
        return self.parts[0][0]

    @property
    def fields(self) -> Fields:
        """The fields of all records, by body key."""
        if len(self.parts) == 1:
            return self.parts[0][0].sync.fields
        syncs = {id(record.sync): record.sync for record, _ in self.parts}
        return ChainMap(*(dict(sync.fields) for sync in syncs.values()))


class HeldChanges:
    """Updates that are not sent yet, by row: a later record may be about the same row, and its word counts.

    ``most`` bounds how many records they stand for; beyond it the oldest are due.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_row: dict[Any, RowChange] = {}
        self._records = 0

    def __len__(self) -> int:
        return len(self._by_row)

    def put(self, row_id: Any, change: RowChange) -> None:
        """Hold the change of a row."""
        self._by_row[row_id] = change
        self._records += len(change.parts)

    def pop(self, row_id: Any) -> RowChange | None:
        """The change that is held of a row, which is not held any more."""
        change = self._by_row.pop(row_id, None)
        self._records -= len(change.parts) if change else 0
        return change

    def due(self) -> list[RowChange]:
        """The oldest ones, half of them, once they are too many."""
        return self._pop(len(self._by_row) // 2 + 1) if self._records > self._most else []

    def pop_all(self) -> list[RowChange]:
        """Everything."""
        return self._pop(len(self._by_row))

    def _pop(self, count: int) -> list[RowChange]:
        found = (self.pop(row_id) for row_id in list(self._by_row)[:count])
        return [change for change in found if change]
