"""Fixtures of the destination's integration tests."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from integration_tests.destination.account import Account
from integration_tests.openapi import Documents
from integration_tests.straight import serve
from pipedrive_client import clock
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.http import SandboxServer

#: Leads carry the deals' custom fields under their keys, and persons take the parts of a name: the documents and the
#: migration guide say so in words, not in the schema.
IN_WORDS = re.compile(r"/leads(/\{id\})?: body key [0-9a-f]{40}|/persons(/\{id\})?: body key (first|last)_name")


class InWords:
    """The vendor's documents, with what they say in words only allowed."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def surplus(self, requests: Iterable[Mapping[str, Any]]) -> list[str]:
        """What requests have that is documented nowhere."""
        return [each for each in self._documents.surplus(requests) if not IN_WORDS.search(each)]


@pytest.fixture(scope="session")
def documents(documents: Documents | None) -> InWords | None:
    """The documents that requests are held against."""
    return InWords(documents) if documents else None


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Waits return at once."""
    clock.skip_waits(True)
    yield
    clock.skip_waits(False)


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    """One server for all tests of a worker process."""
    with serve(Sandbox()) as running:
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
