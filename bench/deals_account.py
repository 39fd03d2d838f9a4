"""An account of very many deals that answers as fast as a server can: their pages are made of one page of the sandbox.

``python -m bench.deals_account N`` prints its port. Everything else is answered by the sandbox itself. With
``SECONDS CALLS`` behind it each answer comes so many seconds late, and of more calls in two seconds the others are
refused.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from pipedrive_sandbox import Request, Sandbox

PAGE = 500
TOKEN = "sandbox"
LIST = "/api/v2/deals"
#: One deal changed in each second from then on.
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
WINDOW_SECONDS = 2.0
#: Answers how many calls were refused so far.
REFUSED = "/_bench/refused"
LIMITED = b'{"success":false,"error":"request over limit","errorCode":429}'


class Account:
    """The sandbox, but for its list of deals."""

    def __init__(self, deals: int) -> None:
        self._sandbox = Sandbox(seed=1, scale=0)
        self._sandbox.change_settings(burst=False, daily_limit=None)
        self._keep_one_field_of_each_type()
        self._sandbox.seed(scale=0, deals=PAGE)
        self._count = deals
        page = self.sandbox_answer("GET", f"{LIST}?limit={PAGE}", b"")
        self._rows: list[dict[str, Any]] = orjson.loads(page)["data"]

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        """The body of one answer."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        if method == "GET" and parts.path == LIST:
            return self._page(int(query.get("cursor", 0)) or _behind(query.get("updated_since")))
        return self.sandbox_answer(method, target, body)

    def sandbox_answer(self, method: str, target: str, body: bytes) -> bytes:
        """What the sandbox says."""
        parts = urlsplit(target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        return self._sandbox.handle(Request(method, parts.path, pairs, {"x-api-token": TOKEN}, body)).body

    def _keep_one_field_of_each_type(self) -> None:
        kept: dict[str, str] = {}
        for field in self._sandbox.rows("dealFields"):
            if (
                field["is_custom_field"]
                and kept.setdefault(field["field_type"], field["field_code"]) != field["field_code"]
            ):
                self.sandbox_answer("DELETE", f"/api/v2/dealFields/{field['field_code']}", b"")

    def _page(self, begin: int) -> bytes:
        end = min(begin + PAGE, self._count)
        rows = [
            {**self._rows[n % len(self._rows)], "id": n + 1, "update_time": f"{FIRST + timedelta(seconds=n):{_FORM}}"}
            for n in range(begin, end)
        ]
        cursor = None if end >= self._count else str(end)
        return orjson.dumps({"success": True, "data": rows, "additional_data": {"next_cursor": cursor}})


_FORM = "%Y-%m-%dT%H:%M:%SZ"


def _behind(since: str | None) -> int:
    """How many deals changed before a time."""
    return 0 if since is None else max(int((datetime.fromisoformat(since) - FIRST).total_seconds()), 0)


class Conditions:
    """How late answers come, and how many calls a moving window takes."""

    def __init__(self, seconds: float = 0.0, calls: int = 1_000_000) -> None:
        self.seconds, self.calls = seconds, calls
        self._taken: deque[float] = deque()
        #: Calls that the window did not take.
        self.refused = 0

    def take(self) -> bool:
        """Whether the window takes one more call."""
        now = time.monotonic()
        while self._taken and self._taken[0] <= now - WINDOW_SECONDS:
            self._taken.popleft()
        is_taken = len(self._taken) < self.calls
        if is_taken:
            self._taken.append(now)
        else:
            self.refused += 1
        return is_taken


class Answers(asyncio.Protocol):
    """One connection: HTTP/1.1 with bodies of a known length."""

    def __init__(self, account: Account, conditions: Conditions) -> None:
        self._account = account
        self._conditions = conditions
        self._waiting = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole; a read sends none with a body."""
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            method, target, _ = self._waiting[:end].split(b"\r\n")[0].decode("latin-1").split(" ", 2)
            self._waiting = self._waiting[end + 4 :]
            arrived = time.monotonic()
            if target == REFUSED:
                self._send("200 OK", orjson.dumps(self._conditions.refused), arrived)
            elif self._conditions.take():
                self._send("200 OK", self._account.answer(method, target, b""), arrived)
            else:
                self._send("429 Too Many Requests", LIMITED, arrived)

    def _send(self, status: str, content: bytes, arrived: float) -> None:
        lines = (
            f"HTTP/1.1 {status}",
            "Content-Type: application/json",
            f"Content-Length: {len(content)}",
            *((f"x-ratelimit-limit: {self._conditions.calls}",) if self._conditions.seconds else ()),
            "",
            "",
        )
        late = max(arrived + self._conditions.seconds - time.monotonic(), 0.0)
        whole = "\r\n".join(lines).encode() + content
        asyncio.get_running_loop().call_later(late, self._transport.write, whole)


@contextmanager
def start(deals: int, *conditions: float) -> Iterator[str]:
    """Run it in a process of its own; its address."""
    arguments = [sys.executable, "-m", "bench.deals_account", *map(str, (deals, *conditions))]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


async def serve(account: Account, conditions: Conditions) -> None:
    """Print the port, then answer for ever."""
    server = await asyncio.get_running_loop().create_server(lambda: Answers(account, conditions), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    _, deals, *late = sys.argv
    asyncio.run(serve(Account(int(deals)), Conditions(float(late[0]), int(late[1])) if late else Conditions()))
