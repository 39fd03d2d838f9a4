"""Followers of records, and who may see a record."""

from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions import children, lists
from pipedrive_sandbox.model import shapes_old
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, defaults
from pipedrive_sandbox.model.resource import Resource, Route, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

LINKS = tuple(Column(name, is_shown=False) for name in v.COLUMN.values())
COLUMNS = (Column("user_id", 1, write=v.USER), *TIMES[:1], *LINKS, Column("update_time", MOMENT, is_shown=False))
CHANGE_COLUMNS = (*defaults(action="added", actor_user_id=1, follower_user_id=1, time=MOMENT),)


def follower(maker: Maker, _number: int) -> Row:
    """A user who follows a deal, person, organization or product."""
    parent = maker.random.choice(list(v.COLUMN))
    column, row_id, user = maker.once(lambda: (v.COLUMN[parent], maker.pick(parent), maker.owner()))
    return made(maker, COLUMNS, user_id=user, **{column: row_id})


FOLLOWER = Resource("followers", "Follower", "v2", "", COLUMNS, seed=follower)
OLD_FOLLOWER = Resource("followers", "Follower", "v1", "", shape=shapes_old.follower)
CHANGE = Resource("follower_changes", "Change", "v2", "", CHANGE_COLUMNS, direction="desc")
USER = Resource("users", "User", "v2", "users:read", parent="users")


def _followers(parent: str, scope: str) -> tuple[Resource, ...]:
    path = f"/{parent}/{{id}}/followers"
    old = get(path, 20, reads.followers, v.OFFSET if parent == "products" else "")
    return (
        FOLLOWER.below(
            parent,
            get(path, 10, lists.children, v.PAGE),
            Route("POST", path, 5, children.add_follower, status=201),
            Route("DELETE", path + "/{follower_id}", 3, children.delete_follower),
            scopes=scope,
        ),
        CHANGE.below(parent, get(f"{path}/changelog", 10, lists.children, v.PAGE), scopes=scope),
        OLD_FOLLOWER.below(parent, old, scopes=scope),
    )


def _permitted(parent: str, scope: str) -> Resource:
    route = get(f"/{parent}/{{id}}/permittedUsers", 10, reads.permitted_users)
    return Resource("users", "User", "v1", scope, parent=parent).at(route)


TABLES = (
    *(each for parent, scope in v.SCOPE.items() for each in _followers(parent, scope)),
    *(_permitted(parent, scope) for parent, scope in {**v.SCOPE, "leads": "leads"}.items()),
    Resource("users", "User", "v2", "projects", parent="projects", feature="projects").at(
        get("/projects/{id}/permittedUsers", 5, reads.permitted_users)
    ),
    USER.at(get("/users/{id}/followers", 20, reads.followers_of_user), version="v1"),
    USER.at(get("/users/{id}/followers", 10, reads.follower_page_of_user, v.PAGE)),
)
