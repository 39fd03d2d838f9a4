"""The messages of a copy: what tells of the other account comes first, whatever the order in which it arrives."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.copying.rules import is_deleted
from destination_pipedrive.copying.source_account import SourceAccount
from destination_pipedrive.copying.spool import Spool
from destination_pipedrive.copying.table import COPIED, FIELD_STREAMS, NAME_STREAMS, CopiedObject
from destination_pipedrive.flow import Outcome
from destination_pipedrive.protocol.json_lines import Message, OddMessage
from destination_pipedrive.protocol.messages import stream_of
from destination_pipedrive.results.ledger import Ledger
from pipedrive_client import clock
from pipedrive_client.field_definitions import FIELD_PATHS

#: Records are handed on at the latest so many seconds after the first message, so that states flow.
LONGEST_WAIT = 600.0
Key = tuple[str, str]
NOT_WRITABLE = "Pipedrive's API does not let anybody write it."
GONE = "its row was deleted in the account that it comes from; `delete_when` can delete its copy."


@dataclass(frozen=True)
class Stream:
    """A copied stream with its mapping."""

    stream: ConfiguredStream
    rules: Rules

    @property
    def name(self) -> str:
        """The object, or the list of definitions, that its rows are of."""
        return self.rules.object_name or self.stream.name

    @property
    def copied(self) -> CopiedObject | None:
        """The object that its rows become; None for one that nobody can write."""
        return COPIED.get(self.name)

    @property
    def tells(self) -> bool:
        """Whether other records mean something only once its rows are known."""
        return self.name in FIELD_STREAMS or self.name in NAME_STREAMS


class Intake:
    """Takes messages in, and gives those that are rows to write out again. Used by one thread."""

    def __init__(self, streams: Mapping[Key, Stream], ledger: Ledger, logger: logging.Logger) -> None:
        self.source = SourceAccount()
        self._streams = streams
        self._ledger = ledger
        self._logger = logger
        self._spool = Spool()
        self._numbers: Counter[str] = Counter()
        #: What became of field definitions, by the path of their list and the key of the field.
        self.outcomes: dict[str, Mapping[str, Outcome]] = {}

    def learn(self, messages: Iterator[Message | None]) -> None:
        """Take messages until all that tells of the other account is known."""
        still_open = {key for key, stream in self._streams.items() if stream.tells}
        until = clock.monotonic() + LONGEST_WAIT
        while still_open:
            try:
                message = next(messages)
            except StopIteration:
                break
            if message is not None:
                self._take(message)
                still_open.discard(_completed(message))
            if clock.monotonic() >= until:
                self._logger.warning(
                    "The fields and names of the copied account did not arrive within ten minutes; the copy "
                    "continues with what is known."
                )
                break

    def rest(self, messages: Iterator[Message | None]) -> Iterator[Message | None]:
        """What waited, parents first, and then what comes; without records that are no rows to write."""
        for message in self._spool.pop_all():
            yield from self._handed_on(message)
        for later in messages:
            yield from [later] if later is None else self._handed_on(later)

    def close(self) -> None:
        """Remove what is on disk."""
        self._spool.close()

    def _take(self, message: Message) -> None:
        stream = self._stream(message)
        if stream is None:
            self._spool.add(message)
            return
        if stream.tells and not isinstance(message, OddMessage):
            self.source.add(stream.name, message["record"]["data"])
        self._spool.add(message, stream.copied.spec.rank if stream.copied else 0, _place(message))

    def _handed_on(self, message: Message) -> Iterator[Message]:
        stream = self._stream(message)
        if stream is None or (stream.copied and not self._is_left(stream, message)):
            yield message
            return
        self._numbers[stream.stream.full_name] += 1
        self._leave(stream, self._numbers[stream.stream.full_name], message)

    def _leave(self, stream: Stream, number: int, message: Message) -> None:
        """Count a record that is no row to write."""
        name, full = stream.name, stream.stream.full_name
        if name in FIELD_STREAMS:
            known = self.outcomes.get(FIELD_PATHS.get(FIELD_STREAMS[name], ""), {})
            data = message["record"].get("data")
            data = data if isinstance(data, dict) else {}
            outcome = known.get(str(data.get("field_code") or data.get("key")), Outcome("unchanged"))
        else:
            outcome = Outcome("skipped", reason=GONE if stream.copied else NOT_WRITABLE)
        self._ledger.add(self._ledger.tally(full), full, name, number, outcome)

    def _is_left(self, stream: Stream, message: Message) -> bool:
        data = message["record"].get("data")
        keeps = bool(stream.copied and stream.copied.spec.keeps_inactive)
        return stream.rules.delete_when is None and isinstance(data, dict) and is_deleted(data, keeps)

    def _stream(self, message: Message) -> Stream | None:
        """The copied stream of a record; None for any other message."""
        if message["type"] != "RECORD":
            return None
        record: dict[str, Any] = message["record"]
        namespace = record.get("namespace")
        return self._streams.get((namespace if isinstance(namespace, str) else "", record["stream"]))


def _place(message: Message) -> int:
    """Where a row stands among its like: Pipedrive puts what is new behind the rest, so what is first is made first."""
    data = message["record"].get("data")
    place = data.get("order_nr") if isinstance(data, dict) else None
    return int(place) if isinstance(place, int | float) and 0 <= place < 2**31 else 0


def _completed(message: Message) -> Any:
    """The stream that a message says to be complete."""
    status = message["trace"].get("stream_status") if message["type"] == "TRACE" else None
    is_complete = isinstance(status, dict) and status.get("status") == "COMPLETE"
    return stream_of(status) if is_complete else None
