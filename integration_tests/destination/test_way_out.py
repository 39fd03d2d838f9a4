"""The ways out of a write: signals, and an output that nobody reads. Always soon, whatever it waits for."""

import fcntl
import json
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any

import pytest

from destination_pipedrive.protocol import shutdown
from integration_tests.destination.account import Account, Message, catalog_of, record, stream_state
from integration_tests.harness import Connector, Run
from pipedrive_client.process import LAST_WORDS_SECONDS

#: Seconds that a slow machine may take for an end that takes less than five.
SOON = 30.0
#: Bytes that a pipe holds.
PIPE = 1 << 16
#: How many looks without a change tell that nothing more is written.
STILL = 50
BOTH = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


def person(number: int) -> Message:
    """A RECORD of the persons stream."""
    return record("persons", name=f"Person {number}", email=f"p{number}@acme.test")


def unread(output: IO[str]) -> int:
    """How many bytes wait in a pipe."""
    return int.from_bytes(fcntl.ioctl(output, termios.FIONREAD, b"\0" * 4), sys.byteorder)


class Process:
    """A write under way, without tricks of the clock."""

    def __init__(self, account: Account, destination: Connector, **config: Any) -> None:
        self.account = account
        self.process = destination.start("write", config=account.config(**config), catalog=catalog_of("persons"))

    def give(self, *messages: Message) -> None:
        """Lines on standard input, which stays open; a process that is gone takes none."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write("".join(json.dumps(each) + "\n" for each in messages))
            self.process.stdin.flush()

    def until(self, condition: Callable[[], Any]) -> None:
        """Wait for something to be so."""
        while not condition():
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
            time.sleep(0.02)

    def has_asked(self, method: str) -> bool:
        """Whether a request of a method has arrived."""
        return any(each[0] == method for each in self.account.calls())

    def stop(self, number: signal.Signals, seconds: float) -> Run:
        """Send a signal; the process has to end in time, with its input still open."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.send_signal(number)
        self.process.wait(timeout=seconds)
        return Run(["write"], self.process.returncode, self.process.stdout.read(), self.process.stderr.read())


@pytest.fixture
def start(account: Account, destination: Connector) -> Iterator[Callable[..., Process]]:
    """Starts writes, and sees to it that none is left."""
    started: list[Process] = []

    def begin(**config: Any) -> Process:
        account.sandbox.clear_requests()
        started.append(Process(account, destination, **config))
        return started[-1]

    yield begin
    for each in started:
        each.process.kill()
        each.process.wait()


def assert_orderly(run: Run, number: int, created: int) -> None:
    """One summary that says Error and what was created, one sentence, and the end of a process that a signal ended."""
    assert run.exit_code == -number, run
    assert run.noise == []
    assert run.summary["status"] == "Error"
    assert run.summary["objects"].get("persons", {"created": 0})["created"] == created
    (error,) = run.errors()
    assert error["failure_type"] == "transient_error"
    assert signal.Signals(number).name in error["message"]
    assert "Traceback" not in run.stdout + run.stderr


@BOTH
def test_while_it_waits_for_input(start: Callable[..., Process], number: signal.Signals) -> None:
    """What was settled is out; what was only read is not written."""
    write = start()
    write.give(person(1), stream_state("persons", 1))
    write.until(lambda: write.account.rows("persons"))
    write.give(person(2))
    run = write.stop(number, SOON)

    assert_orderly(run, number, created=1)
    assert [state["id"] for state in run.states()] == [1]
    assert len(write.account.rows("persons")) == 1


@BOTH
def test_while_it_waits_for_the_burst_window(start: Callable[..., Process], number: signal.Signals) -> None:
    """A hundred records at the smallest window: what was sent is counted, the rest is left."""
    write = start()
    write.account.sandbox.change_settings(burst=True, plan="lite")
    write.give(*map(person, range(100)), stream_state("persons", 1))
    write.until(lambda: len(write.account.rows("persons")) >= 10)
    run = write.stop(number, SOON)

    rows = len(write.account.rows("persons"))
    assert 10 <= rows < 100
    assert_orderly(run, number, created=rows)
    assert run.states() == []


@pytest.mark.parametrize(("number", "method"), [(signal.SIGTERM, "GET"), (signal.SIGINT, "POST")])
def test_while_it_waits_after_a_429(start: Callable[..., Process], number: signal.Signals, method: str) -> None:
    """A look-up or a write that is to be sent again in a minute is not waited for."""
    write = start()
    limit = {"kind": "status", "status": 429, "path": "/persons$", "times": None, "headers": {"retry-after": "60"}}
    write.account.sandbox.set_faults({**limit, "method": method})
    write.give(person(1), stream_state("persons", 1))
    write.until(lambda: any(each["status"] == 429 for each in write.account.sandbox.requests()))
    run = write.stop(number, SOON)

    assert_orderly(run, number, created=0)
    assert run.states() == []


def test_a_write_under_way_comes_to_its_end(start: Callable[..., Process]) -> None:
    """A POST that takes three seconds is waited for: its record is settled, and its state is out."""
    write = start()
    write.account.sandbox.set_faults({"kind": "delay", "method": "POST", "delay": 3.0, "times": None})
    write.give(person(1), stream_state("persons", 1))
    write.until(lambda: write.account.rows("persons"))
    run = write.stop(signal.SIGTERM, SOON)

    assert_orderly(run, signal.SIGTERM, created=1)
    assert [state["id"] for state in run.states()] == [1]


@pytest.mark.parametrize(("number", "method"), [(signal.SIGTERM, "POST"), (signal.SIGINT, "GET")])
def test_an_answer_that_never_comes(start: Callable[..., Process], number: signal.Signals, method: str) -> None:
    """A request that hangs does not keep the process, which still says how the run ended."""
    write = start()
    write.account.sandbox.set_faults(
        {"kind": "delay", "method": method, "path": "/persons", "delay": 100.0, "times": None}
    )
    write.give(person(1), stream_state("persons", 1))
    write.until(lambda: write.has_asked(method))
    run = write.stop(number, SOON)

    assert_orderly(run, number, created=0)
    assert run.states() == []


def test_a_write_ends_within_five_seconds() -> None:
    """Whatever is under way: the platform kills a container ten seconds after SIGTERM, others sooner."""
    assert max(shutdown.GRACE, shutdown.GRACE_FOR_WRITES) + 2 * LAST_WORDS_SECONDS < 5


def test_asked_twice_it_ends_at_once(start: Callable[..., Process]) -> None:
    """Ctrl-C again: no grace time."""
    write = start()
    write.account.sandbox.set_faults({"kind": "delay", "path": "/persons", "delay": 100.0, "times": None})
    write.give(person(1), stream_state("persons", 1))
    write.until(lambda: write.has_asked("GET"))
    write.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    run = write.stop(signal.SIGINT, SOON)

    assert run.exit_code == -signal.SIGINT


@pytest.mark.parametrize("is_busy", [False, True])
def test_an_output_that_nobody_reads(start: Callable[..., Process], is_busy: bool) -> None:
    """`| head -1`: the process ends soon, also while it waits for input, with one sentence on standard error."""
    write = start()
    assert write.process.stdout is not None
    assert write.process.stderr is not None
    write.process.stdout.readline()
    if is_busy:
        write.account.sandbox.set_faults({"kind": "delay", "delay": 0.2, "times": None})
        write.give(*(each for n in range(100) for each in (person(n), stream_state("persons", n))))
    write.process.stdout.close()

    assert write.process.wait(timeout=SOON) == 1
    error = write.process.stderr.read()
    assert "Traceback" not in error
    assert "Exception ignored" not in error
    assert len(write.account.rows("persons")) < 100


def test_an_output_that_is_full(start: Callable[..., Process]) -> None:
    """A reader that stopped reading without closing keeps nobody from ending the process."""
    write = start()
    lines = [each for n in range(1_500) for each in (record("persons", name="No key"), stream_state("persons", n))]
    threading.Thread(target=write.give, args=lines, daemon=True).start()
    assert write.process.stdout is not None
    output = write.process.stdout
    seen: list[int] = []

    def is_full() -> bool:
        """A pipe is full of whole lines some bytes before its end: nothing more comes."""
        seen.append(unread(output))
        return seen[-1] > PIPE // 2 and len(seen) > STILL and seen[-STILL] == seen[-1]

    write.until(is_full)
    write.process.send_signal(signal.SIGTERM)

    assert write.process.wait(timeout=SOON) == -signal.SIGTERM


@BOTH
def test_a_command_with_nothing_to_settle_dies_at_once(
    account: Account, destination: Connector, number: signal.Signals
) -> None:
    """`check` has nothing to bring to an end."""
    account.sandbox.set_faults({"kind": "delay", "delay": 100.0, "times": None})
    account.sandbox.clear_requests()
    process = destination.start("check", config=account.config())
    while not account.calls():
        time.sleep(0.02)
    process.send_signal(number)
    printed, error = process.communicate(timeout=SOON)

    assert process.returncode == -number
    assert "Traceback" not in printed + error


def test_an_end_that_fails_is_told_in_the_summary(account: Account) -> None:
    """Rejected records that cannot be kept fail the run: the summary says Error whenever the exit code is not 0."""
    folder = account.folder / "r"
    storage = {"storage_type": "Local", "path": str(folder)}
    folder.mkdir()
    (folder / "persons").write_text("a file where a folder belongs")
    run = account.write([record("persons", name="No key"), stream_state("persons", 1)], object_storage_config=storage)

    assert run.exit_code == 1
    assert run.summary["status"] == "Error"
    assert "`/object_storage_config/path`" in run.errors()[0]["message"]
    assert run.states() == []
