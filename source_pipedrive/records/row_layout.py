"""Rows of one layout to records, by a function that is written for that layout.

The rows of a list have the same keys in the same order, and nearly all of their values stay as they are. So each value
is looked at in one line of code, only what is not as usual is read by its converter, and the record is written down as
a whole. This takes a third of the time of a loop that asks for each key which column it is and for each value what that
column wants; a record is made up to a million times in a read.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from types import CodeType
from typing import Any, Generic, TypeVar

from source_pipedrive.records.converters import Converter, anything, utc
from source_pipedrive.records.usual_values import IN_CODE, as_is

T = TypeVar("T")
Row = dict[str, Any]
#: The record of a row; None for a row of another layout.
ReadRow = Callable[[Row], Row | None]
#: Reads a value of a column, which is not null; one that cannot be read is counted.
Convert = Callable[[str, Any], Any]

#: Layouts that are remembered for a stream.
MOST_LAYOUTS = 40
#: Of those with the same number of keys, how many are tried one after the other; others are looked up by their keys.
FIRST_LAYOUTS = 3

#: Functions that are kept ready for all streams together, of some 20 kB each.
MOST_CODES = 200

#: A row with as many keys of which each is one of the layout has exactly these.
_BEGIN = """
def read(row):
    try:
        {values} = take(row)
{custom_values}
    except KeyError:
        return None
"""
_CUSTOM_VALUES = """
        {values}
        if values.__class__ is not dict or len(values) != {count}:
            return None
        {variables} = take_custom(values)
"""
#: A record begins as a copy of one in which all is null: that takes a fraction of the time of making it key by key.
_RECORD = """
    out = empty.copy()
"""
_AS_IT_IS = """
    if {value} is not None:
        out[{key!r}] = {value}
"""
_UNLESS_AS_IS = """
    if {value} is not None:
        out[{key!r}] = {value} if {is_right} else convert({key!r}, {value})
"""
#: A time that is none raises what the converter may take for no time at all, such as ``0000-00-00``.
_TIME = """
    if {value} is not None:
        try:
            out[{key!r}] = {value} if {is_right} else convert({key!r}, {value})
        except ValueError:
            out[{key!r}] = convert({key!r}, {value})
"""
_CONVERT = """
    if {value} is not None:
        out[{key!r}] = convert({key!r}, {value})
"""
_DERIVE = """
    if out[{key!r}] is None:
        out[{key!r}] = derive_{number}(out.get({source!r}))
"""
_END = """
    return out
"""


@dataclass(frozen=True)
class Block:
    """The code for custom fields. ``values`` puts the object that holds them into ``values``; empty where nothing does.

    ``keys``: those of the object. ``code`` finds their values in ``variables`` and writes the ``columns``
    that are not null into ``out``; ``before`` stands before anything is read. ``known`` is what both refer to.
    """

    values: str = ""
    keys: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    before: str = ""
    code: str = ""
    columns: tuple[str, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Derive:
    """A column that is made of another, the ``source``, where it is null."""

    source: str
    make: Callable[[Any], Any]


@dataclass(frozen=True)
class Shape:
    """What the rows of a stream become. ``derived`` are columns that are made from the others where they are null.

    ``again`` reads a row once more, when there are newer columns.
    """

    converters: Mapping[str, Converter]
    derived: Mapping[str, Derive]
    convert: Convert
    again: Callable[[Row], Row]


class Layouts(Generic[T]):
    """What reads objects of one kind, by the layouts that were met so far. Safe to use from several threads."""

    def __init__(self) -> None:
        #: Number of keys -> what reads the first layouts with as many, which nearly all objects have.
        self.first: dict[int, tuple[T, ...]] = {}
        self._all: dict[object, T] = {}

    def find(self, layout: object) -> T | None:
        """What reads objects of a layout."""
        return self._all.get(layout)

    def add(self, layout: object, keys: int, read: T) -> None:
        """Remember a layout with so many keys."""
        self._all[layout] = read
        self.first[keys] = (*self.first.get(keys, ()), read)[:FIRST_LAYOUTS]

    @property
    def is_full(self) -> bool:
        """Whether no further layouts are to be remembered: v1 leaves keys out of single rows, so there may be many."""
        return len(self._all) >= MOST_LAYOUTS


def reader(keys: tuple[str, ...], shape: Shape, custom: Block) -> ReadRow:
    """A function that reads the rows with these keys; it is asked only about rows with as many.

    Nothing of a row gets into the code but names of columns that the schema has.
    """
    columns = (*(key for key in keys if key in shape.converters), *custom.columns, *shape.derived)
    known: dict[str, Any] = {**IN_CODE, **custom.known, "convert": shape.convert, "again": shape.again}
    known |= {"take": _take(keys), "take_custom": _take(custom.keys)}
    known |= {f"derive_{number}": derive.make for number, derive in enumerate(shape.derived.values())}
    known["empty"] = dict.fromkeys(columns)
    exec(compiled("".join(_code(keys, shape, custom))), known)
    read: ReadRow = known["read"]
    return read


@lru_cache(MOST_CODES)
def compiled(code: str) -> CodeType:
    """Code that is ready to run. Streams of one kind, and readings of one account, have the same."""
    return compile(code, "<layout>", "exec")


def _take(keys: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    """Takes the values of these keys out of an object; raises KeyError where one is not there."""
    return itemgetter(*keys) if len(keys) > 1 else lambda row: tuple(row[key] for key in keys)


def _code(keys: tuple[str, ...], shape: Shape, custom: Block) -> Iterator[str]:
    values = {key: f"value_{number}" for number, key in enumerate(keys)}
    customs = _CUSTOM_VALUES if custom.values else ""
    customs = customs.format(values=custom.values, count=len(custom.keys), variables=_targets(custom.variables))
    yield _BEGIN.format(values=_targets(values.values()), custom_values=customs)
    yield custom.before + _RECORD
    for key, value in values.items():
        if key in shape.converters:
            yield _column(shape.converters[key]).format(value=value, key=key)
    yield custom.code
    for number, (key, derive) in enumerate(shape.derived.items()):
        yield _DERIVE.format(key=key, number=number, source=derive.source)
    yield _END


def _targets(variables: Collection[str]) -> str:
    return ", ".join(variables) + "," if variables else "()"


def _column(convert: Converter) -> str:
    """The code for a column with this converter; ``{value}`` and ``{key}`` are still to be put in."""
    if convert is anything:
        return _AS_IT_IS
    is_right = as_is(convert)
    code = _TIME if convert is utc else _UNLESS_AS_IS if is_right else _CONVERT
    return code.replace("{is_right}", is_right.replace("{0}", "{value}"))
