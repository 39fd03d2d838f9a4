"""The code for custom fields within the function that reads rows of one layout (``row_layout``).

The object of custom fields has the same keys in each row of a list, many of them null, and nearly all values are as the
type of their field has them. Those are written out; anything else is left to the field's own function.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from source_pipedrive.records.converters import AS_IS, UNREADABLE, Converter
from source_pipedrive.records.row_layout import Block

Row = dict[str, Any]
#: Writes one value, which is not null, into a record's columns; what it cannot read stays null.
Write = Callable[[Any, Row], None]
#: Told the name of a field with a value that could not be read.
Count = Callable[[str], None]

_AS_IS = """
    if {value} is not None:
        if not ({is_usual}):
            ({value},) = read_{value}({value})
        {targets} = {value}
"""
_USUAL = """
    if {value} is not None:
        if {is_usual}:
            {assigned}
        else:
            {targets} = read_{value}({value})
"""
_ANY = """
    if {value} is not None:
        {targets} = read_{value}({value})
"""
#: A key of no field may be one of a field that is new.
_UNKNOWN = """
    if {unknown} and is_renewed(values):
        return again(row)
"""


@dataclass(frozen=True)
class FieldWriter:
    """How a field's values get into its columns.

    ``write`` takes any value. What nearly all are is code: ``is_usual`` an expression of ``{0}``, the value, and
    ``usual`` the expression of each column then. ``{1}`` is ``known``, whatever they refer to.
    """

    name: str
    columns: tuple[str, ...]
    write: Write
    is_usual: str = ""
    usual: tuple[str, ...] = ("{0}",)
    known: Any = None

    def reader(self, count: Count) -> Callable[[Any], list[Any]]:
        """The values of the columns for any value; one that cannot be read is counted."""

        def read(value: Any) -> list[Any]:
            out: Row = {}
            self.write_into(value, out, count)
            return [out.get(column) for column in self.columns]

        return read

    def write_into(self, value: Any, out: Row, count: Count) -> None:
        """Write a value, which is not null, into a record; one that cannot be read is counted."""
        try:
            self.write(value, out)
        except UNREADABLE:
            count(self.name)


def compound(name: str, parts: Sequence[tuple[str, str, Converter]], write: Write) -> FieldWriter:
    """A field whose value is an object. ``parts``: column, the part of the value that it holds, how that is read."""
    tests = ["{0}.__class__ is dict"]
    for number, (_, part, convert) in enumerate(parts):
        variable = f"{{0}}_{number}"
        is_right = AS_IS[convert].replace("{0}", variable)
        tests.append(f"(({variable} := {{0}}.get({part!r})) is None or {is_right})")
    usual = tuple(f"{{0}}_{number}" for number in range(len(parts)))
    return FieldWriter(name, tuple(column for column, _, _ in parts), write, " and ".join(tests), usual)


def columns_block(
    find: str,
    keys: tuple[str, ...],
    writers: Mapping[str, FieldWriter],
    fields: frozenset[str],
    count: Count,
    is_renewed: Callable[[Row], bool],
) -> Block:
    """The code for objects with these keys, which the code ``find`` finds. Nothing of a row gets into it.

    ``writers``: field key -> its writer, in the order of the columns; ``fields``: keys of all fields, as one without a
    writer has no column. ``is_renewed`` is given the values of a row with a key of no field and answers whether there
    are newer columns, by which the row is then read.
    """
    values = {key: f"custom_{number}" for number, key in enumerate(keys)}
    found = {key: value for key, value in values.items() if key in writers}
    refers = {"is_renewed": is_renewed} | {f"known_{value}": writers[key].known for key, value in found.items()}
    refers |= {f"read_{value}": writers[key].reader(count) for key, value in found.items()}
    others = " and ".join(f"{value} is None" for key, value in values.items() if key not in fields)
    before = _UNKNOWN.format(unknown=f"not ({others})") if others else ""
    code = "".join(_code(value, writers[key]) for key, value in found.items())
    columns = tuple(column for one in writers.values() for column in one.columns)
    return Block(find, keys, tuple(values.values()), before, code, columns, refers)


def _code(value: str, one: FieldWriter) -> str:
    targets = [f"out[{column!r}]" for column in one.columns]
    usual = [code.format(value, f"known_{value}") for code in one.usual]
    template = (_AS_IS if usual == [value] else _USUAL) if one.is_usual else _ANY
    return template.format(
        value=value,
        is_usual=one.is_usual.format(value, f"known_{value}"),
        targets=", ".join(targets),
        assigned="; ".join(f"{target} = {code}" for target, code in zip(targets, usual, strict=True)),
    )
