"""Answers that are not as they should be, sent instead of the sandbox's own."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pipedrive_sandbox import Sandbox

#: Gets an answer's path and decoded body, and returns what to send: an object, or raw bytes.
Change = Callable[[str, dict[str, Any]], Any]


@contextmanager
def answers(sandbox: Sandbox, change: Change) -> Iterator[None]:
    """Let ``change`` rewrite every successful answer to a GET."""
    original = sandbox.handle

    def handle(request: Any) -> Any:
        answer = original(request)
        if request.method == "GET" and answer.status == 200:
            body = change(request.path, answer.json())
            # Unlike orjson, this writes NaN, half an emoji and integers of any size.
            answer.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        return answer

    sandbox.handle = handle  # type: ignore[method-assign]
    try:
        yield
    finally:
        del sandbox.handle  # type: ignore[attr-defined]


def rows_of(path: str, body: dict[str, Any]) -> list[Any]:
    """The rows of an answer, wherever they are; the list itself, so that it can be changed."""
    data = body.get("data")
    if isinstance(data, dict):
        data = data.get("goals", data.get("items", [data]))
    return data if isinstance(data, list) else []


def put(path: str, **values: Any) -> Change:
    """Puts these values into the first row of a list."""

    def change(at: str, body: dict[str, Any]) -> dict[str, Any]:
        if at.endswith(path):
            rows_of(at, body)[0].update(values)
        return body

    return change
