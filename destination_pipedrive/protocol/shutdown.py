"""SIGTERM: what was read is settled, what is settled is reported, nothing further is read."""

import signal
import threading
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import TypeVar

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

T = TypeVar("T")
STOPPED = (
    "The run was asked to stop (SIGTERM). What was read until then is written; the next run goes on from its state."
)


class Stopped(AirbyteTracedException):
    """The platform asked the run to stop."""

    def __init__(self) -> None:
        super().__init__(message=STOPPED, internal_message=STOPPED, failure_type=FailureType.transient_error)


class _Interrupt(BaseException):
    """Leaves a blocking read of standard input."""


class Stopping:
    """Ends an iteration at SIGTERM, never in the middle of an element's treatment."""

    def __init__(self) -> None:
        self.asked = False
        self._is_reading = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._handle)

    def until(self, elements: Iterable[T]) -> Iterator[T]:
        """The elements until SIGTERM comes."""
        iterator = iter(elements)
        while not self.asked:
            try:
                self._is_reading = True
                element = next(iterator)
                self._is_reading = False
            except (StopIteration, _Interrupt):
                return
            finally:
                self._is_reading = False
            yield element

    def check(self) -> None:
        """Raises Stopped when SIGTERM has come."""
        if self.asked:
            raise Stopped

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self._is_reading:
            self._is_reading = False
            raise _Interrupt
