"""The wire between a connector and a sandbox in the same process: no socket, and every call can be met by something.

What a schedule draws happens by the number of a call: the account changes before it, the call fails, or the process
dies at it. A process that died sends nothing more, and nobody reads what it prints.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from integration_tests.straight import raw, received
from pipedrive_client import clock, transport
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.messages import Request, Response, json_response

HOST = "https://api.pipedrive.com"
WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True)
class Trouble:
    """How a call fails: a status (``kind`` "status"), no answer before or after the server acted, or half an answer."""

    kind: str
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kill:
    """The process dies at the ``at``-th call, before the server acts on it or after (``applied``)."""

    at: int
    applied: bool = False


@dataclass
class Plan:
    """What happens during one run, by the number of a call (from 1)."""

    events: Mapping[int, Sequence[Callable[[], None]]] = field(default_factory=dict)
    troubles: Mapping[int, Trouble] = field(default_factory=dict)
    kill: Kill | None = None
    #: Only calls of these methods are counted.
    methods: frozenset[str] = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})


class Wire(HTTPAdapter):
    """Carries the calls of a connector to a sandbox. ``page`` is the most rows of a page, as a list of more would have.

    ``lines`` holds what was printed until the process died, if it did.
    """

    def __init__(self, sandbox: Sandbox, page: int | None = None) -> None:
        super().__init__()
        self.sandbox, self.page = sandbox, page
        self.lines: list[str] = []
        self.plan, self.calls, self.is_dead = Plan(), 0, False
        self._lock = threading.Lock()

    def begin(self, plan: Plan) -> None:
        """A new process."""
        self.lines, self.plan, self.calls, self.is_dead = [], plan, 0, False

    def print(self, line: str) -> None:
        """A line of the connector, as long as there is a process to print it."""
        if not self.is_dead:
            self.lines.append(line)

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:  # type: ignore[override]
        """Answer one call. Raises ConnectionError where no answer comes."""
        answer = self._answer(self._received(request))
        if answer.connection == "drop":
            raise requests.exceptions.ConnectionError("Remote end closed connection without response")
        return self.build_response(request, raw(answer))

    def _received(self, request: requests.PreparedRequest) -> Request:
        given = received(request, HOST)
        if self.page is None:
            return given
        query = [(key, str(min(int(value), self.page)) if key == "limit" else value) for key, value in given.query]
        return replace(given, query=query)

    def _answer(self, request: Request) -> Response:
        with self._lock:
            if self.is_dead:
                return Response(0, connection="drop")
            self.calls += request.method in self.plan.methods
            number = self.calls if request.method in self.plan.methods else -1
            for event in self.plan.events.get(number, ()):
                event()
            kill = self.plan.kill
            if kill and number == kill.at:
                self.is_dead = True
                if kill.applied:
                    self.sandbox.handle(request)
                return Response(0, connection="drop")
            return self._met(request, self.plan.troubles.get(number))

    def _met(self, request: Request, trouble: Trouble | None) -> Response:
        if trouble is None:
            return self.sandbox.handle(request)
        if trouble.kind == "drop":
            return Response(0, connection="drop")
        if trouble.kind == "status":
            return json_response({"success": False, "error": "Trouble"}, trouble.status, trouble.headers)
        response = self.sandbox.handle(request)
        if trouble.kind == "cut_answer":
            return Response(response.status, response.body[: len(response.body) // 2], response.headers)
        return Response(0, connection="drop")


class Printer(io.StringIO):
    """A stdout that ends with its process."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def write(self, text: str) -> int:
        for line in text.splitlines():
            if line.strip():
                self._wire.print(line)
        return len(text)


@contextmanager
def wired(wire: Wire) -> Iterator[None]:
    """Connectors in this process call the wire, and wait for nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transport, "HTTPAdapter", lambda **_options: wire)
        patch.setattr(clock, "LONGEST_CATCH_UP", 0.0)
        clock.skip_waits(True)
        try:
            yield
        finally:
            clock.skip_waits(False)
