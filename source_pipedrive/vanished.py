"""Rows that vanished since the last sync: ids then minus ids now. Ids are kept compactly in the state.

Lists of most objects show live rows only, so a deleted person, organization, product … is visible only by its absence.
"""

import base64
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from pipedrive_client.endpoints import MAX_IDS
from pipedrive_client.errors import Refused
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import rows

Row = dict[str, Any]
Id = int | str
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

#: Lists that take ``ids``. Source: the v2 operations' parameters.
TAKES_IDS = frozenset(
    f"api/v2/{name}" for name in ("deals", "deals/archived", "persons", "organizations", "activities", "products")
)
#: Lists whose rows are asked for one by one. All others are small and always read whole.
BY_ID = frozenset({"v1/leads", "v1/notes", "v1/files"})
#: A row that is gone or hidden when it is asked for by its id.
GONE = (403, 404, 410)


def pack(ids: Iterable[Id]) -> str:
    """Ids as text: numbers as the varints of their distances, UUIDs as 16 bytes each, others as JSON; compressed."""
    known = set(ids)
    if all(isinstance(one, int) and one >= 0 for one in known):
        return "n" + _text(_varints(sorted(one for one in known if isinstance(one, int))))
    if all(isinstance(one, str) and _UUID.fullmatch(one) for one in known):
        return "u" + _text(b"".join(sorted(uuid.UUID(str(one)).bytes for one in known)))
    return "j" + _text(orjson.dumps(sorted(known, key=str)))


def unpack(text: str) -> set[Id]:
    """The ids of a packed text. Raises ValueError when it is none."""
    try:
        data = zlib.decompress(base64.b85decode(text[1:]))
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if text[0] == "u":
        return {str(uuid.UUID(bytes=data[at : at + 16])) for at in range(0, len(data), 16)}
    if text[0] == "j":
        return set(orjson.loads(data))
    return set(_numbers(data))


def _text(data: bytes) -> str:
    return base64.b85encode(zlib.compress(data, 9)).decode()


def _varints(numbers: list[int]) -> bytes:
    out, last = bytearray(), 0
    for number in numbers:
        distance, last = number - last, number
        while distance > 0x7F:
            out.append(distance & 0x7F | 0x80)
            distance >>= 7
        out.append(distance)
    return bytes(out)


def _numbers(data: bytes) -> Iterator[int]:
    number, distance, shift = 0, 0, 0
    for byte in data:
        distance |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            number += distance
            distance, shift = 0, 0
            yield number


class Comparison:
    """Ids of the rows that a run meets, held against those of the last complete run."""

    def __init__(self, before: str | None) -> None:
        self._before = unpack(before) if before else set()
        self._now: set[Id] = set()
        self._reported: set[Id] = set()

    def meet(self, row: Row) -> None:
        """A row that the API showed; one that it shows as deleted is reported by the API itself."""
        if row.get("id") is not None:
            (self._reported if _is_deleted(row) else self._now).add(row["id"])

    def pass_by(self, row: Row) -> None:
        """A row that is not wanted (any more): it has not vanished, and is kept in mind if it ever was wanted."""
        if row.get("id") in self._before:
            self.meet(row)

    @property
    def ids(self) -> str:
        """The ids to keep for the next run."""
        return pack(self._now)

    @property
    def ids_so_far(self) -> str:
        """The ids to keep when the run is cut off: those from before, and what was met."""
        return pack(self._before - self._reported | self._now)

    def vanished(self, client: PipedriveClient, paths: Iterable[str]) -> list[Id]:
        """Ids that are gone. A row may have left a list otherwise, so the API is asked for those very ids, if it can.

        Raises what the client raises.
        """
        gone = self._before - self._now - self._reported
        for path in paths:
            still = set(_found(client, path, sorted(gone, key=str)))
            self._now |= still
            gone -= still
        return sorted(gone, key=str)


def _found(client: PipedriveClient, path: str, ids: list[Id]) -> Iterator[Id]:
    """Those of the ids that a list's object still has."""
    if path in TAKES_IDS:
        for begin in range(0, len(ids), MAX_IDS):
            some = ",".join(map(str, ids[begin : begin + MAX_IDS]))
            yield from (row["id"] for row in rows(client, path, {"ids": some}) if not _is_deleted(row))
    elif path in BY_ID:
        yield from (one for one in ids if _is_there(client, path, one))


def _is_there(client: PipedriveClient, path: str, one: Id) -> bool:
    try:
        row = client.request("GET", path + "/{id}", id=one).get("data")
    except Refused as error:
        if error.status in GONE:
            return False
        raise
    return isinstance(row, dict) and not _is_deleted(row)


def _is_deleted(row: Row) -> bool:
    """Whether a row says that it is deleted; those without ``is_deleted`` have ``active_flag``."""
    deleted = row.get("is_deleted")
    return row.get("active_flag") is False if deleted is None else bool(deleted)
