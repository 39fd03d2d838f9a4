"""Everything that a sandbox remembers between two calls, and the field definitions in it."""

import hashlib
from collections import deque
from collections.abc import Sequence
from typing import Any

from pipedrive_sandbox.limits.auth import AccessTokens
from pipedrive_sandbox.limits.budget import Budget
from pipedrive_sandbox.limits.faults import Faults
from pipedrive_sandbox.limits.settings import Settings
from pipedrive_sandbox.store.clock import Clock
from pipedrive_sandbox.store.collection import Row, Store

LOG_LENGTH = 200_000


class State:
    """Rows, settings, clock, spent tokens, OAuth tokens, faults and the request log."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store()
        self.clock = Clock()
        self.budget = Budget()
        self.access_tokens = AccessTokens()
        self.faults = Faults()
        self.search_texts: dict[str, dict[Any, Any]] = {}
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def put(self, collection: str, row: Row) -> Row:
        """Store a row and remember when, for a search index that lags."""
        return self.store[collection].put(row, self.clock.now())


FIRST_NUMBER = {
    "dealFields": 12_400,
    "personFields": 9_000,
    "organizationFields": 4_000,
    "productFields": 2_000,
    "activityFields": 1_000,
    "projectFields": 700,
    "leadFields": 400,
    "noteFields": 100,
}
#: A field definition as it is kept, by default.
FIELD: Row = {
    "description": None,
    "options": None,
    "options_deleted": [],
    "subfields": None,
    "is_custom_field": True,
    "is_optional_response_field": False,
    "active_flag": True,
    "ui_visibility": {"add_visible_flag": True, "details_visible_flag": True},
    "important_fields": {"enabled": False, "stage_ids": []},
    "required_fields": {"enabled": False},
    "add_time": "2024-01-01T00:00:00Z",
    "update_time": "2024-01-01T00:00:00Z",
}
SUBFIELDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "monetary": (("currency", "Currency", "varchar"),),
    "daterange": (("until", "End date", "date"),),
    "time": (("timezone_id", "Timezone ID", "int"),),
    "timerange": (("until", "End time", "time"), ("timezone_id", "Timezone ID", "int")),
    "address": (
        ("locality", "City", "varchar"),
        ("country", "Country", "varchar"),
        ("postal_code", "ZIP code", "varchar"),
    ),
}


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


def custom_key(text: str) -> str:
    """A key of 40 hexadecimal digits."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def new_options(state: State, labels: Sequence[str], colors: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Options with ids that no other field of the account uses."""
    made, times = [], {name: FIELD[name] for name in ("add_time", "update_time")}
    for position, label in enumerate(labels):
        option: dict[str, Any] = {"id": state.store["optionIds"].next_id(), "label": label}
        if colors and colors[position]:
            option["color"] = colors[position]
        made.append({**option, **times})
    return made


def add_field(
    state: State,
    collection: str,
    code: str,
    name: str,
    field_type: str,
    options: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Row:
    """Store a field definition; its row id is the field code."""
    subfields = [
        {"field_code": part, "field_name": f"{label} of {name}", "field_type": kind}
        for part, label, kind in SUBFIELDS.get(field_type, ())
    ]
    row = {
        **FIELD,
        "id": code,
        "numeric_id": FIRST_NUMBER[collection] + len(state.store[collection].rows),
        "field_name": name,
        "field_code": code,
        "field_type": field_type,
        "options": options,
        "subfields": subfields or None,
        **more,
    }
    return state.put(collection, row)
