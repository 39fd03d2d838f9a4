"""Followers of records, and who may see a record.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions import children, lists
from pipedrive_sandbox.model import shapes_old
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, plain
from pipedrive_sandbox.model.keys import USER
from pipedrive_sandbox.model.params import COLUMN, OFFSET, PAGE, SCOPE
from pipedrive_sandbox.model.resource import Resource, Route, read_only
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

LINKS = tuple(Column(name, is_shown=False) for name in COLUMN.values())
COLUMNS = (Column("user_id", 1, write=USER), *TIMES[:1], *LINKS, Column("update_time", MOMENT, is_shown=False))
CHANGE_COLUMNS = (
    Column("action", "added"),
    *plain("actor_user_id", "follower_user_id", default=1),
    Column("time", MOMENT),
)


def follower(maker: Maker, _number: int) -> Row:
    """A user who follows a deal, person, organization or product."""
    parent = maker.random.choice(list(COLUMN))
    column, row_id, user = maker.once(lambda: (COLUMN[parent], maker.pick(parent), maker.owner()))
    return made(maker, COLUMNS, user_id=user, **{column: row_id})


def _followers(parent: str) -> Resource:
    path = f"/{parent}/{{id}}/followers"
    return Resource(
        f"{parent}_followers",
        "Follower",
        "v2",
        columns=COLUMNS,
        scopes=(SCOPE[parent],),
        collection="followers",
        parent=parent,
        parent_column=COLUMN[parent],
        routes=(
            Route("GET", path, 10, lists.children, PAGE),
            Route("POST", path, 5, children.add_follower, status=201),
            Route("DELETE", path + "/{follower_id}", 3, children.delete_follower),
        ),
        seed=follower,
    )


def _changes(parent: str) -> Resource:
    return read_only(
        f"/{parent}/{{id}}/followers/changelog",
        10,
        lists.children,
        SCOPE[parent],
        query=PAGE,
        version="v2",
        columns=CHANGE_COLUMNS,
        collection="follower_changes",
        parent=parent,
        parent_column=COLUMN[parent],
        direction="desc",
    )


def _old_followers(parent: str) -> Resource:
    return read_only(
        f"/{parent}/{{id}}/followers",
        20,
        reads.followers,
        SCOPE[parent],
        query=OFFSET if parent == "products" else (),
        collection="followers",
        shape=shapes_old.follower,
        parent=parent,
        parent_column=COLUMN[parent],
    )


def _permitted(parent: str, scope: str) -> Resource:
    path = f"/{parent}/{{id}}/permittedUsers"
    return read_only(path, 10, reads.permitted_users, scope, parent=parent)


TABLES = (
    *(_followers(parent) for parent in COLUMN),
    *(_changes(parent) for parent in COLUMN),
    *(_old_followers(parent) for parent in COLUMN),
    *(_permitted(parent, scope) for parent, scope in {**SCOPE, "leads": "leads"}.items()),
    read_only(
        *("/projects/{id}/permittedUsers", 5, reads.permitted_users, "projects"),
        version="v2",
        parent="projects",
        feature="projects",
    ),
    read_only("/users/{id}/followers", 20, reads.followers_of_user, "users:read", noun="User", parent="users"),
    read_only(
        *("/users/{id}/followers", 10, reads.follower_page_of_user, "users:read"),
        query=PAGE,
        version="v2",
        noun="User",
        parent="users",
    ),
)
