"""JSON as it really comes: what can be read is read, what no column takes is replaced and counted.

Clean JSON, which is nearly all, goes through orjson alone. The rest is read by the standard library: text cut inside an
emoji, a byte order mark, bytes that are not UTF-8, control characters, ``NaN``, integers beyond 64 bits.

``loads`` and ``dumps`` are for what is handed on, ``read_exactly`` and ``dumps_exactly`` for what must stay as it came.
"""

import codecs
import json
import re
from collections import Counter
from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

import orjson

#: What was replaced in an answer: (nearest key, kind) -> how often.
Found = Counter[tuple[str, str]]
#: Half an emoji or a NUL became U+FFFD.
TEXT: Final = "text"
#: NaN and numbers beyond all floats became null.
NUMBER: Final = "number"
#: Bytes that are not UTF-8 were read as Latin-1.
BYTES: Final = "bytes"

#: How NUL stands in JSON.
NUL: Final = b"\\u0000"
REPLACEMENT: Final = "\ufffd"
#: Whole numbers that a 64-bit column holds.
SMALLEST, LARGEST = -(2**63), 2**63 - 1
#: Deepest nesting that is written; orjson stops at 254.
MOST_DEPTH = 200
#: Longer digits are kept as text: Python refuses to make a number of them.
MOST_DIGITS = 4000

#: Every digit as ``9``, whatever may stand before a number as ``,``: a long number is then found without a regular
#: expression, which takes twenty times as long, and a key of a custom field, which begins with a quote, is not one.
_SHAPES = bytes(57 if 48 <= byte < 58 else 44 if byte in b" \t\r\n:[,-" else 32 for byte in range(256))
_LONG = b"," + b"9" * 19
#: orjson makes a float of an integer beyond 64 bits, which loses digits.
_LONG_NUMBER = re.compile(rb"[:\[,]\s*-?[0-9]{19}")
_SURROGATE_BYTES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MENDING = "pipedrive-mending"


def loads(content: bytes, keeps_nan: bool = False) -> tuple[Any, Found]:
    """The value of a JSON text, and what had to be replaced in it. Raises ValueError when it is none.

    ``keeps_nan``: NaN and infinity are counted as well, but stay what they are.
    """
    if looks_clean(content):
        try:
            return orjson.loads(content), Counter()
        except orjson.JSONDecodeError:
            pass
    text, is_utf = text_of(content)
    found = Counter() if is_utf else Counter({("", BYTES): 1})
    try:
        return mended(read_exactly(text, strict=False), found, keeps_nan), found
    except RecursionError:
        raise ValueError("nested too deeply") from None


def looks_clean(content: bytes) -> bool:
    """False for JSON that orjson would change, or read although no column takes it: long integers, NUL."""
    # Most pages have no backslash at all, which is found out much faster.
    if b"\\" in content and NUL in content:
        return False
    # From the end it is found out in two thirds of the time.
    return content.translate(_SHAPES).rfind(_LONG) < 0 or not _LONG_NUMBER.search(content)


def text_of(content: bytes) -> tuple[str, bool]:
    """The text of bytes, without a byte order mark, and whether they were UTF-8 or another Unicode encoding."""
    encoding = json.detect_encoding(content)
    if not encoding.startswith("utf-8"):
        return content.decode(encoding, "replace").removeprefix("\ufeff"), True
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode(), True
    except UnicodeDecodeError:
        return content.decode(errors=_MENDING), False


def read_exactly(text: str, strict: bool = True) -> Any:
    """The value of a JSON text with ``NaN``, long integers and half emojis as they stand there.

    ``strict`` refuses bare control characters. Raises ValueError when it is no JSON, RecursionError when too deep.
    """
    return json.loads(text, strict=strict, parse_int=_integer, parse_constant=float)


def mended(value: Any, found: Found | None = None, keeps_nan: bool = False) -> Any:
    """The value with nothing that no column takes (but NaN, if it is kept); ``found`` counts what was replaced."""
    return _mended(value, "", Counter() if found is None else found, keeps_nan)


def clean(text: str) -> str:
    """Text without what no database takes; two halves of an emoji that stand together become one."""
    if not text.isascii() and _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", REPLACEMENT)


def dumps(value: Any, option: int = 0) -> bytes:
    """A value as JSON; what orjson does not write (an integer beyond 64 bits, half an emoji) as text that it does."""
    try:
        return orjson.dumps(value, default=str, option=option)
    except TypeError:
        return orjson.dumps(_writable(value, MOST_DEPTH), default=str, option=option)


def dumps_exactly(value: Any) -> bytes:
    """A value as JSON that every reader takes: long integers stay, half an emoji is escaped as it came."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(_finite(value), separators=(",", ":")).encode()


def is_64_bit(number: int) -> bool:
    """Whether a whole number fits into a column of 64 bits."""
    return SMALLEST <= number <= LARGEST


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    """One stray byte is a letter of Latin-1 (in its Windows form); the start of a longer character was cut off."""
    assert isinstance(error, UnicodeDecodeError)
    if _SURROGATE_BYTES.match(error.object, error.start):
        end = error.start + 3
        return error.object[error.start : end].decode("utf-8", "surrogatepass"), end
    stray = error.object[error.start : error.end]
    return (stray.decode("cp1252", "replace") if len(stray) == 1 else REPLACEMENT), error.end


codecs.register_error(_MENDING, _as_latin_1)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < MOST_DIGITS else digits


def _mended(value: Any, key: str, found: Found, keeps_nan: bool) -> Any:
    kind = type(value)
    if kind is str:
        text = clean(value)
        if text != value:
            found[key, TEXT] += 1
        return text
    if kind is float and not isfinite(value):
        found[key, NUMBER] += 1
        return value if keeps_nan else None
    if kind is list:
        return [_mended(item, key, found, keeps_nan) for item in value]
    if kind is dict:
        return {clean(name): _mended(item, clean(name), found, keeps_nan) for name, item in value.items()}
    return value


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _writable(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if is_64_bit(value) else str(value)
    if depth and isinstance(value, list | tuple):
        return [_writable(item, depth - 1) for item in value]
    if depth and isinstance(value, Mapping):
        return {clean(str(name)): _writable(item, depth - 1) for name, item in value.items()}
    return None if isinstance(value, list | tuple | Mapping) else value
