"""The page's server: loopback only, a token that opens it once, a cookie afterwards, and no other host's name."""

import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from destination_pipedrive.studio.model import Studio
from pipedrive_client.errors import WordedError
from pipedrive_client.secrets import filter_secrets

STATIC = Path(__file__).parent / "static"
LOOPBACK = "127.0.0.1"
#: Longest body of a request: a file to look at.
MOST_BYTES = 200_000_000
#: Nothing comes from elsewhere, nobody may frame the page, and nothing of it is kept.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CLOSED = "This page opens with the address that `destination-pipedrive studio` printed, once. Restart the studio.\n"


class Doorkeeper:
    """Lets in who has the token of the address, once, and then who has the cookie; all others get 403."""

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app, self._token, self._secret = app, token, secrets.token_urlsafe(32)
        self._hosts = {f"{LOOPBACK}:{port}", f"localhost:{port}"}
        self._cookie = f"studio_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on to the page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        answer = refusal if refusal is not None else self._app
        await answer(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self._hosts or (origin is not None and origin != f"http://{host}"):
            return PlainTextResponse(CLOSED, 403)
        if secrets.compare_digest(Request(scope).cookies.get(self._cookie, "").encode(), self._secret.encode()):
            return None
        given = QueryParams(scope["query_string"]).get("token", "")
        if scope["path"] != "/" or not self._token or not secrets.compare_digest(given.encode(), self._token.encode()):
            return PlainTextResponse(CLOSED, 403)
        self._token = ""
        opened = RedirectResponse("/", 303)
        opened.set_cookie(self._cookie, self._secret, httponly=True, samesite="strict", path="/")
        return opened


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            message = {**message, "headers": [*message.get("headers", ()), *added]}
        await send(message)

    return wrapped


def app(studio: Studio, port: int, token: str) -> ASGIApp:
    """The whole page behind its door."""

    async def upload(request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > MOST_BYTES:
            return JSONResponse({"error": "The file is larger than 200 MB; map a part of it."}, 413)
        content, name = await request.body(), unquote(request.headers.get("x-file-name", "rows.csv"))

        def opened() -> dict[str, Any]:
            studio.upload(name, content)
            return studio.start()

        return await _answered(opened)

    async def start(request: Request) -> Response:
        name = request.query_params.get("object", "")
        return await _answered(lambda: studio.start(name))

    async def page(_: Request) -> Response:
        return Response((STATIC / "index.html").read_bytes(), media_type="text/html")

    routes = [
        Route("/", page),
        Route("/api/start", start),
        Route("/api/upload", upload, methods=["POST"]),
        Route("/api/fit", _of_choice(studio), methods=["POST"]),
        Route("/api/problems", _of_entry(lambda *entry: {"problems": studio.problems(*entry)}), methods=["POST"]),
        Route("/api/plan", _of_entry(studio.plan), methods=["POST"]),
        Route("/api/yaml", _of_entry(lambda *entry: {"yaml": studio.yaml(*entry)}), methods=["POST"]),
        Route("/api/save", _of_entry(lambda *entry: {"saved": studio.save(*entry)}), methods=["POST"]),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    return Doorkeeper(Starlette(routes=routes), port, token)


def _of_entry(answer: Callable[[dict[str, Any], str], dict[str, Any]]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that takes what the page shows of an entry, and the text with the rest of it."""

    async def endpoint(request: Request) -> Response:
        sent = await _sent(request)
        entry, more = sent.get("entry"), sent.get("more", "")
        if not isinstance(entry, dict) or not isinstance(more, str):
            return JSONResponse({"error": "The page sent no mapping."}, 400)
        return await _answered(lambda: answer(entry, more))

    return endpoint


def _of_choice(studio: Studio) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that takes a column and the field that was chosen for it."""

    async def endpoint(request: Request) -> Response:
        sent = await _sent(request)
        column, target, name = (str(sent.get(key) or "") for key in ("column", "target", "object"))
        return await _answered(lambda: studio.fit(column, target, name))

    return endpoint


async def _sent(request: Request) -> dict[str, Any]:
    try:
        content = await request.json()
    except ValueError:
        content = None
    return content if isinstance(content, dict) else {}


async def _answered(answer: Callable[[], dict[str, Any]]) -> Response:
    """What a call returns; an error as its sentence."""
    try:
        return JSONResponse(await run_in_threadpool(answer))
    except WordedError as error:
        return JSONResponse({"error": filter_secrets(str(error))}, 422)
    except OSError as error:
        return JSONResponse({"error": f"Pipedrive or the file cannot be reached: {filter_secrets(str(error))}"}, 422)


class _Server(uvicorn.Server):
    """Ends in order: uvicorn's own raises the signal again, and copies of files would stay."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever started the server."""
        yield


def serve(studio: Studio, say: Callable[[str], None], show: Callable[[str], object] | None = None) -> None:
    """Serve until Ctrl-C, on a free port; ``say`` prints the address, ``show`` opens it."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()  # so that who opens the address at once waits for the answer
        port, token = listener.getsockname()[1], secrets.token_urlsafe(24)
        address = f"http://{LOOPBACK}:{port}/?token={token}"
        config = uvicorn.Config(app(studio, port, token), log_config=None, access_log=False, lifespan="off")
        server = _Server(config)
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, server.handle_exit)
        say(f"The studio is at {address}\nIt opens once; nothing is written to Pipedrive. End it with Ctrl-C.\n")
        if show:
            show(address)
        server.run(sockets=[listener])
