"""The other direction: rows of a query become RECORD lines on the destination's stdin."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.server import executable

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
OUTCOMES = ("created", "updated", "unchanged", "deleted", "skipped", "rejected")


def write(folder: Path, config: Mapping[str, Any], rows: Rows) -> dict[str, Any]:
    """Run ``destination-pipedrive write`` over the rows of each stream; answers its SUMMARY.

    Raises RuntimeError with the destination's own words when it fails.
    """
    arguments = [executable("destination-pipedrive"), "write"]
    for name, content in (("config", config), ("catalog", configured_catalog(rows))):
        path = folder / f"destination-{name}.json"
        path.write_text(json.dumps(content, indent=2), encoding="utf-8")
        arguments += [f"--{name}", str(path)]
    done = subprocess.run(arguments, input="".join(messages(rows)), capture_output=True, text=True, encoding="utf-8")
    (folder / "destination.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(f"destination-pipedrive ended with {done.returncode}: {last_error(done.stdout)}")
    return summary(done.stdout)


def messages(rows: Rows) -> Iterable[str]:
    """RECORD lines of each stream, then its STATE, as the platform sends them."""
    now = int(time.time() * 1000)
    for stream, records in rows.items():
        for data in records:
            record = {"stream": stream, "emitted_at": now, "data": data}
            yield json.dumps({"type": "RECORD", "record": record}, default=str) + "\n"
        content = {"stream_descriptor": {"name": stream}, "stream_state": {"rows": len(records)}}
        yield json.dumps({"type": "STATE", "state": {"type": "STREAM", "stream": content}}) + "\n"


def configured_catalog(rows: Rows) -> dict[str, Any]:
    """A configured catalog that upserts every stream."""
    return {
        "streams": [
            {
                "stream": {
                    "name": stream,
                    "json_schema": {"type": "object", "properties": {column: {} for column in records[0]}},
                    "supported_sync_modes": ["full_refresh", "incremental"],
                },
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
            }
            for stream, records in rows.items()
        ]
    }


def totals(summary: Mapping[str, Any]) -> dict[str, int]:
    """The outcomes of all objects together."""
    return {name: sum(counts.get(name, 0) for counts in summary["objects"].values()) for name in OUTCOMES}


def summary(stdout: str) -> dict[str, Any]:
    """The SUMMARY of a run. Raises RuntimeError without one."""
    for message in _json_lines(stdout):
        text = message.get("log", {}).get("message", "")
        if text.startswith("SUMMARY "):
            return dict(json.loads(text.removeprefix("SUMMARY ")))
    raise RuntimeError("destination-pipedrive printed no SUMMARY")


def last_error(stdout: str) -> str:
    """The connector's own words on why it failed."""
    errors = [message["trace"]["error"]["message"] for message in _json_lines(stdout) if _is_error(message)]
    return errors[-1] if errors else "no message"


def _is_error(message: Mapping[str, Any]) -> bool:
    return message.get("type") == "TRACE" and message["trace"]["type"] == "ERROR"


def _json_lines(stdout: str) -> Iterable[dict[str, Any]]:
    for line in stdout.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict):
            yield message
