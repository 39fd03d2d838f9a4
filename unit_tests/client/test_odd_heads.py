"""Answers whose headers are damaged: they were answered, so a GET is asked again and a POST is looked for."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import OutcomeUnknown, Refused, TransientError

from .conftest import new_client

ROWS = b'{"success":true,"data":[]}'


class Script:
    """What a server answers, byte by byte; ``calls`` are the methods that it was asked."""

    def __init__(self) -> None:
        self.answer = b""
        self.calls: list[str] = []
        self.client: PipedriveClient


@pytest.fixture
def script() -> Iterator[Script]:
    """The server, and a client of it."""
    found = Script()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            found.calls.append(self.rfile.readline().split()[0].decode())
            length = 0
            while (line := self.rfile.readline()).strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            self.rfile.read(length)
            self.wfile.write(found.answer)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.client = new_client(api_url=f"http://127.0.0.1:{server.server_address[1]}")
    yield found
    server.shutdown()
    server.server_close()


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    """The head of an answer, to its empty line."""
    return b"\r\n".join([b"HTTP/1.1 " + status, b"connection: close", *lines, b"", b""])


LENGTHS = head(b"content-length: 1, 2") + ROWS


@pytest.mark.parametrize(
    "where", [b"http://[::1", b"\xff\xfe", b"", b"//[", b"https://evil.example/\x00", b"x" * 9_000]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_nowhere(script: Script, where: bytes, method: str) -> None:
    """Where a redirect leads is not looked at: it is refused as every other, and asked for once."""
    script.answer = head(b"location: " + where, b"content-length: 0", status=b"302 Found")
    with pytest.raises(Refused, match="status 302") as caught:
        script.client.request(method, "api/v2/deals", **({"json": {"title": "x"}} if method == "POST" else {}))

    assert caught.value.failure_type == "config_error"
    assert script.calls == [method]


def test_lengths_that_differ(script: Script) -> None:
    """An answer with two lengths is no fault of this machine: a GET is asked for again, a POST may have been done."""
    script.answer = LENGTHS
    with pytest.raises(TransientError, match="did not answer"):
        script.client.request("GET", "api/v2/deals")
    assert len(script.calls) > 1

    script.calls.clear()
    with pytest.raises(OutcomeUnknown):
        script.client.request("POST", "api/v2/deals", json={"title": "x"})
    assert script.calls == ["POST"]


@pytest.mark.parametrize(
    "line",
    [b"x-ratelimit-remaining: \xff", b"set-cookie: \xff=\x01; domain", b"date: \xc2\xbd", b"\xff\xfe: 1", b"no colon"],
)
def test_headers_of_any_bytes(script: Script, line: bytes) -> None:
    """A header that nobody can read does not spoil its answer."""
    script.answer = head(line, b"content-length: %d" % len(ROWS)) + ROWS
    body: Any = script.client.request("GET", "api/v2/deals")
    assert body["data"] == []


@pytest.mark.parametrize("said", [b"false", b"null", b"0", b'""', b"[]"])
def test_every_no_is_a_no(script: Script, said: bytes) -> None:
    """`success` that is not true is a failure, however it is put."""
    script.answer = head() + b'{"success":' + said + b',"data":[]}'
    with pytest.raises(TransientError, match="reported a failure"):
        script.client.request("GET", "api/v2/deals")
