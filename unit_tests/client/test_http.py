"""What a request looks like on its way out."""

from __future__ import annotations

import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
import requests
import requests_mock

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import CannotSend, Refused
from pipedrive_client.transport import RUN
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.http import SandboxServer

from .conftest import API, DEAL, DEALS, OAUTH, TOKEN, TOKEN_URL, answer, new_client, sandbox_client


def test_token_header(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """The API token travels in its header and in no part of the URL."""
    api.get(DEALS, **answer([]))
    client.request("GET", "api/v2/deals", params={"limit": 1})

    assert api.last_request.headers["x-api-token"] == TOKEN
    assert api.last_request.url == f"{DEALS}?limit=1"
    assert "Authorization" not in api.last_request.headers


def test_bearer_header(api: requests_mock.Mocker) -> None:
    """An OAuth token travels in the Authorization header and in no part of the URL."""
    api.post(TOKEN_URL, json={"access_token": "access-1", "expires_in": 3600})
    api.get(DEALS, **answer([]))
    new_client(credentials=OAUTH).request("GET", "api/v2/deals")

    assert api.last_request.headers["Authorization"] == "Bearer access-1"
    assert api.last_request.url == DEALS
    assert "x-api-token" not in api.last_request.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["https://evil.com/x", f"{API}/api/v2/persons"])
def test_redirects_are_not_followed(
    api: requests_mock.Mocker, client: PipedriveClient, status: int, target: str
) -> None:
    """A redirect is refused, also one to Pipedrive's own host, and its target is never asked."""
    api.get(DEALS, status_code=status, headers={"location": target})
    other = api.get(target, **answer([]))

    with pytest.raises(Refused, match="The address redirects"):
        client.request("GET", "api/v2/deals")
    assert not other.called


@pytest.mark.parametrize(
    ("given", "path"),
    [
        pytest.param("../persons", "..%2Fpersons", id="path upwards"),
        pytest.param("1?x=2", "1%3Fx%3D2", id="query"),
        pytest.param("1#x", "1%23x", id="fragment"),
        pytest.param("a b", "a%20b", id="space"),
        pytest.param(7, "7", id="number"),
    ],
)
def test_path_arguments_are_quoted(
    api: requests_mock.Mocker, client: PipedriveClient, given: object, path: str
) -> None:
    """An id fills its place in the path and no more."""
    api.get(requests_mock.ANY, **answer({}))
    client.request("GET", "api/v2/deals/{id}", id=given)

    assert api.last_request.url == f"{DEALS}/{path}"


def test_json_body(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A body is sent as JSON, nulls included."""
    api.patch(DEAL, **answer({"id": 1}))
    client.request("PATCH", "api/v2/deals/{id}", id=1, json={"title": "Ä", "value": None})

    assert api.last_request.json() == {"title": "Ä", "value": None}
    assert api.last_request.headers["content-type"] == "application/json"


def test_every_request_has_a_timeout(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """No request can wait for ever."""
    api.get(DEALS, **answer([]))
    client.request("GET", "api/v2/deals")

    assert api.last_request.timeout == RUN.timeout


def test_user_agent(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Pipedrive can tell who calls."""
    api.get(DEALS, **answer([]))
    client.request("GET", "api/v2/deals")

    assert api.last_request.headers["user-agent"].startswith("airbyte-pipedrive/")


class CookieSetter(BaseHTTPRequestHandler):
    """Answers every GET with an empty list and a cookie."""

    seen: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        """Note the cookie that came, and set one."""
        self.seen.append(self.headers.get("cookie"))
        self.send_response(200)
        self.send_header("set-cookie", "route=1; Path=/")
        self.end_headers()
        self.wfile.write(b'{"success":true,"data":[]}')

    def log_message(self, *args: object) -> None:
        """Nothing."""


def test_no_cookies() -> None:
    """What the network before Pipedrive sets as a cookie goes back with no request."""
    with ThreadingHTTPServer(("127.0.0.1", 0), CookieSetter) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = new_client(api_url=f"http://127.0.0.1:{server.server_port}")
        for _ in range(2):
            client.request("GET", "api/v2/deals")
        server.shutdown()

    assert CookieSetter.seen == [None, None]


def test_an_empty_body_is_sent(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """An empty object is a body, too."""
    api.patch(DEAL, **answer({"id": 1}))
    client.request("PATCH", "api/v2/deals/{id}", id=1, json={})

    assert api.last_request.text == "{}"


def test_unknown_template(client: PipedriveClient) -> None:
    """A path that has no row in the endpoint table is not sent."""
    with pytest.raises(KeyError, match="No endpoint row for GET api/v2/nothing"):
        client.request("GET", "api/v2/nothing")


def test_delete_without_content(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A delete that answers without a body is done."""
    api.delete(DEAL, text="")

    assert client.request("DELETE", "api/v2/deals/{id}", id=1) == {}


def test_bodies_are_not_logged(
    api: requests_mock.Mocker, client: PipedriveClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What is written to or read from an account is in no log line, not even at debug level."""
    caplog.set_level(logging.DEBUG)
    api.post(DEALS, **answer({"title": "personal data"}))
    client.request("POST", "api/v2/deals", json={"title": "personal data"})

    assert not [record for record in caplog.records if "personal data" in str(vars(record))]


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"])
def test_no_proxy_on_the_way_to_this_machine(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A call to a loopback address goes there itself, whatever proxy the environment names."""
    for each in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    with SandboxServer(Sandbox()) as server:
        client = sandbox_client(api_url=server.url)

        assert client.request("GET", "v1/users/me")["data"]["id"] == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        pytest.param("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem", "/nowhere/ca.pem", id="missing bundle"),
        pytest.param("HTTPS_PROXY", "socks5://user:secret@127.0.0.1:9", "SOCKS", id="proxy of a kind that is missing"),
        pytest.param("HTTPS_PROXY", "nonsense://user:secret@127.0.0.1:9", "nonsense", id="no proxy"),
    ],
)
def test_this_machine_cannot_send(
    client: PipedriveClient, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """A certificate file or proxy that cannot be used ends the run at once with one sentence and no password."""
    for each in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, value)
    with pytest.raises(CannotSend, match=said) as caught:
        client.request("GET", "api/v2/deals")

    assert str(caught.value.message).startswith("No request can be sent from here: ")
    assert "secret" not in str(caught.value.message)
    assert client.meter.total.tokens == 0


def test_this_machine_cannot_send_for_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds where the OAuth server would have to be asked first."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")

    with pytest.raises(CannotSend, match=r"/nowhere/ca\.pem"):
        new_client(credentials=OAUTH).request("GET", "api/v2/deals")


@pytest.mark.parametrize(
    "text",
    [
        "(Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] self-signed')))",
        "(Caused by SSLError(SSLError(136, '[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found')))",
    ],
)
def test_certificates_that_are_not_trusted(api: requests_mock.Mocker, client: PipedriveClient, text: str) -> None:
    """A certificate that is not trusted is not asked for again; the sentence holds nothing of the address."""
    asked = api.get(DEALS, exc=requests.exceptions.SSLError(f"Max retries exceeded with url: /?term=a@b.c {text}"))
    with pytest.raises(CannotSend, match="is not trusted") as caught:
        client.request("GET", "api/v2/deals")

    assert asked.call_count == 1
    assert "a@b.c" not in str(caught.value.message)
