"""What all streams of a run share: client, config, small lists, counts, and making records."""

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.pagination import Page
from pipedrive_client.spool_folder import SpoolFolder
from pipedrive_client.transport import RUN, Patience
from pipedrive_client.typed_rows import Written, are_typed, as_rows, column
from source_pipedrive.config.config import Config
from source_pipedrive.records.converters import (
    UNREADABLE,
    Converter,
    are_many_integers,
    are_texts,
    converter,
    integer,
    text,
    times,
)
from source_pipedrive.records.custom_columns import CustomColumns
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS
from source_pipedrive.records.optional_fields import OptionalFields
from source_pipedrive.records.problems import Problems, as_json
from source_pipedrive.records.reference_data import ReferenceData
from source_pipedrive.records.transformer import RecordTransformer
from source_pipedrive.records.typed_layout import TypedLayout
from source_pipedrive.streams.schemas import read_as
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import STREAMS
from source_pipedrive.sync.state import RowVersion
from source_pipedrive.sync.workers import Seats, Turns

Row = dict[str, Any]
#: How many pages of a list are looked at for the layout of its typed rows.
MOST_LESSONS = 5
#: In place of a row's digest.
READ_WHOLE = "-"


@dataclass
class RunContext:
    """What all streams of a run share; who reads takes a seat, and streams have turns.

    ``with_files``: streams whose files are copied, too, to the ``files_folder``. ``records``, ``skipped_parents`` and
    ``parents_done`` of those that are ``parents_known`` count by stream.
    """

    config: Config
    client: PipedriveClient
    reference: ReferenceData
    columns: CustomColumns
    extras: OptionalFields
    logger: logging.Logger
    with_files: set[str] = field(default_factory=set)
    files_folder: str = ""
    records: Counter[str] = field(default_factory=Counter)
    skipped_parents: Counter[str] = field(default_factory=Counter)
    parents_done: Counter[str] = field(default_factory=Counter)
    parents_known: dict[str, int] = field(default_factory=dict)
    _folder: SpoolFolder | None = None

    def __post_init__(self) -> None:
        self.seats = Seats(self.config.num_workers)
        self.turns = Turns(self.client.budget.affordable)
        self._lock = threading.Lock()

    def add_parents_done(self, stream: str, count: int) -> None:
        """So many more parents of a stream were asked for their children, or need not be."""
        with self._lock:
            self.parents_done[stream] += count

    @property
    def table(self) -> Mapping[str, StreamSpec]:
        """Stream name -> its row of the table, as the config asks for it."""
        return self.config.table

    @property
    def folder(self) -> SpoolFolder:
        """A folder for this run's spooled rows, made when it is first asked for; ``close`` removes it."""
        if self._folder is None:
            self._folder = SpoolFolder()
        return self._folder

    def close(self) -> None:
        """Remove what the run spooled."""
        if self._folder is not None:
            self._folder.close()

    @classmethod
    def connect(cls, config: Config, logger: logging.Logger, patience: Patience = RUN) -> "RunContext":
        """A client and its shared knowledge; nothing is sent yet."""
        client, extras = PipedriveClient(config.settings, logger, patience, keeps_nan=True), OptionalFields(logger)
        shared = [part for spec in STREAMS for part in spec.lists if part.shared]
        reference = ReferenceData(client, extras, shared)
        columns = CustomColumns(reference, config.custom_fields, config.column_names, logger)
        return cls(config, client, reference, columns, extras, logger)


class RecordMaker:
    """Makes the records of one stream. Safe to use from several threads.

    The plan is compiled when the first row comes, so an empty read asks nothing.
    """

    def __init__(self, spec: StreamSpec, account: RunContext, label: str = "") -> None:
        """``label``: what the stream's requests count under, when it is not its name."""
        self._spec = spec
        self._account = account
        self._label = label or spec.name
        self._problems = Problems()
        self._shaper: RecordTransformer | None = None
        self._lock = threading.Lock()
        self._typed: TypedLayout | None = None
        self._lessons = 0
        self._constants: Mapping[str, Any] = {}
        #: Whether a row is a record by itself, and has one key.
        self._is_plain = spec.prepare is None and len(spec.primary_key) == 1
        self._key = converter(read_as(spec)[spec.primary_key[0]])

    def keyed(self, rows: list[Row]) -> list[Row]:
        """The rows that have a key, in its type. What has none is counted: no state could remember it."""
        name, found = self._spec.primary_key[0], []
        if _are_keys(column(rows, name), self._key):
            return rows
        for row in as_rows(rows):
            key = self._key_of(row.get(name))
            if key is None:
                self.left_out(name)
            else:
                found.append(row if key is row[name] else row | {name: key})
        return found

    def _key_of(self, value: Any) -> Any:
        try:
            return None if value in (None, "") else self._key(value)
        except UNREADABLE:
            return None

    def versions(self, rows: list[Row], now: str, is_emitted: bool) -> list[RowVersion]:
        """What a bookmark needs of rows with keys; no change time passes the clock, ``now``."""
        key, cursor = self._spec.primary_key[0], self._spec.cursor
        if cursor is None:
            # Such a stream and the streams below it are read whole each time: nobody asks whether a row has changed.
            return [RowVersion(None, str(one), digest=READ_WHOLE) for one in column(rows, key)]
        found = times(rows, cursor)
        # A list of mere parents has one custom field in a first run and all of them later: that is no change.
        contents = rows if is_emitted else [_without(CUSTOM_FIELDS, row) for row in rows]
        return [
            RowVersion(None if time is None or time > now else time, str(one), content)
            for time, one, content in zip(found, column(rows, key), contents, strict=True)
        ]

    def left_out(self, key: str) -> None:
        """Count a row that cannot be emitted for want of a key."""
        self._problems.leave_out(key)

    def shaped(self, row: Row) -> Row:
        """The record of one row of the API."""
        return next(self.made((row,)))

    def made(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The records of some rows, one after the other."""
        shaper = self._shaper or self._compile()
        return shaper.records(map(self._spec.prepare, rows) if self._spec.prepare else rows)

    def begin(self, constants: Mapping[str, Any] | None) -> None:
        """A list begins whose rows may be typed; ``constants`` stand in its records. None: its rows are dicts."""
        self._typed, self._constants = None, constants or {}
        self._lessons = MOST_LESSONS if constants is not None and self._is_plain else 0

    def learn(self, page: Page) -> None:
        """Learn the layout of typed rows from a page of dicts, where others follow."""
        if self._shaper and self._lessons and page.rows and not are_typed(page.rows) and page.extra.get("next_cursor"):
            self._lessons -= 1
            self._typed = self._shaper.typed_layout(page.rows, self._constants, self._typed)

    def decode(self, content: bytes) -> Row | None:
        """An answer whose rows are as those of the pages before; None for any other."""
        typed = self._typed
        return typed.decode(content) if typed else None

    def encoded(self, records: Iterable[Row] | Written) -> list[bytes]:
        """The records that are emitted, as JSON, and counted: those with a whole primary key.

        Each is written as soon as it is made, while it is at hand for the processor.
        """
        found = records if isinstance(records, Written) else self._encoded(records)
        with self._lock:
            self._account.records[self._spec.name] += len(found)
        return found

    def _encoded(self, records: Iterable[Row]) -> list[bytes]:
        name, *others = self._spec.primary_key
        is_one = not others
        return [as_json(row) for row in records if (is_one and row.get(name) is not None) or self._is_whole(row)]

    def _is_whole(self, record: Row) -> bool:
        for name in self._spec.primary_key:
            if record.get(name) is None:
                self.left_out(name)
                return False
        return True

    def warn(self) -> None:
        """Say once what the rows held that the schema does not."""
        for sentence in (*self._problems.sentences(), *self._account.client.repairs.take(self._label)):
            self._account.logger.warning(f"Stream `{self._label}`: {sentence}.")

    def _compile(self) -> RecordTransformer:
        with self._lock:
            if self._shaper is None:
                reference, spec = self._account.reference, self._spec
                columns = read_as(spec)
                shaper = RecordTransformer(columns, reference.lookups(spec), spec.aliases, spec.drop, self._problems)
                shaper.use(self._account.columns.of(spec))
                self._shaper = shaper
            return self._shaper


def _are_keys(values: list[Any], convert: Converter) -> bool:
    """Whether all values are keys in the type of keys already, as nearly always."""
    if convert is integer:
        return are_many_integers(values)
    return convert is text and are_texts(values) and "" not in values


def _without(name: str, row: Row) -> Row:
    return {key: value for key, value in row.items() if key != name}
