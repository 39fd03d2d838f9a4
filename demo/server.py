"""A `pipedrive-sandbox` process, and calls to its API as a person with the token would make them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import requests

TOKEN = "sandbox"
START_SECONDS = 60
LISTENING = re.compile(r"http://127\.0\.0\.1:\d+")


def executable(name: str) -> str:
    """Path of a console script of this environment. Raises FileNotFoundError when it is not installed."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise FileNotFoundError(f"{name} is not installed beside {sys.executable}; run `make install`")
    return str(path)


def command_line(name: str, command: str, folder: Path, **files: Any) -> list[str]:
    """A command of a connector, whose ``files`` (``config``, ``catalog``) are written to the folder first."""
    arguments = [executable(name), command]
    for key, content in files.items():
        path = folder / f"{command}-{key}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        arguments += [f"--{key}", str(path)]
    return arguments


class SandboxProcess:
    """A running sandbox on a free port. Use ``start`` as a context manager."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, scale: float, seed: int) -> None:
        self.process = process
        self.log = log
        self.scale = scale
        self.seed = seed
        self.url = ""
        self.session = requests.Session()
        self.session.headers["x-api-token"] = TOKEN

    @classmethod
    @contextmanager
    def start(cls, scale: float = 1, seed: int = 1, empty: bool = False) -> Iterator[Self]:
        """A server that is stopped at the end; ``empty``: with only what a new account holds."""
        log = Path(tempfile.mkstemp(prefix="pipedrive-sandbox-", suffix=".log")[1])
        arguments = [executable("pipedrive-sandbox"), "--port", "0", "--scale", str(scale), "--seed", str(seed)]
        arguments += ["--empty"] * empty
        with log.open("wb") as output:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        server = cls(process, log, scale, seed)
        try:
            server.url = server._wait_for_address()
            yield server
        finally:
            server.stop()

    def _wait_for_address(self) -> str:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            found = LISTENING.search(self.log.read_text())
            if found:
                return found.group()
            time.sleep(0.05)
        raise RuntimeError(f"pipedrive-sandbox did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        """End the process."""
        self.session.close()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.unlink(missing_ok=True)

    def config(self, **more: Any) -> dict[str, Any]:
        """A connector config that points here."""
        return {"credentials": {"auth_type": "api_token", "api_token": TOKEN}, "api_url": self.url, **more}

    def call(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        """One API call; answers the decoded body. Raises for an error status."""
        response = self.session.request(method, f"{self.url}/{path}", json=body, params=parameters, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None

    def meter(self) -> dict[str, int]:
        """What all callers have spent since the start: ``requests``, ``tokens``. Costs nothing."""
        answer = requests.get(f"{self.url}/_sandbox/meter", timeout=60)
        answer.raise_for_status()
        return dict(answer.json())

    def rows(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of a v2 list."""
        rows: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self.call("GET", path, limit=500, **parameters, **({"cursor": cursor} if cursor else {}))
            rows += page["data"] or []
            cursor = (page.get("additional_data") or {}).get("next_cursor")
            if not cursor:
                return rows
