"""Requests on which Pipedrive keeps failing (500 and the like, after every repetition), and when that is an outage.

One such record must not stop the others, and an outage must not reject the whole warehouse. So the record is set aside,
and the states behind it wait, until it is known which of the two it is:

- A write that began after it went through: the record is what Pipedrive cannot take. It is rejected.
- ``MOST_ASIDE`` requests in a row failed, and none went through: Pipedrive is out of order. The run fails as one to be
  tried again later; nothing that was set aside is rejected.
- The input ended with fewer of them, all a plain 500, and other records of their batches, or later ones, were settled
  without a write that could tell: they are rejected. Else the run fails, and the next one, which brings more, decides.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from destination_pipedrive.flow import MOST_ASIDE, OutcomeKind
from pipedrive_client.errors import TransientError

#: Status of a request that fails by itself; 502 to 504, and silence, speak of Pipedrive as a whole.
OWN_FAULT = 500
#: Outcomes of a record for which something was written.
WRITTEN = frozenset({"created", "updated", "deleted"})
#: Rejects a record for an error.
Refuse = Callable[[TransientError], None]


@dataclass(frozen=True)
class Start:
    """When a record's turn came: the how-manyth it was, and how many were settled before its batch."""

    number: int
    settled: int


NO_START = Start(0, 0)


@dataclass(eq=False)
class Failing:
    """A record that was set aside, and how it is rejected."""

    error: TransientError
    start: Start
    refuse: Refuse

    def reject(self) -> None:
        """Reject the record."""
        self.refuse(self.error)


class Failures:
    """Sets records aside, and tells which of them are to be rejected. Safe to share between threads."""

    def __init__(self) -> None:
        self._aside: list[Failing] = []
        self._started = 0
        self._settled = 0
        self._settled_before = 0
        self._last_through = 0
        self._lock = threading.Lock()

    def begin_batch(self) -> Start:
        """Records that start from now on are of one batch; the start of all that is done before its writes."""
        self._settled_before = self._settled
        return self.start()

    def start(self) -> Start:
        """A record's turn comes."""
        with self._lock:
            self._started += 1
            return Start(self._started, self._settled_before)

    def record_outcome(self, start: Start, kind: OutcomeKind) -> None:
        """A record came to its outcome."""
        with self._lock:
            self._settled += 1
            if kind in WRITTEN:
                self._last_through = max(self._last_through, start.number)

    def add(self, error: TransientError, start: Start, refuse: Refuse) -> None:
        """Set a record aside; records that failed of one request have one error. Raises TransientError when this is an
        outage.
        """
        with self._lock:
            self._aside.append(Failing(error, start, refuse))
            in_a_row = {id(each.error) for each in self._aside if not self._is_passed(each)}
        if len(in_a_row) >= MOST_ASIDE:
            raise error

    def pop_passed(self) -> list[Failing]:
        """Those that others passed: they are no longer aside, and to be rejected."""
        with self._lock:
            passed = [each for each in self._aside if self._is_passed(each)]
            self._aside = [each for each in self._aside if not self._is_passed(each)]
        return passed

    def pop_rest(self) -> list[Failing]:
        """Those that are left at the end. Raises TransientError when nothing tells them from an outage."""
        with self._lock:
            doubtful = next((each for each in self._aside if self._is_doubtful(each)), None)
            if doubtful:
                raise doubtful.error
            rest, self._aside = self._aside, []
        return rest

    def _is_passed(self, failing: Failing) -> bool:
        return self._last_through > failing.start.number

    def _is_doubtful(self, failing: Failing) -> bool:
        return failing.error.status != OWN_FAULT or self._settled <= failing.start.settled
