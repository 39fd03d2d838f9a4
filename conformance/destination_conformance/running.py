"""Running a destination's commands, and what they print."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .adapter import Adapter, Held, Json
from .messages import catalog, lines, number_of

#: How long a destination may take for a state that it does not keep until the end, in seconds.
ANSWER = 10.0
#: Exit codes after SIGKILL, of a process and of a container.
KILLED = (-9, 137)


@dataclass(repr=False)
class Printed:
    """What a command printed and how it ended. Standard output holds messages only, in every check."""

    code: int
    stdout: str
    stderr: str
    messages: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        noise = []
        for line in self.stdout.splitlines():
            message = _message(line)
            noise += [line] if message is None else []
            self.messages += [] if message is None else [message]
        assert not noise, f"standard output holds what is no message: {noise[:3]}"

    def of(self, kind: str) -> list[Json]:
        """The contents of the messages of a type: what lies beside ``type``."""
        return [next(value for key, value in each.items() if key != "type") for each in self._whole(kind)]

    def only(self, kind: str) -> Json:
        """The content of the one message of a type."""
        found = self.of(kind)
        assert len(found) == 1, f"{len(found)} messages of type {kind}, wanted one\n{self}"
        return found[0]

    def states(self) -> list[Json]:
        """The STATE messages, whole."""
        return self._whole("STATE")

    def numbers(self) -> list[int]:
        """The numbers of the states."""
        return [each["state"].get("id") for each in self.states()]

    def errors(self) -> list[Json]:
        """The errors of the TRACE messages."""
        return [trace["error"] for trace in self.of("TRACE") if trace.get("type") == "ERROR"]

    def _whole(self, kind: str) -> list[Json]:
        return [each for each in self.messages if each["type"] == kind]

    def __repr__(self) -> str:
        return f"exit code {self.code}\n--- stdout, end\n{self.stdout[-2000:]}\n--- stderr, end\n{self.stderr[-2000:]}"


def run(adapter: Adapter, command: str, stdin: str = "", **files: Any) -> Printed:
    """Run a command to its end. ``files`` become ``--config``, ``--catalog``: an object, or a text as it is."""
    with arguments(adapter, command, files) as given:
        done = subprocess.run(
            given, input=stdin, capture_output=True, text=True, timeout=adapter.patience, env=_environment(adapter)
        )
    return Printed(done.returncode, done.stdout, done.stderr)


def write(adapter: Adapter, messages: Iterable[Any], mode: str, config: Json | None = None) -> Printed:
    """Write messages and expect that it works."""
    done = attempt(adapter, messages, mode, config)
    assert done.code == 0, f"write ended with {done}"
    return done


def attempt(adapter: Adapter, messages: Iterable[Any], mode: str, config: Json | None = None) -> Printed:
    """Write messages, whatever comes of it."""
    files = {"config": adapter.config() if config is None else config, "catalog": catalog(adapter, mode)}
    return run(adapter, "write", lines(messages), **files)


class Writing:
    """A ``write`` that is fed, watched, stopped and killed. What the target holds is noted with every state."""

    def __init__(self, adapter: Adapter, mode: str) -> None:
        self.adapter = adapter
        #: Number of a state -> the rows that the target held when it came out.
        self.held: dict[int, list[Held]] = {}
        self._stdout: list[str] = []
        self._files = arguments(adapter, "write", {"config": adapter.config(), "catalog": catalog(adapter, mode)})

    def __enter__(self) -> Self:
        self._stderr = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            self._files.__enter__(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._stderr,
            text=True, errors="replace", env=_environment(self.adapter),
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            message = _message(line)
            if message and message["type"] == "STATE":
                self.held[message["state"].get("id")] = self.adapter.held()
            self._stdout.append(line)

    def send(self, messages: Iterable[Any]) -> None:
        """Give lines; a process that is gone takes none."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.write(lines(messages))
            self.process.stdin.flush()

    def send_and_watch(self, messages: list[Json]) -> None:
        """Give lines, and after each state nothing until it comes back; a destination may keep all until the end."""
        keeps_states = False
        for message in messages:
            self.send([message])
            number = number_of(message)
            if number is not None and not keeps_states:
                keeps_states = not self._comes_back(number)

    def _comes_back(self, state: int) -> bool:
        return wait_until(lambda: state in self.held, ANSWER)

    def send_until_a_state(self, messages: list[Json]) -> None:
        """Give lines until a state comes back."""
        for message in messages:
            if self.held:
                return
            self.send([message])
        wait_until(lambda: self.held, ANSWER)

    def finish(self) -> Printed:
        """End the input, wait for the end, and answer what was printed. A line that a kill cut short is left out."""
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            code = self.process.wait(timeout=self.adapter.patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end within {self.adapter.patience} seconds") from None
        self._reader.join(timeout=self.adapter.patience)
        self._stderr.seek(0)
        whole = [line for line in self._stdout if line.endswith("\n")] if code in KILLED else self._stdout
        return Printed(code, "".join(whole), self._stderr.read())

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._stderr.close()
        self._files.__exit__(kind, error, None)


@contextmanager
def arguments(adapter: Adapter, command: str, files: Json) -> Iterator[list[str]]:
    """The command line; its files are there as long as the context is."""
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        given = [*adapter.command, command]
        for name, content in files.items():
            path = Path(folder) / f"{name}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
            given += [f"--{name}", str(path)]
        yield given


def wait_until(condition: Callable[[], Any], seconds: float) -> bool:
    """Whether a condition comes true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def _environment(adapter: Adapter) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", **adapter.environment}


def _message(line: str) -> Json | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) and isinstance(message.get("type"), str) else None
