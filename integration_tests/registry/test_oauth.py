"""The part of the specs with which the platform connects a user by OAuth."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jinja2
import pytest
from airbyte_cdk.models import ConnectorSpecificationSerializer

from integration_tests.registry.form import form, spec
from pipedrive_client.base_urls import DEFAULT_OAUTH_URL

both = pytest.mark.parametrize("side", ["source", "destination"])

ANSWER = {"access_token": "a", "token_type": "Bearer", "refresh_token": "r", "expires_in": 3599, "scope": "base"}
#: What the platform fills in. Source: https://docs.airbyte.com/platform/connector-development/config-based (OAuth)
VALUES = {
    "client_id_param": "client_id=me",
    "redirect_uri_param": "redirect_uri=https%3A%2F%2Fcloud.airbyte.com%2Fauth_flow",
    "state_param": "state=s1",
    "client_id_value": "me",
    "client_secret_value": "hush",
    "auth_code_value": "c1",
    "redirect_uri_value": "https://cloud.airbyte.com/auth_flow",
}


def oauth(side: str) -> dict[str, Any]:
    """How the platform connects."""
    content: dict[str, Any] = spec(side)["advanced_auth"]["oauth_config_specification"]
    return content


def rendered(text: str) -> str:
    """A template as the platform fills it in."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    environment.filters["b64encode"] = lambda value: base64.b64encode(value.encode()).decode()
    return environment.from_string(text).render(VALUES)


def field_at(side: str, path: list[str]) -> Mapping[str, Any]:
    """The field of the OAuth choice that a path of the config leads to."""
    top, name = path
    choices = form(side)["properties"][top]["oneOf"]
    choice = next(each for each in choices if each["properties"]["auth_type"]["const"] == "oauth2.0")
    found: Mapping[str, Any] = choice["properties"][name]
    return found


@both
def test_the_platform_can_read_it(side: str) -> None:
    """The protocol's classes take the spec and lose nothing of the flow."""
    read = ConnectorSpecificationSerializer.load(spec(side))
    dumped = ConnectorSpecificationSerializer.dump(read)["advanced_auth"]

    assert dumped["oauth_config_specification"] == oauth(side)


@both
def test_the_button_is_for_the_oauth_choice(side: str) -> None:
    """The predicate names the constant of a choice."""
    flow = spec(side)["advanced_auth"]

    assert flow["auth_flow_type"] == "oauth2.0"
    assert field_at(side, flow["predicate_key"])["const"] == flow["predicate_value"]


@both
def test_consent_is_asked_at_pipedrive(side: str) -> None:
    """The user is sent to the authorization server with client, return address and state."""
    url = urlsplit(rendered(oauth(side)["oauth_connector_input_specification"]["consent_url"]))

    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{DEFAULT_OAUTH_URL}/oauth/authorize"
    assert parse_qs(url.query) == {
        "client_id": ["me"],
        "redirect_uri": ["https://cloud.airbyte.com/auth_flow"],
        "state": ["s1"],
    }


@both
def test_the_code_is_exchanged_as_a_form(side: str) -> None:
    """Pipedrive takes a form with Basic authorization; the platform sends JSON unless the header says otherwise."""
    flow = oauth(side)["oauth_connector_input_specification"]
    headers = {key: rendered(value) for key, value in flow["access_token_headers"].items()}

    assert flow["access_token_url"] == f"{DEFAULT_OAUTH_URL}/oauth/token"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"me:hush"
    assert {key: rendered(value) for key, value in flow["access_token_params"].items()} == {
        "grant_type": "authorization_code",
        "code": "c1",
        "redirect_uri": "https://cloud.airbyte.com/auth_flow",
    }


@both
def test_what_comes_back_goes_into_secrets_of_the_config(side: str) -> None:
    """The refresh token of the answer, and client id and secret of the server, each to a secret field of the choice."""
    flow = oauth(side)
    output, server = (flow[f"complete_oauth_{part}_specification"] for part in ("output", "server_output"))

    assert set(output["properties"]) == set(output["required"]) == {"refresh_token"}
    assert set(server["properties"]) == set(server["required"]) == {"client_id", "client_secret"}
    assert set(flow["complete_oauth_server_input_specification"]["properties"]) == {"client_id", "client_secret"}
    for name, field in {**output["properties"], **server["properties"]}.items():
        assert field["path_in_connector_config"] == ["credentials", name]
        assert field_at(side, field["path_in_connector_config"])["airbyte_secret"] is True
    assert ANSWER[output["properties"]["refresh_token"]["path_in_oauth_response"][0]] == "r"
    assert flow["oauth_connector_input_specification"]["extract_output"] == ["refresh_token"]
