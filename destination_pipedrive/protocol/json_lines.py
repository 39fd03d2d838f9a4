"""Lines of JSON, also those that strict readers refuse: numbers beyond 64 bits, `NaN`, halves of a character, broken
UTF-8, a byte order mark, and what is nested without end.

Most lines take the fast reader. One that it refuses, or would change, becomes an ``OddMessage``.
"""

import json
import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

import orjson

Message = dict[str, Any]
#: What some tools write before the first line of a file.
BYTE_ORDER_MARK = "\ufeff"
#: How deep a record or state may be nested to be read whole. Python's own reader and writers end at some hundred.
DEEPEST = 200
#: Whole numbers from here on do not fit into 64 bits, and the fast reader rounds them.
BEYOND_64_BITS = float(2**63)
#: Python converts no text of more digits into a number.
MOST_DIGITS = 4_000
#: What stands in the place of half a character.
REPLACEMENT = "\ufffd"
_HALF = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')


class OddMessage(Message):
    """A message of a line that was not plain JSON.

    ``line`` is its text as it came. ``trouble`` is why a record of it cannot be written, empty when it can.
    ``is_cut``: what was nested too deep is missing, so only ``line`` is whole.
    """

    def __init__(self, content: Message, line: str, trouble: str = "", is_cut: bool = False) -> None:
        super().__init__(content)
        self.line = line
        self.trouble = trouble
        self.is_cut = is_cut


def parse(line: bytes | str) -> Message | None:
    """The JSON object of a line; None when it holds none."""
    try:
        found = orjson.loads(line)
        if isinstance(found, dict) and _is_plain(found):
            return found
    except orjson.JSONDecodeError:
        pass
    return _parse_odd(line)


def dumps(value: Any) -> bytes:
    """JSON of a value. What strict readers refuse is written so that they can read it, or escaped as it came."""
    try:
        return orjson.dumps(value)
    except TypeError:  # half a character, or a number beyond 64 bits
        return json.dumps(_finite(value), separators=(",", ":")).encode()


def readable(value: Any) -> Any:
    """The value with nothing that Pipedrive could not take: no half of a character, no number without end."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {clean(key): readable(each) for key, each in value.items()}
    return [readable(each) for each in value] if isinstance(value, list) else value


def clean(text: str) -> str:
    """The text with a replacement character for each half of one."""
    return text if text.isascii() else _HALF.sub(REPLACEMENT, text)


def with_key(line: str, key: str, value: Any, inside: str = "") -> str:
    """The line of a JSON object with one more key at the end, or at the end of its object ``inside``."""
    end = _end_of(line, inside) if inside else line.rindex("}")
    before = line[:end].rstrip()
    comma = "" if before.endswith("{") else ","
    return f'{before}{comma}"{key}":{dumps(value).decode()}{line[end:]}'


def _is_plain(value: Message) -> bool:
    """Whether nothing was rounded, and nothing is nested too deep."""
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for each in level:
            for item in each.values() if type(each) is dict else each:
                kind = type(item)
                if kind is float:
                    if not -BEYOND_64_BITS < item < BEYOND_64_BITS:
                        return False
                elif kind is dict or kind is list:
                    below.append(item)
        if not below:
            return True
        level = below
    return False


def _parse_odd(line: bytes | str) -> OddMessage | None:
    text, trouble = _decoded(line)
    try:
        found, is_cut = _loads(text), False
        if not isinstance(found, dict):
            return None
        if not _is_shallow(text):
            raise RecursionError
    except RecursionError:
        found, is_cut = _loads(_cut(text)), True
        trouble = trouble or f"it is nested deeper than {DEEPEST} levels"
    except ValueError:
        return None
    return OddMessage(found, text, trouble, is_cut) if isinstance(found, dict) else None


def _decoded(line: bytes | str) -> tuple[str, str]:
    """The text of a line, and what is wrong with it."""
    if isinstance(line, str):
        return line.strip().removeprefix(BYTE_ORDER_MARK), ""
    try:
        return line.decode().strip().removeprefix(BYTE_ORDER_MARK), ""
    except UnicodeDecodeError:
        return line.decode(errors="replace").strip().removeprefix(BYTE_ORDER_MARK), "its line is not UTF-8"


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=_nothing, parse_int=_whole)


def _nothing(_constant: str) -> None:
    """`NaN` and `Infinity`, as Python and pandas write them."""
    return


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _finite(value: Any) -> Any:
    """The value without numbers that JSON cannot hold."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _is_shallow(text: str) -> bool:
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in "[{") - (token[0] in "]}")
        if depth > DEEPEST:
            return False
    return True


def _cut(text: str) -> str:
    """The text with null for what is nested too deep."""
    kept: list[str] = []
    depth = start = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth == DEEPEST + 1:
                kept += [text[start : token.start()], "null"]
        elif token[0] in "]}":
            depth -= 1
            if depth == DEEPEST:
                start = token.end()
    return "".join([*kept, text[start:]])


def _end_of(text: str, key: str) -> int:
    """Where the object of a top-level key ends."""
    depth, is_inside, end = 0, False, text.rindex("}")
    previous = ""
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
            is_inside = is_inside or (depth == 2 and previous == f'"{key}"')
        elif token[0] in "]}":
            depth -= 1
            if is_inside and depth == 1:
                is_inside, end = False, token.start()
        elif depth == 1:
            previous = token[0]
    return end
