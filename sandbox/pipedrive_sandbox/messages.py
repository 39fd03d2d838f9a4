"""Requests and responses of the sandbox, free of any web framework."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

Json = Any
Connection = Literal["keep", "drop", "truncate"]

JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Request:
    """One call: `path` without query, `query` as ordered pairs, header names in lower case, `base` as `http://host:port`."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = "http://sandbox.local"

    def header(self, name: str) -> str:
        """Value of a header, empty when it was not sent."""
        return self.headers.get(name.lower(), "")

    def json(self) -> Json:
        """Parsed body, None when it is empty. Raises ValueError when it is not JSON."""
        return orjson.loads(self.body) if self.body.strip() else None


@dataclass
class Response:
    """One answer. `delay` in seconds and `connection` are for the transport to carry out."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    connection: Connection = "keep"

    def json(self) -> Json:
        """Parsed body, None when it is empty."""
        return orjson.loads(self.body) if self.body else None


class Refusal(Exception):
    """Raised anywhere below `Sandbox.handle` to answer with this response instead."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"{response.status}: {response.body[:200]!r}")
        self.response = response


def json_response(body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Response with a JSON body."""
    return Response(status, orjson.dumps(body), {"content-type": JSON_TYPE, **(headers or {})})


def html_response(text: str, status: int) -> Response:
    """Response with an HTML page, as the gateway in front of the API sends."""
    return Response(status, text.encode(), {"content-type": HTML_TYPE})


def refuse(status: int, body: Json, headers: Mapping[str, str] | None = None) -> Refusal:
    """Refusal with a JSON body."""
    return Refusal(json_response(body, status, headers))
