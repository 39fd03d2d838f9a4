"""The code for custom fields within the function that reads rows of one layout (``row_layout``).

The object of custom fields has the same keys in each row of a list, many of them null, and nearly all values are as the
type of their field has them. Those are written out; anything else is left to the field's own function.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from pipedrive_client.typed_rows import as_row, nested_class
from source_pipedrive.records.converters import UNREADABLE, Converter
from source_pipedrive.records.row_layout import Block
from source_pipedrive.records.usual_values import AS_IS, IS_TEXT, KINDS, PLAIN

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
class Typed:
    """What a field's usual values are in typed rows: of a ``kind``, or objects whose ``parts`` have kinds.

    ``test`` is an expression of ``{0}``, the value, that tells them from others of the kind; empty where all are usual.
    ``cells`` are the expressions of the columns then. ``{1}`` is ``known``, and part 2 of an object ``{0}.part_2``.
    """

    kind: type = object
    parts: Sequence[tuple[str, type]] | None = None
    test: str = ""
    cells: tuple[str, ...] = ("{0}",)
    known: Any = None

    @property
    def is_plain(self) -> bool:
        """Whether every value is the column's."""
        return not self.test and self.parts is None and self.cells == ("{0}",)


@dataclass(frozen=True)
class FieldWriter:
    """How a field's values get into its columns.

    ``write`` takes any value. What nearly all are is code: ``is_usual`` an expression of ``{0}``, the value, and
    ``usual`` the expression of each column then. ``{1}`` is ``known``, whatever they refer to. ``typed`` is the
    same for typed rows, ``typed_parts`` by the keys of an object, which all values have.
    """

    name: str
    columns: tuple[str, ...]
    write: Write
    is_usual: str = ""
    usual: tuple[str, ...] = ("{0}",)
    known: Any = None
    typed: Typed | None = None
    typed_parts: Callable[[Sequence[str]], Typed] | None = None

    def typed_by(self, values: Iterable[Any]) -> Typed:
        """What the values are in typed rows, when they are like these."""
        if self.typed_parts:
            found = [value for value in values if value is not None]
            if have_same_keys(found):
                return self.typed_parts(list(found[0]))
            return Typed(dict, None, self.is_usual, self.usual, self.known)
        return self.typed or Typed(object, None, self.is_usual or "False", self.usual, self.known)

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


def have_same_keys(values: Sequence[Any]) -> bool:
    """Whether all values are objects with the same keys, and there is one."""
    return bool(values) and all(isinstance(value, dict) and value.keys() == values[0].keys() for value in values)


def compound(name: str, parts: Sequence[tuple[str, str, Converter]], write: Write) -> FieldWriter:
    """A field whose value is an object. ``parts``: column, the part of the value that it holds, how that is read."""
    tests = ["{0}.__class__ is dict"]
    for number, (_, part, convert) in enumerate(parts):
        variable = f"{{0}}_{number}"
        is_right = AS_IS[convert].replace("{0}", variable)
        tests.append(f"(({variable} := {{0}}.get({part!r})) is None or {is_right})")
    usual = tuple(f"{{0}}_{number}" for number in range(len(parts)))
    columns = tuple(column for column, _, _ in parts)
    converters = {part: convert for _, part, convert in parts}
    return FieldWriter(
        name, columns, write, " and ".join(tests), usual, typed_parts=lambda keys: _typed_compound(keys, converters)
    )


def _typed_compound(keys: Sequence[str], converters: Mapping[str, Converter]) -> Typed:
    found = {key: f"{{0}}.part_{number}" for number, key in enumerate(keys)}
    kinds = [(key, KINDS[converters[key]] if key in converters else object) for key in keys]
    tests = [
        f"({found[key]} is None or {AS_IS[convert].removeprefix(IS_TEXT).replace('{0}', found[key])})"
        for key, convert in converters.items()
        if key in found and convert not in PLAIN
    ]
    cells = tuple(found.get(part, "None") for part in converters)
    return Typed(object, kinds, " and ".join(tests), cells)


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


@dataclass(frozen=True)
class TypedBlock:
    """The same for typed rows. ``kinds``: what each key holds; None for rows without such an object.

    ``code`` finds the values in members of ``custom``; ``cells`` are the expressions of the columns then.
    """

    kinds: Sequence[tuple[str, Any]] | None = None
    code: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    known: Mapping[str, Any] = field(default_factory=dict)


_TYPED = """
        {value} = custom.{member}
        if {value} is None:
            {none} = None
        elif {test}:
            {assigned}
        else:
            {targets} = read_{value}(as_row({value}))
"""


def typed_block(
    values: Sequence[Row], writers: Mapping[str, FieldWriter], fields: frozenset[str], count: Count
) -> TypedBlock:
    """The code for objects like these, which have the same keys.

    A key of no field holds nothing but null: it may be one of a new field.
    """
    kinds: list[tuple[str, Any]] = []
    cells = {column: "None" for one in writers.values() for column in one.columns}
    known: dict[str, Any] = {"as_row": as_row}
    code = []
    for number, key in enumerate(values[0]):
        one, value, member = writers.get(key), f"custom_{number}", f"part_{number}"
        if one is None:
            kinds.append((key, object if key in fields else NoneType))
            continue
        typed = one.typed_by(each[key] for each in values)
        kinds.append((key, typed.kind if typed.parts is None else nested_class(typed.parts)))
        if typed.is_plain:
            cells[one.columns[0]] = f"custom.{member}"
            continue
        targets = [f"{value}_cell_{each}" for each in range(len(one.columns))]
        cells |= dict(zip(one.columns, targets, strict=True))
        known |= {f"known_{value}": typed.known, f"read_{value}": one.reader(count)}
        code.append(_typed_code(value, member, targets, typed))
    return TypedBlock(kinds, "".join(code), cells, known)


def _typed_code(value: str, member: str, targets: list[str], typed: Typed) -> str:
    cells = [code.format(value, f"known_{value}") for code in typed.cells]
    return _TYPED.format(
        value=value,
        member=member,
        none=" = ".join(targets),
        test=typed.test.format(value, f"known_{value}") or "True",
        assigned="; ".join(f"{target} = {code}" for target, code in zip(targets, cells, strict=True)),
        targets=", ".join(targets) + ",",
    )


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
