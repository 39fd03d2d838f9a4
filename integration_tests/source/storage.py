"""The service that keeps the files: another host than the API's, asked by signed addresses."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import pytest

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox
from source_pipedrive import source as source_module

#: Files of the account, and tokens of its list and of a file.
FILES = 30
LIST_PRICE = PRICE = 20
#: What a storage says of a file: status, content, further headers. A content-length that is too large breaks off.
Answer = tuple[int, bytes, dict[str, str]]


@dataclass
class Storage:
    """A server. ``answers``: file's id -> what it says, one answer a request; without one it has a content for each."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    #: Path and headers of each request.
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    #: Called with each id before its answer.
    before: Callable[[str], object] = lambda _: None

    @staticmethod
    def content(number: int | str) -> bytes:
        """What a file holds."""
        return f"content of {number}\n".encode() * 100

    @property
    def fetched(self) -> Counter[str]:
        """How often each file was asked for."""
        return Counter(_id(path) for path, _ in self.asked)

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        """What a request gets."""
        self.asked.append((path, headers))
        number = _id(path)
        self.before(number)
        waiting = self.answers.get(number)
        return waiting.pop(0) if waiting else (200, self.content(number), {})

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[Self]:
        """A server on a free port."""
        storage = cls()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, content, more = storage.answer(
                    self.path, {key.lower(): each for key, each in self.headers.items()}
                )
                self.send_response(status)
                for name, value in {"content-length": str(len(content)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        storage.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield storage
        finally:
            server.shutdown()
            server.server_close()


def _id(path: str) -> str:
    return path.split("?")[0].strip("/")


@pytest.fixture
def storage(empty: Sandbox) -> Iterator[Storage]:
    """An account with files, and the other host that keeps them."""
    with Storage.start() as server:
        empty.seed(scale=0, files=FILES)
        empty.change_settings(file_storage=server.url)
        yield server


@pytest.fixture
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the platform shares with the destination."""
    folder = tmp_path / "staging"
    folder.mkdir()
    monkeypatch.setattr(source_module, "get_files_directory", lambda: str(folder))
    return folder


def with_files(source: InProcess, **more: Any) -> dict[str, Any]:
    """A catalog that asks for contents."""
    catalog = source.catalog("files", **more)
    catalog["streams"][0]["include_files"] = True
    return catalog


def references(run: Run) -> dict[int, dict[str, Any] | None]:
    """Id -> where the file is, of each record in order."""
    records = [message["record"] for message in run.of_type("RECORD")]
    return {record["data"]["id"]: record.get("file_reference") for record in records}


def left(folder: Path) -> list[Path]:
    """Files in a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def downloads(sandbox: Sandbox) -> list[str]:
    """Paths of the API that were asked for contents."""
    return [one["path"] for one in sandbox.requests() if one["path"].endswith("/download")]


def change(sandbox: Sandbox, number: int, **values: Any) -> None:
    """Values of a file that nobody can set over the API."""
    row = next(row for row in sandbox.rows("files") if row["id"] == number)
    sandbox.put_rows("files", [{**row, **values}])
