"""Lines of JSON, also those that strict readers refuse: numbers beyond 64 bits, `NaN`, halves of a character, broken
UTF-8, a byte order mark, and what is nested without end.

Most lines take the fast reader. One that it refuses, or would change, becomes an ``OddMessage``, which keeps the line.
"""

import re
from typing import Any

import orjson

from pipedrive_client.lenient_json import dumps_exactly, looks_clean, read_exactly, text_of

Message = dict[str, Any]
#: How deep a record or state may be nested to be read whole. Python's own reader and writers end at some hundred.
DEEPEST = 200
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
    content = line.encode("utf-8", "surrogatepass") if isinstance(line, str) else line
    if looks_clean(content) and content.count(b"{") + content.count(b"[") <= DEEPEST:
        try:
            found = orjson.loads(content)
            return found if isinstance(found, dict) else None
        except orjson.JSONDecodeError:
            pass
    return _parse_odd(content)


def with_key(line: str, key: str, value: Any, inside: str = "") -> str:
    """The line of a JSON object with one more key at the end, or at the end of its object ``inside``."""
    end = _end_of(line, inside) if inside else line.rindex("}")
    before = line[:end].rstrip()
    comma = "" if before.endswith("{") else ","
    return f'{before}{comma}"{key}":{dumps_exactly(value).decode()}{line[end:]}'


def _parse_odd(line: bytes) -> OddMessage | None:
    text, is_utf = text_of(line.strip())
    trouble, is_cut = "" if is_utf else "its line is not UTF-8", not _is_shallow(text)
    try:
        found = read_exactly(_cut(text) if is_cut else text)
    except (ValueError, RecursionError):
        return None
    if is_cut:
        trouble = trouble or f"it is nested deeper than {DEEPEST} levels"
    return OddMessage(found, text, trouble, is_cut) if isinstance(found, dict) else None


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
