"""Time and waiting, with one supported switch that removes waiting.

Set the environment variable ``PIPEDRIVE_SKIP_WAITS=1`` (or call :func:`skip_waits`) and every wait
returns at once while :func:`monotonic` moves on by as much, so limits behave as if time had passed.
"""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from pipedrive_client import headers

#: Seconds after which any burst window is empty.
LONGEST_CATCH_UP = 2.0

_lock = threading.Lock()
_skipped = 0.0
_skip = os.environ.get("PIPEDRIVE_SKIP_WAITS", "") not in ("", "0")


def skip_waits(on: bool) -> None:
    """Turn waiting off (True) or on again (False) for this process."""
    global _skip
    _skip = on


def monotonic() -> float:
    """Seconds on a clock that never goes back, skipped waits included."""
    return time.monotonic() + _skipped


def emitted_at() -> int:
    """When a message is emitted, in milliseconds since 1970: this process's start and what has passed since.

    Of two records of one row that are alike in their change time a warehouse keeps the one emitted later, so a system
    clock that is set back in the middle of a run must not make the newer one look older.
    """
    return (_start() + time.monotonic_ns()) // 1_000_000


@lru_cache(1)
def _start() -> int:
    return time.time_ns() - time.monotonic_ns()


def sleep(seconds: float, unless: threading.Event | None = None) -> None:
    """Wait for ``seconds``, or until ``unless`` is set; with waits switched off, only move the clock."""
    global _skipped
    if seconds <= 0:
        return
    if _skip:
        with _lock:
            _skipped += seconds
    elif unless:
        unless.wait(seconds)
    else:
        time.sleep(seconds)


def catch_up(seconds: float) -> None:
    """With waits switched off, wait all the same: a server refused a call, and its own clock skips nothing."""
    if _skip:
        time.sleep(min(seconds, LONGEST_CATCH_UP))


class ServerClock:
    """What time the server has, from the ``Date`` of its answers: this machine's own clock may be wrong."""

    def __init__(self) -> None:
        self._told: tuple[datetime, float] | None = None
        self._second, self._text = -1, ""

    def hear(self, date: str | None) -> None:
        """Take the ``Date`` header of an answer that came just now."""
        told = headers.moment(date)
        if told is not None:
            self._told = (told, time.monotonic())

    def now(self) -> datetime:
        """The server's time in UTC, this machine's as long as the server told none."""
        return self.at(time.monotonic())

    def text(self) -> str:
        """Now, as the API writes times; worked out once a second."""
        now = time.monotonic()
        if int(now) != self._second:
            self._second, self._text = int(now), self.at(now).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._text

    def at(self, moment: float) -> datetime:
        """The server's time in UTC when ``time.monotonic()`` was ``moment``."""
        if self._told is None:
            return datetime.now(UTC) - timedelta(seconds=time.monotonic() - moment)
        told, heard = self._told
        return told + timedelta(seconds=moment - heard)
