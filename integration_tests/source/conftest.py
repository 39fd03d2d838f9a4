"""The source run inside the test's process against a sandbox in a thread: as from outside, but in milliseconds."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.logger import AirbyteLogFormatter

from integration_tests.harness import Run, configured
from integration_tests.straight import serve
from pipedrive_client import clock
from pipedrive_sandbox import Sandbox
from source_pipedrive.run import main


class _Lines(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self.lines = lines
        self.setFormatter(AirbyteLogFormatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class InProcess:
    """The source's commands. ``config`` is the config of the next command; tests change it."""

    def __init__(self, sandbox: Sandbox, url: str, folder: Path) -> None:
        self.sandbox = sandbox
        self.folder = folder
        self.config: dict[str, Any] = {
            "credentials": {"auth_type": "api_token", "api_token": "sandbox"},
            "api_url": url,
        }

    def run(self, command: str, *flags: str, **files: Any) -> Run:
        """Run a command; ``files`` become ``--config`` and so on."""
        arguments, lines = [command, *flags], []
        for name, content in files.items():
            path = self.folder / f"{name}.json"
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        handler = _Lines(lines)
        logging.getLogger().addHandler(handler)
        try:
            code = main(arguments, lines.append)
        finally:
            logging.getLogger().removeHandler(handler)
        return Run(arguments, code, "\n".join(lines), "")

    def check(self) -> Run:
        """Run ``check``."""
        return self.run("check", config=self.config)

    def discover(self) -> Run:
        """Run ``discover``."""
        return self.run("discover", config=self.config)

    def catalog(self, *streams: str, sync_mode: str | None = None) -> dict[str, Any]:
        """A configured catalog of the named streams, or of all; the discovery is not metered."""
        catalog = configured(self.discover().catalog, streams or None, sync_mode)
        self.sandbox.clear_requests()
        return catalog

    def read(self, *streams: str, state: Any = None) -> Run:
        """Discover, then read the named streams, or all."""
        return self.read_catalog(self.catalog(*streams), state)

    def read_catalog(self, catalog: dict[str, Any], state: Any = None) -> Run:
        """Run ``read``."""
        files = {"config": self.config, "catalog": catalog}
        return self.run("read", **files, **({} if state is None else {"state": state}))


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Sandbox, str]]:
    """One server for all tests of a worker."""
    with serve(Sandbox(seed=1, scale=1)) as server:
        yield server.sandbox, server.url


@pytest.fixture
def pipedrive(served: tuple[Sandbox, str]) -> Sandbox:
    """The seeded sandbox, as new."""
    sandbox, _ = served
    sandbox.reset(seed=1, scale=1)
    return sandbox


@pytest.fixture
def empty(served: tuple[Sandbox, str]) -> Sandbox:
    """A sandbox with fields and users, but no rows."""
    sandbox, _ = served
    sandbox.reset(seed=1, scale=0)
    return sandbox


@pytest.fixture
def source(served: tuple[Sandbox, str], tmp_path: Path) -> Iterator[InProcess]:
    """The source against that sandbox; nothing waits."""
    clock.skip_waits(True)
    yield InProcess(*served, tmp_path)
    clock.skip_waits(False)
