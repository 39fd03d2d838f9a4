"""The part of a config that both connectors share, checked and typed.

Source of keys: the connectors' own specs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from pipedrive_client.auth import ApiTokenAuth, OAuth
from pipedrive_client.budget import BURST_LIMITS, Limits
from pipedrive_client.hosts import DEFAULT_API_URL, DEFAULT_OAUTH_URL, checked_base_url

PLANS = ("auto", *BURST_LIMITS)
NO_CREDENTIALS = (
    "No credentials: set `credentials` to an API token (Pipedrive: Personal preferences > API) or connect with OAuth."
)


class ConfigError(AirbyteTracedException):
    """The config cannot be used; the message is one sentence that names the key."""

    def __init__(self, message: str) -> None:
        super().__init__(message=message, internal_message=message, failure_type=FailureType.config_error)


@dataclass(frozen=True)
class Settings:
    """Where and as whom to call Pipedrive, and how much."""

    api_url: str
    auth: ApiTokenAuth | OAuth = field(repr=False)
    limits: Limits

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Settings":
        """Read the shared keys of a config. Raises ConfigError."""
        api_url = _base_url(config, "api_url", DEFAULT_API_URL)
        oauth_url = _base_url(config, "oauth_url", DEFAULT_OAUTH_URL)
        auth = _auth(config, oauth_url, api_url)
        return cls(api_url, auth, _limits(config, isinstance(auth, OAuth)))


def _base_url(config: Mapping[str, Any], key: str, default: str) -> str:
    value = config.get(key)
    try:
        return checked_base_url(default if value in (None, "") else value, key)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _auth(config: Mapping[str, Any], oauth_url: str, api_url: str) -> ApiTokenAuth | OAuth:
    credentials = config.get("credentials")
    if credentials is None:
        credentials = {"auth_type": "api_token", "api_token": config.get("api_token")}
    if not isinstance(credentials, Mapping):
        raise ConfigError("`credentials` must be an object with `auth_type`.")
    kind = credentials.get("auth_type") or ("oauth2.0" if "refresh_token" in credentials else "api_token")
    if kind == "oauth2.0":
        client_id, client_secret = _secret(credentials, "client_id"), _secret(credentials, "client_secret")
        return OAuth(client_id, client_secret, _secret(credentials, "refresh_token"), oauth_url, api_url)
    if kind != "api_token":
        raise ConfigError(f"`credentials.auth_type` must be `api_token` or `oauth2.0`, not `{kind}`.")
    if not credentials.get("api_token"):
        raise ConfigError(NO_CREDENTIALS)
    return ApiTokenAuth(_secret(credentials, "api_token"))


def _secret(credentials: Mapping[str, Any], key: str) -> str:
    value = credentials.get(key)
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise ConfigError(f"`credentials.{key}` is missing or empty.")
    if not text.isascii() or not text.isprintable():
        raise ConfigError(
            f"`credentials.{key}` holds characters that a token cannot have; copy it again from Pipedrive."
        )
    return text


def _limits(config: Mapping[str, Any], oauth: bool) -> Limits:
    plan = "auto" if config.get("plan") in (None, "") else config["plan"]
    if plan not in PLANS:
        raise ConfigError(f"`plan` must be one of {', '.join(PLANS)}, not `{plan}`.")
    budget = config.get("token_budget")
    return Limits(
        plan,
        None if budget is None else whole_number(config, "token_budget", 0, 0),
        whole_number(config, "daily_token_reserve", 0, 0),
        oauth,
    )


def whole_number(config: Mapping[str, Any], key: str, default: int, least: int, most: int | None = None) -> int:
    """An integer key of a config inside its bounds. Raises ConfigError naming the key."""
    value = config.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < least or (most is not None and value > most):
        bounds = f"from {least} to {most}" if most is not None else f"of at least {least}"
        raise ConfigError(f"`{key}` must be a whole number {bounds}.")
    return value
