"""The sandbox over HTTP: connections, admin routes, command line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.http import SandboxServer

HEADERS = {"x-api-token": "sandbox"}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """A server over an empty account."""
    with SandboxServer(Sandbox()) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty(server: SandboxServer) -> None:
    server.sandbox.reset()


def admin(server: SandboxServer, method: str, name: str, body: Any = None) -> Any:
    """An admin call that must succeed."""
    response = requests.request(method, f"{server.url}/_sandbox/{name}", json=body, timeout=60)
    assert response.status_code == 200, response.text
    return response.json()


def get(server: SandboxServer, path: str) -> requests.Response:
    """An API call."""
    return requests.get(server.url + path, headers=HEADERS, timeout=60)


def test_rows_through_admin_and_api(server: SandboxServer) -> None:
    """Rows put by an admin call are listed by the API."""
    admin(server, "POST", "rows/persons", {"name": "Ann", "update_time": "2024-01-01T00:00:00Z"})

    assert get(server, "/api/v2/persons").json()["data"][0]["update_time"] == "2024-01-01T00:00:00Z"
    assert admin(server, "GET", "rows/persons")[0]["name"] == "Ann"
    assert admin(server, "DELETE", "rows/persons/1") == {"purged": True}


def test_admin_calls_are_not_counted(server: SandboxServer) -> None:
    """Admin calls are neither metered nor logged."""
    get(server, "/v1/users/me")
    admin(server, "GET", "settings")

    assert admin(server, "GET", "meter")["requests"] == 1
    assert len(admin(server, "GET", "requests")) == 1
    assert admin(server, "DELETE", "requests") == []
    assert admin(server, "GET", "meter")["tokens"] == 0


def test_seed_and_reset(server: SandboxServer) -> None:
    """Seeding takes a scale or exact counts, a reset empties."""
    assert admin(server, "POST", "seed", {"scale": 0, "deals": 7})["deals"] == 7
    assert "deals" not in admin(server, "POST", "reset")
    assert admin(server, "POST", "reset", {"seed": 2, "scale": 0.1})["deals"] == 10


def test_settings_and_clock(server: SandboxServer) -> None:
    """Settings and clock can be read and changed."""
    assert admin(server, "POST", "settings", {"plan": "lite"})["plan"] == "lite"
    assert (
        admin(server, "POST", "clock", {"set": "2026-01-01T00:00:00Z", "freeze": True})["now"] == "2026-01-01T00:00:00Z"
    )
    assert admin(server, "POST", "clock", {"advance": 60})["now"] == "2026-01-01T00:01:00Z"


@pytest.mark.parametrize(
    ("name", "body"), [("settings", {"plan": "gold"}), ("seed", {"unicorns": 1}), ("faults", [{}])]
)
def test_bad_admin_body(server: SandboxServer, name: str, body: Any) -> None:
    """A mistake in an admin call is a 400 with a sentence."""
    response = requests.post(f"{server.url}/_sandbox/{name}", json=body, timeout=60)

    assert response.status_code == 400
    assert response.json()["error"]


@pytest.mark.parametrize(("kind", "count"), [("drop", 0), ("apply_then_drop", 1)])
def test_connection_is_closed_without_an_answer(server: SandboxServer, kind: str, count: int) -> None:
    """A dropped call ends without a single byte, and the server goes on."""
    admin(server, "POST", "faults", [{"kind": kind, "method": "POST"}])

    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(f"{server.url}/api/v2/persons", json={"name": "Ann"}, headers=HEADERS, timeout=60)
    assert len(get(server, "/api/v2/persons").json()["data"]) == count


def test_body_is_cut_short(server: SandboxServer) -> None:
    """A truncated answer promises more bytes than it sends."""
    admin(server, "POST", "faults", [{"kind": "truncate"}])

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        get(server, "/api/v2/dealFields")


def test_delay_runs_into_a_timeout(server: SandboxServer) -> None:
    """A delayed answer runs into the caller's timeout."""
    admin(server, "POST", "faults", [{"kind": "delay", "delay": 5}])

    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{server.url}/v1/users/me", headers=HEADERS, timeout=0.2)


def test_token_answer_points_to_the_server(server: SandboxServer) -> None:
    """The OAuth answer names the server's own address."""
    form = {"grant_type": "refresh_token", "refresh_token": "sandbox-refresh"}
    answer = requests.post(
        f"{server.url}/oauth/token", data=form, auth=("sandbox-client", "sandbox-secret"), timeout=60
    ).json()

    assert answer["api_domain"] == server.url


def test_command_says_where_it_listens() -> None:
    """The command prints one line when it is ready and then answers."""
    command = [sys.executable, "-m", "pipedrive_sandbox.server.http", "--port", "0", "--scale", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            url = line.removeprefix("pipedrive-sandbox listening on ")

            assert requests.get(f"{url}/v1/users/me", headers=HEADERS, timeout=60).status_code == 200
        finally:
            process.terminate()
