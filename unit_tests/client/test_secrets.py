"""Secrets are hidden in every form in which they come back."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from urllib.parse import quote

import pytest
import requests
import requests_mock

from pipedrive_client import secrets
from pipedrive_client.auth import OAuth
from pipedrive_client.config import ConfigError, Settings
from pipedrive_client.errors import PipedriveError, said_by
from pipedrive_client.secrets import MOST, filter_secrets, follow, forget, hide

from .conftest import DEALS, OAUTH, TOKEN, TOKEN_URL, new_client

SECRET = 'a+b/c"d\\e f=0123456789'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        f"  {SECRET}\n",
        json.dumps(SECRET),
        repr(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote(SECRET, safe="").replace("%20", "+"),
        b64encode(SECRET.encode()).decode(),
        b64encode(SECRET.encode()).decode().rstrip("="),
    ],
)
def test_every_form_is_hidden(form: str) -> None:
    """Trimmed, quoted, escaped, in a URL, in a header."""
    hide(SECRET)
    found = filter_secrets(f"before {form} after")

    assert "****" in found
    assert "0123456789" not in found.lower()
    assert b64encode(SECRET.encode()).decode().rstrip("=") not in found
    assert found.startswith("before ")


@pytest.mark.parametrize("pasted", [f" {TOKEN} ", f"{TOKEN}\n", f"\t{TOKEN}\r\n", f"{TOKEN} x", f"my {TOKEN}"])
def test_a_token_pasted_with_more(pasted: str) -> None:
    """A token with white space around it, or in it, is hidden without, too."""
    hide(pasted)

    assert TOKEN not in filter_secrets(f"{TOKEN} and {pasted!r}")


def test_the_longer_secret_first() -> None:
    """A secret that is part of another leaves nothing of it."""
    hide("token", "token-and-more")

    assert filter_secrets("token-and-more, token") == "****, ****"


def test_what_is_no_text() -> None:
    """Secrets inside of lists and objects are hidden; what is no secret hides nothing."""
    hide(["first-secret", {"a": "second-secret"}], 1234567890, None, True, "", "   ", "abc")

    assert filter_secrets("first-secret second-secret 1234567890 None True abc") == "**** **** **** None True abc"


def test_followers_and_an_end() -> None:
    """Who follows has the same list; it does not grow for ever, and is empty after ``forget``."""
    told: list[list[str]] = []
    follow(told.append)
    for number in range(MOST + 10):
        hide(f"secret-{number:08}")
    try:
        assert len(told[-1]) == MOST
        assert f"secret-{MOST:08}" in told[-1]
        forget()
        assert told[-1] == []
        assert filter_secrets("secret-00000001") == "secret-00000001"
    finally:
        secrets._followers.remove(told.append)


ECHOES = [
    pytest.param("the-client-secret", id="client secret"),
    pytest.param("the-refresh-token", id="refresh token"),
    pytest.param(b64encode(b"app:the-client-secret").decode(), id="basic authentication"),
    pytest.param("grant_type=refresh_token&refresh_token=the-refresh-token", id="the form"),
    pytest.param("access-token-0123", id="the access token of the answer"),
]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("key", ["error_description", "error", "message", "errors"])
@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_an_oauth_server_that_echoes(api: requests_mock.Mocker, echo: str, key: str, status: int) -> None:
    """What the token endpoint quotes of a request is hidden, however it ends."""
    body = {key: f"Bad request: {echo}"} | ({"access_token": "access-token-0123"} if status != 200 else {})
    api.post(TOKEN_URL, status_code=status, json=body)
    with pytest.raises(PipedriveError) as caught:
        new_client(credentials=OAUTH).request("GET", "api/v2/deals")

    known = ("the-client-secret", "the-refresh-token", b64encode(b"app:the-client-secret").decode())
    said = f"{caught.value!r} {caught.value.said} {caught.value.message}"
    assert not any(each in said for each in known)
    assert "access-token-0123" not in said or status == 200


@pytest.mark.parametrize("form", [TOKEN, TOKEN + "\n", quote(f"x={TOKEN}"), b64encode(TOKEN.encode()).decode()])
def test_an_api_that_echoes(api: requests_mock.Mocker, form: str, caplog: pytest.LogCaptureFixture) -> None:
    """The token that an answer quotes is in no error and in no line of a log."""
    caplog.set_level(logging.DEBUG, logger="airbyte")
    client = new_client()
    for status in (400, 401, 403, 404, 500):
        api.get(DEALS, status_code=status, json={"success": False, "error": f"No: {form}", "error_info": form})
        with pytest.raises(PipedriveError) as caught:
            client.patient(2).request("GET", "api/v2/deals")
        said = f"{caught.value!r}{caught.value.said}{said_by({'error': [form]})}"
        assert form.strip() not in said + caplog.text
        assert TOKEN not in said + caplog.text


@pytest.mark.parametrize(
    "config",
    [
        {"plan": TOKEN},
        {"plan": [TOKEN]},
        {"plan": {"a": TOKEN}},
        {"api_url": TOKEN},
        {"api_url": f"{TOKEN}.com"},
        {"oauth_url": f"https://{TOKEN}.com"},
        {"oauth_url": f"https://{TOKEN}@api.pipedrive.com"},
        {"token_budget": TOKEN},
        {"daily_token_reserve": [TOKEN]},
        {"credentials": TOKEN},
        {"credentials": {"auth_type": TOKEN, "api_token": "x"}},
        {"credentials": {"auth_type": {"a": TOKEN}, "api_token": "x"}},
        {"credentials": {"auth_type": "api_token", "api_token": f"{TOKEN}\n{TOKEN}"}},
        {"credentials": {"auth_type": "api_token", "api_token": f"\u200b{TOKEN}"}},
        {"credentials": {"auth_type": "api_token", "api_token": [TOKEN]}},
        {"credentials": {"auth_type": "oauth2.0", "client_id": [TOKEN], "client_secret": TOKEN, "refresh_token": 5}},
    ],
)
def test_a_token_in_the_wrong_place(config: dict[str, object]) -> None:
    """A token that was pasted into another key is not shown by the sentence that refuses it."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_config({"api_token": "x", **config})

    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("credentials", [OAUTH, {"auth_type": "api_token", "api_token": TOKEN}])
def test_no_secret_in_a_repr(api: requests_mock.Mocker, credentials: dict[str, str]) -> None:
    """Settings, credentials and a client shown by a debugger or a traceback hold no secret."""
    api.post(TOKEN_URL, json={"access_token": "access-token-0123"})
    client = new_client(credentials=credentials)
    request = requests.Request("GET", DEALS, auth=client.settings.auth).prepare()

    shown = repr([client, client.settings, client.settings.auth, client.budget, request])
    assert not any(each in shown for each in (*OAUTH.values(), TOKEN, "access-token-0123") if len(each) > 8)
    assert isinstance(client.settings.auth, OAuth) is (credentials is OAUTH)
