"""What the integration tests share: a sandbox server, and connector executables run as the platform runs them.

with Sandbox.start(scale=1) as sandbox:
    source = Connector("source-pipedrive", tmp_path)
    catalog = source.discover(sandbox.config()).catalog
    run = source.read(sandbox.config(), configured(catalog, ["deals"]))
    assert run.exit_code == 0 and run.records("deals")
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.server import TOKEN as TOKEN
from demo.server import SandboxProcess
from integration_tests.forking import Fork, commands

ROOT = Path(__file__).resolve().parent.parent
RUN_SECONDS = 600
#: Whether tests that draw their cases try all of them, as in `make soak`, or as many as an ordinary run has time for.
THOROUGH = bool(os.environ.get("THOROUGH"))


class Sandbox(SandboxProcess):
    """A running ``pipedrive-sandbox`` and its admin routes. ``with Sandbox.start(scale=1) as sandbox:``"""

    def admin(self, method: str, name: str, body: Any = None) -> Any:
        """A call to ``/_sandbox/<name>``: neither metered nor in the request log."""
        return self.call(method, f"_sandbox/{name}", body)

    def reset(self, **body: Any) -> None:
        """Back to the start: rows, settings, clock, faults, meter, log. ``scale=0``: fields and users, but no rows."""
        self.admin("POST", "reset", {"seed": self.seed, "scale": self.scale, **body})

    def settings(self, **changes: Any) -> None:
        """Change some of the sandbox's switches."""
        self.admin("POST", "settings", changes)

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replace the fault rules; none clears them."""
        self.admin("POST", "faults", list(rules))

    def requests(self) -> list[dict[str, Any]]:
        """The API requests since the start or the last ``forget``, oldest first."""
        return list(self.admin("GET", "requests"))

    def forget(self) -> None:
        """Empty the request log and the meter."""
        self.admin("DELETE", "requests")


@dataclass(repr=False)
class Run:
    """What a connector printed, and how it ended."""

    arguments: list[str]
    exit_code: int
    stdout: str
    stderr: str
    seconds: float = 0.0
    #: stdout lines that are messages, in order
    messages: list[dict[str, Any]] = field(default_factory=list)
    #: stdout lines that are not
    noise: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for line in self.stdout.splitlines():
            try:
                message = json.loads(line)
            except ValueError:
                self.noise.append(line)
                continue
            if isinstance(message, dict) and "type" in message:
                self.messages.append(message)
            else:
                self.noise.append(line)

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The messages of a type, whole."""
        return [message for message in self.messages if message["type"] == kind]

    def records(self, stream: str | None = None) -> list[dict[str, Any]]:
        """The data of the RECORD messages, of one stream or all."""
        found = (message["record"] for message in self.of_type("RECORD"))
        return [record["data"] for record in found if stream in (None, record["stream"])]

    def record_counts(self) -> dict[str, int]:
        """Rows per stream."""
        counts: dict[str, int] = {}
        for message in self.of_type("RECORD"):
            name = message["record"]["stream"]
            counts[name] = counts.get(name, 0) + 1
        return counts

    def states(self) -> list[dict[str, Any]]:
        """The STATE messages' contents, in order."""
        return [message["state"] for message in self.of_type("STATE")]

    def last_states(self) -> list[dict[str, Any]]:
        """The last state of each stream: what the platform hands to the next run's ``--state``."""
        last: dict[str, dict[str, Any]] = {}
        for state in self.states():
            name = state.get("stream", {}).get("stream_descriptor", {}).get("name", "")
            last[name] = {key: state[key] for key in ("type", "stream", "global") if key in state}
        return list(last.values())

    def logs(self, level: str | None = None) -> list[str]:
        """Texts of the LOG messages."""
        found = (message["log"] for message in self.of_type("LOG"))
        return [log["message"] for log in found if level in (None, log["level"])]

    def traces(self) -> list[dict[str, Any]]:
        """The TRACE messages' contents."""
        return [message["trace"] for message in self.of_type("TRACE")]

    def errors(self) -> list[dict[str, Any]]:
        """The ``error`` of each TRACE error."""
        return [trace["error"] for trace in self.traces() if trace["type"] == "ERROR"]

    def statuses(self) -> dict[str, list[str]]:
        """Stream statuses by stream name, in order."""
        found: dict[str, list[str]] = {}
        for trace in self.traces():
            if trace["type"] == "STREAM_STATUS":
                status = trace["stream_status"]
                found.setdefault(status["stream_descriptor"]["name"], []).append(status["status"])
        return found

    def summaries(self) -> list[dict[str, Any]]:
        """Every ``SUMMARY`` log, decoded; a run has exactly one."""
        return [json.loads(text.removeprefix("SUMMARY ")) for text in self.logs() if text.startswith("SUMMARY ")]

    @property
    def summary(self) -> dict[str, Any]:
        """The one SUMMARY of the run."""
        summaries = self.summaries()
        assert len(summaries) == 1, f"{len(summaries)} SUMMARY lines\n{self}"
        return summaries[0]

    @property
    def spec(self) -> dict[str, Any]:
        """The content of the SPEC message."""
        return dict(self._only("SPEC")["spec"])

    @property
    def catalog(self) -> dict[str, Any]:
        """The content of the CATALOG message."""
        return dict(self._only("CATALOG")["catalog"])

    @property
    def destination_catalog(self) -> dict[str, Any]:
        """The content of the DESTINATION_CATALOG message."""
        return dict(self._only("DESTINATION_CATALOG")["destination_catalog"])

    @property
    def connection_status(self) -> dict[str, Any]:
        """The content of the CONNECTION_STATUS message."""
        return dict(self._only("CONNECTION_STATUS")["connectionStatus"])

    def _only(self, kind: str) -> dict[str, Any]:
        found = self.of_type(kind)
        assert len(found) == 1, f"{len(found)} messages of type {kind}\n{self}"
        return found[0]

    def __repr__(self) -> str:
        tail = "\n".join(self.stdout.splitlines()[-15:])
        error = self.stderr[-3000:]
        return f"{self.arguments} ended with {self.exit_code}\n--- stdout, end\n{tail}\n--- stderr\n{error}"


class Connector:
    """A connector's command line. Files for its arguments are written to ``folder``."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._files = 0

    def spec(self) -> Run:
        """Run ``spec``."""
        return self.run("spec")

    def check(self, config: Mapping[str, Any]) -> Run:
        """Run ``check``."""
        return self.run("check", config=config)

    def discover(self, config: Mapping[str, Any]) -> Run:
        """Run ``discover``."""
        return self.run("discover", config=config)

    def read(self, config: Mapping[str, Any], catalog: Mapping[str, Any], state: Any = None, **options: Any) -> Run:
        """Run ``read``, with a state when one is given."""
        return self.run("read", config=config, catalog=catalog, state=state, **options)

    def write(self, config: Mapping[str, Any], catalog: Mapping[str, Any], messages: Iterable[Any] = ()) -> Run:
        """Run ``write`` with messages (objects, or raw lines) on its stdin."""
        return self.run("write", config=config, catalog=catalog, stdin=lines(messages))

    def run(self, command: str, stdin: str | None = None, timeout: float = RUN_SECONDS, **files: Any) -> Run:
        """Run a command to its end. ``files`` become ``--config``, ``--catalog``, ``--state``; None is left out."""
        arguments = self.arguments(command, **files)
        started = time.monotonic()
        done = subprocess.run(
            arguments,
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            env=environment(),
        )
        return Run(arguments, done.returncode, done.stdout, done.stderr, time.monotonic() - started)

    def start(self, command: str, **files: Any) -> subprocess.Popen[str]:
        """Start a command and return the process, to be fed, killed or read line by line by the test.

        A killed process may leave half a character behind; it is replaced.
        """
        return Fork(
            self.arguments(command, **files),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment(),
        )

    def arguments(self, command: str, **files: Any) -> list[str]:
        """The command line; each of ``files`` is written first (an object) or taken as a path."""
        arguments = [str(commands() / self.name), command]
        for key, content in files.items():
            if content is not None:
                arguments += [f"--{key}", str(self._file(key, content))]
        return arguments

    def _file(self, key: str, content: Any) -> Path:
        if isinstance(content, Path):
            return content
        self._files += 1
        path = self.folder / f"{self.name}-{self._files}-{key}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path


def environment() -> dict[str, str]:
    """The environment of a connector process: no proxy in front of the loopback address."""
    return {**os.environ, "NO_PROXY": "127.0.0.1,localhost", "DO_NOT_TRACK": "1", "PYTHONUNBUFFERED": "1"}


def configured(
    catalog: Mapping[str, Any],
    streams: Sequence[str] | None = None,
    sync_mode: str | None = None,
    destination_sync_mode: str = "append_dedup",
) -> dict[str, Any]:
    """A configured catalog of some or all discovered streams; incremental where a stream can, unless told."""
    found = {stream["name"]: stream for stream in catalog["streams"]}
    return {
        "streams": [
            {
                "stream": found[name],
                "sync_mode": sync_mode or found[name]["supported_sync_modes"][-1],
                "destination_sync_mode": destination_sync_mode,
                "cursor_field": found[name].get("default_cursor_field") or [],
                "primary_key": found[name].get("source_defined_primary_key") or [],
            }
            for name in (streams if streams is not None else found)
        ]
    }


def incoming(
    stream: str,
    sync_mode: str = "append_dedup",
    properties: Mapping[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One entry of a destination's configured catalog. ``more`` are keys such as ``destination_object_name``."""
    schema = {"type": "object", "properties": dict(properties or {})}
    return {
        "stream": {"name": stream, "json_schema": schema, "supported_sync_modes": ["full_refresh", "incremental"]},
        "sync_mode": "incremental",
        "destination_sync_mode": sync_mode,
        **more,
    }


def record(stream: str, emitted_at: int = 1_700_000_000_000, /, **data: Any) -> dict[str, Any]:
    """A RECORD message."""
    return {"type": "RECORD", "record": {"stream": stream, "emitted_at": emitted_at, "data": data}}


def state(stream: str, value: Any, **more: Any) -> dict[str, Any]:
    """A STATE message of one stream. ``more`` are keys beside it, such as the platform's ``id``."""
    descriptor = {"name": stream}
    content = {"stream_descriptor": descriptor, "stream_state": value}
    return {"type": "STATE", "state": {"type": "STREAM", "stream": content, **more}}


def stream_status(stream: str, status: str = "COMPLETE") -> dict[str, Any]:
    """A TRACE message of a stream's status."""
    content = {"stream_descriptor": {"name": stream}, "status": status}
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": 1.7e12, "stream_status": content}}


def lines(messages: Iterable[Any]) -> str:
    """Messages as stdin text; a string is passed as it is."""
    return "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in messages)
