"""API token and OAuth."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from pipedrive_sandbox import Request, Response, Sandbox
from pipedrive_sandbox.limits.scopes import accepted_scopes
from pipedrive_sandbox.model.registry import RESOURCES

BASIC = "Basic " + base64.b64encode(b"sandbox-client:sandbox-secret").decode()
REFRESH = {"grant_type": "refresh_token", "refresh_token": "sandbox-refresh"}


def me(sandbox: Sandbox, headers: Mapping[str, str], **query: str) -> Response:
    """A call of `users/me`."""
    return sandbox.handle(Request("GET", "/v1/users/me", list(query.items()), headers))


def token(sandbox: Sandbox, form: Mapping[str, str] = REFRESH, authorization: str = BASIC) -> Response:
    """A call of the token endpoint."""
    headers = {"authorization": authorization}
    return sandbox.handle(Request("POST", "/oauth/token", (), headers, urlencode(form).encode(), "http://127.0.0.1:1"))


@pytest.mark.parametrize("headers", [{}, {"x-api-token": "wrong"}, {"authorization": "Bearer wrong"}])
def test_wrong_token(sandbox: Sandbox, headers: dict[str, str]) -> None:
    """A missing or wrong token is a 401 with the documented body."""
    response = me(sandbox, headers)

    assert response.status == 401
    assert response.headers["x-401-by-gw"] == "true"
    assert response.json() == {
        "success": False,
        "error": "unauthorized access",
        "errorCode": 401,
        "error_info": "Please check developers.pipedrive.com",
    }


def test_token_in_header_or_query(sandbox: Sandbox) -> None:
    """The API token may come in the header or as a parameter."""
    assert me(sandbox, {"x-api-token": "sandbox"}).status == 200
    assert me(sandbox, {}, api_token="sandbox").status == 200


def test_refresh(sandbox: Sandbox) -> None:
    """A refresh gives an access token and the API's own host."""
    body = token(sandbox).json()

    assert (body["expires_in"], body["refresh_token"], body["api_domain"]) == (
        3600,
        "sandbox-refresh",
        "http://127.0.0.1:1",
    )
    assert me(sandbox, {"authorization": f"Bearer {body['access_token']}"}).status == 200


def test_access_token_expires(sandbox: Sandbox) -> None:
    """An access token ends after its lifetime."""
    sandbox.change_settings(access_token_lifetime=10)
    headers = {"authorization": f"Bearer {token(sandbox).json()['access_token']}"}
    assert me(sandbox, headers).status == 200

    sandbox.advance(11)
    assert me(sandbox, headers).status == 401


def test_api_domain_can_be_foreign(sandbox: Sandbox) -> None:
    """The token response may point elsewhere."""
    sandbox.change_settings(api_domain="https://evil.example")

    assert token(sandbox).json()["api_domain"] == "https://evil.example"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {**REFRESH, "refresh_token": "wrong"},
        {"grant_type": "authorization_code", "code": "wrong", "redirect_uri": "x"},
    ],
)
def test_bad_grant(sandbox: Sandbox, form: dict[str, str]) -> None:
    """A bad grant is a 400 `invalid_grant`."""
    response = token(sandbox, form)

    assert (response.status, response.json()["error"]) == (400, "invalid_grant")


def test_revoked_refresh_token(sandbox: Sandbox) -> None:
    """A revoked refresh token is a 400 `invalid_grant`."""
    sandbox.change_settings(refresh_token_revoked=True)

    assert token(sandbox).status == 400


def test_authorization_code(sandbox: Sandbox) -> None:
    """The authorization code can be exchanged."""
    form = {"grant_type": "authorization_code", "code": "sandbox-code", "redirect_uri": "https://app.example"}

    assert token(sandbox, form).status == 200


def test_wrong_client(sandbox: Sandbox) -> None:
    """Another client is a 401."""
    assert token(sandbox, REFRESH, "Basic eDp5").status == 401


def test_log_holds_no_token(sandbox: Sandbox) -> None:
    """The request log tells the kind of authentication and no token."""
    body: Any = token(sandbox).json()
    me(sandbox, {"authorization": f"Bearer {body['access_token']}"})
    me(sandbox, {}, api_token="sandbox")

    assert [entry["auth"] for entry in sandbox.requests()] == [None, "oauth", "api_token"]
    assert "sandbox" not in str(sandbox.requests())


def test_scope_must_fit(sandbox: Sandbox) -> None:
    """An access token without a fitting scope is refused with 403; reads need less than writes."""
    sandbox.change_settings(oauth_scopes="base,deals:read")
    headers = {"authorization": f"Bearer {token(sandbox).json()['access_token']}"}
    calls = (("GET", "/v1/users/me"), ("GET", "/api/v2/deals"), ("POST", "/api/v2/deals"), ("GET", "/api/v2/persons"))
    answers = [sandbox.handle(Request(method, path, (), headers)) for method, path in calls]

    assert [answer.status for answer in answers] == [200, 200, 403, 403]
    assert answers[2].json()["error"] == "Scope and URL mismatch"


@pytest.mark.parametrize("resource", RESOURCES, ids=[f"{each.version} {each.name}" for each in RESOURCES])
def test_every_route_names_scopes(resource: Any) -> None:
    """The scope table knows every route."""
    assert all(accepted_scopes(resource.scopes, route.method == "GET") for route in resource.routes)
