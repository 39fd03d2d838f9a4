"""Numbers and times in the headers and token answers of a server: whatever stands there, a run goes on."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

#: How many texts are remembered with what they say: the headers of one answer are mostly those of the one before.
REMEMBERED = 128
#: Times that a server may honestly tell. Those outside could not be reckoned with in every time zone.
_YEARS = range(2000, 2100)


def number(text: Any) -> float | None:
    """A finite number; None for what is none."""
    try:
        found = float(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


@lru_cache(REMEMBERED)
def moment(text: str | None) -> datetime | None:
    """The time of an HTTP date in UTC; None for what is none."""
    try:
        told = parsedate_to_datetime(text or "")
    except (TypeError, ValueError, OverflowError):
        return None
    if told.year not in _YEARS:
        return None
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)


def seconds(text: str | None, now: datetime) -> float | None:
    """A wait in relative seconds or as an HTTP date; None when it is absent, negative or neither."""
    found, until = number(text), moment(text)
    if found is None and until is not None:
        found = max((until - now).total_seconds(), 0.0)
    return found if found is not None and found >= 0 else None


def wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds after which a refused call may come again; None where the server tells none that can be read."""
    told = (seconds(headers.get(name), now) for name in ("x-ratelimit-reset", "retry-after"))
    return next((each for each in told if each is not None), None)
