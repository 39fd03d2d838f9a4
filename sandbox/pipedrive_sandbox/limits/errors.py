"""Error bodies of both API versions."""

from collections.abc import Sequence

from pipedrive_sandbox.messages import Refusal, refuse

HELP = "Please check developers.pipedrive.com for more information about Pipedrive API."
SHORT_HELP = "Please check developers.pipedrive.com"
CLOUDFLARE_PAGE = (
    "<!DOCTYPE html><html><head><title>Access denied | Cloudflare</title></head>"
    "<body><h1>Error 1015</h1><p>You are being rate limited.</p></body></html>"
)


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
