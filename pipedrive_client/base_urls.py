"""Where a token may travel: Pipedrive's hosts and this machine, nothing else."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

#: How many addresses are remembered with what is known of them.
REMEMBERED = 128
#: The shared API host. Source: https://pipedrive.readme.io/docs/core-api-concepts-requests
DEFAULT_API_URL = "https://api.pipedrive.com"
#: The OAuth server. Source: https://pipedrive.readme.io/docs/marketplace-oauth-authorization
DEFAULT_OAUTH_URL = "https://oauth.pipedrive.com"

_PIPEDRIVE_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.pipedrive\.com")
_HOST = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*://)?([^\s/?#\\:.]+(?:\.[^\s/?#\\:.]+)+)")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]{0,15}://)")
#: Scheme, a host or an IPv6 address in brackets, a port, a slash: nothing that two readers of addresses could
#: understand differently.
_PLAIN_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::[1-9][0-9]{0,4})?/?", re.ASCII)
#: Longest part of a host that is shown; a token is longer.
MOST_SHOWN = 24


@lru_cache(REMEMBERED)
def is_loopback(url: str) -> bool:
    """True when the URL's host is this machine (127.0.0.0/8, ::1, localhost)."""
    host = (urlsplit(url).hostname or "").lower()
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def checked_base_url(url: object, key: str) -> str:
    """Return ``url`` in lower case, without trailing slash and default port, when a token may be sent there.

    Allowed are ``https://*.pipedrive.com`` and ``http(s)`` on a loopback address.
    Raises ValueError with one sentence that names ``key``.
    """
    text = url.strip() if isinstance(url, str) else ""
    if not _is_allowed(text):
        raise ValueError(
            f"`{key}` must be an address such as https://yourcompany.pipedrive.com (https, a host under pipedrive.com, "
            f"no path); the token is sent nowhere else. Given: {_shown(url)}"
        )
    base = text.rstrip("/").lower()
    return base.removesuffix(":443") if base.startswith("https:") else base


def _is_allowed(text: str) -> bool:
    if not _PLAIN_URL.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme in ("http", "https") and is_loopback(text):
        return True
    return (
        parts.scheme == "https"
        and port in (None, 443)
        and bool(_PIPEDRIVE_HOST.fullmatch((parts.hostname or "").lower()))
    )


def _shown(url: object) -> str:
    """The offending host, and nothing that could be a secret (user info, port, path, query, a token pasted here)."""
    if not isinstance(url, str):
        return f"a value of type {type(url).__name__}"
    host, scheme = _HOST.match(url), _SCHEME.match(url)
    if host and "@" not in url and all(len(part) <= MOST_SHOWN for part in host[1].split(".")):
        return f"host `{host[1][:80]}`"
    return f"an address of another kind that begins with `{scheme[1]}`" if scheme else "a text that is no address"


def api_path(base_url: str, path: str) -> str:
    """Full URL of an endpoint path (``v1/…`` or ``api/v2/…``) on ``base_url``.

    The shared host answers v1 under ``/v1`` only for some endpoints, company hosts under ``/api/v1``.
    Source: https://pipedrive.readme.io/docs/core-api-concepts-requests
    """
    if path.startswith("v1/") and not (base_url == DEFAULT_API_URL or is_loopback(base_url)):
        path = "api/" + path
    return f"{base_url}/{path}"


def proxies_for(url: str) -> dict[str, str | None]:
    """The proxies argument of a request: none on the way to this machine, else what the environment says."""
    return {"http": None, "https": None, "all": None} if is_loopback(url) else {}
