"""The way out of a write. SIGTERM, SIGINT and a closed standard output end it in order and soon.

No further request starts, and no further line is read. What is under way may come to its end; after the grace time the
process ends whatever it is doing. ``pipedrive_client.process`` watches, and ends the process.
"""

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from typing import BinaryIO

from destination_pipedrive.protocol.output import Output
from pipedrive_client.errors import FailureType, RunStopped
from pipedrive_client.process import CLOSED, LOOK_SECONDS, Stopping

#: Seconds from the wish to stop to the end, and the same for SIGTERM while writes are under way.
GRACE, GRACE_FOR_WRITES = 3.5, 4.0
#: Most bytes of standard input that are taken at once.
CHUNK = 1 << 18
#: Seconds without a line after which the reader of the lines is told so.
TICK = 1.0

ASKED = (
    "The run was asked to stop ({}). Everything that was sent was answered; the next run resumes from the last state."
)
CUT_SHORT = (
    "The run was asked to stop ({}) and ended before everything that was sent was answered. The next run looks for it "
    "and resumes from the last state."
)
NOBODY_READS = "Standard output was closed, so no state can be handed on, and the run stopped."


class Stopped(RunStopped):
    """The run was asked to stop."""

    default_type: FailureType = "transient_error"


class Shutdown(Stopping):
    """Why a write has to stop, and what it may do until then."""

    def __init__(self, output: Output) -> None:
        super().__init__()
        #: Says how a run ended that did not come to its end.
        self.summary: Callable[[], None] = lambda: None
        #: How many writes are under way.
        self.writes: Callable[[], int] = lambda: 0
        self.output = output
        output.on_closed = lambda: self.ask(self.stopped(CLOSED))

    @property
    def error(self) -> Stopped:
        """What ends the run, to be raised."""
        return Stopped(str(self.reason))

    @staticmethod
    def stopped(cause: str) -> Stopped:
        """The reason for stopping by a signal, or because standard output was closed."""
        return Stopped(NOBODY_READS if cause == CLOSED else ASKED.format(cause))

    def grace(self, number: int, times: int) -> float:
        """The seconds to come to an end after a signal; none for one that comes twice."""
        if times > 1:
            return 0.0
        return GRACE_FOR_WRITES if number == signal.SIGTERM and self.writes() else GRACE

    def last_words(self, number: int) -> None:
        """The summary and the error of a run that has no time left."""
        if number:
            self.summary()
            self.output.error(Stopped(CUT_SHORT.format(signal.Signals(number).name)))
        else:
            sys.stderr.write(f"{NOBODY_READS}\n")

    def code(self, code: int) -> int:
        """The exit code of a command that is over: 1 when somebody missed some of what it said."""
        if self.output.has_lost:
            sys.stderr.write(f"{NOBODY_READS}\n" if self.reason else "")
            return 1
        return code

    def lines(self, source: BinaryIO | None) -> Iterator[bytes | None]:
        """The lines of standard input as they come; None whenever none came for ``TICK`` seconds.

        Raises Stopped instead of the next one once the run is to stop.
        """
        for line in self._chunked(source) if _is_pipe(source) else source or ():
            if self.reason:
                self._check()
            yield line
        self._check()

    def _check(self) -> None:
        if self.reason:
            raise self.error

    def _chunked(self, source: BinaryIO | None) -> Iterator[bytes | None]:
        assert source is not None
        number, begun, waited = source.fileno(), [b""], 0.0
        while not self.reason:
            if not select.select([number], [], [], LOOK_SECONDS)[0]:
                waited += LOOK_SECONDS
                if waited >= TICK:
                    waited = 0.0
                    yield None
                continue
            chunk, waited = os.read(number, CHUNK), 0.0
            if not chunk:
                break
            first, *others = chunk.split(b"\n")
            begun.append(first)
            if others:
                yield b"".join(begun)
                yield from others[:-1]
                begun = [others[-1]]
        if any(begun):
            yield b"".join(begun)


def _is_pipe(source: BinaryIO | None) -> bool:
    """Whether there is a file behind standard input; tests hand over bytes in memory."""
    try:
        return source is not None and source.fileno() >= 0
    except OSError:
        return False
