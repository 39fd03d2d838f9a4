"""SIGTERM and SIGINT: what was read is settled, what is settled is reported, nothing further is read."""

import signal
import threading
from types import FrameType

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

STOPPED = (
    "The run was asked to stop (SIGTERM). What was read until then is written; the next run goes on from its state."
)


class Stopped(AirbyteTracedException):
    """The platform asked the run to stop."""

    def __init__(self) -> None:
        super().__init__(message=STOPPED, internal_message=STOPPED, failure_type=FailureType.transient_error)


class Shutdown:
    """Hears that the run is to stop. The signal only leaves a mark: nothing is interrupted."""

    def __init__(self) -> None:
        self.is_asked = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._handle)

    def check(self) -> None:
        """Raises Stopped when the run was asked to stop."""
        if self.is_asked:
            raise Stopped

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.is_asked = True
