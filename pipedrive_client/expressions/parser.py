"""From the text of an expression to its conditions, and the sentence that names the place of a mistake.

Loads lark, which takes a while, and makes the parser of ``grammar.lark`` once.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken

from pipedrive_client.expressions import nodes
from pipedrive_client.expressions.nodes import Column, Comparison, Condition, Constant, ExpressionError, Operand

ALLOWED = (
    "Allowed are and, or, not, in, == != < <= > >=, parentheses, numbers, quoted text, lists as ['a', 'b'] after in, "
    "true, false, null, column names, days_ago(30), current_user."
)
#: Longest expression, so that a wrong file is not read for minutes.
MOST_CHARACTERS = 20_000
#: How deep conditions may be nested.
MOST_LEVELS = 50
#: How far ``days_ago`` may reach, either way.
MOST_DAYS = 36_500
_LONGEST_QUOTE = 40

_WORDS = {"and": "_AND", "or": "_OR", "not": "NOT", "in": "IN"}
_CONSTANTS = {"true": True, "false": False, "null": None}
_SIGNS = {"=": "==", "<>": "!="}
_OPENED = {")": "(", "]": "["}
_VALUES = ("NAME", "QUOTED", "TEXT", "NUMBER", "CONSTANT")
_FUNCTION, _USER = "days_ago", "current_user"
_ESCAPED = re.compile(r"\\([\\'\"])|''|\"\"")

Node = Tree[Token] | Token


def condition_of(text: str) -> Condition:
    """Read an expression. Raises ExpressionError with a sentence that names the place."""
    return _Reader(text).read()


@lru_cache(1)
def _parser() -> Lark:
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        parser="lalr",
        lexer="basic",
        propagate_positions=True,
        maybe_placeholders=False,
        lexer_callbacks={"NAME": _word},
    )


def _word(token: Token) -> Token:
    word = token.lower()
    kind = _WORDS.get(word) or ("CONSTANT" if word in _CONSTANTS else token.type)
    return Token.new_borrow_pos(kind, token.value, token)


def _held(token: Token) -> Any:
    """The value of a text, number or constant, the name of a column."""
    if token.type == "TEXT":
        return _ESCAPED.sub(lambda found: found.group(1) or found.group()[0], token[1:-1])
    if token.type == "NUMBER":
        return int(token) if token.isdigit() and len(token) < 300 else float(token)
    if token.type == "CONSTANT":
        return _CONSTANTS[token.lower()]
    return token[1:-1] if token.type == "QUOTED" else unicodedata.normalize("NFC", str(token))


def _span(node: Node) -> tuple[int, int]:
    found = node if isinstance(node, Token) else node.meta
    return found.start_pos or 0, found.end_pos or 0


def _kind(node: Node) -> str:
    return node.type if isinstance(node, Token) else str(node.data)


def _inner(node: Node) -> Node:
    """What stands in parentheses, however many."""
    while isinstance(node, Tree) and node.data == "group":
        node = node.children[0]
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> Condition:
        if len(self._text) > MOST_CHARACTERS:
            raise self._error(0, f"the expression is longer than {MOST_CHARACTERS} characters")
        try:
            self._check(list(_parser().lex(self._text)))
            tree: Node = _parser().parse(self._text)
        except UnexpectedCharacters as error:
            raise self._strange(error.pos_in_stream or 0) from None
        except UnexpectedToken as error:
            raise self._misplaced(error.token) from None
        return self._condition(tree, 0)

    # mistakes

    def _error(self, offset: int, problem: str) -> ExpressionError:
        line, column = nodes.place(self._text, offset)
        return ExpressionError(f"line {line}, column {column}: {problem}. {ALLOWED}")

    def _wrong(self, node: Node, problem: str) -> ExpressionError:
        """An error about a part of the text, which ``{}`` stands for."""
        start, end = _span(node)
        piece = " ".join(self._text[start:end].split())
        quoted = f"`{piece}`" if len(piece) <= _LONGEST_QUOTE else f"`{piece[:_LONGEST_QUOTE]}…`"
        return self._error(start, problem.replace("{}", quoted))

    def _strange(self, offset: int) -> ExpressionError:
        sign = self._text[offset]
        if sign in "'\"`":
            return self._error(offset, f"the text that begins with {sign} has no end")
        curly = f"unexpected {sign}; quote text with ' or \""
        return self._error(offset, curly if sign in "‘’“”«»" else f"unexpected `{sign}`")

    def _misplaced(self, token: Token) -> ExpressionError:
        if token.type == "$END":
            return self._error(len(self._text.rstrip()), "something is missing at the end")
        return self._wrong(token, "{} is not expected here")

    def _check(self, tokens: list[Token]) -> None:
        """What is said better before the parser looks at it. Raises ExpressionError."""
        if not tokens:
            raise self._error(0, "the expression is empty")
        opened: list[Token] = []
        for token in tokens:
            if token in ("(", "["):
                opened.append(token)
                if len(opened) > MOST_LEVELS:
                    raise self._wrong(token, "the expression is nested too deep")
            elif token in _OPENED and (not opened or opened.pop() != _OPENED[token]):
                raise self._wrong(token, "{} closes nothing")
        if opened:
            raise self._wrong(opened[-1], "{} is never closed")
        if tokens[-1] not in _OPENED and tokens[-1].type not in _VALUES:
            raise self._wrong(tokens[-1], "something is missing after {}")

    # conditions

    def _condition(self, node: Node, level: int) -> Condition:
        if level > MOST_LEVELS:
            raise self._error(0, "the expression is nested too deep")
        node = _inner(node)
        if isinstance(node, Tree) and node.data == "inverse":
            return nodes.Not(self._condition(node.children[-1], level + 1))
        if isinstance(node, Tree) and node.data in ("any", "all"):
            parts = tuple(self._condition(part, level + 1) for part in node.children)
            return nodes.Junction(all if node.data == "all" else any, parts)
        return self._comparison(node) if isinstance(node, Tree) and node.data == "comparison" else self._alone(node)

    def _alone(self, node: Node) -> Condition:
        operand = self._operand(node)
        if isinstance(operand, Column) or (isinstance(operand, Constant) and isinstance(operand.held, bool)):
            return Comparison(operand, "==", Constant(True))
        raise self._wrong(node, "{} is a value, not a condition: compare it with something")

    def _comparison(self, node: Tree[Token]) -> Condition:
        """One comparison; ``1 < value < 9`` becomes two."""
        sides, symbols = node.children[::2], node.children[1::2]
        parts = tuple(map(self._pair, sides, symbols, sides[1:]))
        return parts[0] if len(parts) == 1 else nodes.Junction(all, parts)

    def _pair(self, left: Node, sign: Node, right: Node) -> Comparison:
        symbol = " ".join(str(token).lower() for token in sign.children) if isinstance(sign, Tree) else ""
        if not symbol.endswith("in"):
            return nodes.mirrored(self._operand(left), _SIGNS.get(symbol, symbol), self._operand(right))
        inner = _inner(right)
        if _kind(inner) == "list":
            return Comparison(self._operand(left), symbol, self._items(inner))
        many = self._operand(right)
        if isinstance(inner, Token) and isinstance(many, Constant) and inner is not right:
            many = Constant((many.held,))  # in ('a') is SQL's list of one
        elif not isinstance(many, Column):
            raise self._wrong(inner, "after in comes a list such as ['a', 'b'] or a column, not {}")
        return Comparison(self._operand(left), symbol, many)

    # operands

    def _items(self, node: Node) -> Operand:
        items = tuple(map(self._operand, node.children if isinstance(node, Tree) else ()))
        held = tuple(item.held for item in items if isinstance(item, Constant))
        return Constant(held) if len(held) == len(items) else nodes.Items(items)

    def _operand(self, node: Node) -> Operand:
        node = _inner(node)
        if isinstance(node, Token):
            return self._named(node)
        if node.data == "minus":
            return Constant(-self._number(node.children[0]))
        if node.data == "call":
            return self._call(node)
        raise self._wrong(node, _REFUSED.get(str(node.data), "{} is a condition and cannot be compared"))

    def _named(self, token: Token) -> Operand:
        if token.type not in ("NAME", "QUOTED"):
            return Constant(_held(token))
        if token.type == "NAME" and token == _FUNCTION:
            raise self._wrong(token, "{} needs a number of days, as in days_ago(30)")
        is_user = token.type == "NAME" and token == _USER
        return nodes.CurrentUser() if is_user else Column(_held(token), token.start_pos or 0)

    def _call(self, node: Tree[Token]) -> nodes.DaysAgo:
        name, *arguments = node.children
        if name != _FUNCTION:
            raise self._wrong(node, "{} is not allowed; days_ago(…) is the only function")
        if len(arguments) != 1:
            raise self._wrong(node, "{} needs one number of days, as in days_ago(30)")
        only = _inner(arguments[0])
        is_negative = isinstance(only, Tree) and only.data == "minus"
        days = self._number(only.children[0] if isinstance(only, Tree) and is_negative else only)
        if days > MOST_DAYS:
            raise self._wrong(only, f"{{}} is more than {MOST_DAYS} days")
        return nodes.DaysAgo(-days if is_negative else days)

    def _number(self, node: Node) -> int | float:
        node = _inner(node)
        if not isinstance(node, Token) or node.type != "NUMBER":
            raise self._wrong(node, "{} is not a number")
        return _held(node)  # type: ignore[no-any-return]


_REFUSED = {"list": "the list {} is allowed after in only", "index": "{} is not allowed"}
