"""How both command lines start and end: fast, and always within seconds. Imports nothing that takes time."""

import gc
import io
import json
import os
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

from pipedrive_client import __version__

T = TypeVar("T")

#: What a command that is told to stop has to come to its end, in seconds.
GRACE_SECONDS = 3.0
#: What is left then to say how the run ended, in seconds.
LAST_WORDS_SECONDS = 0.4
#: How often a waiting thread looks whether it is to stop, in seconds.
LOOK_SECONDS = 0.1
#: Told to a work that is to stop because what it prints reaches nobody.
CLOSED = "its output was closed"


def start(spec: Path, load: Callable[[], None]) -> bool:
    """Make ready for a command of ``sys.argv``; False when it was `spec` or `--version`, which are answered here.

    ``load`` imports the connector. Until ``supervise`` takes over, signals end the process: nothing is to be settled.
    The first process of a container, which no signal ends that it does not handle, exits with 143 on SIGTERM.
    """
    for each in _signals():
        signal.signal(each, signal.SIG_DFL if os.getpid() != 1 else lambda number, _: os._exit(128 + number))
    if "--version" in sys.argv[1:]:
        print(f"{Path(sys.argv[0]).name} {__version__}")
        return False
    if sys.argv[1:] == ["spec"]:
        print(json.dumps({"type": "SPEC", "spec": json.loads(spec.read_bytes())}))
        return False
    # Loading the CDK takes more than a second, which `spec` does not need. What is loaded stays: looking through it for
    # garbage, while loading and at the end, is a quarter of that time.
    gc.disable()
    load()
    gc.freeze()
    gc.enable()
    return True


def _signals() -> list[signal.Signals]:
    """What a command may be told to stop by; one that was started in the background is not told by Ctrl-C."""
    return [each for each in (signal.SIGTERM, signal.SIGINT) if signal.getsignal(each) != signal.SIG_IGN]


def end(code: int, number: int = 0) -> NoReturn:
    """End this process now, with an exit code, or by the signal ``number`` that it was told to stop with.

    Threads are left where they are. The first process of a container cannot die of a signal and takes the code.
    """
    if number and os.getpid() != 1:
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        time.sleep(1.0)
    os._exit(code)


class Stopping:
    """Why a run has to stop before it is done; nothing as long as ``reason`` is None. Safe to share between threads."""

    def __init__(self) -> None:
        self.reason: Exception | None = None
        self._hooks: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    def ask(self, reason: Exception) -> None:
        """Ask the run to stop; the first reason stays."""
        with self._lock:
            if self.reason:
                return
            self.reason, hooks = reason, self._hooks
        for hook in hooks:
            hook()

    def on_stop(self, hook: Callable[[], object]) -> None:
        """Call ``hook`` in the thread that asks the run to stop; at once when it was asked already."""
        with self._lock:
            if not self.reason:
                self._hooks = [*self._hooks, hook]
                return
        hook()

    def check(self) -> None:
        """Raises the reason once there is one."""
        if self.reason:
            raise self.reason

    def wait_for(self, call: Callable[[], T], seconds: float = float("inf")) -> T:
        """What ``call`` returns or raises, in a thread of its own, which is left when the run has to stop.

        Raises the reason, or TimeoutError after ``seconds``.
        """
        found: list[tuple[T] | BaseException] = []
        done = threading.Event()

        def run() -> None:
            try:
                found.append((call(),))
            except BaseException as error:
                found.append(error)
            done.set()

        threading.Thread(target=run, daemon=True).start()
        until = time.monotonic() + seconds
        while not done.wait(LOOK_SECONDS):
            self.check()
            if time.monotonic() > until:
                raise TimeoutError(f"There was no answer within {seconds:.0f} seconds.")
        if isinstance(found[0], BaseException):
            raise found[0]
        return found[0][0]


class Output(io.TextIOBase):
    """Standard output as the operating system has it; once nobody reads it the run is asked to stop.

    Python's own loses the rest of a write that is cut short, and writes what could not be written again and again.
    """

    def __init__(self, stopping: Stopping, closed: Callable[[str], Exception]) -> None:
        """``closed`` makes the reason for stopping."""
        self._stopping = stopping
        self._reason = closed
        self._is_broken = False

    def write(self, text: str) -> int:
        """Write all of it, or nothing any more once that has failed."""
        self.write_bytes(text.encode())
        return len(text)

    def write_bytes(self, content: bytes) -> None:
        """The same for text that is encoded."""
        rest = memoryview(b"" if self._is_broken else content)
        try:
            while rest:
                rest = rest[os.write(1, rest) :]
        except OSError:
            self._is_broken = True
            self._stopping.ask(self._reason(CLOSED))


def supervise(
    work: Callable[[], int],
    stopping: Stopping,
    stopped: Callable[[str], Exception],
    grace: Callable[[int, int], float] = lambda *_: GRACE_SECONDS,
    last_words: Callable[[int], object] = lambda _: None,
) -> NoReturn:
    """Run ``work`` in a thread of its own, and end the process with the exit code that it returns.

    When SIGTERM or SIGINT comes, or nobody reads standard output any more, ``stopping`` is asked to stop for the reason
    that ``stopped`` makes of a cause. From then on work has the seconds that ``grace`` answers for the signal (0 for
    none) and the number of times that one came. Work that does not end in time is left, ``last_words`` have
    LAST_WORDS_SECONDS, and the process dies of the signal. No signal handler raises anything.
    """
    wake, note = os.pipe()
    os.set_blocking(note, False)
    signal.set_wakeup_fd(note, warn_on_full_buffer=False)
    for each in _signals():
        signal.signal(each, lambda *_: None)
    stopping.on_stop(lambda: os.write(note, b"\0"))
    codes: list[int] = []
    threading.Thread(target=_work, args=(work, codes, note), daemon=True).start()
    number = _watch(wake, lambda: bool(codes), stopping, stopped, grace)
    if not codes:
        words = threading.Thread(target=last_words, args=(number,), daemon=True)
        words.start()
        words.join(LAST_WORDS_SECONDS)
    code = codes[0] if codes else 1
    end(code, number if code else 0)


def _work(work: Callable[[], int], codes: list[int], note: int) -> None:
    try:
        codes.append(work())
    except BaseException:
        # Loaded with whatever does the work.
        from pipedrive_client.secrets import filter_secrets

        if sys.__stderr__:
            sys.__stderr__.write(filter_secrets(traceback.format_exc()))
        codes.append(1)
    os.write(note, b"\0")


def _watch(
    wake: int,
    is_done: Callable[[], bool],
    stopping: Stopping,
    stopped: Callable[[str], Exception],
    grace: Callable[[int, int], float],
) -> int:
    """Wait for the end of the work, or of the time that it has once it is to stop. Answers the signal, or 0."""
    poller, asked, numbers = select.poll(), 0.0, b""
    poller.register(wake, select.POLLIN)
    poller.register(1, 0)
    while not is_done():
        if stopping.reason:
            asked = asked or time.monotonic()
            if time.monotonic() >= asked + grace(numbers[0] if numbers else 0, len(numbers)):
                break
        for descriptor, event in poller.poll(LOOK_SECONDS * 1000 if asked else None):
            if descriptor == wake:
                numbers += os.read(wake, 64).replace(b"\0", b"")
                cause = signal.Signals(numbers[0]).name if numbers else ""
            else:
                poller.unregister(descriptor)
                cause = CLOSED if event & (select.POLLERR | select.POLLHUP) else ""
            if cause:
                stopping.ask(stopped(cause))
    return numbers[0] if numbers else 0
