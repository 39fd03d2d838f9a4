"""Values that are costly to get, each made once a run: who asks for one waits for nobody who asks for another."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class OncePerKey(Generic[K, V]):
    """A value for each key, made by the first that asks for it. Safe to use from several threads.

    Whoever asks for the same key meanwhile waits. A failure is not kept: the next one that asks tries again.
    """

    def __init__(self) -> None:
        self._values: dict[K, V] = {}
        self._locks: dict[K, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key. Raises what ``make`` raises."""
        if key not in self._values:
            with self._lock_of(key):
                if key not in self._values:
                    self._values[key] = make()
        return self._values[key]

    def renew(self, key: K, make: Callable[[], V]) -> V:
        """Make a key's value anew, after whoever makes one now. Raises what ``make`` raises."""
        with self._lock_of(key):
            self._values[key] = make()
            return self._values[key]

    def change(self, key: K, change: Callable[[V], V]) -> None:
        """Replace a value that was made by what ``change`` makes of it."""
        with self._lock_of(key):
            self._values[key] = change(self._values[key])

    def _lock_of(self, key: K) -> threading.Lock:
        with self._lock:
            return self._locks.setdefault(key, threading.Lock())
