"""Typed rows to records as JSON, by a function that is written for the layout of their list.

The first page of a list is parsed into dicts (``row_layout``). It shows which keys the rows have; the schema and the
account's fields say what each of them holds. From then on, pages whose rows have just these keys are parsed into typed
rows (``typed_rows``), and each record is another such object, which is serialized at once. That takes two thirds of the
time. A page with anything else in it is parsed into dicts, as before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from keyword import iskeyword
from typing import Any, Final

import msgspec

from pipedrive_client.typed_rows import decoder, nested_class, typed_class
from source_pipedrive.records.converters import anything, utc
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS
from source_pipedrive.records.custom_layout import TypedBlock
from source_pipedrive.records.problems import Problems, meta
from source_pipedrive.records.row_layout import Shape, compiled
from source_pipedrive.records.usual_values import IN_CODE, IS_TEXT, PLAIN, as_is, kind_of

Row = dict[str, Any]

#: Keys that a reading asks for. Rows that may leave one out are not typed.
NEEDED: Final = frozenset({"id", "add_time", "update_time"})

_BEGIN = """
def write(rows):
    counted, found = problems.begin(), []
    for row in rows:
"""
_CUSTOM = """
        custom = row.custom_fields
"""
#: A text is either as it should be, or read by its converter; neither null nor what was left out is a text.
_TEXT = """
        {value} = row.{key}
        if {value}.__class__ is str and not ({is_right}):
            {value} = convert({key!r}, {value})
"""
#: A time that is none raises what the converter may take for no time at all, such as ``0000-00-00``.
_TIME = """
        {value} = row.{key}
        if {value}.__class__ is str:
            try:
                if not ({is_right}):
                    {value} = convert({key!r}, {value})
            except ValueError:
                {value} = convert({key!r}, {value})
"""
_CONVERT = """
        {value} = row.{key}
        if {value} is not None and {value} is not UNSET:
            {value} = convert({key!r}, {value})
"""
_DERIVE = """
        {value} = {given}
        if {value} is None or {value} is UNSET:
            {value} = {derive}(None if {source} is UNSET else {source})
"""
_END = """
        line = encode(Record({cells}))
        if problems.counted != counted:
            counted, nulled = problems.counted, problems.nulled()
            line += meta(nulled) if nulled else b""
        found.append(line)
    return found
"""


@dataclass(frozen=True)
class TypedLayout:
    """Parses answers whose rows have the keys of ``always``, and perhaps others of ``keys``; None for other answers."""

    keys: Mapping[str, None]
    always: frozenset[str]
    decode: Callable[[bytes], Row | None]


def typed_layout(
    rows: Sequence[Row],
    shape: Shape,
    block: TypedBlock,
    constants: Mapping[str, Any],
    problems: Problems,
    before: TypedLayout | None = None,
) -> TypedLayout | None:
    """The layout of rows like these, and of those ``before``; None when they cannot be typed.

    Each record has the ``constants``.
    """
    keys = {**(before.keys if before else {}), **dict.fromkeys(chain.from_iterable(rows))}
    always = (before.always if before else frozenset(keys)).intersection(*rows)
    if not always >= NEEDED & shape.converters.keys() or not all(map(_is_member, keys)):
        return None
    kinds = {key: kind_of(shape.converters.get(key, anything)) for key in keys}
    if block.kinds is not None:
        del kinds[CUSTOM_FIELDS]
    row_class = typed_class(kinds, always, **_nested(block))
    columns = [key for key in kinds if key in shape.converters]
    row_class._write = _writer(columns, shape, block, constants, problems)
    return TypedLayout(keys, always, decoder(row_class))


def _nested(block: TypedBlock) -> dict[str, Any]:
    return {} if block.kinds is None else {CUSTOM_FIELDS: nested_class(block.kinds)}


def _is_member(key: str) -> bool:
    """Whether a key is a name that a member may have."""
    return key.isascii() and key.isidentifier() and not iskeyword(key) and not key.startswith("_")


def _writer(
    columns: Sequence[str], shape: Shape, block: TypedBlock, constants: Mapping[str, Any], problems: Problems
) -> Callable[[Sequence[Any]], list[bytes]]:
    """A function that writes typed rows as records. Nothing of a row gets into the code but names of columns."""
    cells = {key: _cell(key, number, shape) for number, key in enumerate(columns)}
    code = [one.code for one in cells.values()]
    expressions = {key: one.expression for key, one in cells.items()} | dict(block.cells)
    for number, (key, derive) in enumerate(shape.derived.items()):
        code.append(_derive_code(key, f"derive_{number}", expressions, derive.source))
        expressions[key] = f"derived_{key}"
    expressions |= {key: f"constants[{key!r}]" for key in constants}
    known: dict[str, Any] = {**IN_CODE, **block.known, "convert": shape.convert, "constants": constants}
    known |= {"problems": problems, "meta": meta, "UNSET": msgspec.UNSET, "encode": msgspec.json.Encoder().encode}
    known |= {f"derive_{number}": one.make for number, one in enumerate(shape.derived.values())}
    known["Record"] = _record_class(expressions)
    custom = "" if block.kinds is None else _CUSTOM + block.code
    whole = _BEGIN + "".join(code[: len(columns)]) + custom + "".join(code[len(columns) :])
    exec(compiled(whole + _END.format(cells=", ".join(expressions.values()))), known)
    written: Callable[[Sequence[Any]], list[bytes]] = known["write"]
    return written


def _record_class(columns: Iterable[str]) -> Any:
    """The class of records with these columns, given in their order."""
    members = [(f"column_{number}", Any, msgspec.field(name=column)) for number, column in enumerate(columns)]
    return msgspec.defstruct("Record", members, gc=False)


@dataclass(frozen=True)
class _Cell:
    """How a column's value is found: code that comes before, and an expression then."""

    expression: str
    code: str = ""


def _cell(key: str, number: int, shape: Shape) -> _Cell:
    convert, value = shape.converters[key], f"value_{number}"
    if convert in PLAIN or convert is anything or kind_of(convert) is list:
        return _Cell(f"row.{key}")
    is_right = as_is(convert).removeprefix(IS_TEXT).format(value)
    template = _TIME if convert is utc else _TEXT if kind_of(convert) is str else _CONVERT
    return _Cell(value, template.format(value=value, key=key, is_right=is_right))


def _derive_code(key: str, derive: str, cells: Mapping[str, str], source: str) -> str:
    value = f"derived_{key}"
    given, source_value = cells.get(key, "None"), cells.get(source, "None")
    return _DERIVE.format(value=value, given=given, derive=derive, source=source_value)
