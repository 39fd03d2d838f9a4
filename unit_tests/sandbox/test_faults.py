"""Faults on demand."""

from __future__ import annotations

import pytest
import requests
import requests_mock

from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.mocker import mount

from .conftest import Api

PERSONS = "/api/v2/persons"
HEADERS = {"x-api-token": "sandbox"}


def test_status_fault_applies_nothing(api: Api) -> None:
    """A status fault answers instead of the API."""
    api.sandbox.set_faults({"kind": "status", "status": 502, "method": "POST", "body": "Bad gateway"})
    response = api.post(PERSONS, {"name": "Ann"})

    assert (response.status, response.body) == (502, b"Bad gateway")
    assert api.sandbox.rows("persons") == []


def test_apply_then_status(api: Api) -> None:
    """The call is applied although it fails."""
    api.sandbox.set_faults({"kind": "apply_then_status", "status": 504, "method": "POST"})

    assert api.post(PERSONS, {"name": "Ann"}).status == 504
    assert len(api.sandbox.rows("persons")) == 1


@pytest.mark.parametrize(("kind", "count"), [("drop", 0), ("apply_then_drop", 1)])
def test_drop(api: Api, kind: str, count: int) -> None:
    """A dropped call is applied or not, as its kind says."""
    api.sandbox.set_faults({"kind": kind, "method": "POST"})
    response = api.post(PERSONS, {"name": "Ann"})

    assert response.connection == "drop"
    assert len(api.sandbox.rows("persons")) == count


def test_html_403(api: Api) -> None:
    """The gateway's page can be had at once."""
    api.sandbox.set_faults({"kind": "html_403"})

    assert api.get(PERSONS).headers["content-type"].startswith("text/html")


def test_skip_every_and_times(api: Api) -> None:
    """After the skipped calls every second one fails, twice in all."""
    api.sandbox.set_faults({"kind": "status", "path": "/persons$", "skip": 1, "every": 2, "times": 2})

    assert [api.get(PERSONS).status for _ in range(7)] == [200, 500, 200, 500, 200, 200, 200]


def test_method_and_path_must_match(api: Api) -> None:
    """Other calls are left alone."""
    api.sandbox.set_faults({"kind": "status", "method": "POST|PATCH", "path": "/deals", "times": None})

    assert api.get("/api/v2/deals").status == 200
    assert api.post(PERSONS, {"name": "Ann"}).status == 200
    assert api.post("/api/v2/deals", {"title": "A"}).status == 500


def test_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    """A mistyped rule is an error."""
    with pytest.raises(ValueError, match="fault kind"):
        sandbox.set_faults({"kind": "explode"})
    with pytest.raises(ValueError, match="unknown fault key"):
        sandbox.set_faults({"kind": "drop", "tims": 1})


def test_fault_is_logged(api: Api) -> None:
    """The log names the fault and the status that was sent."""
    api.sandbox.set_faults({"kind": "apply_then_drop"})
    api.get(PERSONS)

    assert (api.sandbox.requests()[-1]["fault"], api.sandbox.requests()[-1]["status"]) == ("apply_then_drop", 0)


def test_mocker_answers(sandbox: Sandbox, requests_mocker: requests_mock.Mocker) -> None:
    """Mounted on requests_mock, calls are answered by the sandbox."""
    url = "https://api.pipedrive.com/api/v2/persons"
    made = requests.post(url, json={"name": "Ann"}, headers=HEADERS, timeout=60)

    assert made.json()["data"]["name"] == "Ann"
    assert requests.get(f"{url}?limit=1", headers=HEADERS, timeout=60).headers["x-ratelimit-limit"] == "120"


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"kind": "drop"}, requests.exceptions.ConnectionError),
        ({"kind": "truncate"}, requests.exceptions.ChunkedEncodingError),
        ({"kind": "delay", "delay": 90}, requests.exceptions.ReadTimeout),
    ],
)
def test_mocker_breaks_connections(
    sandbox: Sandbox, requests_mocker: requests_mock.Mocker, rule: dict[str, object], error: type[Exception]
) -> None:
    """Broken connections are raised as requests raises them."""
    sandbox.set_faults(rule)

    with pytest.raises(error):
        requests.get("https://api.pipedrive.com/api/v2/persons", headers=HEADERS, timeout=60)


@pytest.fixture
def requests_mocker(sandbox: Sandbox) -> requests_mock.Mocker:
    """A mocker with the sandbox behind api.pipedrive.com."""
    with requests_mock.Mocker() as mocker:
        mount(mocker, sandbox)
        yield mocker
