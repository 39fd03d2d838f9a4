"""Ids of rows and options that are planned: they stand in other rows until Pipedrive has given the real ones."""

import re
import threading
from collections.abc import Mapping
from typing import Any

from destination_pipedrive.flow import Reject, Rejected
from pipedrive_client.errors import TransientError

#: Far below every number that a record holds.
FIRST = -(10**15)
#: What is never a planned id in itself, nor holds one.
SIMPLE = (str, bool, float, type(None))
#: A planned id that is a text, alone or behind that of its parent.
PLANNED_TEXT = re.compile(r"(?:^|/)(?:new)?(-\d{16,})$")


class PlannedIds:
    """Planned ids with what they stand for. Safe to share between threads."""

    def __init__(self) -> None:
        self._last = FIRST
        #: What people are shown instead of the ids that are not forgotten.
        self.names: dict[int, str] = {}
        self._real: dict[int, Any] = {}
        self._refused: dict[int, Reject | TransientError] = {}
        self._rows: list[int] = []
        self._lock = threading.Lock()

    def new(self, name: str, is_row: bool = True) -> int:
        """A new id; ``name`` is what people are shown instead of it."""
        with self._lock:
            self._last -= 1
            self.names[self._last] = name
            if is_row:
                self._rows.append(self._last)
            return self._last

    def forget_rows(self) -> None:
        """Nothing names a planned row any more."""
        with self._lock:
            for number in self._rows:
                for each in (self.names, self._real, self._refused):
                    each.pop(number, None)
            self._rows.clear()

    def resolve(self, planned: Any, real: Any) -> None:
        """Pipedrive has given the real id."""
        self._real[planned] = real

    def refuse(self, planned: Any, why: Reject | TransientError) -> None:
        """There will be none: whoever needs it is rejected, or fails as it did."""
        self._refused[planned] = why

    def name(self, planned: Any) -> str | None:
        """What people are shown instead of a planned id, also of one that is a text; None for any other value."""
        if isinstance(planned, str):
            found = PLANNED_TEXT.search(planned) if self.names else None
            planned = int(found[1]) if found else None
        return self.names.get(planned) if isinstance(planned, int) else None

    def realized(self, value: Any) -> Any:
        """A value with real ids. Raises Rejected when one was refused, TransientError when Pipedrive kept failing."""
        if not self.names:
            return value
        if isinstance(value, int):
            return self._realized_id(value) if value <= FIRST else value
        if isinstance(value, list):
            return [each if isinstance(each, SIMPLE) else self.realized(each) for each in value]
        if isinstance(value, Mapping):
            return {key: each if isinstance(each, SIMPLE) else self.realized(each) for key, each in value.items()}
        return value

    def _realized_id(self, planned: int) -> Any:
        refused = self._refused.get(planned)
        if isinstance(refused, TransientError):
            raise refused
        if refused:
            raise Rejected(refused.code, refused.reason, refused.field)
        return self._real.get(planned, planned)


def planned_in(values: Mapping[str, Any]) -> list[int]:
    """The planned ids among the values of a row, also inside lists and objects."""
    found: list[int] = []
    todo: list[Any] = list(values.values())
    while todo:
        value = todo.pop()
        if isinstance(value, int):
            if value <= FIRST:
                found.append(value)
        elif isinstance(value, list):
            todo += value
        elif isinstance(value, Mapping):
            todo += value.values()
    return found
