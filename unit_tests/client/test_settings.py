"""The shared keys of a config."""

from __future__ import annotations

from typing import Any

import pytest

from pipedrive_client.auth import ApiTokenAuth, OAuth
from pipedrive_client.config import NO_CREDENTIALS, ConfigError, Settings
from pipedrive_client.token_budget import Limits

from .conftest import API, OAUTH, TOKEN

TYPED = {"credentials": {"auth_type": "api_token", "api_token": TOKEN}}
URL = "`{}` must be an address such as https://yourcompany.pipedrive.com"
COUNT = "`{}` must be a whole number of at least 0."
PLAN = "`plan` must be one of auto, lite, growth, premium, ultimate."
EMPTY = "`credentials.{}` is missing or empty."
STRANGE = "`credentials.{}` holds characters that a token cannot have; copy it again from Pipedrive."


def test_defaults() -> None:
    """A token alone gives the shared host, the plan `auto`, no budget and no reserve."""
    settings = Settings.from_config(TYPED)

    assert settings.api_url == API
    assert isinstance(settings.auth, ApiTokenAuth)
    assert settings.limits == Limits("auto", None, 0, False)


def test_every_key() -> None:
    """Every shared key arrives where it is used."""
    config = {"api_url": "https://acme.pipedrive.com", "plan": "growth", "token_budget": 0, "daily_token_reserve": 7}
    settings = Settings.from_config({**config, "credentials": OAUTH})

    assert settings.api_url == "https://acme.pipedrive.com"
    assert isinstance(settings.auth, OAuth)
    assert settings.limits == Limits("growth", 0, 7, True)


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        pytest.param({"api_token": TOKEN}, ApiTokenAuth, id="flat token of the official connector"),
        pytest.param({"credentials": {"api_token": TOKEN}}, ApiTokenAuth, id="token without auth_type"),
        pytest.param(
            {"credentials": {key: value for key, value in OAUTH.items() if key != "auth_type"}},
            OAuth,
            id="OAuth without auth_type",
        ),
        pytest.param({"api_token": TOKEN, "credentials": OAUTH}, OAuth, id="credentials win"),
        pytest.param({"credentials": {"api_token": f"  {TOKEN}\n"}}, ApiTokenAuth, id="spaces around the token"),
    ],
)
def test_credentials(config: dict[str, Any], kind: type[object]) -> None:
    """Credentials are recognised in every accepted shape."""
    assert isinstance(Settings.from_config(config).auth, kind)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        pytest.param({}, NO_CREDENTIALS, id="nothing"),
        pytest.param({"api_token": ""}, NO_CREDENTIALS, id="empty flat token"),
        pytest.param({"credentials": {}}, NO_CREDENTIALS, id="empty credentials"),
        pytest.param({"credentials": "x"}, "`credentials` must be an object with `auth_type`.", id="text"),
        pytest.param({"credentials": [1]}, "`credentials` must be an object with `auth_type`.", id="list"),
        pytest.param(
            {"credentials": {"auth_type": "basic"}},
            "`credentials.auth_type` must be `api_token` or `oauth2.0`.",
            id="unknown auth_type",
        ),
        pytest.param(
            {"credentials": {"auth_type": ["api_token"]}},
            "`credentials.auth_type` must be `api_token` or `oauth2.0`.",
            id="auth_type of another type",
        ),
        pytest.param({"credentials": {"api_token": 5}}, EMPTY.format("api_token"), id="token number"),
        pytest.param({"credentials": {"api_token": "  "}}, EMPTY.format("api_token"), id="token of spaces"),
        pytest.param({"credentials": {"api_token": "a\nb"}}, STRANGE.format("api_token"), id="token with a line break"),
        pytest.param({"credentials": {"api_token": "abc…"}}, STRANGE.format("api_token"), id="token cut by a viewer"),
        *(
            pytest.param({"credentials": {**OAUTH, key: value}}, EMPTY.format(key), id=f"{key} {value!r}")
            for key in ("client_id", "client_secret", "refresh_token")
            for value in (None, "", 5)
        ),
        *(
            pytest.param({**TYPED, "plan": plan}, PLAN, id=f"plan {plan!r}")
            for plan in ("gold", "LITE", 3, ["lite"], {"name": "lite"})
        ),
        *(
            pytest.param({**TYPED, key: value}, COUNT.format(key), id=f"{key} {value!r}")
            for key in ("token_budget", "daily_token_reserve")
            for value in (-1, "5", 1.5, True, [], {})
        ),
    ],
)
def test_wrong_value(config: dict[str, Any], sentence: str) -> None:
    """A value that cannot be used gives one sentence that names its key, as a config error."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_config(config)
    assert caught.value.message == sentence
    assert caught.value.failure_type == "config_error"


def test_every_problem_at_once() -> None:
    """One error holds a sentence for each key that is wrong."""
    config = {"api_url": "ftp://x", "oauth_url": 5, "plan": "gold", "token_budget": "many", "daily_token_reserve": -5}
    with pytest.raises(ConfigError) as caught:
        Settings.from_config({**config, "credentials": {"auth_type": "oauth2.0"}})

    secrets = [f"credentials.{key}" for key in OAUTH if key != "auth_type"]
    assert [key for key in (*config, *secrets) if f"`{key}`" not in str(caught.value.message)] == []


@pytest.mark.parametrize("key", ["api_url", "oauth_url"])
@pytest.mark.parametrize("value", [5, True, ["https://api.pipedrive.com"], {"url": "x"}, "evil.com", "http://evil.com"])
def test_wrong_address(key: str, value: object) -> None:
    """An address that is none, or not one of Pipedrive's, is refused with the name of its key."""
    with pytest.raises(ConfigError) as caught:
        Settings.from_config({**TYPED, key: value})
    assert caught.value.message.startswith(URL.format(key))


@pytest.mark.parametrize("key", ["api_url", "oauth_url", "plan", "token_budget", "daily_token_reserve"])
def test_null_means_default(key: str) -> None:
    """A key that is null counts as absent."""
    assert Settings.from_config({**TYPED, key: None}).limits == Limits("auto", None, 0, False)


@pytest.mark.parametrize("config", [pytest.param(TYPED, id="token"), pytest.param({"credentials": OAUTH}, id="OAuth")])
def test_shows_no_secret(config: dict[str, Any]) -> None:
    """Printed settings hold no secret."""
    shown = repr(Settings.from_config(config))

    assert not any(secret in shown for secret in (TOKEN, OAUTH["client_secret"], OAUTH["refresh_token"]))
