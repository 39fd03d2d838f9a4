"""Standard input: one message a line, read as it comes. What cannot be read is logged and left out, never fatal.

Messages stay plain objects, so that a STATE goes on with every key it came with.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

Message = dict[str, Any]
#: Message types that belong here although nothing is to be done for them.
IGNORED = frozenset({"LOG", "CONTROL", "SPEC", "CATALOG", "CONNECTION_STATUS"})
#: What some tools write before the first line of a file.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: A line that may be a state, and a number that 64 bits may not hold.
STATE, BIG_NUMBER = b'"STATE"', re.compile(rb"\d{19}")
#: How many unreadable lines are logged one by one.
MOST_LOGGED = 20


def read_messages(lines: Iterable[bytes | None], logger: logging.Logger) -> Iterator[Message | None]:
    """RECORD, STATE and TRACE messages in their order; None where no line came for a moment."""
    unreadable, unknown, number = 0, set(), 0
    for line in lines:
        if line is None:
            yield None
            continue
        number += 1
        if not line.strip():
            continue
        message = _parsed(line)
        if message is None:
            unreadable += 1
            if unreadable <= MOST_LOGGED:
                logger.warning(f"Line {number} of the input is no message and was left out.")
            continue
        kind = message.get("type")
        if kind in ("RECORD", "STATE", "TRACE"):
            yield message
        elif kind not in IGNORED and str(kind) not in unknown:
            unknown.add(str(kind))
            logger.warning(f"Messages of the unknown type `{str(kind)[:40]}` are left out (first on line {number}).")
    if unreadable > MOST_LOGGED:
        logger.warning(f"{unreadable} lines of the input were no messages and were left out.")


def _json(line: bytes | str) -> Any:
    """The value of a line; None when it is no JSON.

    What the fast reader does not keep is read by Python's own: numbers beyond 64 bits in a state, and the NaN that
    Python and pandas write, which is nothing here.
    """
    text = line if isinstance(line, bytes) else line.encode()
    try:
        if STATE in text and BIG_NUMBER.search(text):
            return json.loads(text)
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    except ValueError:
        return None
    try:
        return json.loads(text, parse_constant=_nothing)
    except ValueError:
        return None


def _nothing(_constant: str) -> None:
    return None


def _parsed(line: bytes | str) -> Message | None:
    """The message of a line; None unless it is an object with what its type needs."""
    if isinstance(line, bytes):
        line = line.removeprefix(BYTE_ORDER_MARK)
    message = _json(line)
    if not isinstance(message, dict):
        return None
    kind = message.get("type")
    if kind == "RECORD":
        record = message.get("record")
        record = record if isinstance(record, dict) else {}
        return message if isinstance(record.get("data"), dict) and isinstance(record.get("stream"), str) else None
    return message if kind != "STATE" or isinstance(message.get("state"), dict) else None
