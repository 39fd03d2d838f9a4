"""`newest_wins`: whether the row in Pipedrive was changed later than the sender's record. Pure."""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.results import Rejected
from destination_pipedrive.values import BadValue, moment


def is_newer(current: Mapping[str, Any], changed_at: Any, column: str) -> bool:
    """True when the row's change is later than ``changed_at``, the value of ``column``. Raises Rejected without one."""
    try:
        sent = moment(changed_at)
    except BadValue as error:
        raise Rejected("invalid_value", f"{error.about(column)}, for `newest_wins`.", column) from None
    held = current.get("update_time")
    return held is not None and moment(held) > sent
