"""The conditions that a config may hold: ``value > 10000 and stage == 'Proposal'``.

The text is cut into tokens and put together by Python's own parser (``ast``), which sees a placeholder for every
column and value; nothing is ever compiled or evaluated as Python.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipedrive_client.expressions.comparison import Named
from pipedrive_client.expressions.conditions import (
    Column,
    Comparison,
    Condition,
    Constant,
    Context,
    CurrentUser,
    DaysAgo,
    Items,
    Junction,
    Not,
    Operand,
    comparisons,
    mirrored,
    operands,
)
from pipedrive_client.expressions.lexer import MOST_LEVELS, ExpressionError, Source, Token

__all__ = ["Comparison", "Context", "Expression", "ExpressionError", "Named"]

#: How far ``days_ago`` may reach, either way.
MOST_DAYS = 36_500
_SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
}
_FUNCTION, _USER = "days_ago", "current_user"


@dataclass(frozen=True)
class Expression:
    """One condition on a row."""

    text: str
    condition: Condition

    @classmethod
    def parse(cls, text: str) -> "Expression":
        """Read an expression. Raises ExpressionError with a sentence that names the place."""
        return cls(text, _Builder(Source(text)).condition())

    def matches(self, row: Mapping[str, Any], context: Context) -> bool:
        """Whether the row meets it. A column that the row does not have is null."""
        return self.condition.matches(row, context)

    @cached_property
    def names(self) -> frozenset[str]:
        """The columns that it uses."""
        return frozenset(one.name for one in operands(self.condition) if isinstance(one, Column))

    def place_of(self, column: str) -> tuple[int, int]:
        """Line and column, both from 1, of the first use of a column."""
        source = Source(self.text)
        return source.place(next(token.start for token in source.tokens if token.is_column(column)))

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


class _Builder:
    """Turns what Python's parser made of the tokens into conditions; every kind of node that is not listed ends it."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def condition(self) -> Condition:
        """The whole condition."""
        try:
            tree = ast.parse(self._source.python(), mode="eval")
        except SyntaxError as error:
            raise self._syntax_error(error) from None
        except (RecursionError, MemoryError):
            raise self._source.error(0, "the expression is nested too deep") from None
        return self._condition(tree.body, 0)

    def _condition(self, node: ast.expr, level: int) -> Condition:
        if level > MOST_LEVELS:
            raise self._source.error(0, "the expression is nested too deep")
        if isinstance(node, ast.BoolOp):
            parts = tuple(self._condition(part, level + 1) for part in node.values)
            return Junction(all if isinstance(node.op, ast.And) else any, parts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return Not(self._condition(node.operand, level + 1))
        return self._comparison(node) if isinstance(node, ast.Compare) else self._alone(node)

    def _alone(self, node: ast.expr) -> Condition:
        operand = self._operand(node)
        if isinstance(operand, Column) or (isinstance(operand, Constant) and isinstance(operand.held, bool)):
            return Comparison(operand, "==", Constant(True))
        raise self._error(node, "{} is a value, not a condition: compare it with something")

    def _comparison(self, node: ast.Compare) -> Condition:
        """One comparison; ``1 < value < 9`` becomes two."""
        parts, left = [], node.left
        for sign, right in zip(node.ops, node.comparators, strict=True):
            parts.append(self._pair(left, _SYMBOLS.get(type(sign), ""), right))
            left = right
        return parts[0] if len(parts) == 1 else Junction(all, tuple(parts))

    def _pair(self, left: ast.expr, symbol: str, right: ast.expr) -> Comparison:
        if not symbol.endswith("in"):
            return mirrored(self._operand(left), symbol, self._operand(right))
        if isinstance(right, ast.List | ast.Tuple):
            return Comparison(self._operand(left), symbol, self._items(right))
        many = self._operand(right)
        if isinstance(right, ast.Name) and isinstance(many, Constant) and self._is_bracketed(right):
            many = Constant((many.held,))  # in ('a') is SQL's list of one
        elif not isinstance(many, Column):
            raise self._error(right, "after in comes a list such as ['a', 'b'] or a column, not {}")
        return Comparison(self._operand(left), symbol, many)

    def _is_bracketed(self, node: ast.Name) -> bool:
        return self._source.tokens[int(node.id[1:]) - 1].text == "("

    def _items(self, node: ast.List | ast.Tuple) -> Operand:
        items = tuple(self._operand(item) for item in node.elts)
        held = tuple(item.held for item in items if isinstance(item, Constant))
        return Constant(held) if len(held) == len(items) else Items(items)

    def _operand(self, node: ast.expr) -> Operand:
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return Constant(-self._number(node.operand))
        if isinstance(node, ast.Call):
            return self._call(node)
        raise self._error(node, self._refusal(node))

    def _refusal(self, node: ast.expr) -> str:
        if isinstance(node, ast.List | ast.Tuple):
            return "the list {} is allowed after in only"
        if isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
            return "{} is a condition and cannot be compared"
        return "{} is not allowed"

    def _named(self, node: ast.Name) -> Operand:
        token = self._token(node)
        if token.kind == "constant":
            return Constant(token.held)
        if token.held == _FUNCTION and not token.is_quoted:
            raise self._error(node, "{} needs a number of days, as in days_ago(30)")
        return CurrentUser() if token.held == _USER and not token.is_quoted else Column(token.held)

    def _call(self, node: ast.Call) -> DaysAgo:
        name = node.func
        if not isinstance(name, ast.Name) or self._token(name).held != _FUNCTION:
            raise self._error(node, "{} is not allowed; days_ago(…) is the only function")
        if len(node.args) != 1 or node.keywords:
            raise self._error(node, "{} needs one number of days, as in days_ago(30)")
        only = node.args[0]
        is_negative = isinstance(only, ast.UnaryOp) and isinstance(only.op, ast.USub)
        days = self._number(only.operand if isinstance(only, ast.UnaryOp) and is_negative else only)
        if days > MOST_DAYS:
            raise self._error(only, f"{{}} is more than {MOST_DAYS} days")
        return DaysAgo(-days if is_negative else days)

    def _number(self, node: ast.expr) -> int | float:
        held = self._token(node).held if isinstance(node, ast.Name) else None
        is_number = isinstance(node, ast.Name) and self._token(node).kind == "constant"
        if not is_number or isinstance(held, bool) or not isinstance(held, int | float):
            raise self._error(node, "{} is not a number")
        return held

    def _token(self, node: ast.Name) -> Token:
        return self._source.tokens[int(node.id[1:])]

    def _error(self, node: ast.expr, problem: str) -> ExpressionError:
        first, last = self._source.token_at(node.col_offset), self._source.token_at((node.end_col_offset or 1) - 1)
        assert first is not None
        assert last is not None
        quoted = self._source.quoted(first.start, last.end)
        return self._source.error(first.start, problem.replace("{}", quoted))

    def _syntax_error(self, error: SyntaxError) -> ExpressionError:
        """Python's parser names the place in columns from 1; its own words are about Python."""
        source = self._source
        first = source.token_at((error.offset or 1) - 1)
        if first is None:
            return source.error(len(source.text.rstrip()), "something is missing at the end")
        last = source.token_at((error.end_offset or 0) - 2) or first
        quoted = source.quoted(first.start, max(first.end, last.end))
        return source.error(first.start, f"{quoted} is not expected here")
