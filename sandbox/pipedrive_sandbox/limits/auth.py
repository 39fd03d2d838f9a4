"""API token, OAuth access tokens and their scopes, and the token endpoint.

Sources: https://pipedrive.readme.io/docs/core-api-concepts-authentication and /docs/marketplace-oauth-authorization.
"""

import base64
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qs, quote

from pipedrive_sandbox.limits.settings import Settings
from pipedrive_sandbox.messages import (
    SHORT_HELP,
    Refusal,
    Request,
    Response,
    html_response,
    json_response,
    refuse,
    unauthorized,
)

API_TOKEN = "sandbox"
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
REFRESH_TOKEN = "sandbox-refresh"
AUTHORIZATION_CODE = "sandbox-code"
ACTING_USER = 1


@dataclass(frozen=True)
class Caller:
    """Who calls: `kind` is api_token or oauth, `token` tells burst windows apart."""

    kind: str
    token: str
    user_id: int = ACTING_USER


class AccessTokens:
    """Issued access tokens with the epoch second at which each ends."""

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}

    def issue(self, now: float, lifetime: float) -> str:
        """A new access token."""
        token = f"sandbox-access-{len(self.ends) + 1}"
        self.ends[token] = now + lifetime
        return token

    def is_valid(self, token: str, now: float) -> bool:
        """Whether the token was issued here and has not ended."""
        return self.ends.get(token, 0.0) > now


def authenticate(tokens: AccessTokens, now: float, request: Request) -> Caller:
    """The caller of a request. Raises the 401 refusal for a missing, wrong or expired token."""
    scheme, _, bearer = request.header("authorization").partition(" ")
    if scheme.lower() == "bearer" and tokens.is_valid(bearer, now):
        return Caller("oauth", bearer)
    sent = request.header("x-api-token") or dict(request.query).get("api_token", "")
    if sent == API_TOKEN and not bearer:
        return Caller("api_token", sent)
    raise unauthorized()


def ask_for_consent(request: Request) -> Response:
    """The page on which a user agrees: a link back to the app with the code."""
    query = dict(request.query)
    if query.get("client_id") != CLIENT_ID or "redirect_uri" not in query:
        raise _grant_error(400, "invalid_request", "Invalid request: client_id and redirect_uri are needed")
    state = f"&state={quote(query['state'])}" if "state" in query else ""
    back = escape(f"{query['redirect_uri']}?code={AUTHORIZATION_CODE}{state}")
    return html_response(f'<!DOCTYPE html><title>Sandbox</title><a href="{back}">Allow and install</a>', 200)


def issue_token(tokens: AccessTokens, settings: Settings, now: float, request: Request) -> Response:
    """Answer `POST /oauth/token` (form body, Basic authentication of the client)."""
    if request.header("authorization") != _basic(CLIENT_ID, CLIENT_SECRET):
        raise _grant_error(401, "invalid_client", "Invalid client: client is invalid")
    form = {name: values[-1] for name, values in parse_qs(request.body.decode()).items()}
    if not _is_granted(settings, form):
        raise _grant_error(400, "invalid_grant", "Invalid grant: refresh token is invalid")
    return json_response(
        {
            "access_token": tokens.issue(now, settings.access_token_lifetime),
            "token_type": "bearer",
            "refresh_token": REFRESH_TOKEN,
            "scope": settings.oauth_scopes,
            "expires_in": settings.access_token_lifetime,
            "api_domain": settings.api_domain or request.base,
        }
    )


def _is_granted(settings: Settings, form: dict[str, str]) -> bool:
    if form.get("grant_type") == "authorization_code":
        return form.get("code") == AUTHORIZATION_CODE and "redirect_uri" in form
    is_known = form.get("grant_type") == "refresh_token" and form.get("refresh_token") == REFRESH_TOKEN
    return is_known and not settings.refresh_token_revoked


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _grant_error(status: int, error: str, message: str) -> Exception:
    return refuse(status, {"success": False, "error": error, "error_description": message, "message": message})


def accepted_scopes(words: str, is_read: bool) -> set[str]:
    """Scopes of which one is enough. A family has `:read` and `:full`; `r:` or `w:` limits one to reads or writes."""
    return {scope for word in words.split() for scope in _scopes(word, is_read)}


def require_scope(words: str, is_read: bool, granted: str) -> None:
    """Raises 403 when none of the granted scopes (joined by commas) fits."""
    if not accepted_scopes(words, is_read) & set(granted.split(",")):
        raise _mismatch()


def _scopes(word: str, is_read: bool) -> tuple[str, ...]:
    side, _, rest = word.partition(":")
    if side in ("r", "w"):
        return _scopes(rest, is_read) if (side == "r") == is_read else ()
    if ":" in word or word in ("base", "admin", "phone-integration"):
        return (word,)
    return (f"{word}:read", f"{word}:full") if is_read else (f"{word}:full",)


def _mismatch() -> Refusal:
    body = {"success": False, "error": "Scope and URL mismatch", "errorCode": 403, "error_info": SHORT_HELP}
    return refuse(403, body)
