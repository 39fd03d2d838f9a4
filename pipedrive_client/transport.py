"""The transport: the CDK's ``HttpClient``, which hands over every answer as it is, and how an answer is read."""

import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import requests
from airbyte_cdk.sources.streams.http import HttpClient
from airbyte_cdk.sources.streams.http.error_handlers import ErrorHandler, ErrorResolution, ResponseAction
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from pipedrive_client import __version__
from pipedrive_client.config import Settings
from pipedrive_client.lenient_json import Found, loads
from pipedrive_client.token_budget import PipedriveBudget

#: Seconds to connect, and to wait for an answer.
TIMEOUT = (10.0, 120.0)

Body = dict[str, Any]


class Keep(ErrorHandler):
    """Lets the CDK's client hand over every answer and exception as it is; the client decides what they mean."""

    max_retries = 0
    max_time = 0

    def __init__(self) -> None:
        self._local = threading.local()

    def interpret_response(self, response_or_exception: requests.Response | Exception | None) -> ErrorResolution:
        """Remember an exception for this thread; everything counts as handled."""
        failed = isinstance(response_or_exception, Exception)
        self._local.error = response_or_exception if failed else None
        return ErrorResolution(response_action=ResponseAction.SUCCESS, failure_type=None, error_message=None)

    @property
    def error(self) -> Exception | None:
        """The exception of this thread's last request, or None when it was answered."""
        return getattr(self._local, "error", None)


def http_client(
    settings: Settings, budget: PipedriveBudget, keep: Keep, timeout: tuple[float, float] = TIMEOUT
) -> HttpClient:
    """A session with our headers, our budget and no retries of its own. ``timeout``: as ``TIMEOUT``."""
    # Never at DEBUG: the CDK logs request headers and bodies there.
    logger = logging.getLogger("airbyte.pipedrive.http")
    logger.setLevel(logging.INFO)
    client = HttpClient(
        name="pipedrive",
        logger=logger,
        error_handler=keep,
        api_budget=budget,
        authenticator=settings.auth,
        disable_retries=True,
        request_timeout=timeout,
    )
    session = client._session
    session.headers["User-Agent"] = f"airbyte-pipedrive/{__version__}"
    session.mount("http://", requests.adapters.HTTPAdapter(pool_connections=20, pool_maxsize=20))
    return client


def never_sent(error: Exception | None) -> bool:
    """True when no connection was made, so the request cannot have been applied."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason: Any = error
    for _ in range(4):
        if isinstance(reason, NewConnectionError | NameResolutionError | ConnectTimeoutError):
            return True
        inner = getattr(reason, "reason", None) or next(iter(getattr(reason, "args", ())), None)
        if not isinstance(inner, Exception):
            return False
        reason = inner
    return False


def decode(response: requests.Response, note: Callable[[Found], None]) -> Body | None:
    """The answer's JSON object; {} when an answer without content is fine (deletes); None when it cannot be read.

    ``note`` is told what had to be replaced in it.
    """
    if not response.content:
        return {} if response.request.method == "DELETE" else None
    try:
        body, found = loads(response.content)
    except ValueError:
        return None
    note(found)
    return body if isinstance(body, dict) else None


def unreadable(response: requests.Response) -> str:
    """What an answer is that ``decode`` could not read, as a sentence."""
    kind = response.headers.get("content-type") or "none"
    if not response.content:
        return "Pipedrive's answer is empty."
    if is_page(response):
        return (
            f"A web page came instead of Pipedrive's answer (status {response.status_code}, content type {kind}). "
            "A proxy, a firewall or a maintenance page stands in between."
        )
    try:
        body, _ = loads(response.content)
        return f"Pipedrive's answer is a JSON {_JSON_NAMES.get(type(body), 'value')} where an object belongs."
    except ValueError as error:
        if response.content.lstrip()[:1] not in (b"{", b"["):
            return f"What came is not an answer of Pipedrive's API (content type {kind})."
        if response.content.rstrip()[-1:] not in (b"}", b"]"):
            return "Pipedrive's answer was cut short."
        place = f", position {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        return f"Pipedrive's answer is not valid JSON ({getattr(error, 'msg', error)}{place})."


_JSON_NAMES = {list: "list", str: "text", bool: "truth value", int: "number", float: "number"}


def is_page(response: requests.Response) -> bool:
    """True for a web page instead of an API answer."""
    start = response.content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return "html" in response.headers.get("content-type", "") or start == b"<"
