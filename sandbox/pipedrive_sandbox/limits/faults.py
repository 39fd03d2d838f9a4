"""Faults on demand: which calls fail, how, and how often."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pipedrive_sandbox.messages import CLOUDFLARE_PAGE, Request, Response, html_response, json_response

KINDS = ("status", "delay", "drop", "apply_then_drop", "apply_then_status", "truncate", "html_403")
BEFORE = ("status", "drop", "html_403")


@dataclass
class Fault:
    """One rule. `method` and `path` are regular expressions that must match wholly and anywhere respectively.

    The first `skip` matching calls pass, then every `every`-th fails, `times` times in all (None: for ever).
    `delay` is in seconds; `body` is sent as JSON, or as text when it is a string.
    """

    kind: str
    method: str = ".*"
    path: str = ""
    skip: int = 0
    times: int | None = 1
    every: int = 1
    status: int = 500
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    seen: int = 0
    done: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"fault kind `{self.kind}` is not one of {', '.join(KINDS)}")

    def takes(self, request: Request) -> bool:
        """Whether this call fails; counts it when it matches."""
        if not re.fullmatch(self.method, request.method, re.IGNORECASE) or not re.search(self.path, request.path):
            return False
        if self.times is not None and self.done >= self.times:
            return False
        self.seen += 1
        is_due = self.seen > self.skip and (self.seen - self.skip - 1) % self.every == 0
        self.done += is_due
        return is_due

    def answer(self) -> Response:
        """The answer sent instead of the real one."""
        if self.kind == "html_403":
            return html_response(CLOUDFLARE_PAGE, 403)
        if isinstance(self.body, str):
            return Response(self.status, self.body.encode(), {"content-type": "text/plain", **self.headers})
        body = {"success": False, "error": "Internal Server Error", "code": "ERR_UNKNOWN"}
        return json_response(body if self.body is None else self.body, self.status, self.headers)


class Faults:
    """The rules in force; the first that takes a call decides."""

    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def set(self, rules: Iterable[Mapping[str, Any] | Fault]) -> None:
        """Replace all rules. Raises ValueError for an unknown kind or key."""
        self.rules = [rule if isinstance(rule, Fault) else _read(rule) for rule in rules]

    def find(self, request: Request) -> Fault | None:
        """The rule that this call falls under."""
        return next((rule for rule in self.rules if rule.takes(request)), None)


def _read(rule: Mapping[str, Any]) -> Fault:
    known = {each.name for each in fields(Fault)} - {"seen", "done"}
    unknown = set(rule) - known
    if unknown:
        raise ValueError(f"unknown fault key {sorted(unknown)}; known: {', '.join(sorted(known))}")
    return Fault(**rule)


def before(fault: Fault) -> Response | None:
    """The answer of a fault that strikes before anything was applied."""
    if fault.kind not in BEFORE:
        return None
    return Response(0, connection="drop") if fault.kind == "drop" else fault.answer()


def after(fault: Fault, response: Response) -> Response:
    """The answer of a fault that strikes after the call was applied."""
    if fault.kind == "apply_then_drop":
        return Response(0, connection="drop")
    if fault.kind == "apply_then_status":
        return fault.answer()
    if fault.kind == "truncate":
        response.connection = "truncate"
    response.delay = fault.delay
    return response
