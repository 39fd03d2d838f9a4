"""The way from a connector to a sandbox in the same process without a socket between them, at a third of its price.

It takes all that `requests` prepared, and answers with all that `requests` makes of an answer. What is about the
network itself takes the network: tests marked `network`, and every call while the sandbox has fault rules or a proxy is
set. Calls to other addresses than those of ``serve`` take it as well.
"""

from __future__ import annotations

import io
import select
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.response import HTTPResponse

from pipedrive_client import transport
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.messages import Request, Response
from pipedrive_sandbox.server.http import SandboxServer

#: What is served in this process, by its address. One call at a time, as in the server.
_SERVED: dict[str, tuple[Sandbox, threading.Lock]] = {}


@contextmanager
def serve(sandbox: Sandbox) -> Iterator[SandboxServer]:
    """A server of the sandbox, which connectors in this process reach straight where ``straight`` lets them."""
    with SandboxServer(sandbox) as server:
        _SERVED[server.url] = sandbox, threading.Lock()
        yield server
        del _SERVED[server.url]


@contextmanager
def straight() -> Iterator[None]:
    """Connectors in this process take the straight way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "HTTPAdapter", Straight)
        yield


class Straight(HTTPAdapter):
    """Hands a request to the sandbox that is served at its address."""

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, *args: Any, proxies: Mapping[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """Answer one call. Raises what the network raises where it takes the network."""
        parts = urlsplit(str(request.url))
        base = f"{parts.scheme}://{parts.netloc}"
        sandbox, lock = _SERVED.get(base, (None, None))
        if not sandbox or not lock or sandbox.state.faults.rules or select_proxy(request.url, proxies):
            return super().send(request, *args, proxies=proxies, **options)
        let_others_go_first()
        with lock:
            answer = sandbox.handle(received(request, base))
        assert answer.connection == "keep", "only the network breaks off: mark the test `network`"
        assert not answer.delay, "only the network takes its time: mark the test `network`"
        return self.build_response(request, raw(answer))


def let_others_go_first() -> None:
    """Let other threads run, as they do while a call is on the network."""
    select.select((), (), (), 0)


def received(request: requests.PreparedRequest, base: str) -> Request:
    """A request as the server reads it."""
    parts = urlsplit(str(request.url))
    body = request.body.encode() if isinstance(request.body, str) else request.body or b""
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    query = parse_qsl(parts.query, keep_blank_values=True)
    return Request(str(request.method), unquote(parts.path), query, headers, bytes(body), base)


def raw(answer: Response) -> HTTPResponse:
    """An answer as `urllib3` hands it over, with content that has not been read."""
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    return HTTPResponse(_Body(answer.body), headers, answer.status, preload_content=False)


class _Body(io.BytesIO):
    """Content that is closed once it was read to its end, as that of `http.client` is."""

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if self.tell() == self.getbuffer().nbytes:
            self.close()
        return found


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
