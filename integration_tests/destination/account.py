"""A sandbox account and the destination's real entry point run against it in this process."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from destination_pipedrive.run import main
from integration_tests.harness import Run
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.http import SandboxServer

Message = dict[str, Any]
WRITES = ("POST", "PATCH", "PUT", "DELETE")


def record(stream: str, /, **data: Any) -> Message:
    """A RECORD message."""
    return {"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": 1_700_000_000_000}}


def stream_state(stream: str, number: int, records: float | None = None) -> Message:
    """A STREAM state as the platform sends it: with an id and keys that the protocol classes do not know."""
    descriptor = {"name": stream}
    state: Message = {
        "type": "STREAM",
        "id": number,
        "stream": {"stream_descriptor": descriptor, "stream_state": {"cursor": number}},
        "unknown_key": {"kept": True},
    }
    if records is not None:
        state["sourceStats"] = {"recordCount": records}
    return {"type": "STATE", "state": state}


def catalog_of(*names: str, mode: str = "append_dedup", **more: Any) -> dict[str, Any]:
    """A configured catalog whose streams have open schemas."""
    streams = [
        {
            "stream": {"name": name, "json_schema": {"type": "object", "properties": {}}},
            "sync_mode": "incremental",
            "destination_sync_mode": mode,
            **more,
        }
        for name in names
    ]
    return {"streams": streams}


class Account:
    """A Pipedrive account in memory, served on the loopback address."""

    def __init__(self, sandbox: Sandbox, server: SandboxServer, folder: Path) -> None:
        self.sandbox = sandbox
        self.url = server.url
        self.folder = folder

    def config(self, **more: Any) -> dict[str, Any]:
        """A config that points here."""
        return {"credentials": {"auth_type": "api_token", "api_token": "sandbox"}, "api_url": self.url, **more}

    def write(
        self,
        messages: Iterable[Any],
        catalog: Mapping[str, Any] | None = None,
        mode: str = "append_dedup",
        out: io.StringIO | None = None,
        **config: Any,
    ) -> Run:
        """Run ``write``; without a catalog, one of the streams that the records name. The request log starts anew."""
        messages = list(messages)
        streams = dict.fromkeys(each["record"]["stream"] for each in messages if _is_record(each))
        self.sandbox.clear_requests()
        files = {"config": self.config(**config), "catalog": catalog or catalog_of(*streams, mode=mode)}
        return self.run("write", messages, out=out, **files)

    def check(self, **config: Any) -> Run:
        """Run ``check``."""
        self.sandbox.clear_requests()
        return self.run("check", config=self.config(**config))

    def run(
        self,
        command: str,
        messages: Iterable[Any] = (),
        options: Iterable[str] = (),
        out: io.StringIO | None = None,
        **files: Any,
    ) -> Run:
        """Run any command with options, files and standard input."""
        arguments = [command, *options]
        for name, content in files.items():
            path = self.folder / f"{name}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        lines = [each if isinstance(each, str) else json.dumps(each) for each in messages]
        out = io.StringIO() if out is None else out
        code = main(arguments, io.BytesIO("".join(line + "\n" for line in lines).encode()), out)
        return Run(arguments, code, out.getvalue(), "")

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Rows that are not deleted."""
        return [row for row in self.sandbox.rows(name) if not row.get("is_deleted")]

    def put(self, name: str, /, **row: Any) -> int:
        """Store a row and return its id."""
        return int(self.sandbox.put_rows(name, [row])[0]["id"])

    def row(self, name: str, row_id: int) -> dict[str, Any]:
        """One stored row."""
        return next(row for row in self.sandbox.rows(name) if row["id"] == row_id)

    def writes(self) -> list[tuple[str, str]]:
        """Method and path of every write since the last run began."""
        return [call for call in self.calls() if call[0] in WRITES]

    def bodies(self, method: str) -> list[dict[str, Any]]:
        """Bodies sent with a method since the last run began."""
        return [each["body"] for each in self.sandbox.requests() if each["method"] == method]

    def tokens(self) -> int:
        """Tokens spent since the last run began."""
        return int(self.sandbox.meter()["tokens"])

    def calls(self) -> list[tuple[str, str]]:
        """Method and path of every request since the last run began."""
        return [(each["method"], each["path"]) for each in self.sandbox.requests()]

    def key(self, fields: str, label: str) -> str:
        """The key of the first custom field of a label."""
        found = (row for row in self.sandbox.rows(fields) if row["is_custom_field"] and row["field_name"] == label)
        return str(next(found)["field_code"])


def _is_record(message: Any) -> bool:
    return isinstance(message, dict) and message.get("type") == "RECORD"
