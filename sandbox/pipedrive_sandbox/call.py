"""One authenticated, routed request on its way to an action."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipedrive_sandbox.messages import Request
from pipedrive_sandbox.state import State
from pipedrive_sandbox.store import Collection, Row
from pipedrive_sandbox.table import Resource, Route


@dataclass
class Call:
    """`path` holds the path parameters as sent, `query` the parsed query parameters, `user_id` the token's owner."""

    state: State
    request: Request
    resource: Resource
    route: Route
    path: dict[str, str]
    user_id: int = 1
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None

    @property
    def rows(self) -> Collection:
        """The collection this resource lives in."""
        return self.state.store[self.resource.rows]

    def now(self) -> str:
        """Current time as stored in rows."""
        return self.state.clock.text()

    def save(self, row: Row) -> Row:
        """Store a row of this resource."""
        return self.state.put(self.resource.rows, row)

    def definitions(self) -> list[Row]:
        """Live field definitions of this resource, in their order."""
        return definitions(self.state, self.resource.fields)

    def custom_keys(self) -> dict[str, Row]:
        """Live custom field definitions by key."""
        return custom_keys(self.state, self.resource.fields)


def definitions(state: State, fields: str) -> list[Row]:
    """Live field definitions of a fields collection such as `dealFields`."""
    if not fields:
        return []
    collection = state.store[fields]
    if "live" not in collection.cache:
        rows = (collection.rows[key[2]] for key in collection.view("numeric_id"))
        collection.cache["live"] = [row for row in rows if row["active_flag"]]
    live: list[Row] = collection.cache["live"]
    return live


def custom_keys(state: State, fields: str) -> dict[str, Row]:
    """Live custom field definitions of a fields collection by key."""
    if not fields:
        return {}
    collection = state.store[fields]
    if "custom" not in collection.cache:
        live = definitions(state, fields)
        collection.cache["custom"] = {row["field_code"]: row for row in live if row["is_custom_field"]}
    custom: dict[str, Row] = collection.cache["custom"]
    return custom
