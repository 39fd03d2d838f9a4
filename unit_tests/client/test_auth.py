"""OAuth: when a token is refreshed, where it goes, what a refusal says."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import requests_mock

from pipedrive_client.auth import TOKEN_TRIES, OAuth
from pipedrive_client.client import MAX_REFRESHES
from pipedrive_client.errors import InvalidCredentials, PipedriveError, TransientError

from .conftest import API, DEALS, OAUTH, TOKEN_URL, FakeClock, answer, meeting, new_client, outcomes, response

OLD = "the-refresh-token"


class TokenServer:
    """Answers refreshes one after another, the last answer for ever; counts them."""

    def __init__(self, *answers: Any, meet: Callable[[], None] = lambda: None) -> None:
        self.answers = list(answers) or [granted()]
        self.meet = meet
        self.posts: list[dict[str, Any]] = []

    def __call__(self, url: str, **sent: Any) -> requests.Response:
        """One refresh."""
        self.meet()
        self.posts.append({"url": url, **sent})
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(given, Exception):
            raise given
        body = {**given, "access_token": f"access-{len(self.posts)}"} if isinstance(given, dict) else given
        return body if isinstance(body, requests.Response) else response(200, body)


def granted(**more: Any) -> dict[str, Any]:
    """A token answer without its access token."""
    return {"token_type": "bearer", "expires_in": 3600, **more}


def new_oauth(server: TokenServer, api_url: str = API) -> OAuth:
    """OAuth credentials whose token endpoint is ``server``."""
    return OAuth("app", "the-client-secret", OLD, "https://oauth.pipedrive.com", api_url, server)


def test_refresh_request(api: requests_mock.Mocker) -> None:
    """A refresh is a form post with basic authentication to `oauth_url`."""
    api.post(TOKEN_URL, json=granted(access_token="access-1"))
    api.get(DEALS, **answer([]))
    new_client(credentials=OAUTH).request("GET", "api/v2/deals")

    refresh = api.request_history[0]
    assert parse_qs(refresh.text) == {"grant_type": ["refresh_token"], "refresh_token": [OLD]}
    assert refresh.headers["Authorization"] == "Basic " + b64encode(b"app:the-client-secret").decode()


def test_token_endpoint_that_redirects(api: requests_mock.Mocker) -> None:
    """The refresh token does not follow a redirect of the token endpoint."""
    api.post(TOKEN_URL, status_code=307, headers={"location": "https://evil.com/"})
    other = api.post("https://evil.com/", json=granted(access_token="access-1"))

    with pytest.raises(PipedriveError, match="status 307"):
        new_client(credentials=OAUTH).request("GET", "api/v2/deals")
    assert not other.called


def test_token_is_kept(fake_clock: FakeClock) -> None:
    """A token that is still good is used again."""
    server = TokenServer()
    oauth = new_oauth(server)
    oauth.token()
    fake_clock.now += 3539

    assert (oauth.token(), len(server.posts)) == ("access-1", 1)


def test_refreshed_before_it_expires(fake_clock: FakeClock) -> None:
    """A token is refreshed a minute before its end."""
    oauth = new_oauth(TokenServer())
    oauth.token()
    fake_clock.now += 3540

    assert oauth.token() == "access-2"


def test_new_refresh_token_is_used(fake_clock: FakeClock) -> None:
    """A refresh token that comes with the answer replaces the old one."""
    server = TokenServer(granted(refresh_token="next"), granted())
    oauth = new_oauth(server)
    for _ in range(3):
        oauth.token()
        fake_clock.now += 3600

    assert [post["data"]["refresh_token"] for post in server.posts] == [OLD, "next", "next"]


@pytest.mark.parametrize("lifetime", ["soon", "NaN", "1e999", -5, [], {}, None, True, 10**18, "3600"])
def test_a_lifetime_that_cannot_be_read(fake_clock: FakeClock, lifetime: object) -> None:
    """Whatever the answer says of its token's life, the token is used, and refreshed within a day."""
    server = TokenServer(granted(expires_in=lifetime), granted())
    oauth = new_oauth(server)

    assert oauth.token() == "access-1"
    fake_clock.now += 86_400
    assert oauth.token() == "access-2"


@pytest.mark.parametrize(
    ("scope", "scopes"),
    [
        pytest.param("base,deals:full", ("base", "deals:full"), id="commas"),
        pytest.param("base deals:full", ("base", "deals:full"), id="spaces"),
        pytest.param(None, (), id="absent"),
    ],
)
def test_scopes(scope: str | None, scopes: tuple[str, ...]) -> None:
    """The granted scopes are known after the first token."""
    oauth = new_oauth(TokenServer(granted(scope=scope)))
    oauth.token()

    assert oauth.scopes == scopes


def test_threads_refresh_once() -> None:
    """Threads that need the first token at the same time ask for it once."""
    server = TokenServer(meet=meeting())

    assert outcomes(new_oauth(server).token, 8) == ["access-1"] * 8
    assert len(server.posts) == 1


def test_threads_replace_a_refused_token_once() -> None:
    """Threads whose requests were refused with the same token refresh it once."""
    server = TokenServer()
    oauth = new_oauth(server)
    used = f"Bearer {oauth.token()}"
    server.meet = meeting()

    outcomes(lambda: oauth.refused(used), 8)
    assert (oauth.token(), len(server.posts)) == ("access-2", 2)


def test_refresh_after_401(api: requests_mock.Mocker) -> None:
    """A request that is refused with 401 goes out again once, with a new token."""
    api.post(TOKEN_URL, [{"json": granted(access_token="access-1")}, {"json": granted(access_token="access-2")}])
    api.post(DEALS, [{"status_code": 401, "json": {"success": False}}, answer({"id": 1})])

    assert new_client(credentials=OAUTH).request("POST", "api/v2/deals", json={"title": "x"})["data"] == {"id": 1}
    calls = [call.headers["Authorization"] for call in api.request_history if call.url == DEALS]
    assert calls == ["Bearer access-1", "Bearer access-2"]


def test_a_token_refused_twice_is_no_invalid_key(api: requests_mock.Mocker, fake_clock: FakeClock) -> None:
    """A new token may be refused by a server that does not know it yet: it is refreshed again, after a moment."""
    api.post(TOKEN_URL, [{"json": granted(access_token=f"access-{number}")} for number in range(4)])
    refused = {"status_code": 401, "json": {"success": False, "error": "unauthorized access"}}
    api.get(DEALS, [refused, refused, answer([])])

    assert new_client(credentials=OAUTH).request("GET", "api/v2/deals")["data"] == []
    assert fake_clock.sleeps == [2.0]


def test_a_401_that_stays_is_final(api: requests_mock.Mocker) -> None:
    """New tokens that are all refused end the run."""
    api.post(TOKEN_URL, json=granted(access_token="access-1"))
    refused = api.get(DEALS, status_code=401, json={"success": False, "error": "unauthorized access"})

    with pytest.raises(InvalidCredentials, match="Invalid API key"):
        new_client(credentials=OAUTH).request("GET", "api/v2/deals")
    assert refused.call_count == 1 + MAX_REFRESHES


@pytest.mark.parametrize("odd", ["access-1\n", " access-1 ", "\r\naccess-1"])
def test_a_token_with_a_line_break_around_it(api: requests_mock.Mocker, odd: str) -> None:
    """White space around an access token is no part of it."""
    api.post(TOKEN_URL, json=granted(access_token=odd))
    deals = api.get(DEALS, **answer([]))
    new_client(credentials=OAUTH).request("GET", "api/v2/deals")

    assert deals.last_request.headers["Authorization"] == "Bearer access-1"


@pytest.mark.parametrize("odd", ["secret-1\nsecret-2", "secret-1\x00", "secret-1é", "\n", "", 5, ["secret-1"], None])
def test_a_token_that_fits_no_header(odd: object) -> None:
    """An access token that cannot travel is a broken answer, asked for again and never quoted."""
    server = TokenServer(response(200, granted(access_token=odd)))
    with pytest.raises(TransientError, match="could not refresh the token") as caught:
        new_oauth(server).token()
    assert len(server.posts) == TOKEN_TRIES
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("api_url", "api_domain", "used"),
    [
        pytest.param(API, "https://acme.pipedrive.com", "https://acme.pipedrive.com", id="company host followed"),
        pytest.param(API, None, API, id="no domain in the answer"),
        pytest.param(API, "", API, id="empty domain"),
        pytest.param(
            "https://a.pipedrive.com", "https://b.pipedrive.com", "https://a.pipedrive.com", id="own host stays"
        ),
        pytest.param("http://127.0.0.1:1", "https://b.pipedrive.com", "http://127.0.0.1:1", id="loopback stays"),
        pytest.param("http://127.0.0.1:1", "http://localhost:2", "http://localhost:2", id="loopback to loopback"),
    ],
)
def test_api_domain(api_url: str, api_domain: str | None, used: str) -> None:
    """The company's host replaces the shared one, never a host that the user chose."""
    oauth = new_oauth(TokenServer(granted(api_domain=api_domain)), api_url)
    oauth.token()

    assert oauth.api_url == used


@pytest.mark.parametrize(
    "domain", ["https://evil.com", "http://acme.pipedrive.com", "https://acme.pipedrive.com@evil.com", 5, ["x"]]
)
def test_foreign_api_domain(api: requests_mock.Mocker, domain: object) -> None:
    """A token answer that names a foreign host is refused and the token is sent nowhere."""
    api.post(TOKEN_URL, json=granted(access_token="access-1", api_domain=domain))

    with pytest.raises(
        InvalidCredentials, match=r"names an `api_domain` outside pipedrive\.com; the token is not sent there"
    ):
        new_client(credentials=OAUTH).request("GET", "api/v2/deals")
    assert [call.url for call in api.request_history] == [TOKEN_URL]


def test_v1_on_the_company_host(api: requests_mock.Mocker) -> None:
    """On the company's own host v1 is asked below /api/v1."""
    api.post(TOKEN_URL, json=granted(access_token="access-1", api_domain="https://acme.pipedrive.com"))
    leads = api.get("https://acme.pipedrive.com/api/v1/leads", **answer([]))
    new_client(credentials=OAUTH).request("GET", "v1/leads")

    assert leads.called


ADVICE = "It expires after 60 days of inactivity, or when the app is uninstalled. Sign in to Pipedrive again."


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        pytest.param(400, {"error": "invalid_grant"}, " Pipedrive said: invalid_grant.", id="code"),
        pytest.param(
            400,
            {"error": "invalid_grant", "error_description": "Invalid refresh token"},
            " Pipedrive said: Invalid refresh token.",
            id="description wins",
        ),
        pytest.param(401, {"message": "Invalid client"}, " Pipedrive said: Invalid client.", id="message"),
        pytest.param(403, b"<html></html>", "", id="web page"),
        pytest.param(404, [], "", id="list"),
    ],
)
def test_refused_refresh(status: int, body: Any, said: str) -> None:
    """A refused refresh is a config error that quotes Pipedrive and is not tried again."""
    server = TokenServer(response(status, body))
    with pytest.raises(InvalidCredentials) as caught:
        new_oauth(server).token()
    assert caught.value.message == (
        f"Invalid API key: the OAuth refresh token was refused (status {status}).{said} {ADVICE}"
    )
    assert (caught.value.failure_type, len(server.posts)) == ("config_error", 1)


TRANSIENT = [
    pytest.param(requests.ConnectionError("https://app:the-client-secret@x"), id="no connection"),
    pytest.param(requests.ReadTimeout(OLD), id="no answer"),
    pytest.param(response(429, {}), id="429"),
    pytest.param(response(500, {"message": "oops"}), id="500"),
    pytest.param(response(503, b"<html></html>"), id="503 web page"),
    pytest.param(response(200, b'{"access_tok'), id="answer cut short"),
    pytest.param(response(200, b"[" * 10_000 + b"]" * 10_000), id="10,000 levels"),
    pytest.param(response(200, {"token_type": "bearer"}), id="no token in the answer"),
]


@pytest.mark.parametrize("failure", TRANSIENT)
def test_failing_token_endpoint_is_tried_again(failure: Any, fake_clock: FakeClock) -> None:
    """A token endpoint that fails twice is asked a third time, with waits between."""
    server = TokenServer(failure, failure, granted())

    assert new_oauth(server).token() == "access-3"
    assert len(fake_clock.sleeps) == 2


@pytest.mark.parametrize("failure", TRANSIENT)
def test_token_endpoint_that_keeps_failing(failure: Any) -> None:
    """A token endpoint that keeps failing is a transient error, worded without secrets."""
    server = TokenServer(failure)
    with pytest.raises(TransientError, match=r"Pipedrive's OAuth server could not .* Try again later\.") as caught:
        new_oauth(server).token()
    assert (caught.value.failure_type, len(server.posts)) == ("transient_error", TOKEN_TRIES)
    assert not any(secret in str(caught.value) for secret in ("the-client-secret", OLD))


def test_refused_refresh_ends_the_run(api: requests_mock.Mocker) -> None:
    """After a refused refresh no request starts and the token endpoint is not asked again."""
    refresh = api.post(TOKEN_URL, status_code=400, json={"error": "invalid_grant"})
    client = new_client(credentials=OAUTH)

    for _ in range(3):
        with pytest.raises(InvalidCredentials):
            client.request("GET", "api/v2/deals")
    assert refresh.call_count == 1


def test_stopped_run_refreshes_nothing(api: requests_mock.Mocker, fake_clock: FakeClock) -> None:
    """When the run has stopped, an expired token is not refreshed for a request that may not start."""
    refresh = api.post(TOKEN_URL, json=granted(access_token="access-1"))
    api.get(DEALS, status_code=429, headers={"x-daily-ratelimit-token-remaining": "0"})
    client = new_client(credentials=OAUTH)

    for _ in range(2):
        with pytest.raises(PipedriveError, match="Rate limit exceeded"):
            client.request("GET", "api/v2/deals")
        fake_clock.now += 7200
    assert refresh.call_count == 1
