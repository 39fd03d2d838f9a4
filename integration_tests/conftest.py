"""Fixtures of the integration tests. The helpers are in ``harness.py``."""

import logging
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from integration_tests.harness import Connector, Sandbox
from integration_tests.openapi import FOLDER, Documents
from integration_tests.straight import straight
from pipedrive_sandbox import Sandbox as InProcessSandbox
from pipedrive_sandbox.messages import Request, Response

# A shell that starts the tests in the background has them, and the processes they start, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def documents() -> Documents | None:
    """The vendor's OpenAPI documents, where they lie beside the checkout."""
    return Documents() if FOLDER.exists() else None


@pytest.fixture(autouse=True)
def only_documented_requests(documents: Documents | None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test makes the connectors ask a sandbox inside this process, the vendor documents it."""
    asked: list[dict[str, Any]] = []
    handle = InProcessSandbox.handle

    def note_and_handle(sandbox: InProcessSandbox, request: Request) -> Response:
        asked.append(entry(request))
        return handle(sandbox, request)

    monkeypatch.setattr(InProcessSandbox, "handle", note_and_handle)
    yield
    assert documents is None or not documents.surplus(asked)


@pytest.fixture(autouse=True)
def without_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Connectors in this process reach a sandbox in this process without a socket, except in tests marked `network`."""
    with nullcontext() if request.node.get_closest_marker("network") else straight():
        yield


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """PyAirbyte takes the logger `airbyte`, which is the connectors', for itself."""
    loggers = (logging.getLogger(), logging.getLogger("airbyte"))
    before = [(logger, logger.handlers[:], logger.propagate, logger.level) for logger in loggers]
    yield
    for logger, handlers, propagate, level in before:
        logger.handlers, logger.propagate = handlers, propagate
        logger.setLevel(level)


def entry(request: Request) -> dict[str, Any]:
    """A request in the shape of the sandbox's log."""
    try:
        body = request.json()
    except ValueError:
        body = None
    return {"method": request.method, "path": request.path, "query": request.query, "body": body}


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Sandbox]:
    """One small server for the tests of a worker process; use ``sandbox``, which resets it."""
    with Sandbox.start(scale=1) as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: Sandbox, documents: Documents | None) -> Iterator[Sandbox]:
    """The seeded sandbox, as new. What it is asked has to be documented."""
    sandbox_server.reset()
    yield sandbox_server
    assert documents is None or not documents.surplus(sandbox_server.requests())


@pytest.fixture
def source(tmp_path: Path) -> Connector:
    """The ``source-pipedrive`` executable."""
    return Connector("source-pipedrive", tmp_path)


@pytest.fixture
def destination(tmp_path: Path) -> Connector:
    """The ``destination-pipedrive`` executable."""
    return Connector("destination-pipedrive", tmp_path)
