"""What is sent again after a failure, and what never is."""

from __future__ import annotations

from typing import Any

import pytest
import requests
import requests_mock
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import NotFound, OutcomeUnknown, TransientError
from pipedrive_client.transport import MAX_TRIES
from pipedrive_sandbox import Sandbox

from .conftest import API, DEAL, DEALS, FakeClock, answer, sandbox_client

DONE = answer({"id": 1})


def refused(reason: Exception) -> requests.ConnectionError:
    """A connection that was never made, as `requests` raises it."""
    return requests.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


UNANSWERED = [
    pytest.param({"exc": requests.ReadTimeout("Read timed out.")}, id="read timeout"),
    pytest.param({"exc": requests.ConnectionError(ProtocolError("aborted", ConnectionResetError(104)))}, id="reset"),
    pytest.param({"exc": requests.ConnectionError("Remote end closed connection")}, id="closed"),
    pytest.param({"exc": requests.exceptions.ChunkedEncodingError("IncompleteRead")}, id="body cut by the network"),
    pytest.param({"exc": requests.exceptions.SSLError("EOF")}, id="TLS broke"),
    pytest.param({"exc": requests.exceptions.ProxyError("x")}, id="proxy broke"),
]
FAILED = [
    *(
        pytest.param({"status_code": status, "json": {"error": "x"}}, id=str(status))
        for status in (408, 500, 502, 503, 504)
    ),
    pytest.param({"text": '{"success":true,"da'}, id="truncated 200"),
    pytest.param({"status_code": 201, "text": '{"success":true,"da'}, id="truncated 201"),
    pytest.param({"text": "<html>"}, id="web page with 200"),
    pytest.param({"json": {"success": False}}, id="success false"),
]
UNSENT = [
    pytest.param({"exc": refused(NewConnectionError(None, "refused"))}, id="connection refused"),  # type: ignore[arg-type]
    pytest.param({"exc": refused(NameResolutionError("x", None, OSError()))}, id="no such host"),  # type: ignore[arg-type]
    pytest.param({"exc": requests.ConnectTimeout("x")}, id="connect timeout"),
    pytest.param({"status_code": 429, "json": {}}, id="429"),
]


EMPTY = pytest.param({"text": ""}, id="empty 200")


@pytest.mark.parametrize("failure", [*UNANSWERED, *FAILED, EMPTY])
def test_post_is_not_repeated(api: requests_mock.Mocker, client: PipedriveClient, failure: dict[str, Any]) -> None:
    """A POST whose outcome is unknown is sent once; what is known about it is said."""
    asked = api.post(DEALS, [failure, DONE])
    with pytest.raises(OutcomeUnknown, match=r"\. Whether the record was written is unknown\.$") as caught:
        client.request("POST", "api/v2/deals", json={"title": "x"})
    assert asked.call_count == 1
    assert (caught.value.failure_type, caught.value.path) == ("transient_error", "api/v2/deals")


@pytest.mark.parametrize("failure", UNSENT)
def test_post_is_repeated(api: requests_mock.Mocker, client: PipedriveClient, failure: dict[str, Any]) -> None:
    """A POST that was certainly not applied is sent again."""
    asked = api.post(DEALS, [failure, failure, DONE])

    assert client.request("POST", "api/v2/deals", json={"title": "x"})["data"] == {"id": 1}
    assert asked.call_count == 3


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("failure", [*UNANSWERED, *FAILED, *UNSENT])
def test_others_are_repeated(
    api: requests_mock.Mocker, client: PipedriveClient, method: str, failure: dict[str, Any]
) -> None:
    """GET, PATCH and DELETE are sent again after every transient failure."""
    asked = api.register_uri(method, DEAL, [failure, failure, DONE])

    assert client.request(method, "api/v2/deals/{id}", id=1)["data"] == {"id": 1}
    assert asked.call_count == 3


def test_put_is_repeated(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A PUT is sent again like a PATCH."""
    api.put(f"{API}/v1/notes/1", [{"exc": requests.ReadTimeout("x")}, DONE])

    assert client.request("PUT", "v1/notes/{id}", id=1, json={"content": "x"})["data"] == {"id": 1}


def test_unsent_post_runs_out(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A POST that can never be sent ends as transient, not as a lost answer."""
    asked = api.post(DEALS, exc=requests.ConnectTimeout("x"))
    with pytest.raises(TransientError) as caught:
        client.request("POST", "api/v2/deals", json={"title": "x"})
    assert caught.value.message == ("Pipedrive did not answer (ConnectTimeout). Check the network, then try again.")
    assert asked.call_count == MAX_TRIES


def test_waits_grow(api: requests_mock.Mocker, client: PipedriveClient, fake_clock: FakeClock) -> None:
    """Waits between tries double from about one second and stay under a minute and a bit."""
    api.get(DEALS, status_code=500, json={})
    with pytest.raises(TransientError):
        client.request("GET", "api/v2/deals")
    waits = [wait for wait in fake_clock.sleeps if wait >= 1]
    assert len(waits) == MAX_TRIES - 1
    assert all(2**tries <= wait <= 2**tries + 0.5 for tries, wait in enumerate(waits[:6]))
    assert waits[-1] <= 60.5


def test_repetition_is_announced(
    api: requests_mock.Mocker, client: PipedriveClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Each repetition is one log line that says what happened and when the next try is."""
    caplog.set_level("INFO")
    api.get(DEALS, [{"status_code": 503, "text": ""}, answer([])])
    client.request("GET", "api/v2/deals")

    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("GET /api/v2/deals: Pipedrive failed (status 503). Try again later. Next try in 1 s")
    assert line.endswith("(1 of 8).")


def test_lost_answer_of_an_applied_post(sandbox: Sandbox) -> None:
    """A POST that was applied before the connection broke leaves one record."""
    sandbox.set_faults({"kind": "apply_then_drop", "method": "POST"})
    with pytest.raises(OutcomeUnknown):
        sandbox_client().request("POST", "api/v2/organizations", json={"name": "Acme"})
    assert [row["name"] for row in sandbox.rows("organizations")] == ["Acme"]


def test_second_delete_of_an_applied_delete(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A delete whose answer was lost is sent again and then finds the record gone."""
    api.delete(DEAL, [{"exc": requests.ReadTimeout("x")}, {"status_code": 410, "json": {"success": True}}])
    with pytest.raises(NotFound):
        client.request("DELETE", "api/v2/deals/{id}", id=1)
