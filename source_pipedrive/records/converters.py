"""One value of the API to one value of a column. Pure, fast on the usual input, honest about the unusual.

A converter returns the value, None for "nothing there", and raises one of UNREADABLE for what is not of its type.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import date as calendar_date
from datetime import datetime
from math import isfinite
from operator import not_
from typing import Any

import pendulum

from pipedrive_client.expressions.comparison import Moment
from pipedrive_client.lenient_json import LARGEST, SMALLEST, is_64_bit
from pipedrive_client.typed_rows import column

Converter = Callable[[Any], Any]
#: Told the place of a part that could not be read, such as ``prices[].cost``, and whether the part was something.
Report = Callable[[str, bool], None]
#: What a value of an unexpected shape raises where it is read.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, OverflowError)

_TRUE = frozenset({1, "1", "true", "True"})
_FALSE = frozenset({0, "0", "false", "False"})


def utc(value: Any) -> str | None:
    """Any timestamp of the API as RFC 3339 UTC with whole seconds; ``0000-00-00`` and empty text become None.

    v1 sends ``2024-05-01 10:00:00`` meaning UTC, v2 RFC 3339 with or without fractions.
    Source: https://pipedrive.readme.io/docs/core-api-concepts-date-format
    """
    if type(value) is not str:
        raise ValueError("not a text")
    length = len(value)
    if length == 20 and value[4::3] == "--T::Z":
        try:
            datetime.fromisoformat(value)
            return value
        except ValueError:
            if not value.startswith("0000"):
                raise
    if not value or value.startswith("0000"):
        return None
    if length == 19 and value[10] in " T":
        return utc(f"{value[:10]}T{value[11:]}Z")
    if length > 20 and value[19] == "." and value[-1] == "Z" and value[10] == "T":
        return utc(value[:19] + "Z")
    return _utc_slow(value)


def local(time: str) -> str:
    """A time as ``utc`` gives it in the spelling of v1, ``2024-05-01 10:00:00``."""
    return time.removesuffix("Z").replace("T", " ")


def _utc_slow(value: str) -> str:
    try:
        parsed = pendulum.parse(value, tz="UTC", strict=True) if value[0].isdigit() else None
        if isinstance(parsed, pendulum.DateTime):
            return str(Moment.of(parsed))
    except Exception:
        pass
    raise ValueError("not a time")


def utc_or_none(value: Any) -> str | None:
    """The same, None for what is no time."""
    try:
        return None if value is None else utc(value)
    except UNREADABLE:
        return None


#: Every digit as ``9``, and a time then, as v2 sends it and ``utc`` returns it.
_NINES = bytes(ord("9") if chr(byte).isdecimal() else byte for byte in range(256))
_TIME = b"9999-99-99T99:99:99Z"


def times(rows: Sequence[Any], name: str) -> list[str | None]:
    """``utc_or_none`` of a column of every row, without a look at each where all are as v2 sends them."""
    values = column(rows, name)
    try:
        # Where one is longer or shorter, the next one begins in the middle of a time and is none.
        if "".join(values).encode().translate(_NINES) == _TIME * len(values):
            deque(map(datetime.fromisoformat, values), maxlen=0)
            return values
    except (TypeError, ValueError):
        pass
    return [utc_or_none(value) for value in values]


#: Dates that were read: there are few days, and very many dates.
DAYS: set[str] = set()
_MOST_DAYS = 10_000


def date(value: Any) -> str | None:
    """A date as ``YYYY-MM-DD``; ``0000-00-00`` and empty text become None."""
    if type(value) is not str:
        raise ValueError("not a text")
    if value in DAYS:
        return value
    if not value or value.startswith("0000"):
        return None
    if len(value) >= 10 and value[4] == "-" and value[7] == "-":
        day = value[:10]
        calendar_date.fromisoformat(day)
        if len(DAYS) < _MOST_DAYS:
            DAYS.add(day)
        return day
    raise ValueError("not a date")


def integer(value: Any) -> int | None:
    """A whole number of 64 bits; text and whole floats are read, too."""
    if type(value) is int and SMALLEST <= value <= LARGEST:
        return value
    if value == "":
        return None
    if type(value) is float or (type(value) is str and not _digits(value)):
        value = float(value)
        if value == int(value) and is_64_bit(int(value)):
            return int(value)
    elif type(value) is str and is_64_bit(int(value)):
        return int(value)
    raise ValueError("not a whole number of 64 bits")


def number(value: Any) -> int | float | None:
    """A number; text is read, too. NaN, infinity and whole numbers beyond 64 bits are none that a column holds."""
    if type(value) is str:
        if value == "":
            return None
        value = int(value) if _digits(value) else float(value)
    if type(value) is float and isfinite(value):
        return value
    if type(value) is int and is_64_bit(value):
        return value
    raise ValueError("not a number")


def _digits(text: str) -> bool:
    return text.lstrip("+-").isdigit()


def id_or_none(value: Any) -> int | None:
    """An id in the type of ids, None for what is none: what else stands there may not even be hashable."""
    try:
        return None if value is None else integer(value)
    except UNREADABLE:
        return None


def boolean(value: Any) -> bool | None:
    """A truth value; v1 sends 0, 1, "0", "1", "true" as well."""
    if type(value) is bool:
        return value
    if value == "":
        return None
    if isinstance(value, int | str):
        if value in _TRUE:
            return True
        if value in _FALSE:
            return False
    raise ValueError("not true or false")


def text(value: Any) -> str:
    """Text; numbers and truth values become their text."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and isfinite(value)):
        return str(value)
    raise ValueError("not a text")


def anything(value: Any) -> Any:
    """The value as it is."""
    return value


def are_integers(values: list[Any]) -> bool:
    """Whether all values are whole numbers of 64 bits."""
    for value in values:  # noqa: SIM110 - mostly one or two, for which nothing is as quick
        if value.__class__ is not int or not SMALLEST <= value <= LARGEST:
            return False
    return True


def are_many_integers(values: list[Any]) -> bool:
    """The same, quick for long lists."""
    if not {int}.issuperset(map(type, values)):
        return False
    return min(values, default=0) >= SMALLEST and max(values, default=0) <= LARGEST


def are_texts(values: list[Any]) -> bool:
    """Whether all values are texts."""
    return {str}.issuperset(map(type, values))


#: Converter of the items of a list -> whether it returns all of them as they are.
_ARE_PLAIN: Mapping[Converter, Callable[[list[Any]], bool]] = {integer: are_integers, text: are_texts}


def _untold(place: str, is_lost: bool) -> None:
    """Nobody wants to know."""


def converter(schema: Mapping[str, Any], place: str = "", report: Report = _untold) -> Converter:
    """The converter of a JSON schema property, nested objects and lists included.

    A nested part that cannot be read is None and reported as ``place`` with its own name behind.
    """
    kinds = schema.get("type", [])
    wanted = [name for name in ([kinds] if isinstance(kinds, str) else kinds) if name != "null"]
    kind = wanted[0] if len(wanted) == 1 else ""
    if kind == "string":
        return {"date-time": utc, "date": date}.get(schema.get("format", ""), text)
    if kind == "array":
        inner = f"{place}[]"
        item = converter(schema["items"], inner, report) if schema.get("items") else anything
        return ArrayConverter(item, inner, report)
    if kind == "object":
        parts = schema.get("properties", {}).items()
        return _object({name: converter(part, f"{place}.{name}", report) for name, part in parts}, place, report)
    return {"integer": integer, "number": number, "boolean": boolean}.get(kind, anything)


class ArrayConverter:
    """A list, item by item; nearly all are as they should be, which is told faster."""

    def __init__(self, convert: Converter, place: str, report: Report) -> None:
        self._convert = convert
        self._place = place
        self._report = report
        self.are_plain = _ARE_PLAIN.get(convert, not_)

    def __call__(self, value: Any) -> Any:
        """The list. Raises ValueError for anything else."""
        if type(value) is not list:
            raise ValueError("not a list")
        if self.are_plain(value):
            return value
        return [self._item(item) for item in value]

    def _item(self, item: Any) -> Any:
        try:
            if item is not None:
                return self._convert(item)
        except UNREADABLE:
            pass
        self._report(self._place, item is not None)
        return None


def _object(parts: Mapping[str, Converter], place: str, report: Report) -> Converter:
    def read_part(name: str, item: Any) -> Any:
        try:
            return parts[name](item)
        except UNREADABLE:
            report(f"{place}.{name}", True)
            return None

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise ValueError("not an object")
        return {
            name: item if item is None or name not in parts else read_part(name, item) for name, item in value.items()
        }

    return read
