"""The transport: a session of ``requests``, how long it is waited for, what it means when nothing comes back, how an
answer is read.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import InvalidHeader
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from pipedrive_client import __version__
from pipedrive_client.base_urls import proxies_for
from pipedrive_client.errors import CannotSend, TransientError
from pipedrive_client.lenient_json import Found, loads
from pipedrive_client.process import Stopping
from pipedrive_client.secrets import filter_secrets

T = TypeVar("T")
Body = dict[str, Any]

#: How often one request is tried in all.
MAX_TRIES = 8


@dataclass(frozen=True)
class Patience:
    """How often a request is tried in all, and the seconds to connect and to wait for an answer."""

    tries: int = MAX_TRIES
    timeout: tuple[float, float] = (10.0, 120.0)


#: For a run that goes on by itself.
RUN = Patience()
#: For `check`, which a person waits for: 40 seconds when nothing answers.
CHECK = Patience(tries=3, timeout=(10.0, 12.0))
#: Longest that a check takes in all, in seconds, whatever keeps it waiting.
CHECK_SECONDS = 45.0

#: Connections that are kept open to one host: as many as a run may have workers.
POOLED = 20

#: Longest answer that is read, unpacked, in bytes: a hundred times the largest page. A packed one may grow without end.
MOST_BYTES = 100 * 2**20
#: How much of an answer is read at once, in bytes.
_CHUNK = 2**18
#: Headers of an answer whose length is not that of its content.
_PACKED = frozenset({"content-encoding", "transfer-encoding"})
#: A `content-length` with more digits is no number of bytes.
_MOST_DIGITS = 19

#: How a certificate that is not trusted, or a file of trusted ones that cannot be read, shows in an exception's text,
#: which also holds the whole address of the request.
_UNTRUSTED = "CERTIFICATE"
NO_TRUST = "the certificate of the server, or of a proxy before it, is not trusted"
_LOGIN = re.compile(r"//[^/\s@]*@")


class Session(requests.Session):
    """A session that reads proxies and trusted certificates from the environment once for each host.

    ``requests`` goes through the whole environment twice for each request.
    """

    def __init__(self) -> None:
        super().__init__()
        #: Host, with its scheme -> what is to be handed to ``send``.
        self.known: dict[str, dict[str, Any]] = {}

    def look_up(self, host: str, url: str) -> dict[str, Any]:
        """The settings of a host, by an address of it. Raises OSError when the environment does not allow it."""
        proxies: Any = proxies_for(url)
        self.known[host] = {**self.merge_environment_settings(url, proxies, None, None, None), "stream": True}
        return self.known[host]

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No redirect is followed, and where it would lead need not be an address."""


def new_session(auth: AuthBase) -> Session:
    """A session that repeats nothing and keeps no cookies, so that threads may share it."""
    session = Session()
    session.auth = auth
    session.headers["User-Agent"] = f"airbyte-pipedrive/{__version__}"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=POOLED, pool_maxsize=POOLED))
    return session


def prepared(
    session: Session, method: str, url: str, params: Any, json: Any, form: Any
) -> Callable[..., requests.Response]:
    """A request that is ready to go, with credentials, proxies and trusted certificates as the environment says.

    Its answer has no content yet (``read``). No redirect is followed. Raises OSError when the environment does not
    allow it, PipedriveError for credentials.
    """
    request = session.prepare_request(requests.Request(method, url, params=params, json=json, data=form))
    host = url[: url.find("/", len("https://"))]
    settings = session.known.get(host) or session.look_up(host, url)
    return partial(session.send, request, allow_redirects=False, **settings)


class TooLarge(requests.RequestException):
    """An answer is longer than any that makes sense."""


def read(response: requests.Response, most: int = MOST_BYTES) -> requests.Response:
    """The response with its whole content, when it was asked for as a stream. Raises TooLarge, RequestException."""
    if response.raw is None:
        return response
    length, packed = response.headers.get("content-length", ""), response.headers.keys() & _PACKED
    if not packed and length.isascii() and length.isdecimal() and len(length) <= _MOST_DIGITS and int(length) <= most:
        # It comes in one part, which need not be joined; further ones are never asked for.
        response._content = next(response.iter_content(None), b"")
        return response
    chunks: list[bytes] = []
    size = 0
    for chunk in response.iter_content(_CHUNK):
        size += len(chunk)
        if size > most:
            response.close()
            raise TooLarge(f"The answer is longer than {most // 2**20} MB.")
        chunks.append(chunk)
    # The place where `content` keeps what it has read.
    response._content = b"".join(chunks)
    return response


def is_ours(error: Exception) -> bool:
    """Whether settings of this machine are to blame for what was not sent, so that repeating does not help.

    Headers that cannot be sent are refused before a request is ready, so those that are refused here were answered.
    """
    return (isinstance(error, ValueError) and not isinstance(error, InvalidHeader)) or is_untrusted(error)


def is_untrusted(error: Exception) -> bool:
    """Whether the certificate of the other side is not trusted here."""
    return _UNTRUSTED in str(error)


def cannot_send(error: Exception) -> CannotSend:
    """The error of a machine that cannot send; no login of a proxy is in it."""
    said = NO_TRUST if is_untrusted(error) else _LOGIN.sub("//", filter_secrets(str(error)))[:300].rstrip(".")
    return CannotSend(
        f"No request can be sent from here: {said or type(error).__name__}. Check the proxy and certificate settings "
        "of this machine (HTTPS_PROXY, ALL_PROXY, REQUESTS_CA_BUNDLE, SSL_CERT_FILE)."
    )


def for_check(call: Callable[[], T]) -> T:
    """What a check asks with a client of the patience ``CHECK``, for CHECK_SECONDS at most.

    Raises what the client raises, TransientError when the time is over, CannotSend when this machine refuses it.
    """
    try:
        return Stopping().wait_for(call, CHECK_SECONDS)
    except TimeoutError:
        text = f"Pipedrive did not answer within {CHECK_SECONDS:.0f} seconds. Check the network, then try again."
        raise TransientError(text) from None
    except OSError as error:
        raise cannot_send(error) from None


def never_sent(error: Exception) -> bool:
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


def decode(response: requests.Response, note: Callable[[Found], None], keeps_nan: bool = False) -> Body | None:
    """The answer's JSON object; {} when an answer without content is fine (deletes); None when it cannot be read.

    ``note`` is told what had to be replaced in it; ``keeps_nan`` leaves numbers that are none.
    """
    if not response.content:
        return {} if response.request.method == "DELETE" else None
    try:
        body, found = loads(response.content, keeps_nan)
    except ValueError:
        return None
    if found:
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
            "A proxy, a firewall or a maintenance page is in between."
        )
    try:
        body, _ = loads(response.content)
        return f"Pipedrive's answer is a JSON {_JSON_NAMES.get(type(body), 'value')} where an object belongs."
    except ValueError as error:
        if response.content.lstrip()[:1] not in (b"{", b"["):
            return f"The response is not from Pipedrive's API (content type {kind})."
        if response.content.rstrip()[-1:] not in (b"}", b"]"):
            return "Pipedrive's answer was cut short."
        place = f", position {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        return f"Pipedrive's answer is not valid JSON ({getattr(error, 'msg', error)}{place})."


_JSON_NAMES = {list: "list", str: "text", bool: "truth value", int: "number", float: "number"}


def is_page(response: requests.Response) -> bool:
    """True for a web page instead of an API answer."""
    start = response.content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    return "html" in response.headers.get("content-type", "") or start == b"<"
