"""Fixtures of the integration tests. The helpers are in ``harness.py``."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.harness import Connector, Sandbox


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    """One small server for the tests of a worker process; use ``sandbox``, which resets it."""
    with Sandbox.start(scale=1) as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    """The seeded sandbox, as new."""
    sandbox_server.reset()
    return sandbox_server


@pytest.fixture
def source(tmp_path: Path) -> Connector:
    """The ``source-pipedrive`` executable."""
    return Connector("source-pipedrive", tmp_path)


@pytest.fixture
def destination(tmp_path: Path) -> Connector:
    """The ``destination-pipedrive`` executable."""
    return Connector("destination-pipedrive", tmp_path)
