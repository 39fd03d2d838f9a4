"""ASGI application and command line of the sandbox; it listens on 127.0.0.1 only."""

import argparse
import asyncio
import socket
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as WebRequest
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from pipedrive_sandbox.messages import Request, Response
from pipedrive_sandbox.server.sandbox import Sandbox

HOST = "127.0.0.1"

#: How long a connection is kept that nobody uses.
IDLE_SECONDS = 120


class SandboxApp:
    """ASGI endpoint that hands every request to a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or break the connection where a fault says so."""
        try:
            request = await _read(scope, receive)
        except ClientDisconnect:
            return
        response = self.sandbox.handle(request)
        if response.delay:
            await asyncio.sleep(response.delay)
        if response.connection == "drop":
            await _hang_up(receive)
            return
        await _write(response, send)
        if response.connection == "truncate":
            await asyncio.sleep(0.01)
            await _hang_up(receive)


def application(sandbox: Sandbox) -> Starlette:
    """The sandbox as a Starlette application."""
    return Starlette(routes=[Mount("/", app=SandboxApp(sandbox))])


class SandboxServer:
    """Runs a sandbox on a free port of the loopback address, in a background thread, while the context lasts."""

    def __init__(self, sandbox: Sandbox | None = None, port: int = 0) -> None:
        self.sandbox = sandbox or Sandbox()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((HOST, port))
        self.url = f"http://{HOST}:{self._socket.getsockname()[1]}"
        # The sandbox's own clock tells the date.
        quiet: dict[str, Any] = {"log_level": "critical", "access_log": False, "date_header": False}
        # A client on a busy machine may be quiet for longer than the five seconds after which uvicorn hangs up.
        config = uvicorn.Config(application(self.sandbox), lifespan="off", timeout_keep_alive=IDLE_SECONDS, **quiet)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._socket.listen(128)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def main(arguments: Sequence[str] | None = None) -> None:
    """Command `pipedrive-sandbox`: serve until interrupted."""
    options = _parser().parse_args(arguments)
    settings = {"burst": True, "search_lag": 5.0, "plan": options.plan}
    rows = {} if options.empty else {"seed": options.seed, "scale": options.scale}
    sandbox = Sandbox(settings=settings, **rows)
    server = SandboxServer(sandbox, options.port)
    with server:
        print(f"pipedrive-sandbox listening on {server.url}", flush=True)
        _wait()


def _wait() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pipedrive-sandbox", description="A local stand-in for the Pipedrive API. Its API token is `sandbox`."
    )
    parser.add_argument("--port", type=int, default=8090, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--seed", type=int, default=1, help="which example rows; the same seed gives the same rows")
    parser.add_argument("--scale", type=float, default=1, help="how many: 1 is about 100 deals, 0 none")
    parser.add_argument("--empty", action="store_true", help="only what a new account holds: one user, one pipeline")
    parser.add_argument("--plan", choices=("lite", "growth", "premium", "ultimate"), default="premium")
    return parser


async def _read(scope: Scope, receive: Receive) -> Request:
    web = WebRequest(scope, receive)
    body = await web.body()
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Request(scope["method"], scope["path"], query, headers, body, f"http://{headers.get('host', HOST)}")


async def _write(response: Response, send: Send) -> None:
    body = response.body
    headers = {**response.headers, "content-length": str(len(body))}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    is_cut = response.connection == "truncate"
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": body[: len(body) // 2] if is_cut else body, "more_body": is_cut})


async def _hang_up(receive: Receive) -> None:
    # ASGI has no message for a broken connection; uvicorn's cycle object owns the socket.
    cycle: Any = getattr(receive, "__self__", None)
    cycle.transport.close() if cycle.response_started else cycle.transport.abort()
    while not cycle.disconnected:
        await asyncio.sleep(0.001)


if __name__ == "__main__":
    main()
