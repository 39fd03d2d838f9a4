"""Users and teams.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.actions import account, lists, single, writes
from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.model import shapes, shapes_account, shapes_v1
from pipedrive_sandbox.model.column import FIXED, MOMENT, Column, Key, plain
from pipedrive_sandbox.model.keys import BOOLEAN, CONTENT, INTEGERS, TEXT, TITLE, USER
from pipedrive_sandbox.model.params import OFFSET, WORD, ZERO_ONE
from pipedrive_sandbox.model.resource import Resource, Route, read_only
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id"),
    Column("name", ""),
    Column("default_currency", "EUR"),
    Column("locale", "en_US"),
    Column("lang", 1),
    Column("email", "", write=CONTENT, update=FIXED),
    Column("phone"),
    Column("activated", True),
    *plain("last_login", "created", "modified", default=MOMENT),
    Column("has_created_company", False),
    Column(
        "access",
        [{"app": "sales", "admin": False, "permission_set_id": "62cc4d7f-4038-4352-abf3-a8c1c822b631"}],
        write=Key("array"),
        update=FIXED,
    ),
    Column("active_flag", True, write=BOOLEAN, update=Key("boolean", required=True)),
    Column("timezone_name", "Europe/Tallinn"),
    Column("timezone_offset", "+02:00"),
    Column("role_id", 1),
    Column("icon_url"),
    Column("is_deleted", False),
)

TEAM_COLUMNS = (
    Column("id"),
    Column("name", "", write=TITLE),
    Column("description", write=TEXT),
    Column("manager_id", 1, write=USER),
    Column("users", [], write=INTEGERS),
    Column("active_flag", 1),
    Column("deleted_flag", 0),
    Column("created_by_user_id", 1),
    Column("add_time", MOMENT),
    Column("update_time", MOMENT, is_shown=False),
)


def team(maker: Maker, number: int) -> Row:
    """A team of two users."""
    return made(maker, TEAM_COLUMNS, name=f"Team {number}", users=list(maker.source.users[:2]))


USERS = Resource(
    "users",
    "User",
    "v1",
    columns=COLUMNS,
    scopes=("users:read",),
    shape=shapes_v1.user,
    deleted="",
    routes=(
        Route("GET", "/users", 20, lists.whole),
        Route("GET", "/users/{id}", 2, single.show),
    ),
)

ME = Resource(
    "me",
    "User",
    "v1",
    columns=COLUMNS,
    scopes=("base",),
    collection="users",
    shape=shapes_v1.user,
    routes=(Route("GET", "/users/me", 2, single.me),),
)

USER_WRITES = Resource(
    "user_writes",
    "User",
    "v1",
    columns=COLUMNS,
    scopes=("r:users:read", "w:admin"),
    collection="users",
    shape=shapes_v1.user,
    deleted="",
    params={"search_by_email": ZERO_ONE},
    routes=(
        Route("GET", "/users/find", 40, account.find_users, ("term", "search_by_email")),
        Route("POST", "/users", 10, account.create_user),
        Route("PUT", "/users/{id}", 10, writes.update),
    ),
)

USER_DETAILS = Resource(
    "user_details",
    "User",
    "v1",
    scopes=("users:read",),
    collection="users",
    shape=shapes_v1.user,
    deleted="",
    routes=(
        Route("GET", "/users/{id}/permissions", 10, account.permissions),
        Route("GET", "/users/{id}/roleSettings", 10, account.role_settings),
    ),
)

LEGACY_TEAMS = Resource(
    "legacyTeams",
    "Team",
    "v1",
    columns=TEAM_COLUMNS,
    scopes=("users:read",),
    shape=shapes.spaced_times,
    params={"order_by": WORD, "skip_users": ZERO_ONE},
    routes=(
        Route("GET", "/legacyTeams", 20, lists.whole, ("order_by", "skip_users")),
        Route("GET", "/legacyTeams/{id}", 2, single.show, ("skip_users",)),
    ),
    feature="legacy_teams",
    seed=team,
)


OF_USER = read_only(
    *("/users/{id}/roleAssignments", 10, reads.role_assignments_of_user, "users:read"),
    query=OFFSET,
    noun="User",
    parent="users",
    collection="role_assignments",
    shape=shapes_account.role_assignment,
)
TEAM: dict[str, Any] = {"collection": "legacyTeams", "noun": "Team", "feature": "legacy_teams"}
TABLES = (
    *(USERS, ME, USER_WRITES, USER_DETAILS, OF_USER, LEGACY_TEAMS),
    read_only("/legacyTeams/{id}/users", 20, reads.team_users, "users:read", **TEAM),
    read_only(
        *("/legacyTeams/user/{id}", 20, reads.teams_of_user, "users:read"),
        query=("order_by", "skip_users"),
        columns=TEAM_COLUMNS,
        shape=shapes.spaced_times,
        params=LEGACY_TEAMS.params,
        **TEAM,
    ),
    read_only("/userConnections", 20, reads.connections, "base"),
    read_only("/userSettings", 2, reads.user_settings, "base"),
    read_only("/billing/subscriptions/addons", 20, reads.addons, "users:read"),
)
