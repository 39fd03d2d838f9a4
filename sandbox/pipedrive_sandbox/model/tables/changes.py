"""Change logs, and the feeds that are made of them.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Persons, Organizations, Recents)
"""

from __future__ import annotations

from pipedrive_sandbox.actions import feeds, lists
from pipedrive_sandbox.model import shapes_account
from pipedrive_sandbox.model.column import MOMENT, Column, plain
from pipedrive_sandbox.model.params import COLUMN, OFFSET, WORD
from pipedrive_sandbox.model.resource import Param, Resource, read_only
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

PARENTS = ("deals", "persons", "organizations")
CHANGED_KEYS = ("title", "value", "status", "stage_id", "owner_id")
COLUMNS = (
    Column("field_key", ""),
    *plain("old_value", "new_value"),
    Column("actor_user_id", 1),
    Column("time", MOMENT),
    Column("change_source", "api"),
    Column("change_source_user_agent"),
    Column("is_bulk_update_flag", False),
    *(Column(COLUMN[parent], is_shown=False) for parent in PARENTS),
)


def change(maker: Maker, _number: int) -> Row:
    """An entry of a change log; its time lies in the past."""
    parent = maker.random.choice(PARENTS)
    key = maker.random.choice(CHANGED_KEYS) if parent == "deals" else "name"
    row = made(maker, COLUMNS, **{COLUMN[parent]: maker.pick(parent)})
    return {**row, "field_key": key, "old_value": "1", "new_value": "2", "time": maker.times()["update_time"]}


def _changelog(parent: str) -> Resource:
    return read_only(
        f"/{parent}/{{id}}/changelog",
        20,
        lists.children,
        "recents:read",
        query=("cursor", "limit"),
        noun="Change",
        columns=COLUMNS,
        collection="changes",
        shape=shapes_account.change,
        parent=parent,
        parent_column=COLUMN[parent],
        direction="desc",
        seed=change,
    )


def _flow(parent: str) -> Resource:
    return read_only(
        f"/{parent}/{{id}}/flow",
        40,
        feeds.flow,
        "recents:read",
        query=(*OFFSET, "all_changes", "items"),
        params={"all_changes": WORD, "items": Param("keys")},
        parent=parent,
        parent_column=COLUMN[parent],
    )


TABLES = (
    *(_changelog(parent) for parent in PARENTS),
    *(_flow(parent) for parent in PARENTS),
    read_only(
        *("/recents", 20, feeds.recents, "recents:read", "search:read"),
        query=("since_timestamp", "items", *OFFSET),
        params={
            "since_timestamp": Param("spaced_datetime", required=True),
            "items": Param("choices", tuple(feeds.RECENT)),
        },
    ),
)
