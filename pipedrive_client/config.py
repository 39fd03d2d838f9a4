"""The part of a config that both connectors share, checked and typed.

Source of keys: the connectors' own specs.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pipedrive_client.auth import ApiTokenAuth, OAuth, is_token
from pipedrive_client.base_urls import DEFAULT_API_URL, DEFAULT_OAUTH_URL, checked_base_url
from pipedrive_client.config_errors import ConfigError, Problems
from pipedrive_client.secrets import hide
from pipedrive_client.token_budget import BURST_LIMITS, Limits

__all__ = ("ConfigError", "Settings", "whole_number")

PLANS = ("auto", *BURST_LIMITS)
NO_CREDENTIALS = (
    "No credentials: set `credentials` to an API token (Pipedrive: Personal preferences > API) or connect with OAuth."
)


@dataclass(frozen=True)
class Settings:
    """Where and as whom to call Pipedrive, and how much."""

    api_url: str
    auth: ApiTokenAuth | OAuth = field(repr=False)
    limits: Limits

    @classmethod
    def from_config(cls, config: Mapping[str, Any], root: str = "") -> "Settings":
        """Read the shared keys of a config. Raises ConfigError with every problem.

        Sentences name a key as ``credentials.api_token``; with a ``root`` of "/" as ``/credentials/api_token``.
        """
        problems = Problems()
        take = problems.attempt
        api_url = take(partial(_base_url, config, "api_url", DEFAULT_API_URL, root), DEFAULT_API_URL)
        oauth_url = take(partial(_base_url, config, "oauth_url", DEFAULT_OAUTH_URL, root), DEFAULT_OAUTH_URL)
        auth = take(partial(_auth, config, oauth_url, api_url, root), None)
        plan = take(partial(_plan, config, root), PLANS[0])
        budget = take(partial(_budget, config, root), None)
        reserve = take(partial(whole_number, config, "daily_token_reserve", 0, 0, root=root), 0)
        problems.check()
        assert auth is not None
        return cls(api_url, auth, Limits(plan, budget, reserve, isinstance(auth, OAuth)))


def hand_on_rotated(settings: Settings, config: Mapping[str, Any], send: Callable[[dict[str, Any]], object]) -> None:
    """Let ``send`` have a CONTROL message with the whole config whenever its refresh token is replaced.

    The platform keeps that config for the next run. Source: https://docs.airbyte.com/platform/understanding-airbyte/airbyte-protocol
    """

    def rotated(token: str) -> None:
        kept = {**config, "credentials": {**config["credentials"], "refresh_token": token}}
        control = {"type": "CONNECTOR_CONFIG", "emitted_at": time.time() * 1000, "connectorConfig": {"config": kept}}
        send({"type": "CONTROL", "control": control})

    if isinstance(settings.auth, OAuth):
        settings.auth.on_rotated = rotated


def _base_url(config: Mapping[str, Any], key: str, default: str, root: str) -> str:
    value = config.get(key)
    try:
        return checked_base_url(default if value in (None, "") else value, root + key)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _auth(config: Mapping[str, Any], oauth_url: str, api_url: str, root: str) -> ApiTokenAuth | OAuth:
    credentials = config.get("credentials")
    if credentials is None:
        credentials = {"auth_type": "api_token", "api_token": config.get("api_token")}
    if not isinstance(credentials, Mapping):
        raise ConfigError(f"`{root}credentials` must be an object with `auth_type`.")
    where = f"{root}credentials{root or '.'}"
    kind = credentials.get("auth_type") or ("oauth2.0" if "refresh_token" in credentials else "api_token")
    if kind == "oauth2.0":
        problems = Problems()
        keys = ("client_id", "client_secret", "refresh_token")
        secrets = problems.each(lambda key: _secret(credentials, key, where), keys)
        problems.check()
        client_id, client_secret, refresh_token = secrets
        return OAuth(client_id, client_secret, refresh_token, oauth_url, api_url)
    if kind != "api_token":
        raise ConfigError(f"`{where}auth_type` must be `api_token` or `oauth2.0`.")
    if not credentials.get("api_token"):
        raise ConfigError(NO_CREDENTIALS)
    return ApiTokenAuth(_secret(credentials, "api_token", where))


def _secret(credentials: Mapping[str, Any], key: str, where: str) -> str:
    value = credentials.get(key)
    hide(value)
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise ConfigError(f"`{where}{key}` is missing or empty.")
    if not is_token(text):
        raise ConfigError(f"`{where}{key}` holds characters that a token cannot have; copy it again from Pipedrive.")
    return text


def _plan(config: Mapping[str, Any], root: str) -> str:
    plan = "auto" if config.get("plan") in (None, "") else config["plan"]
    if plan not in PLANS:
        raise ConfigError(f"`{root}plan` must be one of {', '.join(PLANS)}.")
    return str(plan)


def _budget(config: Mapping[str, Any], root: str) -> int | None:
    return None if config.get("token_budget") is None else whole_number(config, "token_budget", 0, 0, root=root)


def whole_number(
    config: Mapping[str, Any], key: str, default: int, least: int, most: int | None = None, root: str = ""
) -> int:
    """An integer key of a config inside its bounds. Raises ConfigError naming the key."""
    value = config.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"of at least {least}"
        raise ConfigError(f"`{root}{key}` must be a whole number {bounds}.")
    return value
