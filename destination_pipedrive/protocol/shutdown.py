"""The way out. SIGTERM, SIGINT and a closed standard output end a write in order and soon.

Nothing is raised out of a signal handler. The interpreter writes the signal's number into a pipe, and a thread that
waits for it lets no further request start, wakes what waits, and ends the reading of standard input. What is under way
may come to its end; after the grace time the process ends whatever it is doing. After an orderly end it dies of the
signal that it was told to stop by, except as the first process of a container, which no signal ends by default.
"""

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FrameType, TracebackType
from typing import BinaryIO, NoReturn, Self

from airbyte_cdk.models import FailureType

from destination_pipedrive.protocol.output import Output
from pipedrive_client.errors import Stop

SIGNALS = (signal.SIGTERM, signal.SIGINT)
#: Seconds from the wish to stop to the end, and the same for SIGTERM while writes are under way.
GRACE, GRACE_FOR_WRITES = 3.5, 4.0
#: Seconds for the last words, once the grace time is over.
LAST_WORDS = 0.4
#: Most bytes of standard input that are taken at once.
CHUNK = 1 << 18
#: Seconds without a line after which the reader of the lines is told so.
TICK = 1.0
#: The first process of a container.
INIT = 1
#: Stands for a pipe that is not open.
NO_PIPE = -1

ASKED = "The run was asked to stop ({}). What was sent is settled; the next run goes on from the last state."
CUT_SHORT = (
    "The run was asked to stop ({}) and ended before everything that was sent was answered. The next run looks for it, "
    "and goes on from the last state."
)
CLOSED = "Standard output was closed, so no state can be handed on, and the run stopped."


class Stopped(Stop):
    """The run was asked to stop."""

    default_type = FailureType.transient_error


class Shutdown:
    """Watches for a reason to stop while a write runs. ``owns_process``: it may take signals, and end the process."""

    def __init__(self, output: Output, owns_process: bool = False) -> None:
        self.reason = ""
        #: Says what is to be said when the grace time is over.
        self.last_words: Callable[[], None] = lambda: None
        #: How many writes are under way.
        self.writes: Callable[[], int] = lambda: 0
        self.output = output
        self._owns_process = owns_process
        self._signal: int | None = None
        self._deadline = 0.0
        self._hooks: list[Callable[[], object]] = []
        self._lock = threading.Lock()
        self._stop_reading = self._stop_writing = self._news_reading = self._news_writing = NO_PIPE

    def __enter__(self) -> Self:
        self._stop_reading, self._stop_writing = os.pipe()
        self._news_reading, self._news_writing = os.pipe()
        os.set_blocking(self._news_writing, False)
        if self._owns_process:
            for each in SIGNALS:
                signal.signal(each, self._handle)
            signal.set_wakeup_fd(self._news_writing, warn_on_full_buffer=False)
            threading.Thread(target=self._watch, name="shutdown", daemon=True).start()
        self.output.on_closed = self._closed
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        # A process that is about to end stays under watch until it did.
        if not self._owns_process:
            for pipe in (self._stop_reading, self._stop_writing, self._news_reading, self._news_writing):
                os.close(pipe)

    @property
    def error(self) -> Stopped:
        """What ends the run."""
        return Stopped(self.reason)

    def on_stop(self, hook: Callable[[], object]) -> None:
        """Call ``hook``, from another thread, once the run is to stop; at once when it is already."""
        with self._lock:
            self._hooks.append(hook)
            is_stopping = bool(self.reason)
        if is_stopping:
            hook()

    def lines(self, source: BinaryIO | None) -> Iterator[bytes | None]:
        """The lines of standard input as they come; None whenever none came for ``TICK`` seconds.

        Raises Stopped instead of the next one once the run is to stop.
        """
        for line in self._chunked(source) if _is_pipe(source) else source or ():
            self.check()
            yield line
        self.check()

    def check(self) -> None:
        """Raises Stopped once the run is to stop."""
        if self.reason:
            raise self.error

    def end(self, code: int) -> NoReturn:
        """End the process: orderly with ``code``, or of the signal that stopped a run that had not done its work."""
        if self.output.has_lost:
            sys.stderr.write(f"{CLOSED}\n" if self.reason else "")
            _die(None, 1)
        if code == 0 or not self.reason:
            sys.exit(code)
        _die(self._signal, code)

    def _chunked(self, source: BinaryIO | None) -> Iterator[bytes | None]:
        assert source is not None
        number, begun = source.fileno(), [b""]
        watched = [each for each in (number, self._stop_reading) if each != NO_PIPE]
        while True:
            ready, _, _ = select.select(watched, [], [], TICK)
            if not ready:
                yield None
                continue
            if self._stop_reading in ready:
                return
            chunk = os.read(number, CHUNK)
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

    # the watching thread

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        """Runs in the main thread, between two steps of whatever it does: only to die there."""
        if self._deadline and time.monotonic() >= self._deadline:
            _die(number, 128 + number)

    def _watch(self) -> None:
        news = select.poll()
        news.register(self._news_reading, select.POLLIN)
        with suppress(AttributeError, OSError, ValueError):
            # A pipe without a reader is told at once, and not only at the next line.
            news.register(sys.stdout.fileno(), 0)
        while not self._is_late:
            for number, _ in news.poll(100 if self._deadline else None):
                if number == self._news_reading:
                    self._signalled(os.read(number, 1)[0])
                else:
                    news.unregister(number)
                    self._closed()
        self._give_up()

    @property
    def _is_late(self) -> bool:
        if not self._deadline or time.monotonic() < self._deadline:
            return False
        may_wait = self._signal == signal.SIGTERM and self.writes()
        return not may_wait or time.monotonic() >= self._deadline - GRACE + GRACE_FOR_WRITES

    def _signalled(self, number: int) -> None:
        if number not in SIGNALS:
            return
        if self.reason:
            self._deadline = time.monotonic() - GRACE_FOR_WRITES  # asked twice
        self._signal = number
        self._stop(ASKED.format(signal.Signals(number).name))

    def _closed(self) -> None:
        self.output.is_closed = True
        self._stop(CLOSED)

    def _stop(self, reason: str) -> None:
        with self._lock:
            if self.reason:
                return
            self.reason, self._deadline = reason, time.monotonic() + GRACE
            hooks = list(self._hooks)
        os.write(self._stop_writing, b"x")
        os.write(self._news_writing, b"\0")
        for hook in hooks:
            hook()

    def _give_up(self) -> None:
        """End the process in the middle of whatever it does."""
        if self._signal is None:
            sys.stderr.write(f"{CLOSED}\n")
        else:
            self.reason = CUT_SHORT.format(signal.Signals(self._signal).name)
        words = threading.Thread(target=self.last_words, daemon=True)
        words.start()
        words.join(LAST_WORDS)
        if self._signal is not None and os.getpid() != INIT:
            # Only the main thread can let a signal have its default effect; most of what it waits for lets it do so.
            os.kill(os.getpid(), self._signal)
            time.sleep(LAST_WORDS)
        os._exit(1)


def _is_pipe(source: BinaryIO | None) -> bool:
    """Whether there is a file behind standard input; tests hand over bytes in memory."""
    try:
        return source is not None and source.fileno() >= 0
    except OSError:
        return False


def die_at_once() -> None:
    """Let signals end a command that has nothing to settle."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_DFL if os.getpid() != INIT else lambda number, _: os._exit(128 + number))


def _die(number: int | None, code: int) -> NoReturn:
    """End of a signal, as whoever sent it expects; without one, or where it has no effect, with a code."""
    sys.stderr.flush()
    if number is not None and os.getpid() != INIT:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(code)
