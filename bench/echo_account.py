"""An account that is as fast as it can be: its lists are empty, and every new row is answered with an id.

The sandbox checks what it is sent, and keeps it; writing a million rows through it would measure the sandbox.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

ME = {"id": 1, "name": "Bench", "email": "bench@acme.test", "company_name": "Bench", "default_currency": "EUR"}
TIME = "2026-01-01T00:00:00Z"


class Answers(asyncio.Protocol):
    """One connection: HTTP/1.1 with bodies of a known length, which is what the connectors send."""

    ids = count(1)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._waiting = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end].decode("latin-1")
            length = next(
                (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
            )
            if len(self._waiting) < end + 4 + length:
                return
            body, self._waiting = self._waiting[end + 4 : end + 4 + length], self._waiting[end + 4 + length :]
            self._transport.write(self._answer(head, body))

    def _answer(self, head: str, body: bytes) -> bytes:
        method, path, _ = head.split(" ", 2)
        data: Any = ME if path.startswith("/v1/users/me") else []
        if method == "POST":
            data = {**json.loads(body), "id": next(self.ids), "add_time": TIME, "update_time": TIME}
        content = json.dumps({"success": True, "data": data, "additional_data": {"next_cursor": None}}).encode()
        lines = ("HTTP/1.1 200 OK", "Content-Type: application/json", f"Content-Length: {len(content)}", "", "")
        return "\r\n".join(lines).encode() + content


@contextmanager
def start() -> Iterator[dict[str, Any]]:
    """Run it in a process of its own; a connector's config that points to it."""
    process = subprocess.Popen([sys.executable, "-m", "bench.echo_account"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}"
        yield {"credentials": {"auth_type": "api_token", "api_token": "bench"}, "api_url": url}
    finally:
        process.kill()
        process.wait()


async def serve() -> None:
    """Print the port, then answer for ever."""
    server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
