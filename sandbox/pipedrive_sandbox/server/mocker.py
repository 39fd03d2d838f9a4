"""The sandbox behind `requests_mock`: no socket, same answers."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import requests_mock

from pipedrive_sandbox.messages import Request, Response
from pipedrive_sandbox.server.sandbox import Sandbox

API_URL = "https://api.pipedrive.com"


def mount(mocker: requests_mock.Mocker, sandbox: Sandbox, base_url: str = API_URL) -> None:
    """Send every request below `base_url` to the sandbox; mount again for other hosts such as the OAuth one.

    Broken connections are raised as `requests.exceptions.ConnectionError` (`ChunkedEncodingError` for a body that is
    cut short), a delay longer than the request's timeout as `ReadTimeout`; shorter delays move the sandbox's clock.
    """

    def answer(sent: Any, context: Any) -> bytes:
        response = sandbox.handle(_read(sent, base_url))
        _break(sandbox, response, sent.timeout)
        context.status_code = response.status
        context.headers.update(response.headers)
        return response.body

    mocker.register_uri(requests_mock.ANY, re.compile(re.escape(base_url) + "/"), content=answer)


def _read(sent: Any, base_url: str) -> Request:
    parts = urlsplit(sent.url)
    headers = {name.lower(): value for name, value in sent.headers.items()}
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    return Request(sent.method, parts.path, parse_qsl(parts.query, keep_blank_values=True), headers, body, base_url)


def _break(sandbox: Sandbox, response: Response, timeout: Any) -> None:
    if response.connection == "drop":
        raise requests.exceptions.ConnectionError("Remote end closed connection without response")
    if response.connection == "truncate":
        raise requests.exceptions.ChunkedEncodingError("Connection broken: IncompleteRead")
    patience = timeout[1] if isinstance(timeout, tuple) else timeout
    if patience is not None and response.delay > patience:
        raise requests.exceptions.ReadTimeout("Read timed out")
    sandbox.advance(response.delay)
