"""Answers without end: bounded memory, a clear error, and nothing done twice."""

from __future__ import annotations

import gzip
import io
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from urllib3.response import HTTPResponse

from pipedrive_client import transport
from pipedrive_client.auth import OAuth
from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import OutcomeUnknown, TransientError

from .conftest import new_client

#: In place of the real limit.
SMALL = 2**20
ZEROS = b'{"success":true,"data":[' + b"0," * SMALL + b"0]}"


class Endless:
    """A server whose answers have a body of one kind. ``sent`` are the bytes that left, ``calls`` the methods asked."""

    def __init__(self) -> None:
        self.kind = "long"
        self.sent = 0
        self.calls: list[str] = []
        self.url = ""


def body_of(kind: str) -> Iterator[bytes]:
    """Pieces of a body."""
    if kind == "bomb":
        yield gzip.compress(gzip.compress(b"0" * (200 * SMALL)))
    elif kind == "packed":
        yield gzip.compress(ZEROS)
    elif kind == "long":
        yield ZEROS
    while kind == "endless":
        yield b'{"data":[' + b" " * 65_536


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endless]:
    """The server."""
    monkeypatch.setattr(transport, "MOST_BYTES", SMALL)
    monkeypatch.setattr(transport.read, "__defaults__", (SMALL,))
    found = Endless()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def answer(self) -> None:
            found.calls.append(self.command)
            self.send_response(200)
            self.send_header("content-type", "application/json")
            if found.kind == "packed":
                self.send_header("content-encoding", "gzip")
            if found.kind == "bomb":
                self.send_header("content-encoding", "gzip, gzip")
            self.end_headers()
            try:
                for piece in body_of(found.kind):
                    self.wfile.write(piece)
                    found.sent += len(piece)
            except OSError:
                return

        do_GET = do_POST = do_PATCH = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def asking(endless: Endless) -> PipedriveClient:
    """A client of that server."""
    return new_client(api_url=endless.url)


@pytest.mark.parametrize("kind", ["bomb", "packed", "long", "endless"])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_an_answer_without_end(endless: Endless, kind: str, method: str) -> None:
    """It is left after the limit and not asked for again; the error says what came."""
    endless.kind = kind
    path, arguments = ("api/v2/deals", {}) if method == "GET" else ("api/v2/deals/{id}", {"id": 1})
    with pytest.raises(TransientError, match="longer than 1 MB") as caught:
        asking(endless).request(method, path, **arguments)

    assert caught.value.status == 200
    assert endless.calls == [method]
    assert endless.sent < 64 * SMALL


def test_a_post_with_an_answer_without_end(endless: Endless) -> None:
    """A POST is looked for: it may have been done."""
    with pytest.raises(OutcomeUnknown):
        asking(endless).request("POST", "api/v2/deals", json={"title": "x"})
    assert endless.calls == ["POST"]


def test_a_token_endpoint_without_end(endless: Endless) -> None:
    """The same for the answer of a refresh."""
    endless.kind = "endless"
    oauth = OAuth("app", "the-client-secret", "the-refresh-token", endless.url, endless.url)
    with pytest.raises(TransientError, match=r"could not be reached \(TooLarge\)"):
        oauth.token()


def test_an_answer_of_a_known_length_is_asked_for_once() -> None:
    """Content that does not end by itself is not read for ever."""

    class Content(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            asked.append(size)
            return super().read(size)

    asked: list[int | None] = []
    answer = requests.Response()
    answer.headers["content-length"] = "2"
    answer.raw = HTTPResponse(Content(b"{}"), {"content-length": "2"}, preload_content=False)

    assert transport.read(answer).content == b"{}"
    assert len(asked) == 1


def test_an_answer_shorter_than_it_says_is_none() -> None:
    """A connection that is closed in the middle of an answer gives no answer, even where what came is JSON."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with server.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}")

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        answer = requests.get(url, stream=True, timeout=60, proxies={"http": ""})
        with pytest.raises(requests.RequestException):
            transport.read(answer)
