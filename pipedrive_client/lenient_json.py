"""JSON as it really comes: what can be read is read, what no column takes is replaced and counted.

Clean JSON, which is nearly all, goes through orjson alone. The rest is read by the standard library: text cut inside an
emoji, a byte order mark, bytes that are not UTF-8, control characters, ``NaN``, integers beyond 64 bits.
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

REPLACEMENT: Final = "\ufffd"
#: Whole numbers that a 64-bit column holds.
SMALLEST, LARGEST = -(2**63), 2**63 - 1
#: Deepest nesting that is written; orjson stops at 254.
MOST_DEPTH = 200
#: Longer digits are kept as text: Python refuses to make a number of them.
MOST_DIGITS = 4000

_DIGITS_AS_9 = bytes(57 if 48 <= byte < 58 else 32 for byte in range(256))
_LONG = b"9" * 19
#: orjson makes a float of an integer beyond 64 bits, which loses digits. Keys of custom fields hold many digits, too.
_LONG_NUMBER = re.compile(rb"[:\[,]\s*-?[0-9]{19}")
_SURROGATE_BYTES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_MENDING = "pipedrive-mending"


def loads(content: bytes) -> tuple[Any, Found]:
    """The value of a JSON text, and what had to be replaced in it. Raises ValueError when it is none."""
    if _looks_clean(content):
        try:
            return orjson.loads(content), Counter()
        except orjson.JSONDecodeError:
            pass
    text, found = _text_of(content)
    try:
        value = json.loads(text, strict=False, parse_int=_integer, parse_constant=float)
        return _mended(value, "", found), found
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(value: Any, option: int = 0) -> bytes:
    """A value as JSON; what orjson does not write (an integer beyond 64 bits, half an emoji) as text that it does."""
    try:
        return orjson.dumps(value, default=str, option=option)
    except TypeError:
        return orjson.dumps(_writable(value, MOST_DEPTH), default=str, option=option)


def is_64_bit(number: int) -> bool:
    """Whether a whole number fits into a column of 64 bits."""
    return SMALLEST <= number <= LARGEST


def _looks_clean(content: bytes) -> bool:
    if b"\\u0000" in content:
        return False
    return _LONG not in content.translate(_DIGITS_AS_9) or not _LONG_NUMBER.search(content)


def _text_of(content: bytes) -> tuple[str, Found]:
    encoding = json.detect_encoding(content)
    if not encoding.startswith("utf-8"):
        return content.decode(encoding, "replace").removeprefix("\ufeff"), Counter()
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode(), Counter()
    except UnicodeDecodeError:
        return content.decode(errors=_MENDING), Counter({("", BYTES): 1})


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


def _mended(value: Any, key: str, found: Found) -> Any:
    kind = type(value)
    if kind is str:
        text = _clean(value)
        if text != value:
            found[key, TEXT] += 1
        return text
    if kind is float and not isfinite(value):
        found[key, NUMBER] += 1
        return None
    if kind is list:
        return [_mended(item, key, found) for item in value]
    if kind is dict:
        return {_clean(name): _mended(item, _clean(name), found) for name, item in value.items()}
    return value


def _clean(text: str) -> str:
    """Text without what no database takes; two halves of an emoji that stand together become one."""
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", REPLACEMENT)


def _writable(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value if is_64_bit(value) else str(value)
    if depth and isinstance(value, list | tuple):
        return [_writable(item, depth - 1) for item in value]
    if depth and isinstance(value, Mapping):
        return {_clean(str(name)): _writable(item, depth - 1) for name, item in value.items()}
    return None if isinstance(value, list | tuple | Mapping) else value
