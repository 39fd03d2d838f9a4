"""Standard output: one JSON message a line, logs included."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from pipedrive_client.errors import WordedError
from pipedrive_client.lenient_json import clean, dumps_exactly
from pipedrive_client.secrets import filter_secrets

#: Levels of the protocol. Source: https://docs.airbyte.com/platform/understanding-airbyte/airbyte-protocol
_LEVELS = {logging.FATAL: "FATAL", logging.ERROR: "ERROR", logging.WARNING: "WARN", logging.DEBUG: "DEBUG"}
UNEXPECTED = "Something unexpected happened in the connector; the log has the details. Try again, then report it."


def _nothing() -> None:
    return None


class Output:
    """Writes messages until nobody reads them any more. Safe to share between threads."""

    def __init__(self, stream: TextIO) -> None:
        #: Nobody reads any more, and whether somebody missed something for it.
        self.is_closed = self.has_lost = False
        #: Called once when a line could not be written.
        self.on_closed: Callable[[], None] = _nothing
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message and hand it on at once."""
        self._write(dumps_exactly(message).decode())

    def safely(self, message: Mapping[str, Any]) -> None:
        """Write one message, no record and no state, without secrets."""
        self._write(filter_secrets(dumps_exactly(message).decode()))

    def text(self, text: str) -> None:
        """Write text as it is: a message that is JSON already, or text for people."""
        self._write(text.rstrip("\n"))

    def error(self, error: BaseException) -> None:
        """Write the TRACE of an error: one sentence for people, typed for the platform."""
        worded = error if isinstance(error, WordedError) else None
        text = worded.message if worded else UNEXPECTED
        kind = worded.failure_type if worded else "system_error"
        inner = text if worded else type(error).__name__
        found = {"message": text, "internal_message": inner, "failure_type": kind}
        self.safely({"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": time.time() * 1000, "error": found}})

    def log_handler(self) -> logging.Handler:
        """A handler that writes log records as LOG messages, without secrets."""
        return _Handler(self)

    def _write(self, line: str) -> None:
        with self._lock:
            if self.is_closed:
                self.has_lost = True
                return
            try:
                self._stream.write(f"{clean(line)}\n")
                self._stream.flush()
                return
            except (OSError, ValueError):  # the reader is gone, the disk is full, or the stream was closed
                self.is_closed = self.has_lost = True
        self.on_closed()


class _Handler(logging.Handler):
    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        """Write one log record."""
        level = _LEVELS.get(record.levelno, "INFO")
        content = {"level": level, "message": clean(filter_secrets(self.format(record)))}
        self._output.send({"type": "LOG", "log": content})
