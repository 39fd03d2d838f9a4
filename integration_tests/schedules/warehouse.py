"""What a warehouse holds after some runs of a source: deduplicated by key, as the platform does it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]


class Warehouse:
    """Tables by stream, and the last whole state. The later cursor wins, then the later record, as in Airbyte."""

    def __init__(self, catalog: Mapping[str, Any]) -> None:
        self.tables: dict[str, dict[tuple[Any, ...], Row]] = {}
        self.states: dict[str, Any] = {}
        #: Ids, as text, of records behind the last state of a process that died: no state tells that they were read.
        self.unsure: set[tuple[str, str]] = set()
        self._keys = {each["stream"]["name"]: each["primary_key"] for each in catalog["streams"]}
        self._cursors = {each["stream"]["name"]: each["cursor_field"] for each in catalog["streams"]}

    def load(self, lines: Sequence[str], loses_tail: bool) -> None:
        """Take what a process printed. With ``loses_tail`` records behind the last state are lost with the process."""
        messages = [json.loads(line) for text in lines for line in text.splitlines()]
        last = max((n for n, each in enumerate(messages) if each["type"] == "STATE"), default=-1)
        for number, message in enumerate(messages[: last + 1] if loses_tail else messages):
            if message["type"] == "RECORD":
                self._add(message["record"]["stream"], message["record"]["data"])
                if number > self._last_state(messages, message["record"]["stream"]):
                    self.unsure.add((message["record"]["stream"], str(message["record"]["data"].get("id"))))
            elif message["type"] == "STATE":
                state = message["state"]
                self.states[state["stream"]["stream_descriptor"]["name"]] = {
                    key: state[key] for key in ("type", "stream")
                }

    @staticmethod
    def _last_state(messages: Sequence[Mapping[str, Any]], stream: str) -> int:
        found = (
            n
            for n, each in enumerate(messages)
            if each["type"] == "STATE" and each["state"]["stream"]["stream_descriptor"]["name"] == stream
        )
        return max(found, default=-1)

    def _add(self, stream: str, row: Row) -> None:
        table = self.tables.setdefault(stream, {})
        key = tuple(json.dumps(_at(row, path)) for path in self._keys[stream])
        if key not in table or self._moment(stream, row) >= self._moment(stream, table[key]):
            table[key] = row

    def _moment(self, stream: str, row: Row) -> tuple[bool, str]:
        cursor = _at(row, self._cursors[stream]) if self._cursors[stream] else None
        return cursor is not None, str(cursor)

    def rows(self, stream: str) -> Iterable[Row]:
        """The rows of a stream."""
        return self.tables.get(stream, {}).values()


def _at(row: Row, path: Sequence[str]) -> Any:
    return row.get(path[0]) if path else None
