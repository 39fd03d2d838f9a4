"""The other direction: rows of a query become RECORD lines on the destination's stdin."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.server import executable

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
OUTCOMES = ("created", "updated", "unchanged", "deleted", "skipped", "rejected")
PRICE = re.compile(r"^Price: ([\d,]+) tokens \(([\d,]+) spent on look-ups, ([\d,]+) to write\)", re.MULTILINE)


@dataclass(frozen=True)
class Plan:
    """What `plan` printed. ``price``: tokens of the whole run; ``writes``: those of its writes."""

    text: str
    price: int
    writes: int

    def examples(self, most: int = 2) -> list[str]:
        """The head of the list, and some lines of each action."""
        head, *lines = self.text.splitlines()
        actions = ("create", "update", "reject")
        return [head, *(line for action in actions for line in [x for x in lines if x.startswith(action)][:most])]

    def first_updated(self, object_name: str) -> str:
        """The id of the first row of an object that would be updated."""
        found = re.search(rf"^update\s+{object_name}\s+(\d+)", self.text, re.MULTILINE)
        if not found:
            raise RuntimeError(f"the plan updates none of the {object_name}:\n{self.text}")
        return found[1]


class Destination:
    """`destination-pipedrive` with a config; its files are in a folder."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.folder = folder
        self.page = folder / "plan.html"
        self.rejected = folder / "rejected"
        shutil.rmtree(self.rejected, ignore_errors=True)
        self.config = folder / "destination-config.json"
        self.catalog = folder / "destination-catalog.json"
        storage = {"storage_type": "Local", "path": str(self.rejected.resolve())}
        _write_json(self.config, {**config, "object_storage_config": storage})

    def plan(self, rows: Rows) -> Plan:
        """What a write of the rows would do. Raises RuntimeError with the destination's own words when it fails."""
        text = self._run("plan", "".join(messages(rows)), rows, "--html", str(self.page))
        found = PRICE.search(text)
        if not found:
            raise RuntimeError(f"destination-pipedrive plan told no price:\n{text}")
        return Plan(text, _number(found[1]), _number(found[3]))

    def write(self, rows: Rows) -> dict[str, Any]:
        """Write the rows of each stream; answers the SUMMARY. Raises RuntimeError as ``plan`` does."""
        return summary(self._run("write", "".join(messages(rows)), rows))

    def replay(self, text: str) -> dict[str, Any]:
        """Write messages as a file of rejected records holds them; answers the SUMMARY."""
        return summary(self._run("write", text))

    def rejections(self) -> Iterable[Path]:
        """The files of rejected records."""
        return sorted(path for path in self.rejected.rglob("*.jsonl"))

    def _run(self, command: str, text: str, rows: Rows | None = None, *more: str) -> str:
        if rows is not None:
            _write_json(self.catalog, configured_catalog(rows))
        arguments = [executable("destination-pipedrive"), command]
        arguments += ["--config", str(self.config), "--catalog", str(self.catalog), *more]
        done = subprocess.run(arguments, input=text, capture_output=True, text=True, encoding="utf-8")
        with (self.folder / "destination.log").open("a", encoding="utf-8") as log:
            log.write(done.stdout + done.stderr)
        if done.returncode != 0:
            raise RuntimeError(f"destination-pipedrive ended with {done.returncode}: {last_error(done.stdout)}")
        return done.stdout


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


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def summary(stdout: str) -> dict[str, Any]:
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
