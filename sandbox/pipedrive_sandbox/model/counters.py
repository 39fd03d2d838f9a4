"""Values of `include_fields`: counted from the rows below a record, or stored with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pipedrive_sandbox.messages import invalid
from pipedrive_sandbox.model.resource import Call
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State


@dataclass(frozen=True)
class Counter:
    """Counts live rows of a collection whose column holds the record's id and whose other column has a value."""

    collection: str
    columns: dict[str, str]
    where: tuple[str, tuple[Any, ...]] | None = None


_ACTIVITY = {"deals": "deal_id", "persons": "person_id", "organizations": "org_id"}
_DEAL = {"persons": "person_id", "organizations": "org_id"}
_OPEN, _CLOSED, _WON, _LOST = (("open",), ("won", "lost"), ("won",), ("lost",))

COUNTERS = {
    "products_count": Counter("deal_products", {"deals": "deal_id"}),
    "files_count": Counter("files", _ACTIVITY),
    "notes_count": Counter("notes", _ACTIVITY),
    "followers_count": Counter("followers", {"deals": "deal_id", "persons": "person_id", "organizations": "org_id"}),
    "participants_count": Counter("deal_participants", {"deals": "deal_id"}),
    "email_messages_count": Counter("mail_messages", _ACTIVITY),
    "activities_count": Counter("activities", _ACTIVITY),
    "done_activities_count": Counter("activities", _ACTIVITY, ("done", (True,))),
    "undone_activities_count": Counter("activities", _ACTIVITY, ("done", (False,))),
    "people_count": Counter("persons", {"organizations": "org_id"}),
    "open_deals_count": Counter("deals", _DEAL, ("status", _OPEN)),
    "closed_deals_count": Counter("deals", _DEAL, ("status", _CLOSED)),
    "won_deals_count": Counter("deals", _DEAL, ("status", _WON)),
    "lost_deals_count": Counter("deals", _DEAL, ("status", _LOST)),
    "related_open_deals_count": Counter("deals", _DEAL, ("status", _OPEN)),
    "related_closed_deals_count": Counter("deals", _DEAL, ("status", _CLOSED)),
    "related_won_deals_count": Counter("deals", _DEAL, ("status", _WON)),
    "related_lost_deals_count": Counter("deals", _DEAL, ("status", _LOST)),
    "participant_open_deals_count": Counter("deal_participants", {"persons": "person_id"}),
    "participant_closed_deals_count": Counter("deal_participants", {"persons": "person_id"}, ("status", _CLOSED)),
}


def included(call: Call) -> dict[str, Callable[[Row], Any]]:
    """Named functions for the `include_fields` of a call. Raises 400 for those that the plan refuses."""
    names = call.query.get("include_fields", [])
    refused = [name for name in names if name in call.state.settings.refused_include_fields]
    if refused:
        problems = [f"include_fields: The field '{name}' is not available on the current plan" for name in refused]
        raise invalid(call.resource.version, problems)
    return {name: _reader(call, name) for name in names}


def counted(state: State, kind: str, name: str, row_id: Any) -> int:
    """One of the counters of a record."""
    counter = COUNTERS[name]
    return _count(state, counter, counter.columns[kind], row_id)


def _reader(call: Call, name: str) -> Callable[[Row], Any]:
    state, kind = call.state, call.resource.name
    if name in ("next_activity_id", "last_activity_id"):
        return _activity_reader(state, _ACTIVITY[kind], name == "next_activity_id")
    counter = COUNTERS.get(name)
    column = counter.columns.get(kind) if counter else None
    if counter is None or column is None:
        return lambda row: row.get(name)
    return lambda row: _count(state, counter, column, row["id"])


def _count(state: State, counter: Counter, column: str, row_id: Any) -> int:
    rows = state.store[counter.collection].having(column, row_id)
    live = (row for row in rows if not row.get("is_deleted") and row.get("active_flag") is not False)
    if counter.where is None:
        return sum(1 for _ in live)
    where, values = counter.where
    return sum(1 for row in live if row.get(where) in values)


def _activity_reader(state: State, column: str, is_next: bool) -> Callable[[Row], Any]:
    def read(row: Row) -> Any:
        rows = [each for each in state.store["activities"].having(column, row["id"]) if not each.get("is_deleted")]
        if is_next:
            return min(((each["due_date"] or "", each["id"]) for each in rows if not each["done"]), default=(0, None))[
                1
            ]
        return max(((each["due_date"] or "", each["id"]) for each in rows if each["done"]), default=(0, None))[1]

    return read
