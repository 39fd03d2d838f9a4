"""Which operation of the client's table a request in a server's log was."""

import re
from functools import lru_cache

from pipedrive_client.endpoints import ENDPOINTS, Endpoint


def endpoint_of_url(method: str, url_path: str) -> Endpoint | None:
    """The row that a real URL path (``/api/v1/leads/…`` too) belongs to, or None for an unlisted one."""
    path = url_path.split("?", 1)[0].strip("/")
    path = path.removeprefix("api/") if path.startswith("api/v1/") else path
    rows = [row for row in ENDPOINTS if row.method == method]
    exact = next((row for row in rows if row.path == path), None)
    return exact or next((row for row in rows if _pattern(row.path).fullmatch(path)), None)


@lru_cache(maxsize=512)
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", template))
