"""What people do to an account while a connector reads it. Each operation is a verb, a stream and two numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from integration_tests.schedules.wire import HOST
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.messages import Request

Row = dict[str, Any]
#: The column by which a change shows.
TITLES = {
    "deals": "title",
    "persons": "name",
    "organizations": "name",
    "activities": "subject",
    "products": "name",
    "leads": "title",
    "notes": "content",
}
#: Made over the API, these have no change time at first.
STAMPED_LATE = ("deals", "persons", "organizations")
DELETED_BY = {name: f"/api/v2/{name}" for name in TITLES} | {"leads": "/v1/leads", "notes": "/v1/notes"}
HEADERS = {"x-api-token": "sandbox", "content-type": "application/json"}


@dataclass(frozen=True)
class Happening:
    """One operation. ``which`` picks a row, ``seconds`` pass before it."""

    verb: str
    stream: str
    which: int
    seconds: int

    def __repr__(self) -> str:
        return f"{self.verb} {self.stream}[{self.which}] after {self.seconds} s"


class People:
    """Changes an account. ``hidden`` holds what was out of sight once, with or without a change time of its own."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.hidden: set[tuple[str, str]] = set()
        self._count = 0
        self._verbs: Mapping[str, Callable[[str, int], None]] = {
            "make": self._make,
            "make unstamped": self._make_unstamped,
            "touch": self._touch,
            "delete": self._delete,
            "purge": self._purge,
            "hide": self._hide,
            "show": self._show,
            "archive": self._archive,
            "add product": self._add_product,
            "merge": self._merge,
        }

    def do(self, happening: Happening) -> None:
        """Carry out one operation; one that finds no row does nothing."""
        self.sandbox.advance(happening.seconds)
        self._verbs[happening.verb](happening.stream, happening.which)

    def live(self, stream: str, hidden: bool = False) -> list[Row]:
        """Rows that the lists of the API show, or those out of sight."""
        rows = (row for row in self.sandbox.rows(stream) if not row.get("is_deleted") and row.get("active_flag", True))
        return [row for row in rows if bool(row.get("invisible")) == hidden]

    def _make(self, stream: str, _which: int, **values: Any) -> None:
        now = self.sandbox.now()
        row = {TITLES[stream]: self._text(), "add_time": now, "update_time": now, **values}
        if stream == "leads":
            row["id"] = f"00000000-0000-4000-8000-{self._count:012}"
        self.sandbox.put_rows(stream, [row])

    def _make_unstamped(self, stream: str, which: int) -> None:
        self._make(stream, which, **({"update_time": None} if stream in STAMPED_LATE else {}))

    def _touch(self, stream: str, which: int) -> None:
        for row in self._pick(stream, which):
            self._put(stream, row, **{TITLES[stream]: self._text(), "update_time": self.sandbox.now()})

    def _delete(self, stream: str, which: int) -> None:
        for row in self._pick(stream, which):
            self._call("DELETE", f"{DELETED_BY[stream]}/{row['id']}")

    def _purge(self, stream: str, which: int) -> None:
        for row in self._pick(stream, which):
            self.sandbox.purge(stream, row["id"])

    def _merge(self, stream: str, which: int) -> None:
        rows = self.live(stream)
        if len(rows) > 1:
            self._purge(stream, which)
            self._touch(stream, which + 1)

    def _hide(self, stream: str, which: int) -> None:
        for row in self._pick(stream, which):
            self.hidden.add((stream, str(row["id"])))
            self._put(stream, row, invisible=True)

    def _show(self, stream: str, which: int) -> None:
        rows = self.live(stream, hidden=True)
        for row in rows[which % len(rows) :][:1] if rows else ():
            self._put(stream, row, invisible=False)

    def _archive(self, stream: str, which: int) -> None:
        if stream in ("deals", "leads"):
            for row in self._pick(stream, which):
                path = f"/api/v2/deals/{row['id']}" if stream == "deals" else f"/v1/leads/{row['id']}"
                self._call("PATCH", path, {"is_archived": not row["is_archived"]})

    def _add_product(self, _stream: str, which: int) -> None:
        products = self.live("products")
        for deal in self._pick("deals", which) if products else ():
            body = {"product_id": products[which % len(products)]["id"], "item_price": 5 + which, "quantity": 1}
            self._call("POST", f"/api/v2/deals/{deal['id']}/products", body)

    def _pick(self, stream: str, which: int) -> list[Row]:
        rows = self.live(stream)
        return rows[which % len(rows) :][:1] if rows else []

    def _put(self, stream: str, row: Row, **values: Any) -> None:
        self.sandbox.put_rows(stream, [{"id": row["id"], **values}])

    def _call(self, method: str, path: str, body: Any = None) -> None:
        sent = b"" if body is None else orjson.dumps(body)
        answer = self.sandbox.handle(Request(method, path, (), HEADERS, sent, HOST))
        # An archived deal refuses some changes; anything else would be a mistake of the schedule.
        assert answer.status < 300 or row_refused(answer.status), (method, path, answer.body)

    def _text(self) -> str:
        self._count += 1
        return f"version {self._count}"


def row_refused(status: int) -> bool:
    """Whether the API may refuse the change for the condition that the row is in."""
    return status in (400, 403, 404, 409, 410)
