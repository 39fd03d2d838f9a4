"""Rows of one layout to records, by a function that is written for that layout.

The rows of a list have the same keys in the same order, and nearly all of their values stay as they are. So a row is
copied as a whole, its values are looked at in one line of code each, and only times, lists and objects are read one by
one. Written out for the columns that are there, this takes a third of the time of a loop that asks for each key which
column it is and for each value what that column wants; a record is made up to a million times in a read.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from operator import itemgetter
from typing import Any

from pipedrive_client.lenient_json import LARGEST, SMALLEST
from source_pipedrive.records.converters import (
    UNREADABLE,
    Converter,
    anything,
    boolean,
    integer,
    number,
    text,
)

Row = dict[str, Any]
#: The built-in columns of a row; None for a row that has to be read value by value.
ReadRow = Callable[[Row], Row | None]

#: Layouts that are remembered for a stream: v1 leaves keys out of single rows, so there may be very many.
MOST_LAYOUTS = 40

#: Converter -> when it returns a value, ``{0}``, as it is. Of numbers NaN, infinity and very large ones are left to it.
_AS_IS: Mapping[Converter, str] = {
    text: "{0}.__class__ is str",
    boolean: "{0}.__class__ is bool",
    integer: "{0}.__class__ is int and SMALLEST <= {0} <= LARGEST",
    number: "({0}.__class__ is float or {0}.__class__ is int) and SMALLEST <= {0} <= LARGEST",
}

_BEGIN = """
def read(row):
    {values} = take(row)
"""
_CHECK = """
    if not ({value} is None or {is_right}):
        return None
"""
_COPY = """
    out = row.copy()
    for key in left_out:
        del out[key]
"""
_CONVERT = """
    if {value} is not None:
        try:
            out[{key!r}] = convert_{value}({value})
        except UNREADABLE:
            out[{key!r}] = None
            count({key!r})
"""
_END = """
    return out
"""


def reader(keys: Collection[str], converters: Mapping[str, Converter], count: Callable[[str], None]) -> ReadRow:
    """A function that reads the rows with these keys. ``count`` is told the columns of values that could not be read.

    Nothing of a row gets into the code but names of columns that the schema has.
    """
    columns = {key: converters[key] for key in keys if key in converters}
    names = {f"value_{number}": key for number, key in enumerate(columns)}
    known: dict[str, Any] = {f"convert_{name}": columns[key] for name, key in names.items()}
    known |= {"LARGEST": LARGEST, "SMALLEST": SMALLEST, "UNREADABLE": UNREADABLE, "count": count}
    known |= {"take": _take(list(columns)), "left_out": tuple(key for key in keys if key not in columns)}
    exec("".join(_code(names, columns)), known)
    read: ReadRow = known["read"]
    return read


def _code(names: Mapping[str, str], columns: Mapping[str, Converter]) -> Iterator[str]:
    """``names``: variable -> the column whose value it holds."""
    yield _BEGIN.format(values=", ".join(names) + "," if names else "_")
    for name, key in names.items():
        if columns[key] in _AS_IS:
            yield _CHECK.format(value=name, is_right=_AS_IS[columns[key]].format(name))
    yield _COPY
    for name, key in names.items():
        if columns[key] not in _AS_IS and columns[key] is not anything:
            yield _CONVERT.format(value=name, key=key)
    yield _END


def _take(keys: list[str]) -> Callable[[Row], tuple[Any, ...]]:
    """Takes the values of these keys out of a row."""
    return itemgetter(*keys) if len(keys) > 1 else lambda row: tuple(row[key] for key in keys)
