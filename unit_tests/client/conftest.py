"""A client without network: scripted answers, a mounted sandbox, a clock that only moves when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import requests
import requests_mock

from pipedrive_client import clock, secrets
from pipedrive_client.client import PipedriveClient
from pipedrive_client.config import Settings
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.mocker import mount

TOKEN = "0123456789abcdef0123456789abcdef01234567"
API = "https://api.pipedrive.com"
DEALS = f"{API}/api/v2/deals"
DEAL = f"{DEALS}/1"
TOKEN_URL = "https://oauth.pipedrive.com/oauth/token"
OAUTH = {
    "auth_type": "oauth2.0",
    "client_id": "app",
    "client_secret": "the-client-secret",
    "refresh_token": "the-refresh-token",
}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    """Waits move the client's clock instead of taking time; tokens of one test are no secrets of the next."""
    clock.skip_waits(True)
    yield
    clock.skip_waits(False)
    secrets.forget()


@pytest.fixture
def api() -> Iterator[requests_mock.Mocker]:
    """Scripted answers; a request that no script expects fails."""
    with requests_mock.Mocker() as mocker:
        yield mocker


@pytest.fixture
def client() -> PipedriveClient:
    """A client with an API token."""
    return new_client()


@pytest.fixture
def sandbox(api: requests_mock.Mocker) -> Sandbox:
    """An empty account that answers in place of Pipedrive, with the API token of the tests' sandbox client."""
    made = Sandbox()
    mount(api, made)
    return made


@dataclass
class FakeClock:
    """A clock that stands still; sleeping moves it."""

    now: float = 1000.0
    sleeps: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """The time now."""
        return self.now

    def sleep(self, seconds: float, unless: threading.Event | None = None) -> None:
        """Note the wait and move on by it."""
        if seconds > 0:
            self.sleeps.append(seconds)
            self.now += seconds


@pytest.fixture
def fake_clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The client's clock in the hands of the test."""
    fake = FakeClock()
    monkeypatch.setattr(clock, "monotonic", fake.monotonic)
    monkeypatch.setattr(clock, "sleep", fake.sleep)
    return fake


def new_client(**config: Any) -> PipedriveClient:
    """A client of a config; the API token unless the config holds credentials."""
    credentials = {} if "credentials" in config else {"api_token": TOKEN}
    return PipedriveClient(Settings.from_config({**credentials, **config}))


def sandbox_client(**config: Any) -> PipedriveClient:
    """A client whose token the sandbox knows."""
    return new_client(credentials={"auth_type": "api_token", "api_token": "sandbox"}, **config)


def answer(data: Any, extra: Any = None, **more: Any) -> dict[str, Any]:
    """A script entry: a successful answer with ``data`` and, unless None, ``additional_data``."""
    return {"json": {"success": True, "data": data, **({} if extra is None else {"additional_data": extra})}, **more}


def response(status: int, body: Any) -> requests.Response:
    """An answer as `requests` hands it over."""
    made = requests.Response()
    made.status_code = status
    made._content = body if isinstance(body, bytes) else orjson.dumps(body)
    return made


def headers(**values: object) -> dict[str, str]:
    """The headers of an answer: underscores in names stand for dashes."""
    return {name.replace("_", "-"): str(value) for name, value in values.items()}


def outcomes(call: Callable[[], Any], threads: int) -> list[Any]:
    """What ``call`` returned or raised in each of several threads that start together."""
    barrier, found = threading.Barrier(threads), []

    def run() -> None:
        barrier.wait(timeout=10)
        try:
            found.append(call())
        except Exception as error:
            found.append(error)

    workers = [threading.Thread(target=run) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=10)
    return found


def meeting() -> Callable[[], None]:
    """A place where two threads meet: who comes waits a moment for a second one, who must not come if a lock holds."""
    barrier = threading.Barrier(2)

    def meet() -> None:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=0.05)

    return meet


class Compared(int):
    """A number at whose comparison two threads meet, so that a missing lock shows every time."""

    meet: Callable[[], None]

    def __new__(cls, value: int) -> Compared:
        """The number ``value``."""
        made = super().__new__(cls, value)
        made.meet = meeting()
        return made

    def __lt__(self, other: int) -> bool:
        held = super().__lt__(other)
        self.meet()
        return held

    def __gt__(self, other: int) -> bool:
        held = super().__gt__(other)
        self.meet()
        return held
