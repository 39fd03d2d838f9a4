"""`newest_wins`: whether the row in Pipedrive was changed later than the sender's record."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from destination_pipedrive.fields.parsing import BadValue, moment
from destination_pipedrive.flow import Rejected


def is_small(current: Any, wanted: Any, min_change: float) -> bool:
    """Whether both are numbers, of one currency where they have any, that differ by less than ``min_change``."""
    try:
        return _currency(current) == _currency(wanted) and abs(_number(current) - _number(wanted)) < min_change
    except (TypeError, ValueError):
        return False


def _number(value: Any) -> float:
    return float(value.get("value", value.get("amount")) if isinstance(value, Mapping) else value)


def _currency(value: Any) -> Any:
    return value.get("currency") if isinstance(value, Mapping) else None


def last_change(row: Mapping[str, Any]) -> Any:
    """When the row was changed last. One made over the API has no ``update_time`` until it is touched."""
    return row.get("update_time") or row.get("add_time")


#: Of how many rows that this run wrote the sender's time is remembered.
MOST_NOTED = 100_000


class Newest:
    """Compares times. A row that this run wrote counts with the time of the record: Pipedrive's own time says only
    when it was written. Safe to share between threads.
    """

    def __init__(self) -> None:
        self._written: OrderedDict[Any, tuple[str, str]] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, row: Mapping[str, Any], changed_at: Any) -> None:
        """Remember the time of the record that a row was just written from."""
        current_time = last_change(row)
        try:
            times = moment(current_time), moment(changed_at)
        except BadValue:
            return
        with self._lock:
            self._written[row["id"]] = times
            self._written.move_to_end(row["id"])
            if len(self._written) > MOST_NOTED:
                self._written.popitem(last=False)

    def is_in_pipedrive(self, current: Mapping[str, Any], changed_at: Any, column: str) -> bool:
        """True when the row's change is later than ``changed_at``, the value of ``column``. Raises Rejected without."""
        try:
            sent = moment(changed_at)
        except BadValue as error:
            raise Rejected("invalid_value", f"{error.about(column)}, for `newest_wins`.", column) from None
        current_time = last_change(current)
        if current_time is None:
            return False
        with self._lock:
            written, meant = self._written.get(current["id"], ("", ""))
        return (meant if written == moment(current_time) else moment(current_time)) > sent
