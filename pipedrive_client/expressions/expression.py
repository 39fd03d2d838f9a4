"""One expression of a config: read from its text, asked about rows, columns and values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipedrive_client.expressions.nodes import (
    Column,
    Comparison,
    Condition,
    Constant,
    Context,
    CurrentUser,
    Items,
    Junction,
    Operand,
    comparisons,
    operands,
    place,
)


@dataclass(frozen=True)
class Expression:
    """One condition on a row."""

    text: str
    condition: Condition

    @classmethod
    def parse(cls, text: str) -> "Expression":
        """Read an expression. Raises ExpressionError with a sentence that names the place."""
        # Reading takes lark, which a run without expressions does not load.
        from pipedrive_client.expressions.parser import condition_of

        return cls(text, condition_of(text))

    def matches(self, row: Mapping[str, Any], context: Context) -> bool:
        """Whether the row meets it. A column that the row does not have is null."""
        return self.condition.matches(row, context)

    @cached_property
    def names(self) -> frozenset[str]:
        """The columns that it uses."""
        return frozenset(one.name for one in self._columns)

    def place_of(self, column: str) -> tuple[int, int]:
        """Line and column, both from 1, of the first use of a column."""
        return place(self.text, min(one.start for one in self._columns if one.name == column))

    @property
    def _columns(self) -> tuple[Column, ...]:
        return tuple(one for one in operands(self.condition) if isinstance(one, Column))

    @property
    def uses_current_user(self) -> bool:
        """Whether it asks who the current user is."""
        return any(isinstance(one, CurrentUser) for one in operands(self.condition))

    def conjuncts(self) -> Iterator[Comparison]:
        """Comparisons of a column with a constant that every matching row meets."""
        yield from _conjuncts(self.condition)

    def compared_with(self, column: str) -> frozenset[Any]:
        """The values that the expression compares a column with, wherever in it."""
        found: set[Any] = set()
        for one in comparisons(self.condition):
            if Column(column) in (one.left, one.right):
                found.update(_constants(one.right if one.left == Column(column) else one.left))
        return frozenset(found)


def _conjuncts(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison) and condition.column:
        yield condition
    elif isinstance(condition, Junction) and condition.needed is all:
        for part in condition.parts:
            yield from _conjuncts(part)


def _constants(operand: Operand) -> Iterator[Any]:
    for one in operand.items if isinstance(operand, Items) else (operand,):
        if isinstance(one, Constant):
            yield from one.held if isinstance(one.held, tuple) else (one.held,)
