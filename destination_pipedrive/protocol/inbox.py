"""Standard input, read in a thread of its own: time goes on while nothing comes, and a signal is heard at once."""

import io
import os
import queue
import threading
from collections.abc import Callable, Iterator
from typing import BinaryIO

#: Most bytes that are read at once; lines in them are handed over together.
CHUNK = 1 << 16
#: How many chunks are read ahead.
READ_AHEAD = 16
#: Seconds without a line after which the reader of the lines is told so.
TICK = 1.0


class Inbox:
    """The lines of a stream. ``is_stopped`` ends them early."""

    def __init__(self, stream: BinaryIO, is_stopped: Callable[[], bool]) -> None:
        self._stream = stream
        self._is_stopped = is_stopped
        self._chunks: queue.Queue[list[bytes] | BaseException | None] = queue.Queue(READ_AHEAD)

    def lines(self) -> Iterator[bytes | None]:
        """Each line, without its end; None whenever no line came for ``TICK`` seconds. Raises what reading raises."""
        threading.Thread(target=self._read, name="input", daemon=True).start()
        while not self._is_stopped():
            try:
                chunk = self._chunks.get(timeout=TICK)
            except queue.Empty:
                yield None
                continue
            if chunk is None:
                return
            if isinstance(chunk, BaseException):
                raise chunk
            for line in chunk:
                if self._is_stopped():
                    return
                yield line

    def _chunk(self) -> bytes:
        """What is there, without the stream's own buffer: its lock must not be held while the process ends."""
        try:
            return os.read(self._stream.fileno(), CHUNK)
        except io.UnsupportedOperation:
            return self._stream.read(CHUNK)

    def _read(self) -> None:
        rest: list[bytes] = []
        try:
            while data := self._chunk():
                head, *more = data.split(b"\n")
                rest.append(head)
                if more:
                    self._chunks.put([b"".join(rest), *more[:-1]])
                    rest = [more[-1]]
            if last := b"".join(rest):
                self._chunks.put([last])
        except BaseException as error:
            self._chunks.put(error)
        else:
            self._chunks.put(None)
