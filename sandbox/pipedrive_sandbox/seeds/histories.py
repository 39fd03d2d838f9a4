"""Change logs that lead to what their records are now.

A change log is a story: each old value is the new value before it, the last new value is the record's own, and a deal
moves from stage to stage until it is won or lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from pipedrive_sandbox.model.vocabulary import COLUMN
from pipedrive_sandbox.store.clock import to_epoch, to_text
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import State

#: What a record of each kind is called, and what a surplus change is one of.
NAMES = {"deals": "title", "persons": "name", "organizations": "name"}
CLOSED = ("won", "lost")


@dataclass(frozen=True)
class Account:
    """What earlier values are taken from."""

    random: Random
    users: Sequence[int]
    #: Stages by pipeline, in their order.
    stages: dict[int, list[int]]


def tell(state: State, changes: Iterable[Row], random: Random) -> None:
    """Replace freshly made changes by stories, and set what a deal says of its last change of stage."""
    account = _account(state, random)
    for (kind, parent), entries in _by_parent(changes).items():
        row = state.store[kind].rows[parent]
        told = story(row, NAMES[kind], sorted(entries, key=lambda entry: int(entry["id"])), account)
        state.store["changes"].load(told)
        moves = [entry["time"] for entry in told if entry["field_key"] == "stage_id"]
        if moves:
            state.store[kind].load([{**row, "stage_change_time": moves[-1]}])


def story(row: Row, name: str, entries: Sequence[Row], account: Account) -> list[Row]:
    """The entries, oldest first, with times and values that end in what the row is."""
    kept = _with_whole_closings(row, name, entries)
    timed = [{**entry, "time": moment} for entry, moment in zip(kept, _times(row, kept, account.random), strict=True)]
    told: list[Row] = []
    after = dict(row)
    for entry in reversed(timed):
        key = entry["field_key"]
        new, old = after[key], _before(after, key, len(told), account)
        told.append({**entry, "old_value": _text(old), "new_value": _text(new)})
        after[key] = old
    return told[::-1]


def _before(row: Row, key: str, number: int, account: Account) -> object:
    """What a column may have been before it was what it is."""
    value = row[key]
    if key == "stage_id":
        path = account.stages.get(row["pipeline_id"], [value])
        place = path.index(value) if value in path else 0
        return path[place - 1] if place else path[-1]
    if key == "status":
        return "open" if value in CLOSED else "lost"
    if key == "owner_id":
        return account.random.choice([user for user in account.users if user != value] or [value])
    return round(value * 0.8 + 100, 2) if key == "value" else f"{str(value).partition(' (')[0]} ({number})"


def _with_whole_closings(row: Row, name: str, entries: Sequence[Row]) -> list[Row]:
    """Every deal began open: an open one was closed and reopened or never closed. What is left over is a new name."""
    of_status = [entry for entry in entries if entry["field_key"] == "status"]
    surplus = of_status[0]["id"] if of_status and len(of_status) % 2 != (row["status"] in CLOSED) else None
    kept = [{**entry, "field_key": name} if entry["id"] == surplus else entry for entry in entries]
    if row.get("status") in CLOSED:  # What closed it came last.
        last = max((number for number, entry in enumerate(kept) if entry["field_key"] == "status"), default=None)
        if last is not None:
            kept[last], kept[-1] = (
                {**kept[last], "field_key": kept[-1]["field_key"]},
                {**kept[-1], "field_key": "status"},
            )
    return kept


def _times(row: Row, entries: Sequence[Row], random: Random) -> list[str]:
    """A time for each entry, in order, between the record's first and last moment; a closing has that of the record."""
    first, last = to_epoch(row["add_time"]), to_epoch(row["update_time"] or row["add_time"])
    times = sorted(random.uniform(first, last) for _ in entries)
    texts = [to_text(moment) for moment in times]
    if entries and entries[-1]["field_key"] == "status" and row.get("close_time"):
        texts[-1] = row["close_time"]
    return texts


def _account(state: State, random: Random) -> Account:
    stages: dict[int, list[int]] = defaultdict(list)
    for stage in sorted(state.store["stages"].rows.values(), key=lambda row: (row["order_nr"], row["id"])):
        stages[stage["pipeline_id"]].append(stage["id"])
    return Account(random, sorted(state.store["users"].rows), dict(stages))


def _by_parent(changes: Iterable[Row]) -> dict[tuple[str, int], list[Row]]:
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for change in changes:
        kind = next(name for name in NAMES if change[COLUMN[name]] is not None)
        found[kind, change[COLUMN[kind]]].append(change)
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)
