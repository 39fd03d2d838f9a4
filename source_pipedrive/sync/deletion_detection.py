"""Rows that vanished since the last sync: ids then minus ids now. Ids are kept compactly in the state.

Lists of most objects show live rows only, so a deleted person, organization, product … is visible only by its absence.
``tombstones`` asks the API what became of them.
"""

import base64
import re
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain
from operator import sub
from typing import Any

import orjson

Row = dict[str, Any]
Id = int | str
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LOW = 2**64 - 1
#: No header of zlib: versions that do not know this form read no ids instead of wrong ones.
_RAW = -zlib.MAX_WBITS
#: Ids in a row are repetitions; ids here and there are none, and looking for some only makes the text longer.
_STRATEGIES = (zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY)


def pack(ids: Iterable[Id]) -> str:
    """Ids as text: numbers and UUIDs as the distances between them, others as JSON; compressed."""
    known = set(ids)
    if all(isinstance(one, int) and one >= 0 for one in known):
        return "d" + _text(_distances(sorted(one for one in known if isinstance(one, int))))
    if all(isinstance(one, str) and _UUID.fullmatch(one) for one in known):
        return "v" + _text(_distances(sorted(_ordinal(str(one)) for one in known)))
    return "o" + _text(orjson.dumps(sorted(known, key=str)))


def unpack(text: str) -> set[Id]:
    """The ids of a packed text. Raises ValueError when it is none."""
    read = _READERS.get(text[:1])
    if read is None:
        raise ValueError("These are no packed ids.")
    try:
        return set(read(base64.b85decode(text[1:])))
    except zlib.error as error:
        raise ValueError(str(error)) from None


def _text(data: bytes) -> str:
    return base64.b85encode(min((_compressed(data, one) for one in _STRATEGIES), key=len)).decode()


def _compressed(data: bytes, strategy: int) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, _RAW, zlib.DEF_MEM_LEVEL, strategy)
    return packer.compress(data) + packer.flush()


def _distances(numbers: list[int]) -> bytes:
    """The width of a distance in bytes, then the lowest byte of each distance, the next byte of each, and so on.

    The low bytes are as good as random and the high ones nearly all alike; apart from each other they are packed best.
    """
    distances = list(map(sub, numbers, chain((0,), numbers)))
    width = max((each.bit_length() + 7) // 8 for each in (1, *distances))
    data = b"".join(each.to_bytes(width, "little") for each in distances)
    return bytes([width]) + b"".join(data[place::width] for place in range(width))


def _numbers(packed: bytes) -> Iterator[int]:
    data = zlib.decompress(packed, _RAW)
    width, rest = data[0] if data else 0, data[1:]
    if not width or len(rest) % width:
        raise ValueError("These are no distances.")
    count = len(rest) // width
    turned = bytearray(len(rest))
    for place in range(width):
        turned[place::width] = rest[place * count : (place + 1) * count]
    return accumulate(int.from_bytes(turned[at : at + width], "little") for at in range(0, len(turned), width))


def _ordinal(text: str) -> int:
    """A UUID as a number. Those that one process made by the clock (version 1) follow each other in time."""
    one = uuid.UUID(text)
    return (one.int & _LOW) << 64 | one.time_hi_version << 48 | one.time_mid << 32 | one.time_low


def _uuids(packed: bytes) -> Iterator[str]:
    return map(_uuid, _numbers(packed))


def _uuid(ordinal: int) -> str:
    high, middle, low = ordinal >> 48 & 0xFFFF, ordinal >> 32 & 0xFFFF, ordinal & 0xFFFF_FFFF
    return str(uuid.UUID(int=low << 96 | middle << 80 | high << 64 | ordinal >> 64))


def _others(packed: bytes) -> list[Id]:
    return list(orjson.loads(zlib.decompress(packed, _RAW)))


def _varints(packed: bytes) -> Iterator[int]:
    number, distance, shift = 0, 0, 0
    for byte in zlib.decompress(packed):
        distance |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            number += distance
            distance, shift = 0, 0
            yield number


def _bytes_of_uuids(packed: bytes) -> Iterator[str]:
    data = zlib.decompress(packed)
    return (str(uuid.UUID(bytes=data[at : at + 16])) for at in range(0, len(data), 16))


def _earlier_others(packed: bytes) -> list[Id]:
    return list(orjson.loads(zlib.decompress(packed)))


_READERS: dict[str, Callable[[bytes], Iterable[Id]]] = {
    "d": _numbers,
    "v": _uuids,
    "o": _others,
    # In states of before.
    "n": _varints,
    "u": _bytes_of_uuids,
    "j": _earlier_others,
}


@dataclass(frozen=True)
class Gone:
    """Rows that were reported as vanished. One that comes back must be newer than ``time`` to win over its report."""

    ids: frozenset[Id] = frozenset()
    time: str = ""

    @classmethod
    def read(cls, state: Any) -> "Gone":
        """From its JSON form. Raises ValueError, TypeError or KeyError for anything else."""
        return cls(frozenset(unpack(state["ids"])), str(state["time"])) if state else cls()

    def as_state(self) -> Row | None:
        """JSON form; None when there is nothing to remember."""
        return {"ids": pack(self.ids), "time": self.time} if self.ids else None

    def without(self, ids: Iterable[Id]) -> "Gone":
        """The rows that are not back."""
        return Gone(self.ids.difference(ids), self.time)

    def and_also(self, ids: Iterable[Id], time: str) -> "Gone":
        """With rows that were reported now; the latest time holds for all, so that one is enough to remember."""
        new = frozenset(ids)
        return Gone(self.ids | new, max(self.time, time)) if new else self


class IdSnapshot:
    """Ids of the rows that a run meets, held against those that the last one left."""

    def __init__(self, before: str | None, gone: Gone) -> None:
        """``before``: packed ids; None when no run has left any. ``gone``: what was reported as vanished so far."""
        self._has_before = before is not None
        self._before = unpack(before) if before else set()
        self._now: set[Id] = set()
        self._reported: set[Id] = set()
        self._gone = gone
        self._kept = 0

    def add(self, row: Row) -> None:
        """A row that the API showed; one that it shows as deleted is reported by the API itself."""
        (self._reported if is_deleted(row) else self._now).add(row["id"])

    def add_if_known(self, row: Row) -> None:
        """A row that is not wanted (any more): it has not vanished, and is kept in mind if it ever was wanted."""
        if row["id"] in self._before:
            self.add(row)

    def has_turned(self, row: Row) -> bool:
        """Whether a row is back, or deleted now, whatever its change time says."""
        return self._has_before and is_deleted(row) is (row["id"] in self._before)

    def time_to_beat(self, row: Row) -> str:
        """The time with which a row that is there was reported as vanished; empty when it was not."""
        return self._gone.time if row["id"] in self._gone.ids and not is_deleted(row) else ""

    @property
    def is_due(self) -> bool:
        """Whether a tenth more rows were met than when ids were last kept: packing them after every page is slow."""
        return len(self._now) + len(self._reported) >= self._kept * 1.1

    @property
    def count_before(self) -> int:
        """How many rows the last run left."""
        return len(self._before)

    @property
    def missing(self) -> set[Id]:
        """Rows that were there before and were not met."""
        return self._before - self._now - self._reported

    def so_far(self) -> tuple[str, Gone]:
        """What to keep when the run may be cut off: the ids from before and those that were met; what is not back."""
        self._kept = len(self._now) + len(self._reported)
        return pack(self._before - self._reported | self._now), self._gone.without(self._now)

    def at_the_end(self, gone: Iterable[Id], time: str) -> tuple[str, Gone]:
        """What to keep for the next run, when ``gone`` were reported with ``time``. Other missing rows stay in mind."""
        gone = set(gone)
        return pack(self._now | self.missing - gone), self._gone.without(self._now).and_also(gone, time)


def is_deleted(row: Row) -> bool:
    """Whether a row says that it is deleted; those without ``is_deleted`` have ``active_flag``."""
    deleted = row.get("is_deleted")
    return row.get("active_flag") is False if deleted is None else bool(deleted)
