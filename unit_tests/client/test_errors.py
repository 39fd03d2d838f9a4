"""What an answer means: which error, which words."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests
import requests_mock

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import (
    ABUSE_MESSAGE,
    AbuseBlock,
    InvalidCredentials,
    NotFound,
    PipedriveError,
    Refused,
    RunStopped,
    TransientError,
    error_for,
    said_by,
)
from pipedrive_client.transport import MAX_TRIES

from .conftest import DEAL, DEALS, TOKEN, answer

CONFIG, SYSTEM, TRANSIENT = "config_error", "system_error", "transient_error"
HTML = "<!DOCTYPE html><title>Attention Required! | Cloudflare</title>"


def body(error: str) -> dict[str, Any]:
    """An error body of the API."""
    return {"json": {"success": False, "error": error, "error_info": "Please check developers.pipedrive.com"}}


ROWS = [
    pytest.param(
        400,
        body("Validation failed: title: Parameter 'title' is not allowed for this request"),
        Refused,
        SYSTEM,
        "Pipedrive does not accept this request (GET /api/v2/deals, status 400). Pipedrive said: Validation failed: "
        "title: Parameter 'title' is not allowed for this request. Check the values named in the message.",
        id="400",
    ),
    pytest.param(
        401,
        body("unauthorized access"),
        InvalidCredentials,
        CONFIG,
        "Invalid API key: the token is wrong, was replaced, or API access is switched off for its user "
        "(GET /api/v2/deals, status 401). Pipedrive said: unauthorized access. Copy the token again from Pipedrive "
        "(Personal preferences > API), or reconnect with OAuth.",
        id="401",
    ),
    pytest.param(
        402,
        body("Required suites missing"),
        Refused,
        CONFIG,
        "The account is unpaid or closed, or an add-on is missing (GET /api/v2/deals, status 402). Pipedrive said: "
        "Required suites missing. Check the subscription in Pipedrive (Billing).",
        id="402",
    ),
    pytest.param(
        403,
        body("You do not have permissions to do this."),
        Refused,
        CONFIG,
        "The token's user may not do this, the OAuth scope is missing, or the plan does not include it "
        "(GET /api/v2/deals, status 403). Pipedrive said: You do not have permissions to do this. Give the user the "
        "permission, or use the token of a user who has it.",
        id="403 JSON",
    ),
    pytest.param(
        403, {"text": HTML, "headers": {"content-type": "text/html"}}, AbuseBlock, CONFIG, ABUSE_MESSAGE, id="403 HTML"
    ),
    pytest.param(403, {"text": "\n" + HTML}, AbuseBlock, CONFIG, ABUSE_MESSAGE, id="403 HTML without its type"),
    pytest.param(
        404,
        body("Deal not found"),
        NotFound,
        SYSTEM,
        "It does not exist or is not visible to the token's user (GET /api/v2/deals, status 404). Pipedrive said: "
        "Deal not found. Check that it still exists.",
        id="404",
    ),
    pytest.param(
        405,
        {"text": "Method Not Allowed"},
        Refused,
        SYSTEM,
        "Pipedrive does not offer this operation (GET /api/v2/deals, status 405). Pipedrive gave no reason. "
        "Update the connector.",
        id="405",
    ),
    pytest.param(
        410,
        body("The field is not found"),
        NotFound,
        SYSTEM,
        "It was removed for good or merged into another record (GET /api/v2/deals, status 410). Pipedrive said: "
        "The field is not found. Use the record that survived.",
        id="410",
    ),
    pytest.param(
        415,
        body("Feature is not enabled"),
        Refused,
        CONFIG,
        "The feature is not switched on for this account (GET /api/v2/deals, status 415). Pipedrive said: "
        "Feature is not enabled. Switch it on in Pipedrive.",
        id="415",
    ),
    pytest.param(
        422,
        {"json": {"message": "value is out of range"}},
        Refused,
        SYSTEM,
        "Pipedrive cannot process these values (GET /api/v2/deals, status 422). Pipedrive said: value is out of range. "
        "Check the values named in the message.",
        id="422",
    ),
    pytest.param(
        423,
        body("The deal is locked"),
        Refused,
        TRANSIENT,
        "The record is locked at the moment (GET /api/v2/deals, status 423). Pipedrive said: The deal is locked. "
        "Try again later.",
        id="423",
    ),
    pytest.param(
        501,
        body("not implemented"),
        Refused,
        SYSTEM,
        "Pipedrive does not offer this operation (GET /api/v2/deals, status 501). Pipedrive said: not implemented. "
        "Update the connector.",
        id="501",
    ),
    pytest.param(
        302,
        {"headers": {"location": "https://evil.com/"}},
        Refused,
        CONFIG,
        "The address redirects, and the token is never sent to another address (GET /api/v2/deals, status 302). "
        "Pipedrive gave no reason. Set `api_url` to your company's own address, https://yourcompany.pipedrive.com.",
        id="302",
    ),
    pytest.param(
        418,
        body("teapot"),
        Refused,
        SYSTEM,
        "The answer is not one that Pipedrive documents (GET /api/v2/deals, status 418). Pipedrive said: teapot. "
        "Try again, or update the connector.",
        id="undocumented",
    ),
]


@pytest.mark.parametrize(("status", "reply", "error", "failure", "words"), ROWS)
def test_final_answer(
    api: requests_mock.Mocker,
    client: PipedriveClient,
    status: int,
    reply: dict[str, Any],
    error: type[PipedriveError],
    failure: str,
    words: str,
) -> None:
    """A final answer is one worded error, asked for once."""
    asked = api.get(DEALS, status_code=status, **reply)
    with pytest.raises(error) as caught:
        client.request("GET", "api/v2/deals")
    assert caught.value.message == words
    assert (type(caught.value), caught.value.failure_type, caught.value.status) == (error, failure, status)
    assert asked.call_count == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 524])
def test_server_errors_run_out(api: requests_mock.Mocker, client: PipedriveClient, status: int) -> None:
    """A server error that stays is transient after the last try."""
    asked = api.get(DEALS, status_code=status, **body("Internal Server Error"))
    with pytest.raises(TransientError) as caught:
        client.request("GET", "api/v2/deals")
    assert caught.value.message == (
        f"Pipedrive failed (status {status}). Pipedrive said: Internal Server Error. Try again later."
    )
    assert (caught.value.failure_type, asked.call_count) == (TRANSIENT, MAX_TRIES)


def test_web_page_of_a_server_error(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A server error that is a web page is worded without the page."""
    api.get(DEALS, status_code=503, text=HTML)
    with pytest.raises(TransientError) as caught:
        client.request("GET", "api/v2/deals")
    assert caught.value.message == "Pipedrive failed (status 503). Try again later."


def test_success_false_is_a_failure(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A 200 that says `success: false` is tried again, then transient."""
    asked = api.get(DEALS, **body("Not now"))
    with pytest.raises(
        TransientError, match=r"reported a failure \(status 200\)\. Pipedrive said: Not now\. Try again later\."
    ):
        client.request("GET", "api/v2/deals")
    assert asked.call_count == MAX_TRIES


@pytest.mark.parametrize("status", [401, 403])
def test_stop_ends_the_run(api: requests_mock.Mocker, client: PipedriveClient, status: int) -> None:
    """After a refused token or an abuse block no request of the run starts, whatever it asks for."""
    asked = api.get(DEALS, status_code=status, text=HTML)
    other = api.get(DEAL, **answer({}))
    for path, arguments in (("api/v2/deals", {}), ("api/v2/deals/{id}", {"id": 1})):
        with pytest.raises(RunStopped):
            client.labelled(path).request("GET", path, **arguments)
    assert (asked.call_count, other.called) == (1, False)


@pytest.mark.parametrize("status", [400, 402, 404, 410, 422])
def test_refusal_does_not_end_the_run(api: requests_mock.Mocker, client: PipedriveClient, status: int) -> None:
    """After one refused request the next one starts."""
    api.get(DEALS, [{"status_code": status, "json": {}}, answer([])])
    with pytest.raises(Refused):
        client.request("GET", "api/v2/deals")
    assert client.request("GET", "api/v2/deals")["data"] == []


FAILURES = [
    *(pytest.param({"status_code": each, "json": {}}, id=str(each)) for each in (302, 400, 401, 403, 404, 429, 500)),
    pytest.param({"exc": requests.ConnectionError(f"x-api-token: {TOKEN}")}, id="connection error"),
    pytest.param({"exc": requests.ReadTimeout(f"token {TOKEN}")}, id="read timeout"),
    pytest.param({"text": "{"}, id="cut short"),
]


@pytest.mark.parametrize("reply", FAILURES)
def test_token_is_never_shown(
    api: requests_mock.Mocker, client: PipedriveClient, caplog: pytest.LogCaptureFixture, reply: dict[str, Any]
) -> None:
    """Neither an error nor a log line, the debug ones of the libraries included, holds the token."""
    caplog.set_level(logging.DEBUG)
    api.get(DEALS, **reply)
    with pytest.raises(PipedriveError) as caught:
        client.request("GET", "api/v2/deals")
    error = caught.value
    shown = [
        error.message,
        str(error),
        repr(vars(error)),
    ]
    shown += [str(vars(record)) for record in caplog.records]
    assert not [text for text in shown if text and TOKEN in text]


@pytest.mark.parametrize(
    ("answered", "said"),
    [
        pytest.param({"error": "a", "message": "b"}, "a", id="error first"),
        pytest.param({"error": None, "message": "b"}, "b", id="message"),
        pytest.param({"errors": {"id": "c"}}, "{'id': 'c'}", id="errors"),
        pytest.param({"error": "x" * 400}, "x" * 300, id="long text is cut"),
        pytest.param({}, "", id="nothing"),
        pytest.param(None, "", id="no body"),
        pytest.param(["x"], "", id="list"),
    ],
)
def test_said_by(answered: Any, said: str) -> None:
    """Pipedrive's own words are found in every shape of error body."""
    assert said_by(answered) == said


def test_error_carries_its_parts() -> None:
    """Status, path and what was said can be read from an error without parsing its message."""
    error = error_for("PATCH", "api/v2/deals/7", 404, {"error": "Deal not found"})

    assert (error.status, error.path, error.said) == (404, "api/v2/deals/7", "Deal not found")
