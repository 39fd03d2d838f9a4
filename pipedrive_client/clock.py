"""Time and waiting, with one supported switch that removes waiting.

Set the environment variable ``PIPEDRIVE_SKIP_WAITS=1`` (or call :func:`skip_waits`) and every wait
returns at once while :func:`monotonic` moves on by as much, so limits behave as if time had passed.
"""

import os
import threading
import time

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


def sleep(seconds: float) -> None:
    """Wait for ``seconds``; with waits switched off, only move the clock."""
    global _skipped
    if seconds <= 0:
        return
    if _skip:
        with _lock:
            _skipped += seconds
        return
    time.sleep(seconds)
