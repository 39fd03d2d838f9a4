"""What became of every record, on request: one JSON line a record beside the rejected records.

Files are below ``{root}/_results/{namespace}/{stream}/``, apart from records that can be written again. They are
complete up to a state before that state is passed on.
"""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from destination_pipedrive.flow import Outcome, is_planned
from destination_pipedrive.mapping.stream_sync import InFlightRecord
from destination_pipedrive.results.dead_letters import Store, folder_of
from pipedrive_client.lenient_json import dumps

#: Below the root of the rejected records.
FOLDER = "_results"
#: How many lines are kept in memory at most.
MOST_WAITING = 10_000


class ResultLog:
    """Gathers outcomes and hands them to a store. Safe to share between threads."""

    def __init__(self, store: Store | None) -> None:
        """Without a store nothing is kept."""
        self._store = store
        self._name = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        self._waiting: dict[str, list[bytes]] = {}
        self._count = 0
        self._lock = threading.Lock()

    def add(self, record: InFlightRecord, outcome: Outcome) -> None:
        """Keep the outcome of a record. Raises ConfigError when the store cannot take it."""
        if self._store is None:
            return
        folder = f"{FOLDER}/{folder_of(record.sync.stream)}"
        line = dumps(entry(record, outcome)) + b"\n"
        with self._lock:
            self._waiting.setdefault(folder, []).append(line)
            self._count += 1
            if self._count >= MOST_WAITING:
                self._hand_over(self._store)

    def flush(self) -> None:
        """Write what waits. Raises ConfigError when the store cannot take it."""
        with self._lock:
            if self._store and self._count:
                self._hand_over(self._store)

    def _hand_over(self, store: Store) -> None:
        for folder in list(self._waiting):
            store.add(folder, self._name, b"".join(self._waiting[folder]))
            del self._waiting[folder]
        self._count = 0


def entry(record: InFlightRecord, outcome: Outcome) -> dict[str, Any]:
    """The line of a record. ``changes`` has the form of the protocol's ``record.meta.changes``."""
    name, key = sent_key(record)
    fields = record.sync.fields
    row_id = outcome.row_id
    return {
        "object": record.sync.spec.name,
        "stream": record.sync.stream.full_name,
        "number": record.number,
        "match_key": name or None,
        "key": key,
        "outcome": outcome.kind,
        "id": None if row_id is None or is_planned(row_id) else row_id,
        "changed": [fields[each].name if each in fields else each for each in outcome.changed],
        "code": outcome.code or None,
        "message": outcome.sentence or None,
        "columns": list(columns_of(record, outcome)),
        "changes": list(_changes(record)),
    }


def sent_key(record: InFlightRecord) -> tuple[str, dict[str, Any]]:
    """The name of the match key that decided, else of the first that the record has, and its columns with their values
    as they were sent.
    """
    decided = record.match.key if record.match else ""
    data = _data(record)
    for key in sorted(record.sync.keys, key=lambda each: each.name != decided):
        found = {
            column: value
            for part in key.fields
            for column, value in record.sync.columns.columns_of(part.key, data).items()
        }
        if found:
            return key.name, found
    return "", {}


def columns_of(record: InFlightRecord, outcome: Outcome) -> dict[str, Any]:
    """The columns that an outcome is about, as the record spells them, with their values."""
    if not outcome.field:
        return {}
    return record.sync.columns.columns_of(outcome.field, _data(record))


def _data(record: InFlightRecord) -> dict[str, Any]:
    """What a record holds; nothing where that is no object, for which it was rejected."""
    data = record.message["record"].get("data")
    return data if isinstance(data, dict) else {}


def _changes(record: InFlightRecord) -> Iterator[dict[str, str]]:
    for column in record.mapped.left_out:
        yield {"field": column, "change": "NULLED", "reason": "DESTINATION_TYPECAST_ERROR"}
