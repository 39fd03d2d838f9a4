"""Standard output: one JSON message a line, logs included."""

import json
import logging
import threading
import time
from collections.abc import Mapping
from typing import Any, TextIO

import orjson
from airbyte_cdk.logger import AirbyteLogFormatter
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

UNEXPECTED = "Something unexpected happened in the connector; the log has the details. Try again, then report it."


class Output:
    """Writes messages. Safe to share between threads."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, message: Mapping[str, Any]) -> None:
        """Write one message and hand it on at once."""
        try:
            line = orjson.dumps(message).decode()
        except TypeError:  # a number beyond 64 bits, which a state may hold
            line = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        self._write(line)

    def text(self, text: str) -> None:
        """Write text for people."""
        self._write(text.rstrip("\n"))

    def error(self, error: BaseException) -> None:
        """Write the TRACE of an error: one sentence for people, typed for the platform."""
        traced = error if isinstance(error, AirbyteTracedException) else None
        text = filter_secrets(str(traced.message or UNEXPECTED)) if traced else UNEXPECTED
        kind = traced.failure_type.value if traced else "system_error"
        inner = text if traced else f"{type(error).__name__}"
        found = {"message": text, "internal_message": inner, "failure_type": kind}
        self.send({"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": time.time() * 1000, "error": found}})

    def log_handler(self) -> logging.Handler:
        """A handler that writes log records as LOG messages, without secrets."""
        handler = _Handler(self._write)
        handler.setFormatter(AirbyteLogFormatter("%(message)s"))
        return handler

    def _write(self, line: str) -> None:
        with self._lock:
            self._stream.write(line + "\n")
            self._stream.flush()


class _Handler(logging.Handler):
    def __init__(self, write: Any) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        """Write one log record."""
        self._write(self.format(record))
