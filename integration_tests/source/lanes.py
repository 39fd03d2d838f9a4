"""Long lists on a wire without a socket, read with any number of workers."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from integration_tests.schedules.wire import HOST, Plan, Wire, wired
from pipedrive_sandbox import Request, Response, Sandbox
from source_pipedrive.run import main
from source_pipedrive.sync import lane_reader

Row = dict[str, Any]
Messages = list[dict[str, Any]]
PAGE = 10


class LongList:
    """An account with one long list. ``lines`` and ``calls`` are those of the last read."""

    def __init__(self, folder: Path, sandbox: Sandbox, stream: str, page: int = PAGE) -> None:
        self.folder, self.sandbox, self.stream = folder, sandbox, stream
        self.wire = Wire(sandbox, page)
        self.config: dict[str, Any] = {
            "credentials": {"auth_type": "api_token", "api_token": "sandbox"},
            "api_url": HOST,
        }
        self.sync_mode = "incremental"
        self.code = 0

    @property
    def calls(self) -> int:
        """How many calls the last read made."""
        return self.wire.calls

    def read(self, workers: int, states: Sequence[Any] = (), plan: Plan | None = None) -> Messages:
        """The messages of a read, those that were printed before it died if it did."""
        stream = {"name": self.stream, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]}
        configured = {"stream": stream, "sync_mode": self.sync_mode, "destination_sync_mode": "append_dedup"}
        files = {"config": self.config | {"num_workers": workers}, "catalog": {"streams": [configured]}}
        arguments = ["read"]
        for name, content in {**files, "state": list(states)}.items():
            (self.folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(self.folder / f"{name}.json")]
        self.wire.begin(plan or Plan())
        # A wire without a socket is never waited for.
        with wired(self.wire), pytest.MonkeyPatch.context() as patch:
            patch.setattr(lane_reader, "WORTH_WAITING", 0.0)
            self.code = main(arguments, self.wire.print)
        return [json.loads(line) for text in self.wire.lines for line in text.split("\n")]

    def rows(self) -> dict[Any, Row]:
        """What Pipedrive's lists show."""
        rows = self.sandbox.rows(self.stream)
        return {row["id"]: row for row in rows if not row.get("is_deleted") and row.get("active_flag", True)}


def records(messages: Messages) -> list[Row]:
    """The records in their order."""
    return [each["record"]["data"] for each in messages if each["type"] == "RECORD"]


def last_state(messages: Messages) -> list[Any]:
    """The last state, as the platform hands it to the next read; none when there was none."""
    return [each["state"] for each in messages if each["type"] == "STATE"][-1:]


def positions(messages: Messages) -> list[Row]:
    """Where the list stood, state by state."""
    states = [each["state"]["stream"]["stream_state"] for each in messages if each["type"] == "STATE"]
    return [state["lists"]["live"] for state in states if "live" in state.get("lists", {})]


@contextmanager
def answering(sandbox: Sandbox, change: Callable[[Request, Response], Response]) -> Iterator[None]:
    """Let the server's answers be changed on their way."""
    original = sandbox.handle
    sandbox.handle = lambda request: change(request, original(request))  # type: ignore[method-assign]
    try:
        yield
    finally:
        del sandbox.handle  # type: ignore[attr-defined]
