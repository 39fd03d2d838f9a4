"""The conditions that a config may hold: ``value > 10000 and stage == 'Proposal'``.

What an expression consists of once ``parser`` has read it: operands, comparisons, and how they are joined. Pure.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from pipedrive_client.expressions.comparison import Moment, Named, equal, member, ordered, stranger, unequal

__all__ = ["Comparison", "Context", "ExpressionError", "Named"]


class ExpressionError(ValueError):
    """An expression that cannot be read; the message is one sentence that names the place."""


@dataclass(frozen=True)
class Context:
    """When, and as whom, conditions are evaluated."""

    now: datetime = field(default_factory=partial(datetime.now, UTC))
    current_user: Named | None = None


@dataclass(frozen=True)
class Column:
    """The value of a column; null when the row has no such column. ``start``: where the text names it."""

    name: str
    start: int = field(default=0, compare=False)

    def value(self, row: Mapping[str, Any], context: Context) -> Any:  # noqa: ARG002
        """What the row holds."""
        return row.get(self.name)


@dataclass(frozen=True)
class Constant:
    """A value that the expression itself names; a tuple is a list."""

    held: Any

    def value(self, row: Mapping[str, Any], context: Context) -> Any:  # noqa: ARG002
        """The value."""
        return self.held


@dataclass(frozen=True)
class DaysAgo:
    """The time that lies so many days before the run."""

    days: float

    def value(self, row: Mapping[str, Any], context: Context) -> Moment:  # noqa: ARG002
        """The time as RFC 3339 UTC."""
        return Moment.of(context.now - timedelta(days=self.days))


@dataclass(frozen=True)
class CurrentUser:
    """The user whose token is used."""

    def value(self, row: Mapping[str, Any], context: Context) -> Named | None:  # noqa: ARG002
        """Its names."""
        return context.current_user


@dataclass(frozen=True)
class Items:
    """A list whose items are not all constants."""

    items: "tuple[Operand, ...]"

    def value(self, row: Mapping[str, Any], context: Context) -> tuple[Any, ...]:
        """Its values."""
        return tuple(item.value(row, context) for item in self.items)


Operand = Column | Constant | DaysAgo | CurrentUser | Items

_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "==": equal,
    "in": member,
    "!=": unequal,
    "not in": stranger,
    "<": partial(ordered, test=operator.lt),
    "<=": partial(ordered, test=operator.le),
    ">": partial(ordered, test=operator.gt),
    ">=": partial(ordered, test=operator.ge),
}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Comparison:
    """One comparison; a column that stands alone is ``column == true``."""

    left: Operand
    symbol: str
    right: Operand

    def matches(self, row: Mapping[str, Any], context: Context) -> bool:
        """Whether it holds for a row."""
        return _TESTS[self.symbol](self.left.value(row, context), self.right.value(row, context))

    @property
    def column(self) -> str:
        """The column that is compared with a constant; empty when neither side, or both, name one."""
        return self.left.name if isinstance(self.left, Column) and not any(_columns(self.right)) else ""

    def constant(self, context: Context) -> Any:
        """What the column is compared with; a tuple for ``in``."""
        return self.right.value({}, context)


@dataclass(frozen=True)
class Junction:
    """Conditions joined by ``and`` (all) or ``or`` (any)."""

    needed: Callable[[Iterable[bool]], bool]
    parts: "tuple[Condition, ...]"

    def matches(self, row: Mapping[str, Any], context: Context) -> bool:
        """Whether it holds for a row."""
        return self.needed(part.matches(row, context) for part in self.parts)


@dataclass(frozen=True)
class Not:
    """The opposite."""

    part: "Condition"

    def matches(self, row: Mapping[str, Any], context: Context) -> bool:
        """Whether it holds for a row."""
        return not self.part.matches(row, context)


Condition = Comparison | Junction | Not


def mirrored(left: Operand, symbol: str, right: Operand) -> Comparison:
    """A comparison with its column on the left where there is one."""
    if isinstance(right, Column) and not isinstance(left, Column) and symbol in _MIRRORED:
        return Comparison(right, _MIRRORED[symbol], left)
    return Comparison(left, symbol, right)


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison, however deep."""
    if isinstance(condition, Comparison):
        yield condition
    else:
        for part in condition.parts if isinstance(condition, Junction) else (condition.part,):
            yield from comparisons(part)


def operands(condition: Condition) -> Iterator[Operand]:
    """Every operand, lists opened."""
    for comparison in comparisons(condition):
        for side in (comparison.left, comparison.right):
            yield from side.items if isinstance(side, Items) else (side,)


def _columns(operand: Operand) -> Iterator[str]:
    for one in operand.items if isinstance(operand, Items) else (operand,):
        if isinstance(one, Column):
            yield one.name


def place(text: str, offset: int) -> tuple[int, int]:
    """Line and column, both from 1, of a place in a text."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
