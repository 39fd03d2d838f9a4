"""The sandbox itself: one synchronous function from request to response, and the same operations for tests."""

import re
from email.utils import formatdate
from typing import Any

from pipedrive_sandbox.limits import faults
from pipedrive_sandbox.limits.auth import Caller, ask_for_consent, authenticate, issue_token, require_scope
from pipedrive_sandbox.limits.budget import charge, rate_headers
from pipedrive_sandbox.messages import Refusal, Request, Response, refuse
from pipedrive_sandbox.model.query import parse_query
from pipedrive_sandbox.model.registry import Match, find_route, methods_at
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.server import admin
from pipedrive_sandbox.server.controls import Controls

SHARED_HOST = "https://api.pipedrive.com"
NOT_ON_SHARED_HOST = re.compile(r"/api/v1/(leads|leadLabels|leadSources|goals/find|mailbox)\b")


class Sandbox(Controls):
    """A Pipedrive account in memory that answers requests."""

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self._lock:
            if request.path.startswith(admin.ROOT):
                return admin.handle(self, request)
            return self._handle_logged(request)

    def _handle_logged(self, request: Request) -> Response:
        fault = self.state.faults.find(request)
        entry = self._entry(request, fault)
        response = faults.before(fault) if fault else None
        if response is None:
            try:
                response = self._answer(request, entry)
            except Refusal as refusal:
                response = refusal.response
            if fault:
                response = faults.after(fault, response)
        response.headers["date"] = formatdate(self.state.clock.now(), usegmt=True)
        entry["status"] = response.status
        self.state.log.append(entry)
        return response

    def _answer(self, request: Request, entry: dict[str, Any]) -> Response:
        state = self.state
        if request.path.rstrip("/") == "/oauth/token":
            return issue_token(state.access_tokens, state.settings, state.clock.now(), request)
        if request.path == "/oauth/authorize":
            return ask_for_consent(request)
        caller = authenticate(state.access_tokens, state.clock.now(), request)
        entry["auth"] = caller.kind
        try:
            response = self._perform(request, caller, entry)
        except Refusal as refusal:
            response = refusal.response
        response.headers.update(rate_headers(state.budget, state.settings, state.clock.now(), caller))
        return response

    def _perform(self, request: Request, caller: Caller, entry: dict[str, Any]) -> Response:
        resource, route, path = self._route(request)
        is_search, state = route.path.endswith("/search") or "itemSearch" in route.path, self.state
        charge(state.budget, state.settings, state.clock.now(), caller, route.cost, is_search)
        entry["tokens"] = route.cost
        if caller.kind == "oauth":
            require_scope(resource.scopes, request.method == "GET", state.settings.oauth_scopes)
        self._require_allowed(request, resource.feature)
        call = Call(self.state, request, resource, route, path, caller.user_id)
        call.query = parse_query(resource, route, request.query, self.state.settings)
        response = route.action(call)
        response.status = route.status if response.status == 200 else response.status
        return response

    def _route(self, request: Request) -> Match:
        if request.base == SHARED_HOST and NOT_ON_SHARED_HOST.match(request.path):
            raise refuse(404, {"success": False, "error": "Unknown method ."})
        found = find_route(request.method, request.path)
        if found is not None:
            return found
        if methods_at(request.path):
            raise refuse(405, {"success": False, "error": "Method not allowed", "code": "ERR_METHOD_NOT_ALLOWED"})
        if self.state.settings.unknown_path == 404:
            raise refuse(404, {"success": False, "error": "Unknown method ."})
        sentence = f"{request.method} {request.path} is not modelled by the sandbox"
        raise refuse(501, {"success": False, "error": sentence, "code": "ERR_NOT_IMPLEMENTED"})

    def _require_allowed(self, request: Request, feature: str) -> None:
        if feature and feature in self.state.settings.features_off:
            raise refuse(402, {"success": False, "error": "Required suites missing", "errorCode": 402})
        for pattern, status in self.state.settings.refused_paths.items():
            if re.search(pattern, request.path):
                raise refuse(status, {"success": False, "error": "You do not have permissions to do this."})

    def _entry(self, request: Request, fault: faults.Fault | None) -> dict[str, Any]:
        try:
            body = request.json()
        except ValueError:
            body = None
        query = [pair for pair in request.query if pair[0] != "api_token"]
        told = {"method": request.method, "path": request.path, "query": query, "body": body}
        known = {"status": 0, "tokens": 0, "auth": None, "fault": fault.kind if fault else None, "time": self.now()}
        return {**told, **known}
