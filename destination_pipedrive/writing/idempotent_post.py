"""Which row a POST created whose answer was lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from destination_pipedrive.fields.field import Field

FieldDirectory = Mapping[str, Field]
Row = dict[str, Any]
#: How often one POST is sent in all when its answers keep getting lost.
MAX_POSTS = 4
#: Seconds before a lost POST is looked for: the server may still be at work on it.
SETTLE_SECONDS = 2.0
#: How far apart the clocks of Pipedrive's own machines may be; its answers tell in whole seconds what time it has.
CLOCK_SKEW = timedelta(seconds=5)


@dataclass(frozen=True)
class _Born:
    """Which rows can be new: those above an id, or where none is known those younger than the server's time."""

    floor: int | None
    since: datetime
    tells_add_time: bool

    def is_past(self, row: Row) -> bool:
        """True when this row, and so all that follow in a list of the newest rows, existed before."""
        if self.floor is not None:
            return bool(row["id"] <= self.floor)
        return self._is_older(row.get("update_time") or row.get("add_time"))

    def may_be(self, row: Row) -> bool:
        """False for an old row that was changed lately. A time of creation that the sender gave says nothing."""
        return self.floor is not None or self.tells_add_time or not self._is_older(row.get("add_time"))

    def _is_older(self, time: Any) -> bool:
        """Times come as UTC in three spellings; of all of them the first 19 characters compare."""
        return str(time or "")[:19].replace(" ", "T") < self.since.strftime("%Y-%m-%dT%H:%M:%S")


def _is_telling(target: Field) -> bool:
    """Whether a list shows the value of a field as it was sent."""
    return not target.type.is_rewritten and not target.detail and not target.hidden


def _is_written(row: Row, told: Mapping[str, Any], targets: FieldDirectory) -> bool:
    return all(targets[key].holds(row.get(key), value) for key, value in told.items())
