"""The words and signs of an expression, each with its place, and the sentence that names a place."""

import bisect
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

ALLOWED = (
    "Allowed are and, or, not, in, == != < <= > >=, parentheses, numbers, quoted text, lists as ['a', 'b'] after in, "
    "true, false, null, column names, days_ago(30), current_user."
)
#: Longest expression, so that a wrong file is not read for minutes.
MOST_CHARACTERS = 20_000
#: How deep conditions may be nested.
MOST_LEVELS = 50
_LONGEST_QUOTE = 40

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<text>'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*")
    | (?P<quoted>`[^`]+`)
    | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.]|[^\x00-\x7f]))
    | (?P<name>(?:\w|(?![\s‘’“”«»])[^\x00-\x7f])+)
    | (?P<sign><>|[=!<>]=|[=<>()\[\],-])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\([\\'\"])|''|\"\"")
_OPENED = {")": "(", "]": "["}
_KEYWORDS = ("and", "or", "not", "in")
_SIGNS = {"=": "==", "<>": "!="}
_CONSTANTS = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """An expression that cannot be read; the message is one sentence that names the place."""


@dataclass(frozen=True)
class Token:
    """One word or sign. ``held``: the value of a text, number or constant, the name of a column."""

    kind: Literal["constant", "name", "word", "sign"]
    text: str
    start: int
    held: Any = None
    is_quoted: bool = False

    @property
    def end(self) -> int:
        """The place behind it."""
        return self.start + len(self.text)

    def is_column(self, name: str) -> bool:
        """Whether it names this column."""
        return self.kind == "name" and self.held == name


class Source:
    """The text of an expression and its tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        if len(text) > MOST_CHARACTERS:
            raise self.error(0, f"the expression is longer than {MOST_CHARACTERS} characters")
        self.tokens = tuple(self._tokens())
        if not self.tokens:
            raise self.error(0, "the expression is empty")
        self._check_brackets()
        self._check_end()
        self._starts: list[int] = []
        self._length = 0

    def error(self, place: int, problem: str) -> ExpressionError:
        """An error at a place of the text."""
        line, column = self.place(place)
        return ExpressionError(f"line {line}, column {column}: {problem}. {ALLOWED}")

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1."""
        before = self.text[:offset]
        return before.count("\n") + 1, offset - before.rfind("\n")

    def quoted(self, start: int, end: int) -> str:
        """A piece of the text, to be named in a sentence."""
        piece = " ".join(self.text[start:end].split())
        return f"`{piece}`" if len(piece) <= _LONGEST_QUOTE else f"`{piece[:_LONGEST_QUOTE]}…`"

    def python(self) -> str:
        """The tokens as Python would write them, with ``_0``, ``_1`` … for columns and values."""
        code = ""
        for index, token in enumerate(self.tokens):
            code += " " if code else ""
            self._starts.append(len(code))
            code += f"_{index}" if token.kind in ("constant", "name") else str(token.held)
        self._length = len(code)
        return code

    def token_at(self, offset: int) -> Token | None:
        """The token at an offset of what ``python`` gave; None behind the last."""
        index = bisect.bisect_right(self._starts, offset) - 1
        return None if index < 0 or offset >= self._length else self.tokens[index]

    def _tokens(self) -> Iterator[Token]:
        place = 0
        while place < len(self.text):
            found = _TOKEN.match(self.text, place)
            if found is None:
                raise self.error(place, self._unexpected(place))
            kind = str(found.lastgroup)
            if kind != "space":
                yield _token(kind, found.group(), place)
            place = found.end()

    def _unexpected(self, place: int) -> str:
        sign = self.text[place]
        if sign in "'\"`":
            return f"the text that begins with {sign} has no end"
        if sign in "‘’“”«»":
            return f"unexpected {sign}; quote text with ' or \""
        return f"unexpected `{sign}`"

    def _check_brackets(self) -> None:
        opened: list[Token] = []
        for token in self.tokens:
            if token.text in ("(", "["):
                opened.append(token)
                if len(opened) > MOST_LEVELS:
                    raise self.error(token.start, "the expression is nested too deep")
            elif token.text in _OPENED and (not opened or opened.pop().text != _OPENED[token.text]):
                raise self.error(token.start, f"`{token.text}` closes nothing")
        if opened:
            raise self.error(opened[-1].start, f"`{opened[-1].text}` is never closed")

    def _check_end(self) -> None:
        last = self.tokens[-1]
        if last.kind in ("word", "sign") and last.text not in _OPENED:
            raise self.error(last.start, f"something is missing after `{last.text}`")


def _token(kind: str, text: str, place: int) -> Token:
    if kind == "text":
        return Token("constant", text, place, _ESCAPED.sub(_unescaped, text[1:-1]))
    if kind == "number":
        return Token("constant", text, place, int(text) if text.isdigit() and len(text) < 300 else float(text))
    if kind == "quoted":
        return Token("name", text, place, text[1:-1], is_quoted=True)
    if kind == "sign":
        return Token("sign", text, place, _SIGNS.get(text, text))
    word = text.lower()
    if word in _CONSTANTS:
        return Token("constant", text, place, _CONSTANTS[word])
    if word in _KEYWORDS:
        return Token("word", text, place, word)
    return Token("name", text, place, unicodedata.normalize("NFC", text))


def _unescaped(found: re.Match[str]) -> str:
    return found.group(1) or found.group()[0]
