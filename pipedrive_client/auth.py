"""Config to credentials: an API token header, or OAuth with refresh."""

import threading
from collections.abc import Callable
from typing import Any

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from pipedrive_client import clock, headers, transport
from pipedrive_client.base_urls import DEFAULT_API_URL, checked_base_url, is_loopback, proxies_for
from pipedrive_client.errors import InvalidCredentials, PipedriveError, TransientError, said_by
from pipedrive_client.lenient_json import loads
from pipedrive_client.secrets import hide

#: Refresh this many seconds before the access token expires (it lives about an hour).
REFRESH_MARGIN = 60.0
#: How long an access token lives when the answer does not say, in seconds.
LIFETIME = 3600.0
#: Longest that one is used without a refresh, whatever the answer says, in seconds.
LONGEST_LIFETIME = 86_400.0
#: Seconds to connect and to wait for an answer of the token endpoint.
TOKEN_TIMEOUT = (10.0, 30.0)
#: Longest answer of the token endpoint that is read, in bytes.
MOST_BYTES = 2**20
#: How often a refresh is tried when the token endpoint fails or cannot be reached.
TOKEN_TRIES = 5

Post = Callable[..., requests.Response]


def is_token(value: Any) -> bool:
    """Whether a value can travel in a header once spaces and line breaks around it are gone."""
    text = value.strip() if isinstance(value, str) else ""
    return bool(text) and text.isascii() and text.isprintable()


class ApiTokenAuth(AuthBase):
    """Puts the API token into the ``x-api-token`` header.

    Source: https://pipedrive.readme.io/docs/core-api-concepts-authentication
    """

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["x-api-token"] = self._token
        return request


class OAuth(AuthBase):
    """Bearer token from a refresh token; refreshed before it expires and once when it is refused.

    Source: https://pipedrive.readme.io/docs/marketplace-oauth-authorization
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        refresh_token: str,
        oauth_url: str,
        api_url: str,
        post: Post = requests.post,
    ) -> None:
        self.api_url = api_url
        self.scopes: tuple[str, ...] = ()
        #: Told a refresh token that replaces the one of the config, as soon as it comes.
        self.on_rotated: Callable[[str], object] = lambda _: None
        self._basic = HTTPBasicAuth(client_id, client_secret)
        self._refresh_token = refresh_token
        self._token_url = f"{oauth_url}/oauth/token"
        self._post = post
        self._token = ""
        hide(f"{client_id}:{client_secret}")
        self._expires_at = 0.0
        self._lock = threading.Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token()}"
        return request

    def token(self) -> str:
        """A usable access token, refreshed when it is about to expire. Raises PipedriveError."""
        with self._lock:
            if clock.monotonic() >= self._expires_at:
                self._refresh()
            return self._token

    def refused(self, used: str | None) -> None:
        """The API answered 401 to the ``Authorization`` header ``used``; refresh unless another thread has done it."""
        with self._lock:
            if used == f"Bearer {self._token}":
                self._refresh()

    def _refresh(self) -> None:
        again = Retrying(
            retry=retry_if_exception_type(TransientError),
            stop=stop_after_attempt(TOKEN_TRIES),
            wait=wait_exponential(min=1, max=30),
            sleep=clock.sleep,
            reraise=True,
        )
        self._accept(again(self._answer))

    def _answer(self) -> dict[str, Any]:
        try:
            response = self._post(
                self._token_url,
                data={"grant_type": "refresh_token", "refresh_token": self._refresh_token},
                auth=self._basic,
                timeout=TOKEN_TIMEOUT,
                allow_redirects=False,
                proxies=proxies_for(self._token_url),
                stream=True,
            )
            transport.read(response, MOST_BYTES)
        except requests.RequestException as error:
            raise TransientError(
                f"Pipedrive's OAuth server could not be reached ({type(error).__name__}). Try again later."
            ) from None
        answer = _json(response)
        # Whatever the answer is, it may be quoted: in an error, in a log of what was odd about it.
        hide(answer.get("access_token"), answer.get("refresh_token"))
        if response.status_code != 200 or not is_token(answer.get("access_token")):
            raise _refresh_error(response.status_code, answer)
        return answer

    def _accept(self, answer: dict[str, Any]) -> None:
        self._follow(answer.get("api_domain"))
        self._token = answer["access_token"].strip()
        new = answer["refresh_token"].strip() if is_token(answer.get("refresh_token")) else self._refresh_token
        if new != self._refresh_token:
            # The old one may be worth nothing from now on, whatever becomes of this run.
            self._refresh_token = new
            self.on_rotated(new)
        self.scopes = tuple(str(answer.get("scope") or "").replace(",", " ").split())
        lifetime = headers.number(answer.get("expires_in"))
        lifetime = LIFETIME if lifetime is None or lifetime <= 0 else min(lifetime, LONGEST_LIFETIME)
        self._expires_at = clock.monotonic() + max(lifetime - REFRESH_MARGIN, 1.0)

    def _follow(self, api_domain: Any) -> None:
        """Use the company's own host from the token answer; refuse one where a token may not go."""
        if not api_domain:
            return
        try:
            domain = checked_base_url(api_domain, "api_domain")
        except ValueError:
            raise InvalidCredentials(
                "Pipedrive's OAuth answer names an `api_domain` outside pipedrive.com; the token is not sent there. "
                "Check `oauth_url`, then connect again."
            ) from None
        if self.api_url == DEFAULT_API_URL or (is_loopback(self.api_url) and is_loopback(domain)):
            self.api_url = domain


def _refresh_error(status: int, answer: dict[str, Any]) -> PipedriveError:
    said = said_by(answer).rstrip(".")
    quoted = f" Pipedrive said: {said}." if said else ""
    if status in (200, 429) or status >= 500:
        return TransientError(
            f"Pipedrive's OAuth server could not refresh the token (status {status}).{quoted} Try again later."
        )
    return InvalidCredentials(
        f"Invalid API key: the OAuth refresh token was refused (status {status}).{quoted} It expires after 60 "
        "days of inactivity, or when the app is uninstalled. Sign in to Pipedrive again.",
        status=status,
    )


def _json(response: requests.Response) -> dict[str, Any]:
    try:
        body, _ = loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
