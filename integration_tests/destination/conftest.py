"""Fixtures of the destination's integration tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.destination.account import Account
from pipedrive_client import clock
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server import SandboxServer


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Waits return at once."""
    clock.skip_waits(True)
    yield
    clock.skip_waits(False)


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    """One server for all tests of a worker process."""
    with SandboxServer(Sandbox()) as running:
        yield running


@pytest.fixture
def account(server: SandboxServer, tmp_path: Path) -> Account:
    """An account with fields, users and stages, but no rows."""
    server.sandbox.reset(seed=1, scale=0)
    return Account(server.sandbox, server, tmp_path)


@pytest.fixture
def busy_account(server: SandboxServer, tmp_path: Path) -> Account:
    """The seeded account: about 60 organizations, 120 persons, 100 deals."""
    server.sandbox.reset(seed=1, scale=1)
    return Account(server.sandbox, server, tmp_path)
