"""Requests on which Pipedrive keeps failing (500 and the like, after every repetition), and when that is an outage.

One such record must not stop the others, and an outage must not reject the whole warehouse. So the record is set aside,
and the states behind it wait, until it is known which of the two it is:

- A write that began after it went through: the record is what Pipedrive cannot take. It is rejected.
- Otherwise, when two in a row failed or the input ended, Pipedrive is asked once for all of them to change a row that
  does not exist. Where that is answered (404), it takes writes, and those that failed with a plain 500 are rejected at
  the end. Where it fails as well, or where one of them failed in another way, it is an outage: the run fails as one to
  be tried again later, and nothing that was set aside is rejected.
- ``MOST_SUSPECTS`` requests in a row failed, and none went through: whatever that answer was, it is an outage.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from destination_pipedrive.flow import MOST_ASIDE, OutcomeKind
from pipedrive_client.errors import TransientError

#: Status of a request that fails by itself; 502 to 504, and silence, speak of Pipedrive as a whole.
OWN_FAULT = 500
#: How many requests may fail in a row while a harmless one is answered.
MOST_SUSPECTS = 20
#: Outcomes of a record for which something was written.
WRITTEN = frozenset({"created", "updated", "deleted"})
#: Rejects a record for an error.
Refuse = Callable[[TransientError], None]


@dataclass(eq=False)
class Failing:
    """A record that was set aside: the how-manyth it was to start, and how it is rejected."""

    error: TransientError
    start: int
    refuse: Refuse

    def reject(self) -> None:
        """Reject the record."""
        self.refuse(self.error)


class Failures:
    """Sets records aside, and tells which of them are to be rejected. Safe to share between threads."""

    def __init__(self, works: Callable[[TransientError], bool]) -> None:
        """``works`` asks whether Pipedrive takes writes of the kind that failed."""
        self._works = works
        self._aside: list[Failing] = []
        self._started = 0
        self._last_through = 0
        self._verdict: Future[bool] | None = None
        self._lock = threading.Lock()

    def start(self) -> int:
        """A record's turn comes; the how-manyth it is."""
        with self._lock:
            self._started += 1
            return self._started

    def record_outcome(self, start: int, kind: OutcomeKind) -> None:
        """A record came to its outcome."""
        if kind in WRITTEN:
            with self._lock:
                self._last_through = max(self._last_through, start)
                self._verdict = None

    def add(self, error: TransientError, start: int, refuse: Refuse) -> None:
        """Set a record aside; records that failed of one request have one error. Raises TransientError when this is an
        outage.
        """
        with self._lock:
            self._aside.append(Failing(error, start, refuse))
            in_a_row = len({id(each.error) for each in self._aside if not self._is_passed(each)})
        if in_a_row >= (MOST_ASIDE if error.status != OWN_FAULT else MOST_SUSPECTS):
            raise error
        if in_a_row >= MOST_ASIDE - 1 and error.status == OWN_FAULT and not self._is_up(error):
            raise error

    def pop_passed(self) -> list[Failing]:
        """Those that others passed: they are no longer aside, and to be rejected."""
        with self._lock:
            passed = [each for each in self._aside if self._is_passed(each)]
            self._aside = [each for each in self._aside if not self._is_passed(each)]
        return passed

    def pop_rest(self) -> list[Failing]:
        """Those that are left at the end. Raises TransientError when nothing tells them from an outage."""
        for each in self._aside:
            if each.error.status != OWN_FAULT or not self._is_up(each.error):
                raise each.error
        rest, self._aside = self._aside, []
        return rest

    def _is_up(self, error: TransientError) -> bool:
        """Whether Pipedrive takes writes all the same: asked once, until one goes through; other threads wait."""
        with self._lock:
            is_first = self._verdict is None
            verdict = self._verdict = self._verdict or Future()
        if is_first:
            try:
                verdict.set_result(self._works(error))
            except BaseException as failure:
                verdict.set_exception(failure)
        return verdict.result()

    def _is_passed(self, failing: Failing) -> bool:
        return self._last_through > failing.start
