"""The sandbox itself: one synchronous function from request to response, and the same operations for tests."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from email.utils import formatdate
from typing import Any

from pipedrive_sandbox import admin
from pipedrive_sandbox.blanks import BLANKS
from pipedrive_sandbox.call import Call
from pipedrive_sandbox.messages import Refusal, Request, Response, refuse
from pipedrive_sandbox.resources import Match, find_route, methods_at
from pipedrive_sandbox.rules import faults
from pipedrive_sandbox.rules.auth import Caller, ask_for_consent, authenticate, issue_token
from pipedrive_sandbox.rules.budget import charge, daily_limit, rate_headers
from pipedrive_sandbox.rules.query import parse_query
from pipedrive_sandbox.rules.scopes import require_scope
from pipedrive_sandbox.seed import seed_account, seed_rows
from pipedrive_sandbox.settings import Settings
from pipedrive_sandbox.state import State
from pipedrive_sandbox.store import Row, RowId

SHARED_HOST = "https://api.pipedrive.com"
NOT_ON_SHARED_HOST = re.compile(r"/api/v1/(leads|leadLabels|leadSources|goals/find|mailbox)\b")


class Sandbox:
    """A Pipedrive account in memory. Without `seed`, `scale` and counts it holds only what a new account has.

    `settings` are switches of `Settings` by name. Every method may be called from any thread.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        scale: float | None = None,
        settings: Mapping[str, Any] | None = None,
        **counts: int,
    ) -> None:
        self._lock = threading.RLock()
        self._first_settings = Settings().changed(settings or {})
        self.reset(seed=seed, scale=scale, **counts)

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        with self._lock:
            if request.path.startswith(admin.ROOT):
                return admin.handle(self, request)
            return self._handle_logged(request)

    def reset(self, *, seed: int | None = None, scale: float | None = None, **counts: int) -> None:
        """Forget everything, settings, clock, faults and meter included; then seed when anything is given."""
        with self._lock:
            self.state = State(self._first_settings)
            seed_account(self.state)
            if seed is not None or scale is not None or counts:
                seed_rows(self.state, 1 if seed is None else seed, 1 if scale is None else scale, counts)

    def seed(self, *, seed: int = 1, scale: float = 1, **counts: int) -> None:
        """Add example rows: `scale` 1 is about 100 deals; exact counts such as `deals=10_000` win over it."""
        with self._lock:
            seed_rows(self.state, seed, scale, counts)

    @property
    def settings(self) -> Settings:
        """The switches in force."""
        return self.state.settings

    def change_settings(self, **changes: Any) -> Settings:
        """Change some switches. Raises ValueError for unknown ones."""
        with self._lock:
            self.state.settings = self.state.settings.changed(changes)
            return self.state.settings

    def now(self) -> str:
        """The sandbox's time, `YYYY-MM-DDTHH:MM:SSZ`."""
        return self.state.clock.text()

    def advance(self, seconds: float) -> str:
        """Move the clock; returns the new time."""
        self.state.clock.advance(seconds)
        return self.now()

    def set_clock(self, moment: str, freeze: bool = False) -> str:
        """Set the clock to an RFC 3339 moment, standing still with `freeze`; returns the new time."""
        self.state.clock.set(moment, freeze)
        return self.now()

    def log_in(self, user_id: int) -> None:
        """A user signs in to Pipedrive: `last_login` moves, and `modified` with it."""
        with self._lock:
            now = self.now()
            self._put_row("users", {"id": user_id, "last_login": now, "modified": now})

    def set_faults(self, *rules: Mapping[str, Any] | faults.Fault) -> None:
        """Replace the fault rules; none clears them."""
        with self._lock:
            self.state.faults.set(rules)

    def requests(self) -> list[dict[str, Any]]:
        """Log of API calls: method, path, query, body, status, tokens, auth, fault, time."""
        with self._lock:
            return list(self.state.log)

    def clear_requests(self) -> None:
        """Forget the log and what was spent, today's tokens included."""
        with self._lock:
            self.state.log.clear()
            self.state.budget.clear()

    def meter(self) -> dict[str, int]:
        """Tokens and requests spent since the start, and today's tokens against the daily limit."""
        budget, limit = self.state.budget, daily_limit(self.state.settings)
        spent = {"tokens": budget.tokens, "requests": budget.requests, "today": budget.today}
        return {**spent, "daily_limit": limit, "remaining": max(limit - budget.today, 0)}

    def rows(self, resource: str) -> list[Row]:
        """Copies of all stored rows of a collection in order of id, deleted, archived and hidden ones included."""
        with self._lock:
            collection = self.state.store[resource]
            return [dict(collection.rows[key[2]]) for key in collection.view("id")]

    def put_rows(self, resource: str, rows: Iterable[Row]) -> list[Row]:
        """Store rows as given: known ids are changed, others added over a blank row; `invisible` hides one."""
        with self._lock:
            return [self._put_row(resource, row) for row in rows]

    def purge(self, resource: str, row_id: RowId) -> bool:
        """Remove a row without a trace; False when there is none."""
        with self._lock:
            return self.state.store[resource].remove(row_id)

    def _put_row(self, resource: str, row: Row) -> Row:
        collection = self.state.store[resource]
        row_id = row["id"] if "id" in row else collection.next_id()
        before = collection.rows.get(row_id, BLANKS.get(resource, {}))
        return self.state.put(resource, {**before, **row, "id": row_id})

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
        if request.path.rstrip("/") == "/oauth/token":
            return issue_token(self.state, request)
        if request.path == "/oauth/authorize":
            return ask_for_consent(request)
        caller = authenticate(self.state, request)
        entry["auth"] = caller.kind
        try:
            response = self._perform(request, caller, entry)
        except Refusal as refusal:
            response = refusal.response
        response.headers.update(rate_headers(self.state, caller))
        return response

    def _perform(self, request: Request, caller: Caller, entry: dict[str, Any]) -> Response:
        resource, route, path = self._route(request)
        charge(self.state, caller, route.cost, route.path.endswith("/search") or "itemSearch" in route.path)
        entry["tokens"] = route.cost
        if caller.kind == "oauth":
            require_scope(resource, route, self.state.settings.oauth_scopes)
        self._require_allowed(request, route.feature)
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
        return {
            "method": request.method,
            "path": request.path,
            "query": query,
            "body": body,
            "status": 0,
            "tokens": 0,
            "auth": None,
            "fault": fault.kind if fault else None,
            "time": self.now(),
        }
