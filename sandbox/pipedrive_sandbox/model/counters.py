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
_STATUSES = {"open": ("open",), "closed": ("won", "lost"), "won": ("won",), "lost": ("lost",)}

COUNTERS = {
    "products_count": Counter("deal_products", {"deals": "deal_id"}),
    "files_count": Counter("files", _ACTIVITY),
    "notes_count": Counter("notes", _ACTIVITY),
    "followers_count": Counter("followers", _ACTIVITY),
    "participants_count": Counter("deal_participants", {"deals": "deal_id"}),
    "email_messages_count": Counter("mail_messages", _ACTIVITY),
    "activities_count": Counter("activities", _ACTIVITY),
    "done_activities_count": Counter("activities", _ACTIVITY, ("done", (True,))),
    "undone_activities_count": Counter("activities", _ACTIVITY, ("done", (False,))),
    "people_count": Counter("persons", {"organizations": "org_id"}),
    **{
        f"{prefix}{name}_deals_count": Counter("deals", _DEAL, ("status", statuses))
        for name, statuses in _STATUSES.items()
        for prefix in ("", "related_")
    },
    "participant_open_deals_count": Counter("deal_participants", {"persons": "person_id"}),
    "participant_closed_deals_count": Counter(
        "deal_participants", {"persons": "person_id"}, ("status", ("won", "lost"))
    ),
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
        dates = [(each["due_date"] or "", each["id"]) for each in rows if bool(each["done"]) != is_next]
        return (min if is_next else max)(dates, default=(0, None))[1]

    return read
