"""Standard input: one message a line, read as it comes. What cannot be read is logged and left out, never fatal.

Messages stay plain objects, so that a STATE goes on with every key it came with.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from destination_pipedrive.protocol.json_lines import Message, OddMessage, parse

#: The type of what stands for a line that may have been a record, and that nobody can read.
UNREADABLE = "UNREADABLE"
#: Message types that belong here although nothing is to be done for them.
IGNORED = frozenset({"LOG", "CONTROL", "SPEC", "CATALOG", "CONNECTION_STATUS"})
#: How many unreadable lines are logged one by one.
MOST_LOGGED = 20


def read_messages(lines: Iterable[bytes | None], logger: logging.Logger) -> Iterator[Message | None]:
    """RECORD, STATE and TRACE messages in their order, and UNREADABLE ones for lines that are no message.

    A record that cannot be written is an ``OddMessage`` with its ``trouble``. None where no line came for a moment.
    """
    unreadable, unknown, number = 0, set(), 0
    for line in lines:
        if line is None:
            yield None
            continue
        number += 1
        if not line.strip():
            continue
        message = _checked(parse(line))
        kind = message["type"]
        if kind == UNREADABLE:
            unreadable += 1
            if unreadable <= MOST_LOGGED:
                logger.warning(f"Line {number} of the input is not a message and was skipped.")
            yield message
        elif kind == "RECORD":
            yield message
        elif kind in ("STATE", "TRACE"):
            wrong = _state_trouble(message) if kind == "STATE" else _trace_trouble(message)
            if wrong:
                logger.warning(f"The {kind} on line {number} of the input {wrong}.")
            if (kind == "STATE" and isinstance(message.get("state"), dict)) or not wrong:
                yield message
        elif kind not in IGNORED and kind not in unknown:
            unknown.add(kind)
            logger.warning(f"Messages of the unknown type `{kind[:40]}` are skipped (first on line {number}).")
    if unreadable > MOST_LOGGED:
        logger.warning(f"{unreadable} lines of the input were not messages and were skipped.")


def _checked(message: Message | None) -> Message:
    """The message with a type that is text; a record of no stream is not readable, one without data has a trouble."""
    if message is None:
        return {"type": UNREADABLE}
    kind = message.get("type")
    if kind != "RECORD":
        return message if isinstance(kind, str) else {**message, "type": str(kind)}
    record = message.get("record")
    if not isinstance(record, dict) or not isinstance(record.get("stream"), str):
        return {"type": UNREADABLE}
    if not isinstance(record.get("data"), dict):
        return _odd(message, "its `data` is not an object")
    if not isinstance(record.get("namespace"), str | None):
        return _odd(message, "its `namespace` is not text")
    return message


def _odd(message: Message, trouble: str) -> OddMessage:
    if isinstance(message, OddMessage):
        return OddMessage(message, message.line, message.trouble or trouble, message.is_cut)
    return OddMessage(message, "", trouble)


def _state_trouble(message: Message) -> str:
    """What is wrong with a state. It is passed on all the same, if it is one at all."""
    state = message.get("state")
    if not isinstance(state, dict):
        return "has no object `state` and was skipped"
    if state.get("type") == "STREAM" and stream_of(state.get("stream")) is None:
        return "names no stream; it is passed on as it is"
    return ""


def _trace_trouble(message: Message) -> str:
    trace = message.get("trace")
    if not isinstance(trace, dict):
        return "has no object `trace` and was skipped"
    if trace.get("type") == "STREAM_STATUS" and stream_of(trace.get("stream_status")) is None:
        return "names no stream and was skipped"
    return ""


def stream_of(content: Any) -> tuple[str, str] | None:
    """Namespace and name of the stream that a state's or status's content names; None when it names none."""
    descriptor = content.get("stream_descriptor") if isinstance(content, dict) else None
    if not isinstance(descriptor, dict):
        return None
    name, namespace = descriptor.get("name"), descriptor.get("namespace")
    return (namespace or "", name) if isinstance(name, str) and isinstance(namespace, str | None) else None
