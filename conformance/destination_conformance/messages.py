"""Messages and catalogs that the checks send."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .adapter import Adapter, Json


def catalog(adapter: Adapter, mode: str) -> Json:
    """A configured catalog of the adapter's stream."""
    schema = {"type": "object", "properties": dict(adapter.properties)}
    modes = ["full_refresh", "incremental"]
    stream = {"name": adapter.stream, "json_schema": schema, "supported_sync_modes": modes}
    entry = {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": mode}
    return {"streams": [{**entry, "generation_id": 1, "minimum_generation_id": 0, "sync_id": 1, **adapter.entry(mode)}]}


def record(adapter: Adapter, number: int, version: int = 0) -> Json:
    """A RECORD of a row."""
    return of(adapter, adapter.row(number, version))


def of(adapter: Adapter, data: Json) -> Json:
    """A RECORD with any data."""
    return {"type": "RECORD", "record": {"stream": adapter.stream, "emitted_at": 1_700_000_000_000, "data": data}}


def state(adapter: Adapter, number: int, records: float | None = None) -> Json:
    """A STREAM state as the platform sends it: with an id, the source's count, and a key that no class knows."""
    stream = {"stream_descriptor": {"name": adapter.stream}, "stream_state": {"cursor": number}}
    content: Json = {"type": "STREAM", "id": number, "stream": stream, "unknown_key": {"kept": [number, None]}}
    if records is not None:
        content["sourceStats"] = {"recordCount": records}
    return {"type": "STATE", "state": content}


def global_state(adapter: Adapter, number: int) -> Json:
    """A GLOBAL state."""
    streams = [{"stream_descriptor": {"name": adapter.stream}, "stream_state": {"cursor": number}}]
    content = {"shared_state": {"cursor": number}, "stream_states": streams}
    return {"type": "STATE", "state": {"type": "GLOBAL", "id": number, "global": content}}


def legacy_state(number: int) -> Json:
    """A state of before there were streams."""
    return {"type": "STATE", "state": {"type": "LEGACY", "id": number, "data": {"cursor": number}}}


def batches(adapter: Adapter, rows: int, every: int) -> list[Json]:
    """Records of so many rows with a state after every few, numbered by the rows before it."""
    found: list[Json] = []
    for number in range(rows):
        found.append(record(adapter, number))
        if (number + 1) % every == 0:
            found.append(state(adapter, number + 1, float(every)))
    return found


def after(messages: list[Json], last_state: int) -> list[Json]:
    """What a sender gives again when the state of that number was the last one that came back."""
    places = [place for place, each in enumerate(messages) if number_of(each) == last_state]
    return messages[places[0] + 1 :] if places else messages


def number_of(message: Json) -> int | None:
    """The number of a state; nothing for other messages."""
    return message["state"].get("id") if message["type"] == "STATE" else None


def lines(messages: Iterable[Any]) -> str:
    """Standard input; a text goes as it is."""
    return "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in messages)
