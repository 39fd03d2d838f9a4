"""An account of very many deals that answers as fast as a server can: their pages are made of one page of the sandbox.

``python -m bench.deals_account N`` prints its port. Everything else is answered by the sandbox itself.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from pipedrive_sandbox import Request, Sandbox

PAGE = 500
TOKEN = "sandbox"
LIST = "/api/v2/deals"


class Account:
    """The sandbox, but for its list of deals."""

    def __init__(self, deals: int) -> None:
        self._sandbox = Sandbox(seed=1, scale=0)
        self._sandbox.change_settings(burst=False, daily_limit=None)
        self._sandbox.seed(scale=0, deals=PAGE)
        self._count = deals
        page = self.sandbox_answer("GET", f"{LIST}?limit={PAGE}", b"")
        self._rows: list[dict[str, Any]] = orjson.loads(page)["data"]

    def answer(self, method: str, target: str, body: bytes) -> bytes:
        """The body of one answer."""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        if method == "GET" and parts.path == LIST:
            return self._page(int(query.get("cursor", 0)), "updated_since" in query)
        return self.sandbox_answer(method, target, body)

    def sandbox_answer(self, method: str, target: str, body: bytes) -> bytes:
        """What the sandbox says."""
        parts = urlsplit(target)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        return self._sandbox.handle(Request(method, parts.path, pairs, {"x-api-token": TOKEN}, body)).body

    def _page(self, begin: int, is_filtered: bool) -> bytes:
        end = min(begin + PAGE, 0 if is_filtered else self._count)
        rows = [
            {
                **self._rows[n % len(self._rows)],
                "id": n + 1,
                "update_time": f"2025-01-{n // 86400 + 1:02}T{_time(n % 86400)}Z",
            }
            for n in range(begin, end)
        ]
        cursor = None if end >= self._count or is_filtered else str(end)
        return orjson.dumps({"success": True, "data": rows, "additional_data": {"next_cursor": cursor}})


def _time(second: int) -> str:
    return f"{second // 3600:02}:{second % 3600 // 60:02}:{second % 60:02}"


class Answers(asyncio.Protocol):
    """One connection: HTTP/1.1 with bodies of a known length."""

    def __init__(self, account: Account) -> None:
        self._account = account
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
            content = self._account.answer(method, target, b"")
            lines = ("HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(content)}", "", "")
            self._transport.write("\r\n".join(lines).encode() + content)


@contextmanager
def start(deals: int) -> Iterator[str]:
    """Run it in a process of its own; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.deals_account", str(deals)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.wait()


async def serve(account: Account) -> None:
    """Print the port, then answer for ever."""
    server = await asyncio.get_running_loop().create_server(lambda: Answers(account), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Account(int(sys.argv[1]))))
