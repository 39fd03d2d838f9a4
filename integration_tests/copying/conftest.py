"""Fixtures of copies: the account that is read, the account that is written, and the source for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.copying.accounts import Copied, empty, fill_with_hard_cases, read
from integration_tests.destination.account import Account
from integration_tests.destination.conftest import documents as documents
from integration_tests.destination.conftest import no_waiting as no_waiting
from integration_tests.source.conftest import InProcess
from integration_tests.straight import serve, straight
from pipedrive_client import clock
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.http import SandboxServer

Served = tuple[SandboxServer, SandboxServer]


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """Two servers for all tests of a worker process; the first account is filled once."""
    with serve(Sandbox()) as first, serve(Sandbox()) as second:
        fill_with_hard_cases(first.sandbox, first.url)
        yield first, second


@pytest.fixture(scope="session")
def original(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Copied:
    """What the source reads of the first account."""
    clock.skip_waits(True)
    first, _ = served
    with straight():
        return read(InProcess(first.sandbox, first.url, tmp_path_factory.mktemp("original")))


@pytest.fixture
def first(served: Served, tmp_path: Path) -> InProcess:
    """The source on the first account."""
    return InProcess(served[0].sandbox, served[0].url, tmp_path)


@pytest.fixture
def target(served: Served, tmp_path: Path) -> Account:
    """The empty account."""
    _, second = served
    empty(second.sandbox)
    return Account(second.sandbox, second, tmp_path)


@pytest.fixture
def second(served: Served, tmp_path: Path) -> InProcess:
    """The source on the second account."""
    return InProcess(served[1].sandbox, served[1].url, tmp_path)
