"""Reading one stream: its lists one after the other, page by page, with a resume point after every page."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pipedrive_client.errors import Refused
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import Page
from source_pipedrive.config import Config
from source_pipedrive.extras import Extras
from source_pipedrive.reference import Reference
from source_pipedrive.schema import load
from source_pipedrive.shape import Shaper
from source_pipedrive.state import Position, StreamState
from source_pipedrive.stream_spec import ListSpec, StreamSpec
from source_pipedrive.streams import STREAMS
from source_pipedrive.values import utc

#: How the API refuses a feature that the account does not have.
#: Source: https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes
CLOSED = (402, 403, 404, 415)

Row = dict[str, Any]
Checkpoint = Callable[[], None]


@dataclass
class Account:
    """What all streams of a run share."""

    config: Config
    client: PipedriveClient
    reference: Reference
    extras: Extras
    logger: logging.Logger
    records: dict[str, int] = field(default_factory=dict)

    @classmethod
    def connect(cls, config: Config, logger: logging.Logger) -> "Account":
        """A client and its shared knowledge; nothing is sent yet."""
        client, extras = PipedriveClient(config.settings, logger), Extras(logger)
        shared = [part for spec in STREAMS for part in spec.lists if part.shared]
        return cls(config, client, Reference(client, extras, shared), extras, logger)


class StreamReader:
    """Reads one stream. Used by one thread."""

    def __init__(self, spec: StreamSpec, account: Account, state: StreamState, checkpoint: Checkpoint) -> None:
        self.spec = spec
        self._account = account
        self._client = account.client.labelled(spec.name)
        self._state = state
        self._checkpoint = checkpoint
        self._shaper: Shaper | None = None

    def records(self) -> Iterator[Row]:
        """Every record of the stream that is new since its state. Raises what the client raises."""
        self._account.reference.meter_under(self.spec.name)
        try:
            for part in self.spec.lists:
                yield from self._list(part)
        except Refused as error:
            if not self.spec.feature or error.status not in CLOSED:
                raise
            self._account.logger.warning(
                f"Stream `{self.spec.name}` is empty: it needs {self.spec.feature}. {error.message}"
            )
        self._warn()

    def _list(self, part: ListSpec) -> Iterator[Row]:
        progress = self._state.progress(part.name)
        start = progress.position
        for page in self._pages(part, start):
            timed = [(self._time(row), row) for row in page.rows]
            for time, row in timed:
                if self._wanted(start, time, row):
                    yield self._record(part, row)
            progress.advance(timed)
            if part.ordered:
                self._checkpoint()
        self._checkpoint()

    def _wanted(self, start: Position, time: str | None, row: Row) -> bool:
        if self.spec.cursor is None:
            return True
        since = self._account.config.start_date
        return start.is_new(time, row) and (time is None or since is None or time >= since)

    def _time(self, row: Row) -> str | None:
        if self.spec.cursor is None:
            return None
        try:
            value = row.get(self.spec.cursor)
            return None if value is None else utc(value)
        except ValueError:
            return None

    def _record(self, part: ListSpec, row: Row) -> Row:
        if self._shaper is None:
            self._shaper = self._make_shaper()
        prepared = self.spec.prepare(row) if self.spec.prepare else row
        record = self._shaper.record(prepared)
        record.update(part.sets)
        records = self._account.records
        records[self.spec.name] = records.get(self.spec.name, 0) + 1
        return record

    def _make_shaper(self) -> Shaper:
        reference, spec = self._account.reference, self.spec
        shaper = Shaper(load(spec.name)["properties"], reference.lookups(spec), spec.aliases, spec.drop)
        shaper.use(reference.customs(spec, self._account.config.custom_fields))
        return shaper

    def _pages(self, part: ListSpec, start: Position) -> Iterator[Page]:
        if part.shared:
            return iter([Page(self._account.reference.rows(part.path), {})])
        return self._account.extras.pages(self._client, part, self._params(part, start))

    def _params(self, part: ListSpec, start: Position) -> dict[str, str]:
        config = self._account.config
        deleted = part.deleted if config.deletions != "ignore" else {}
        since = max(filter(None, (config.start_date, start.update_time)), default=None)
        filtered = {"updated_since": since} if part.filtered and since else {}
        return {**part.params, **deleted, **filtered}

    def _warn(self) -> None:
        for sentence in self._shaper.problems.sentences() if self._shaper else ():
            self._account.logger.warning(f"Stream `{self.spec.name}`: {sentence}.")
