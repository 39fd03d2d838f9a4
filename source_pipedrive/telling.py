"""What a child stream found below parents, for a sibling that would ask the API for the same."""

import threading
from typing import Any


class Telling:
    """Values by parent. Safe to use from several threads. The sibling begins once all slices of who tells are over."""

    def __init__(self) -> None:
        self._values: dict[Any, list[Any]] = {}
        self._open = 1
        self._over = threading.Event()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """One more slice will tell."""
        with self._lock:
            self._open += 1

    def end(self) -> None:
        """A slice is over, whether it was read or failed; once more when no further slice will come."""
        with self._lock:
            self._open -= 1
            if not self._open:
                self._over.set()

    def wait(self) -> None:
        """Return when no slice is left that tells."""
        self._over.wait()

    def close(self) -> None:
        """The run is over: nothing more is told."""
        self._over.set()

    def tell(self, parent: Any, values: list[Any]) -> None:
        """What was found below a parent."""
        self._values[parent] = values

    def told(self, parent: Any) -> list[Any] | None:
        """What was found below a parent, once; None when it was not asked, or had to be skipped."""
        return self._values.pop(parent, None)
