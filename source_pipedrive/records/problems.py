"""What was wrong with the rows of a stream, counted for its warnings, and told of each record."""

import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any

import orjson

from pipedrive_client.lenient_json import dumps
from pipedrive_client.repairs import some

#: The key of a record under which the places are that became null. No column: the output takes it out.
CHANGES = "\0changes"
#: Key of a record's file, beside its columns: no column is named so, as names have no spaces.
REFERENCE = " file"
#: How a value that could not be read is told. Source: AirbyteRecordMessageMetaChange of the Airbyte protocol.
_NULLED = {"change": "NULLED", "reason": "SOURCE_SERIALIZATION_ERROR"}


def as_json(record: dict[str, Any]) -> bytes:
    """A record's data, in `meta.changes` what could not be read and is null for that reason, and where its file is."""
    if CHANGES not in record and REFERENCE not in record:
        return dumps(record)
    nulled, file = record.pop(CHANGES, None), record.pop(REFERENCE, None)
    content = dumps(record)
    if nulled:
        content += meta(nulled)
    return content + b',"file_reference":' + orjson.dumps(file) if file else content


def meta(nulled: Iterable[str]) -> bytes:
    """What stands behind a record's data: the places that became null."""
    return b',"meta":' + orjson.dumps({"changes": [{"field": place, **_NULLED} for place in nulled]})


class _Record(threading.local):
    """The record that a thread makes now."""

    def __init__(self) -> None:
        self.places: dict[str, None] = {}


class Problems:
    """What a stream's rows held that the schema does not: keys dropped, values that had another type, rows without key.

    Safe to use from several threads, each of which makes one record at a time.
    """

    def __init__(self) -> None:
        self._undeclared: set[str] = set()
        self._unreadable: Counter[str] = Counter()
        self._without_key: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._record = _Record()
        #: How often ``count`` was called, by all threads.
        self.counted = 0

    def sentences(self) -> list[str]:
        """One warning for each kind of problem."""
        with self._lock:
            return list(self._sentences())

    def _sentences(self) -> Iterable[str]:
        if self._undeclared:
            yield f"not declared in the schema and left out: {', '.join(sorted(self._undeclared))}"
        for place, count in sorted(self._unreadable.items()):
            yield f"`{place}` had another type in {some(count, 'row')} and is null there"
        for column, count in sorted(self._without_key.items()):
            yield f"{some(count, 'row')} left out, without a readable `{column}`, their key"

    def begin(self) -> int:
        """This thread makes records. Answers ``counted``, which stays as it is while all of them can be read."""
        self._record.places = {}
        return self.counted

    def count(self, place: str, is_lost: bool = True) -> None:
        """One value more that could not be read: of a column, or of a part of one such as ``prices[].cost``.

        ``is_lost`` is False for one that was null in a list already.
        """
        if is_lost:
            self._record.places[place] = None
        with self._lock:
            self._unreadable[place] += 1
            self.counted += 1

    def nulled(self) -> list[str]:
        """The places that were counted since this thread was asked last or began, each once."""
        nulled, self._record.places = list(self._record.places), {}
        return nulled

    def undeclare(self, keys: Iterable[str]) -> None:
        """Keys that no schema declares."""
        with self._lock:
            self._undeclared.update(keys)

    def leave_out(self, column: str) -> None:
        """One row more without a readable key."""
        with self._lock:
            self._without_key[column] += 1
