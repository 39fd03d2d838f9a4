"""Where rejected records are kept: JSON lines that can be fed back to ``write`` once the reason is gone.

Each line is the RECORD message as it came, with a ``rejection`` beside ``record``. Files are below
``{root}/{namespace}/{stream}/``; they are complete up to a state before that state is passed on.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from destination_pipedrive.results import Result
from destination_pipedrive.storage import Store


class Rejects:
    """Gathers rejections and hands them to a store. Safe to share between threads."""

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._waiting: dict[str, list[bytes]] = {}
        self._lock = threading.Lock()

    def add(self, message: Mapping[str, Any], object_name: str, result: Result) -> None:
        """Keep one rejected record for the next ``flush``."""
        if self._store is None:
            return
        rejection = {
            "code": result.code,
            "message": result.sentence,
            "field": result.field or None,
            "object": object_name,
        }
        record = message["record"]
        folder = "/".join(_safe(part) for part in (record.get("namespace"), record["stream"]) if part)
        line = orjson.dumps({**message, "rejection": rejection}) + b"\n"
        with self._lock:
            self._waiting.setdefault(folder, []).append(line)

    def flush(self) -> None:
        """Write what waits. Raises ConfigError when the store cannot take it."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
            for folder, lines in waiting.items():
                if self._store:
                    self._store.add(folder, self._name, b"".join(lines))


def _safe(name: str) -> str:
    """A stream's name as one folder."""
    return "".join(char if char.isalnum() or char in "-_.@ " else "_" for char in name).strip(".") or "_"
