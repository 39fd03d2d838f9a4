"""The source run inside this process, and what the server says it cost."""

from __future__ import annotations

import json
import logging
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from airbyte_cdk.logger import AirbyteLogFormatter

from bench.operations import endpoint_of_url
from pipedrive_client import clock
from pipedrive_sandbox import Sandbox
from source_pipedrive.run import main
from source_pipedrive.streams.table import STREAMS


@dataclass
class Run:
    """One read: rows by stream, and calls and tokens by the stream that they serve, from the server's log."""

    exit_code: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    tokens: Counter[str] = field(default_factory=Counter)
    states: dict[str, Any] = field(default_factory=dict)
    #: Texts of warnings and errors; a benchmark expects none.
    complaints: list[str] = field(default_factory=list)


class Source:
    """Reads all streams of a served sandbox."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self._sandbox = sandbox
        credentials = {"auth_type": "api_token", "api_token": "sandbox"}
        self._config = {"credentials": credentials, "api_url": url}
        self._catalog: dict[str, Any] = {}

    def read(self, before: Run | None = None) -> Run:
        """Read everything, going on from the states of the run before when one is given."""
        catalog = self._catalog or self._discover()
        self._sandbox.clear_requests()
        states = {} if before is None else {"state": list(before.states.values())}
        code, messages = _command("read", config=self._config, catalog=catalog, **states)
        run = Run(code)
        for message in messages:
            _note(run, message)
        for request in self._sandbox.requests():
            name = stream_of(request)
            run.requests[name] += 1
            run.tokens[name] += request["tokens"]
        return run

    def _discover(self) -> dict[str, Any]:
        code, messages = _command("discover", config=self._config)
        if code:
            raise RuntimeError(f"`discover` failed: {messages[-1]}")
        found = next(message["catalog"]["streams"] for message in messages if message["type"] == "CATALOG")
        self._catalog = {"streams": [_configured(stream) for stream in found]}
        return self._catalog


def stream_of(request: dict[str, Any]) -> str:
    """The stream that a logged request serves; what several streams share counts for the stream that lists it."""
    row = endpoint_of_url(request["method"], request["path"])
    if row is None:
        return str(request["path"])
    names = {name for name, _ in request["query"]}
    if row.path == "api/v2/persons" and names & {"ids", "deal_id"}:
        return "deal_persons"
    return _BY_PATH.get(row.path, row.path)


def _paths() -> Iterator[tuple[str, str]]:
    for spec in STREAMS:
        yield from ((part.path, spec.name) for part in spec.lists)
        if spec.child and spec.child.path:
            yield spec.child.path, spec.name
        if spec.detail:
            yield spec.detail.path, spec.name


#: Operations that a function of the table calls.
_FIGURES = {
    "v1/goals/{id}/results": "goal_results",
    "v1/pipelines/{id}/conversion_statistics": "pipeline_statistics",
    "v1/pipelines/{id}/movement_statistics": "pipeline_statistics",
}
_BY_PATH = {**_FIGURES, **dict(_paths())}


def _configured(stream: dict[str, Any]) -> dict[str, Any]:
    return {
        "stream": stream,
        "sync_mode": stream["supported_sync_modes"][-1],
        "destination_sync_mode": "append_dedup",
        "cursor_field": stream.get("default_cursor_field") or [],
        "primary_key": stream.get("source_defined_primary_key") or [],
    }


def _note(run: Run, message: dict[str, Any]) -> None:
    if message["type"] == "RECORD":
        run.rows[message["record"]["stream"]] += 1
    elif message["type"] == "STATE":
        run.states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
    elif message["type"] == "LOG" and message["log"]["level"] in ("WARN", "ERROR", "FATAL"):
        run.complaints.append(message["log"]["message"])
    elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
        run.complaints.append(message["trace"]["error"]["message"])


def _command(name: str, **files: Any) -> tuple[int, list[dict[str, Any]]]:
    """Run a command of the source; its exit code and its messages. Nothing is printed, and nothing waits."""
    lines: list[str] = []
    with tempfile.TemporaryDirectory() as folder, _logs_into(lines), _without_waits():
        arguments = [name]
        for key, content in files.items():
            path = Path(folder) / f"{key}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{key}", str(path)]
        code = main(arguments, lines.append)
    # What is written at once may be many lines.
    return code, [json.loads(line) for text in lines for line in text.split("\n")]


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines
        self.setFormatter(AirbyteLogFormatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(self.format(record))


@contextmanager
def _logs_into(lines: list[str]) -> Iterator[None]:
    root = logging.getLogger()
    before, root.handlers = root.handlers, [_Lines(lines)]
    try:
        yield
    finally:
        root.handlers = before


@contextmanager
def _without_waits() -> Iterator[None]:
    clock.skip_waits(True)
    try:
        yield
    finally:
        clock.skip_waits(False)
