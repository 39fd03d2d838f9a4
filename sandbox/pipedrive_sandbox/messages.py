"""Requests, responses and the error bodies of both API versions, free of any web framework."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

Json = Any
Connection = Literal["keep", "drop", "truncate"]

JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=UTF-8"
HELP = "Please check developers.pipedrive.com for more information about Pipedrive API."
SHORT_HELP = "Please check developers.pipedrive.com"
CLOUDFLARE_PAGE = (
    "<!DOCTYPE html><html><head><title>Access denied | Cloudflare</title></head>"
    "<body><h1>Error 1015</h1><p>You are being rate limited.</p></body></html>"
)


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


def success(data: Json, **beside: Json) -> Response:
    """Response with data in the API's envelope."""
    return json_response({"success": True, "data": data, **beside})


def html_response(text: str, status: int) -> Response:
    """Response with an HTML page, as the gateway in front of the API sends."""
    return Response(status, text.encode(), {"content-type": HTML_TYPE})


def refuse(status: int, body: Json, headers: Mapping[str, str] | None = None) -> Refusal:
    """Refusal with a JSON body."""
    return Refusal(json_response(body, status, headers))


def invalid(version: str, problems: Sequence[str]) -> Refusal:
    """400 with every problem in one sentence."""
    if version == "v1":
        return v1_error(400, "; ".join(problems))
    sentence = "Validation failed: " + "; ".join(problems)
    return refuse(400, {"success": False, "error": sentence, "code": "ERR_SCHEMA_VALIDATION_FAILED"})


def v1_error(status: int, error: str, info: str = HELP) -> Refusal:
    """The v1 error envelope."""
    body = {"success": False, "error": error, "error_info": info, "data": None, "additional_data": None}
    return refuse(status, body)


def v2_error(status: int, error: str, code: str) -> Refusal:
    """The v2 error envelope."""
    return refuse(status, {"success": False, "error": error, "code": code})


def forbidden(version: str, error: str) -> Refusal:
    """403 for what the token may not do."""
    return v1_error(403, error) if version == "v1" else v2_error(403, error, "ERR_FORBIDDEN")


def not_found(version: str, noun: str, status: int = 404) -> Refusal:
    """404 (or 410) naming what was not found."""
    if noun == "Lead":
        return v1_error(status, "requested lead not found", "Object was not found.")
    if noun == "User":
        return refuse(status, {"success": False, "error": "User not found or not accessible."})
    sentence = f"{noun} not found"
    return v1_error(status, sentence) if version == "v1" else v2_error(status, sentence, "ERR_NOT_FOUND")


def unauthorized() -> Refusal:
    """401 as the gateway sends it."""
    body = {"success": False, "error": "unauthorized access", "errorCode": 401, "error_info": SHORT_HELP}
    return refuse(401, body, {"x-401-by-gw": "true"})
