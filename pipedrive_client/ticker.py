"""Something that is done every so many seconds while a run goes on, beside it."""

import threading
from collections.abc import Callable
from types import TracebackType

#: How often a run says how far it is, in seconds.
PROGRESS_SECONDS = 30.0


class Ticker:
    """Calls ``call`` every ``seconds`` between ``with`` and its end. What it raises is left alone: it is only news."""

    def __init__(self, call: Callable[[], object], seconds: float | None = None) -> None:
        """``seconds``: PROGRESS_SECONDS by default."""
        self._call = call
        self._seconds = PROGRESS_SECONDS if seconds is None else seconds
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ticker", daemon=True)

    def __enter__(self) -> "Ticker":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()

    def _run(self) -> None:
        while not self._is_over.wait(self._seconds):
            self._call()


def span(seconds: float) -> str:
    """A time for people: `45 s`, `12 min`, `3 h 20 min`."""
    whole = round(seconds)
    if whole < 100:
        return f"{whole} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def aligned(rows: list[tuple[str, ...]]) -> str:
    """Rows of cells as a table: the first column to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
