"""Files that a stream's rows describe, copied to the folder from which the platform hands them to the destination.

Source of the folder, of the paths and of the largest size: `file_based_stream_reader.py` and `files_directory.py` of
the CDK. Its own uploader for APIs keeps a file in memory and knows of no resume point.
"""

import re
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from pipedrive_client.client import PipedriveClient
from pipedrive_client.downloads import Download, too_large
from pipedrive_client.errors import PipedriveError, Refused, TransientError
from pipedrive_client.repairs import some
from pipedrive_client.spool_folder import NoRoom
from source_pipedrive.records.problems import REFERENCE
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.sync.failures import FEW_TRIES, ParentErrorPolicy, is_about_one
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.state import RowVersion

#: Largest file that Airbyte copies, in bytes. Source: FILE_SIZE_LIMIT of the CDK.
MOST_BYTES = 1_500_000_000
#: Statuses of files that are gone, or too large: nothing is wrong with downloading.
NOT_THERE = (404, 410, 413)
#: Longest name of a file, in bytes: that of common file systems, less room for what a program appends.
MOST_NAME = 200
#: Longest ending that is kept of a name that is shortened, in characters.
MOST_ENDING = 20
#: What is not in a name: separators of folders, and what cannot be seen.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069/\\:*?"<>|]+')

Row = dict[str, Any]
#: Records that are ready, the rows that are done with them, and the place of the first in its list, if it is known.
Portion = tuple[Iterable[Row], list[RowVersion], int | None]


class Whole:
    """The rows of a page together: the resume point is its end."""

    are_rows = False

    def of(self, records: Iterable[Row], marks: list[RowVersion], begin: int | None) -> Iterator[Portion]:
        """One portion."""
        yield records, marks, begin

    def finish(self) -> None:
        """Nothing is left."""


class FileTransfer:
    """A row at a time with its file, each a resume point; the next files are fetched meanwhile. Used by one thread."""

    are_rows = True

    def __init__(self, spec: StreamSpec, account: RunContext, client: PipedriveClient) -> None:
        self._spec = spec
        self._account = account
        self._client = client.patient(FEW_TRIES)
        self._failures = ParentErrorPolicy()
        self._missing = 0
        self._last: PipedriveError | None = None
        self._folder = Path(account.files_folder)

    def of(self, records: Iterable[Row], marks: list[RowVersion], begin: int | None) -> Iterator[Portion]:
        """A portion per row; a record has a ``REFERENCE`` when its file is there.

        Raises what is not about single files, after all records before it.
        """
        records, workers = list(records), self._account.config.num_workers
        with (
            ThreadPoolExecutor(workers, thread_name_prefix="files") as pool,
            closing(self._fetched(pool, records)) as fetched,
        ):
            following = iter(records)
            record = next(following, None)
            for number, mark in enumerate(marks):
                place = None if begin is None else begin + number
                if record is None or str(record["id"]) != mark.key:
                    yield [], [mark], place
                    continue
                reference = next(fetched)
                yield [record | {REFERENCE: reference} if reference else record], [mark], place
                record = next(following, None)

    def _fetched(self, pool: ThreadPoolExecutor, records: list[Row]) -> Generator[Row | None, None, None]:
        """The reference of each record's file, in order; as many are fetched ahead as there are workers."""
        waiting: deque[Future[Row | None]] = deque()
        remaining = iter(records)
        before: threading.Event | None = None
        try:
            while True:
                for record in remaining:
                    turn, is_paid = before, threading.Event()
                    waiting.append(pool.submit(self._fetch, record, turn, is_paid))
                    before = is_paid
                    if len(waiting) == self._account.config.num_workers:
                        break
                if not waiting:
                    return
                yield self._taken(waiting.popleft())
        finally:
            self._drop(waiting)

    def _drop(self, waiting: deque[Future[Row | None]]) -> None:
        """Remove what was fetched for rows that are not emitted."""
        for future in waiting:
            future.cancel()
        for future in waiting:
            with suppress(Exception):
                reference = None if future.cancelled() else future.result()
                if reference:
                    _remove(Path(reference["staging_file_url"]))

    def _taken(self, future: "Future[Row | None]") -> Row | None:
        try:
            reference = future.result()
        except (Refused, TransientError) as error:
            self._pass_over(error)
            return None
        if reference:
            self._failures.answered()
        return reference

    def _pass_over(self, error: Refused | TransientError) -> None:
        if not is_about_one(error):
            raise error
        if error.status in NOT_THERE:
            self._failures.answered()
        else:
            self._failures.add(error)
        self._missing, self._last = self._missing + 1, error
        self._account.skipped_parents[self._spec.name] += 1

    def _fetch(self, record: Row, turn: threading.Event | None, is_paid: threading.Event) -> Row | None:
        """Where a record's file is now; None for one that has none. Raises what the client raises, NoRoom.

        Tokens are spent in the order of the rows (``turn``, ``is_paid``), so that none are spent in vain at their end.
        """
        if turn:
            turn.wait()
        try:
            return self._downloaded(record, is_paid)
        finally:
            is_paid.set()

    def _downloaded(self, record: Row, is_paid: threading.Event) -> Row | None:
        if record.get("is_deleted") or record.get("active_flag") is False or _is_elsewhere(record):
            return None
        size = record.get("file_size")
        if isinstance(size, int) and size > MOST_BYTES:
            raise too_large(MOST_BYTES)
        name = f"{self._spec.name}/{record['id']}/{safe_name(record)}"
        # Each in a folder of its own: the destination removes a file when it has it, and may be at another copy of it.
        target = self._folder / uuid4().hex / name
        try:
            target.parent.mkdir(parents=True)
            download = Download(target, MOST_BYTES, is_paid=is_paid)
            size = self._client.download(self._spec.content, download, id=record["id"])
        except BaseException as error:
            _remove(target)
            if isinstance(error, OSError):
                raise NoRoom.for_files(self._folder, error) from None
            raise
        return {"staging_file_url": str(target), "source_file_relative_path": name, "file_size_bytes": size}

    def finish(self) -> None:
        """Say how many files are missing. Raises the last failure when every download failed."""
        self._failures.finish()
        if self._last:
            self._account.logger.warning(
                f"Stream `{self._spec.name}`: {some(self._missing, 'file')} could not be copied; the rows are there "
                f"without. {self._last.message}"
            )


def _is_elsewhere(record: Row) -> bool:
    """Whether a file is only linked: it is with another service, which has its own keys."""
    place = record.get("remote_location")
    return isinstance(place, str) and place not in ("", "s3")


def safe_name(record: Row) -> str:
    """A name for a record's file that is one in any folder, with its ending."""
    found = (record.get("name"), record.get("file_name"))
    texts = (_UNSAFE.sub("_", _encoded(name).decode()).strip(". ") for name in found if isinstance(name, str))
    name = next((text for text in texts if text.strip("_")), "file")
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > MOST_ENDING:
        stem, dot, ending = name, "", ""
    short = stem.encode()[: MOST_NAME - len(f"{dot}{ending}".encode())].decode(errors="ignore")
    return f"{short}{dot}{ending}"


def _encoded(name: str) -> bytes:
    # Half a character, which JSON can hold and no file system.
    return name.encode(errors="replace")


def _remove(target: Path) -> None:
    with suppress(OSError):
        target.unlink(missing_ok=True)
    for folder in target.parents[:3]:
        with suppress(OSError):
            folder.rmdir()
