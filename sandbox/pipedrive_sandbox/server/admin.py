"""Admin routes under `/_sandbox`: no authentication, not counted, not logged."""

from collections.abc import Callable
from typing import Any

from pipedrive_sandbox.messages import Request, Response, json_response
from pipedrive_sandbox.model.filtering import number_or_text
from pipedrive_sandbox.server.controls import Controls

ROOT = "/_sandbox/"
Handler = Callable[[Controls, Request, list[str]], Any]


def handle(sandbox: Controls, request: Request) -> Response:
    """Answer an admin request: 200 with what is in force now, 400 with a sentence, or 404."""
    name, *rest = request.path.removeprefix(ROOT).strip("/").split("/")
    handler, methods = HANDLERS.get(name, (None, ""))
    if handler is None or request.method not in methods.split():
        return json_response({"error": f"no admin route {request.method} {request.path}"}, 404)
    try:
        return json_response(handler(sandbox, request, rest))
    except (ValueError, TypeError, KeyError) as error:
        return json_response({"error": f"{error}"}, 400)


def _reset(sandbox: Controls, request: Request, _rest: list[str]) -> Any:
    sandbox.reset(**(request.json() or {}))
    return _counts(sandbox)


def _seed(sandbox: Controls, request: Request, _rest: list[str]) -> Any:
    sandbox.seed(**(request.json() or {}))
    return _counts(sandbox)


def _counts(sandbox: Controls) -> dict[str, int]:
    store = sandbox.state.store
    return {name: len(store[name].rows) for name in store.names()}


def _settings(sandbox: Controls, request: Request, _rest: list[str]) -> Any:
    sandbox.change_settings(**(request.json() or {}))
    return sandbox.settings.to_json()


def _clock(sandbox: Controls, request: Request, _rest: list[str]) -> Any:
    body = request.json() or {}
    if "set" in body:
        sandbox.set_clock(body["set"], body.get("freeze", False))
    return {"now": sandbox.advance(body.get("advance", 0))}


def _faults(sandbox: Controls, request: Request, _rest: list[str]) -> Any:
    if request.method != "GET":
        sandbox.set_faults(*(request.json() or []))
    return [vars(rule) for rule in sandbox.state.faults.rules]


def _requests(sandbox: Controls, request: Request, _rest: list[str]) -> Any:
    if request.method == "DELETE":
        sandbox.clear_requests()
    return sandbox.requests()


def _meter(sandbox: Controls, _request: Request, _rest: list[str]) -> Any:
    return sandbox.meter()


def _rows(sandbox: Controls, request: Request, rest: list[str]) -> Any:
    resource = rest[0]
    if request.method == "POST":
        body = request.json()
        return sandbox.put_rows(resource, body if isinstance(body, list) else [body])
    if request.method == "DELETE":
        return {"purged": sandbox.purge(resource, number_or_text(rest[1]))}
    return sandbox.rows(resource)


HANDLERS: dict[str, tuple[Handler, str]] = {
    "reset": (_reset, "POST"),
    "seed": (_seed, "POST"),
    "settings": (_settings, "GET POST"),
    "clock": (_clock, "GET POST"),
    "faults": (_faults, "GET POST DELETE"),
    "requests": (_requests, "GET DELETE"),
    "meter": (_meter, "GET"),
    "rows": (_rows, "GET POST DELETE"),
}
