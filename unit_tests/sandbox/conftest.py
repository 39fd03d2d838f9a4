"""Sandboxes for the tests: an empty account, a seeded one, and a small client for each."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from pipedrive_sandbox import Request, Response, Sandbox

NOW = "2026-11-24T10:00:00Z"


class Api:
    """Calls a sandbox in process with its API token."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.headers = {"x-api-token": "sandbox", "content-type": "application/json"}

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Response:
        """One call; query values are sent as text."""
        pairs = [(name, str(value)) for name, value in query.items()]
        sent = b"" if body is None else orjson.dumps(body)
        return self.sandbox.handle(Request(method, path, pairs, self.headers, sent))

    def get(self, path: str, **query: Any) -> Response:
        """A GET call."""
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any) -> Response:
        """A POST call."""
        return self.call("POST", path, body)

    def patch(self, path: str, body: Any) -> Response:
        """A PATCH call."""
        return self.call("PATCH", path, body)

    def delete(self, path: str, **query: Any) -> Response:
        """A DELETE call."""
        return self.call("DELETE", path, **query)

    def rows(self, path: str, **query: Any) -> Any:
        """The `data` of a GET call that must succeed; an empty v1 list, which is null, as a list."""
        response = self.get(path, **query)
        assert response.status == 200, response.body
        data = response.json()["data"]
        return [] if data is None else data

    def created(self, path: str, **body: Any) -> Any:
        """The `data` of a POST call that must succeed."""
        response = self.post(path, body)
        assert response.status in (200, 201), response.body
        return response.json()["data"]

    def walk(self, path: str, **query: Any) -> list[Any]:
        """All rows of a cursor-paged list."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            body = self.get(path, **query, **cursor).json()
            found += body["data"]
            following = body["additional_data"]["next_cursor"]
            if following is None:
                return found
            cursor = {"cursor": following}

    def field_key(self, fields: str, label: str) -> str:
        """Key of the first custom field with a label."""
        rows = self.sandbox.rows(fields)
        return str(next(row["field_code"] for row in rows if row["field_name"] == label and row["is_custom_field"]))


@pytest.fixture
def sandbox() -> Sandbox:
    """An empty account whose clock stands still."""
    made = Sandbox()
    made.set_clock(NOW, freeze=True)
    return made


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    """A client of the empty account."""
    return Api(sandbox)


@pytest.fixture
def seeded() -> Api:
    """A client of a seeded account whose clock stands still."""
    made = Sandbox(seed=1)
    made.set_clock(NOW, freeze=True)
    return Api(made)
