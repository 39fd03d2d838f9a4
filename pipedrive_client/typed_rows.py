"""Typed rows: objects with a member for each key, in the place of dicts.

Types and the range of 64 bits are checked while JSON is parsed. That takes less than half the time of parsing it into
dicts and checking each value then. The rows of one answer are either all typed or all dicts.
"""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from operator import attrgetter
from types import NoneType
from typing import Annotated, Any, ClassVar, Final, TypedDict

import msgspec

from pipedrive_client.lenient_json import LARGEST, NUL, SMALLEST

Row = dict[str, Any]

_INTEGER = Annotated[int, msgspec.Meta(ge=SMALLEST, le=LARGEST)]
_SCALAR = str | _INTEGER | float | bool | None
_SHALLOW = _SCALAR | list[_SCALAR] | dict[str, _SCALAR]
#: What is nested more deeply than API objects are does not fit.
_ANY = _SCALAR | list[_SHALLOW] | dict[str, _SHALLOW]
#: What a key holds, by a Python type that stands for it: ``float`` is any number, ``list`` one of whole numbers,
#: ``dict`` an object without further ones, ``object`` anything. Each may be null.
_TYPES: Final[Mapping[type, Any]] = {
    str: str | None,
    bool: bool | None,
    int: _INTEGER | None,
    float: _INTEGER | float | None,
    list: list[_INTEGER] | None,
    dict: dict[str, _SCALAR] | None,
    object: _ANY,
    NoneType: None,
}


class Written(list[bytes]):
    """Records that are JSON already."""


class TypedRow(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A row with one member for each key, named like it. A key that the row does not have is UNSET."""

    #: Serializes rows of this class as records.
    _write: ClassVar[Callable[[Sequence[Any]], list[bytes]]]


def typed_class(kinds: Mapping[str, type], always: Container[str], **nested: Any) -> type[TypedRow]:
    """A class of rows that have these keys, ``always`` or perhaps; ``nested`` hold objects of a class."""
    members: list[Any] = [(key, _TYPES[kind]) for key, kind in kinds.items() if key in always]
    members += nested.items()
    members += [
        (key, _TYPES[kind] | msgspec.UnsetType, msgspec.UNSET) for key, kind in kinds.items() if key not in always
    ]
    made: Any = msgspec.defstruct("Row", members, bases=(TypedRow,), forbid_unknown_fields=True, gc=False)
    return made  # type: ignore[no-any-return]


def nested_class(kinds: Sequence[tuple[str, Any]]) -> Any:
    """A class of objects inside of rows, or of such objects, which have all of these keys.

    Members are ``part_0`` and so on. A kind may also be such a class; then it may be null, too.
    """
    members = [
        (f"part_{number}", _TYPES[kind] if kind in _TYPES else kind | None, msgspec.field(name=key))
        for number, (key, kind) in enumerate(kinds)
    ]
    return msgspec.defstruct("Nested", members, forbid_unknown_fields=True, gc=False)


class WithoutNulls:
    """Objects of some keys that are written without those that are null: ``of`` their values, in that order."""

    def __init__(self, keys: Iterable[str]) -> None:
        members = [(f"part_{number}", Any, msgspec.field(name=key, default=None)) for number, key in enumerate(keys)]
        self.of = msgspec.defstruct("Parts", members, omit_defaults=True, gc=False)
        self.nothing = self.of()


def decoder(row_class: type[TypedRow]) -> Callable[[bytes], dict[str, Any] | None]:
    """Parses answers with a list of such rows; None for an answer that does not fit, which may be anything."""
    fields = {"success": bool, "data": list[row_class], "additional_data": dict[str, _ANY] | None}  # type: ignore[valid-type]
    read = msgspec.json.Decoder(TypedDict("Answer", fields, total=False)).decode  # type: ignore[operator]

    def decode(content: bytes) -> dict[str, Any] | None:
        if b"\\" in content and NUL in content:
            return None
        try:
            return read(content)  # type: ignore[no-any-return]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    return decode


def are_typed(rows: Sequence[Any]) -> bool:
    """Whether rows are typed."""
    return bool(rows) and isinstance(rows[0], TypedRow)


def column(rows: Sequence[Any], name: str) -> list[Any]:
    """The values of one key of all rows, typed or not. Raises AttributeError where one is no row."""
    if not rows or not isinstance(rows[0], TypedRow):
        return [row.get(name) for row in rows]
    return list(map(attrgetter(name), rows)) if hasattr(rows[0], name) else [None] * len(rows)


def written(rows: Sequence[Any]) -> Written:
    """The records of typed rows, of which there is at least one."""
    return Written(type(rows[0])._write(rows))


def as_row(row: Any) -> Row:
    """A row as a dict."""
    found: Row = msgspec.to_builtins(row) if isinstance(row, msgspec.Struct) else row
    return found


def as_rows(rows: list[Any]) -> list[Row]:
    """Rows as dicts."""
    return list(map(as_row, rows)) if are_typed(rows) else rows
