"""The service that keeps the files: another host than the API's, asked by signed addresses."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

#: What a storage says of a file: status, content, further headers. A content-length that is too large breaks off.
Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class Storage:
    """A server. ``answers``: file's id -> what it says, one answer a request; without one it has a content for each."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    #: Path and headers of each request.
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    #: Called with each id before its answer.
    before: Callable[[str], object] = lambda _: None

    @staticmethod
    def content(number: int | str) -> bytes:
        """What a file holds."""
        return f"content of {number}\n".encode() * 100

    @property
    def fetched(self) -> Counter[str]:
        """How often each file was asked for."""
        return Counter(_id(path) for path, _ in self.asked)

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """What a request gets."""
        self.asked.append((path, headers))
        number = _id(path)
        self.before(number)
        waiting = self.answers.get(number)
        return waiting.pop(0) if waiting else (200, self.content(number), {})

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[Self]:
        """A server on a free port."""
        storage = cls()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, content, more = storage.answer(
                    self.path, {key.lower(): each for key, each in self.headers.items()}
                )
                self.send_response(status)
                for name, value in {"content-length": str(len(content)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        storage.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield storage
        finally:
            server.shutdown()
            server.server_close()


def _id(path: str) -> str:
    return path.split("?")[0].strip("/")
