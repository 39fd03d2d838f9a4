"""SIGTERM while reading: what is printed stays, the summary and one sentence follow, and the run ends."""

import logging
import signal
from collections.abc import Iterator
from types import CodeType, FrameType, GeneratorType

from airbyte_cdk.models import AirbyteMessage, FailureType
from airbyte_cdk.utils.print_buffer import PrintBuffer
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

STOPPED = "The run was asked to stop (SIGTERM). The next run goes on from the last state."

#: Left alone while they run: they would print half a line, or take the exception for a fault of their own.
UNDISTURBED = {PrintBuffer.write.__code__, PrintBuffer.flush.__code__, logging.Handler.handle.__code__}


class Stopped(AirbyteTracedException):
    """The platform asked the run to stop."""

    def __init__(self) -> None:
        super().__init__(message=STOPPED, internal_message=STOPPED, failure_type=FailureType.transient_error)


class Stopping:
    """Ends a read at SIGTERM: between two messages, or while the next one is waited for, be it for hours."""

    def __init__(self) -> None:
        self.asked = False
        self._messages: GeneratorType[AirbyteMessage, None, None] | None = None

    def until(self, messages: Iterator[AirbyteMessage]) -> Iterator[AirbyteMessage]:
        """The messages of a generator until SIGTERM comes; then it has the exception, and ends as after any other."""
        assert isinstance(messages, GeneratorType)
        self._messages = messages
        signal.signal(signal.SIGTERM, self._handle)
        for message in messages:
            yield message
            if self.asked:
                yield messages.throw(Stopped())
                yield from messages
                return

    def _handle(self, _number: int, frame: FrameType | None) -> None:
        self.asked = True
        if self._messages and self._messages.gi_running and not _is_in(UNDISTURBED, frame):
            raise Stopped


def _is_in(codes: set[CodeType], frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code in codes:
            return True
        frame = frame.f_back
    return False
