"""How a read ends before it is done: by a signal, because nobody reads it, for want of memory. Real processes."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from integration_tests.harness import Connector, Run, Sandbox, configured, environment

#: A read that has to end is out within five seconds; this is for a machine that does other work besides.
SECONDS = 300
#: From the second page of deals on Pipedrive takes its time.
SLOW = {"kind": "delay", "delay": 300.0, "times": None, "path": "/deals$", "skip": 1}
#: Lines after which the first page of 500 deals has surely come.
PAST_A_PAGE = 400


@pytest.fixture(scope="module")
def account() -> Iterator[Sandbox]:
    """An account of 2,000 deals."""
    with Sandbox.start(scale=0) as server:
        server.settings(burst=False)
        server.admin("POST", "seed", {"scale": 0, "deals": 2_000})
        yield server


@pytest.fixture
def large(account: Sandbox) -> Sandbox:
    """The same account without faults."""
    account.faults()
    return account


@pytest.fixture
def catalog(large: Sandbox, source: Connector) -> dict[str, Any]:
    """Deals, and a call for each of them."""
    return configured(source.discover(large.config()).catalog, ["deals", "deal_changelog"])


def stopped(process: subprocess.Popen[str], lines: int, number: signal.Signals) -> Run:
    """Send a signal after so many lines of stdout; what was printed before and after it is the output."""
    with process:
        assert process.stdout is not None
        head = list(islice(process.stdout, lines))
        process.send_signal(number)
        printed = "".join(head) + process.stdout.read()
        process.wait(SECONDS)
    return Run(["read"], process.returncode, printed, "")


def assert_told(run: Run, cause: str) -> None:
    """Whole lines only, one summary that says Error, and one sentence."""
    assert not run.noise
    assert run.summary["status"] == "Error"
    assert [error["failure_type"] for error in run.errors()] == ["transient_error"]
    assert f"asked to stop ({cause})" in run.errors()[0]["message"]
    assert not run.logs("ERROR")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("lines", [3, 20, 1_000])
def test_r18_a_signal_stops_a_read_in_order(
    large: Sandbox, source: Connector, catalog: Any, number: signal.Signals, lines: int
) -> None:
    """On SIGTERM and Ctrl-C a read prints whole lines, its one summary and one sentence, and dies of that signal."""
    run = stopped(source.start("read", config=large.config(), catalog=catalog), lines, number)

    assert run.exit_code == -number
    assert_told(run, number.name)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_meets_a_read_that_waits(
    large: Sandbox, source: Connector, catalog: Any, number: signal.Signals
) -> None:
    """A read that waits for Pipedrive ends at once and in order, with nothing beyond the page that it has."""
    large.faults(SLOW)
    run = stopped(source.start("read", config=large.config(), catalog=catalog), PAST_A_PAGE, number)

    assert run.exit_code == -number
    assert_told(run, number.name)
    # How many lines of the page are out when the signal comes depends on who is quicker.
    assert 0 < len(run.records("deals")) <= 500


def test_a_signal_meets_a_read_before_it_reads(large: Sandbox, source: Connector, catalog: Any) -> None:
    """A read that looks up what its selection names ends in order, too."""
    large.faults({"kind": "delay", "delay": 300.0, "times": None, "path": "/dealFields$"})
    large.forget()
    config = large.config(selections=[{"stream": "deals", "where": "some_column == 1"}])
    process = source.start("read", config=config, catalog=catalog)
    while not any(each["path"].endswith("/dealFields") for each in large.requests()):
        assert process.poll() is None

    run = stopped(process, 0, signal.SIGTERM)

    assert run.exit_code == -signal.SIGTERM
    assert_told(run, "SIGTERM")


def test_a_signal_meets_a_read_that_nobody_reads(large: Sandbox, source: Connector, catalog: Any) -> None:
    """A read whose lines nobody takes, as when a consumer stops half-way, dies of SIGTERM all the same."""
    process = source.start("read", config=large.config(), catalog=catalog)
    with process:
        assert process.stdout is not None
        list(islice(process.stdout, 20))
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == -signal.SIGTERM
        process.stdout.close()


def test_a_stopped_read_goes_on(large: Sandbox, source: Connector) -> None:
    """What a stopped read printed and what the next one reads are all there is."""
    catalog = configured(source.discover(large.config()).catalog, ["deals"])

    first = stopped(source.start("read", config=large.config(), catalog=catalog), 1_200, signal.SIGTERM)
    second = source.read(large.config(), catalog, first.last_states())

    read = {row["id"] for run in (first, second) for row in run.records("deals")}
    assert read == {row["id"] for row in large.admin("GET", "rows/deals")}
    assert 0 < len(second.records("deals")) < 2_000


@pytest.mark.parametrize("seed", [1, 2])
def test_signals_at_drawn_moments(large: Sandbox, source: Connector, seed: int) -> None:
    """Asked to stop five times, anywhere, each time resumed: all rows, and those below them, have come."""
    catalog = configured(source.discover(large.config()).catalog, ["deals", "deal_products"])
    whole = source.read(large.config(), catalog)
    dice, states = random.Random(seed), dict[str, Any]()
    found = set[str]()
    for _ in range(5):
        process = source.start("read", config=large.config(), catalog=catalog, state=list(states.values()) or None)
        run = stopped(process, dice.randint(1, 700), signal.SIGTERM)
        found |= {json.dumps(record["record"]["data"]) for record in run.of_type("RECORD")}
        states |= {one["stream"]["stream_descriptor"]["name"]: one for one in run.last_states()}
    last = source.read(large.config(), catalog, list(states.values()))
    found |= {json.dumps(record["record"]["data"]) for record in last.of_type("RECORD")}

    assert last.exit_code == 0
    assert found == {json.dumps(record["record"]["data"]) for record in whole.of_type("RECORD")}


@pytest.mark.parametrize(
    ("lines", "faults"), [(1, []), (PAST_A_PAGE, []), (PAST_A_PAGE, [SLOW])], ids=["first line", "later", "waiting"]
)
def test_r18_a_read_that_nobody_reads_ends(
    large: Sandbox, source: Connector, catalog: Any, lines: int, faults: list[dict[str, Any]]
) -> None:
    """`source-pipedrive read … | head` ends when its reader does, also while it waits for Pipedrive."""
    large.faults(*faults)
    process = source.start("read", config=large.config(), catalog=catalog)
    with process:
        assert process.stdout is not None
        list(islice(process.stdout, lines))
        process.stdout.close()
        assert process.wait(SECONDS) == 1


@pytest.mark.parametrize("command", ["check", "discover"])
def test_other_commands_die_of_a_signal(large: Sandbox, source: Connector, command: str) -> None:
    """`check` and `discover` have nothing to say when they are stopped."""
    large.faults({"kind": "delay", "delay": 300.0, "times": None})
    large.forget()
    process = source.start(command, config=large.config())
    while not large.requests():
        assert process.poll() is None
    with process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == -signal.SIGTERM


def patched(source: Connector, patch: str, **files: Any) -> list[str]:
    """The command line of a read in a process in which ``patch`` is done first."""
    arguments = source.arguments("read", **files)
    code = f"import sys; {patch}; from source_pipedrive.run import run; run()"
    return [sys.executable, "-c", code, *arguments[1:]]


def test_the_first_process_of_a_container_exits_with_1(large: Sandbox, source: Connector, catalog: Any) -> None:
    """No signal ends PID 1 by default, so a read that is asked to stop there exits with 1."""
    arguments = patched(source, "import os; os.getpid = lambda: 1", config=large.config(), catalog=catalog)
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment())

    run = stopped(process, 1_000, signal.SIGTERM)

    assert run.exit_code == 1
    assert_told(run, "SIGTERM")


def test_the_first_process_of_a_container_exits_with_143_before_it_reads(tmp_path: Path) -> None:
    """While a command of PID 1 is loaded, SIGTERM ends it with 143; any other process dies of the signal."""
    load = "import os, signal; os.kill(REAL, signal.SIGTERM); import time; time.sleep(60)"
    code = f"""
import os, sys
REAL = os.getpid()
os.getpid = lambda: int(sys.argv[1]) or REAL
from pathlib import Path
from pipedrive_client.process import start
start(Path("spec.json"), lambda: exec({load!r}))
"""

    codes = [subprocess.run([sys.executable, "-c", code, pid], timeout=SECONDS).returncode for pid in ("1", "0")]
    assert codes == [143, -signal.SIGTERM]


def test_r18_a_read_without_memory_ends_in_order(
    large: Sandbox, source: Connector, catalog: Any, tmp_path: Path
) -> None:
    """A read that the CDK stops because memory is used up says so, with a summary and states, and ends."""
    for name, content in {"current": "990", "max": "1000", "stat": "anon 980\n"}.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    patch = "; ".join(
        [
            "from pathlib import Path",
            "import airbyte_cdk.utils.memory_monitor as m",
            *(f"m._CGROUP_V2_{name.upper()} = Path({str(tmp_path / name)!r})" for name in ("current", "max", "stat")),
            "m.MemoryMonitor.__init__.__defaults__ = (700,)",
        ]
    )
    arguments = patched(source, patch, config=large.config(), catalog=catalog)
    done = subprocess.run(
        arguments, capture_output=True, text=True, encoding="utf-8", env=environment(), timeout=SECONDS
    )
    run = Run(arguments, done.returncode, done.stdout, done.stderr)

    assert run.exit_code == 1
    assert not run.noise
    assert run.summary["status"] == "Error"
    assert run.states()
    assert [error["failure_type"] for error in run.errors()] == ["system_error"]
    assert run.errors()[0]["message"].startswith("Source memory usage exceeded critical threshold")
    assert "give the connector more memory" in run.errors()[0]["message"]


def test_a_failure_in_the_middle_is_an_error(large: Sandbox, source: Connector, catalog: Any) -> None:
    """Where a read breaks off in a way that nobody foresaw, the summary says Error as the exit code does."""
    patch = "import source_pipedrive.sync.chunks as c; c.ChunkSource._handle_item = lambda *_: 1 / 0"
    arguments = patched(source, patch, config=large.config(), catalog=catalog)
    done = subprocess.run(
        arguments, capture_output=True, text=True, encoding="utf-8", env=environment(), timeout=SECONDS
    )
    run = Run(arguments, done.returncode, done.stdout, done.stderr)

    assert run.exit_code == 1
    assert run.summary["status"] == "Error"
    assert json.dumps(run.errors()).count("ZeroDivisionError") >= 1


def test_a_program_that_reads_by_itself_can_end(large: Sandbox, source: Connector, catalog: Any) -> None:
    """In a program of one's own a read that breaks off leaves no thread that waits for ever, so the program ends."""
    arguments = source.arguments("read", config=large.config(), catalog=catalog)
    code = """
import sys
from source_pipedrive.run import main

def write(line):
    if '"RECORD"' in line:
        raise ValueError("The program fails.")

sys.exit(main(sys.argv[1:], write))
"""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments[1:]], capture_output=True, env=environment(), timeout=SECONDS
    )

    assert done.returncode == 1


@pytest.mark.parametrize("command", ["read", "check", "discover"])
def test_a_disk_that_is_full_ends_a_command(large: Sandbox, source: Connector, catalog: Any, command: str) -> None:
    """Output that goes into a file on a full disk is an end with exit code 1, not a hang and not a stack trace."""
    arguments = source.arguments(command, config=large.config(), **({"catalog": catalog} if command == "read" else {}))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            arguments, stdout=full, stderr=subprocess.PIPE, env=environment(), timeout=SECONDS, text=True
        )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["write", "check", "discover"])
def test_a_full_disk_ends_a_command_of_the_destination(large: Sandbox, destination: Connector, command: str) -> None:
    """The same for the destination, whose states nobody would have."""
    schema = {"streams": [{"stream": {"name": "persons", "json_schema": {}}, "destination_sync_mode": "append_dedup"}]}
    arguments = destination.arguments(
        command, config=large.config(), **({"catalog": schema} if command == "write" else {})
    )
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            arguments, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, env=environment(),
            timeout=SECONDS, text=True,
        )  # fmt: skip

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
