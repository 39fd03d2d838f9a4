"""Users and teams."""

from pipedrive_sandbox.actions import account, lists, single, writes
from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.model import shapes, shapes_old, shapes_v1
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import FIXED, MOMENT, Column, Key, defaults
from pipedrive_sandbox.model.resource import Resource, Route, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    *defaults(id=None, name="", default_currency="EUR", locale="en_US", lang=1),
    Column("email", "", write=v.CONTENT, update=FIXED),
    *defaults(phone=None, activated=True, last_login=MOMENT, created=MOMENT, modified=MOMENT),
    Column("has_created_company", False),
    Column(
        "access",
        [{"app": "sales", "admin": False, "permission_set_id": "62cc4d7f-4038-4352-abf3-a8c1c822b631"}],
        write=Key("array"),
        update=FIXED,
    ),
    Column("active_flag", True, write=v.BOOLEAN, update=Key("boolean", required=True)),
    *defaults(timezone_name="Europe/Tallinn", timezone_offset="+02:00", role_id=1, icon_url=None, is_deleted=False),
)

TEAM_COLUMNS = (
    Column("id"),
    Column("name", "", write=v.TITLE),
    Column("description", write=v.TEXT),
    Column("manager_id", 1, write=v.USER),
    Column("users", [], write=v.INTEGERS),
    *defaults(active_flag=1, deleted_flag=0, created_by_user_id=1, add_time=MOMENT),
    Column("update_time", MOMENT, is_shown=False),
)


def team(maker: Maker, number: int) -> Row:
    """A team of two users."""
    return made(maker, TEAM_COLUMNS, name=f"Team {number}", users=list(maker.source.users[:2]))


USER = Resource("users", "User", "v1", "users:read", COLUMNS, shapes_v1.user, deleted="")
ROLE_ASSIGNMENT = Resource(
    "role_assignments", "User", "v1", "users:read", shape=shapes_old.role_assignment, parent="users"
)
TEAM = Resource("legacyTeams", "Team", "v1", "users:read", TEAM_COLUMNS, shapes.spaced_times, seed=team).at(
    params={"order_by": v.WORD, "skip_users": v.ZERO_ONE}, feature="legacy_teams"
)
ADDONS = [{"code": "leadbooster_v2"}]
ACCOUNT = Resource("account", "Record", "v1", "base")
TABLES = (
    USER.at(
        get("/users", 20, lists.whole),
        get("/users/{id}", 2, single.show),
        get("/users/{id}/permissions", 10, account.permissions),
        get("/users/{id}/roleSettings", 10, reads.role_settings),
    ),
    USER.at(get("/users/me", 2, single.me), scopes="base"),
    USER.at(
        get("/users/find", 40, account.find_users, "term search_by_email"),
        Route("POST", "/users", 10, account.create_user),
        Route("PUT", "/users/{id}", 10, writes.update),
        scopes="r:users:read w:admin",
        params={"search_by_email": v.ZERO_ONE},
    ),
    ROLE_ASSIGNMENT.at(get("/users/{id}/roleAssignments", 10, reads.role_assignments_of_user, v.OFFSET)),
    TEAM.at(
        get("/legacyTeams", 20, lists.whole, "order_by skip_users"),
        get("/legacyTeams/{id}", 2, single.show, "skip_users"),
        get("/legacyTeams/{id}/users", 20, reads.team_users),
        get("/legacyTeams/user/{id}", 20, reads.teams_of_user, "order_by skip_users"),
    ),
    ACCOUNT.at(
        get("/userConnections", 20, reads.always({"google": None})),
        get("/userSettings", 2, reads.always(reads.USER_SETTINGS)),
    ),
    ACCOUNT.at(get("/billing/subscriptions/addons", 20, reads.always(ADDONS)), scopes="users:read"),
)
