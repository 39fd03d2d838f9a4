"""Change logs, and the feeds that are made of them.

Source: https://developers.pipedrive.com/docs/api/v1 (Deals, Persons, Organizations, Recents)
"""

from pipedrive_sandbox.actions import feeds, lists
from pipedrive_sandbox.model import shapes_old
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import MOMENT, Column, defaults
from pipedrive_sandbox.model.resource import Param, Resource, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

PARENTS = ("deals", "persons", "organizations")
CHANGED_KEYS = ("title", "value", "status", "stage_id", "owner_id")
COLUMNS = (
    *defaults(field_key="", old_value=None, new_value=None, actor_user_id=1, time=MOMENT, change_source="api"),
    *defaults(change_source_user_agent=None, is_bulk_update_flag=False),
    *(Column(v.COLUMN[parent], is_shown=False) for parent in PARENTS),
)


def change(maker: Maker, _number: int) -> Row:
    """An entry of a change log; its time lies in the past."""
    parent = maker.random.choice(PARENTS)
    key = maker.random.choice(CHANGED_KEYS) if parent == "deals" else "name"
    row = made(maker, COLUMNS, **{v.COLUMN[parent]: maker.pick(parent)})
    return {**row, "field_key": key, "old_value": "1", "new_value": "2", "time": maker.times()["update_time"]}


CHANGE = Resource("changes", "Change", "v1", "recents:read", COLUMNS, shapes_old.change, seed=change)
TABLES = (
    *(
        CHANGE.below(parent, get(f"/{parent}/{{id}}/changelog", 20, lists.children, v.PAGE), direction="desc")
        for parent in PARENTS
    ),
    *(
        CHANGE.below(
            parent,
            get(f"/{parent}/{{id}}/flow", 40, feeds.flow, f"{v.OFFSET} all_changes items"),
            params={"all_changes": v.WORD, "items": Param("keys")},
        )
        for parent in PARENTS
    ),
    CHANGE.at(
        get("/recents", 20, feeds.recents, f"since_timestamp items {v.OFFSET}"),
        scopes="recents:read search:read",
        params={
            "since_timestamp": Param("spaced_datetime", required=True),
            "items": Param("choices", tuple(feeds.RECENT)),
        },
    ),
)
