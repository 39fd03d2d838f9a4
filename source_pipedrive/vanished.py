"""Rows that vanished since the last sync: ids then minus ids now. Ids are kept compactly in the state.

Lists of most objects show live rows only, so a deleted person, organization, product … is visible only by its absence.
"""

import base64
import uuid
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from pipedrive_client.endpoints import MAX_IDS
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import rows

Row = dict[str, Any]
Id = int | str


def pack(ids: Iterable[Id]) -> str:
    """Ids as text: numbers as the varints of their distances, UUIDs as 16 bytes each; compressed."""
    known = set(ids)
    if all(isinstance(one, int) for one in known):
        return "n" + _text(_varints(sorted(one for one in known if isinstance(one, int))))
    return "u" + _text(b"".join(sorted(uuid.UUID(str(one)).bytes for one in known)))


def unpack(text: str) -> set[Id]:
    """The ids of a packed text. Raises ValueError when it is none."""
    try:
        data = zlib.decompress(base64.b85decode(text[1:]))
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if text[0] == "u":
        return {str(uuid.UUID(bytes=data[at : at + 16])) for at in range(0, len(data), 16)}
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
            (self._reported if row.get("is_deleted") else self._now).add(row["id"])

    def pass_by(self, row: Row) -> None:
        """A row outside of the selection: it has not vanished, and is kept in mind if it ever was inside."""
        if row.get("id") in self._before:
            self.meet(row)

    @property
    def ids(self) -> str:
        """The ids to keep for the next run."""
        return pack(self._now)

    def vanished(self, client: PipedriveClient, path: str) -> Iterator[Row]:
        """A row with ``is_deleted`` for each id that is gone. v2 lists are asked once more for those very ids."""
        gone = sorted(self._before - self._now - self._reported, key=str)
        if path.startswith("api/v2/"):
            still = {row["id"] for ids in _portions(gone) for row in rows(client, path, {"ids": ids})}
            self._now |= still
            gone = [one for one in gone if one not in still]
        # A destination that keeps the newest row by its cursor needs a time, and the API no longer has one.
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield from ({"id": one, "update_time": now, "is_deleted": True} for one in gone)


def _portions(ids: list[Id]) -> Iterator[str]:
    for begin in range(0, len(ids), MAX_IDS):
        yield ",".join(map(str, ids[begin : begin + MAX_IDS]))
