"""Roles and permission sets."""

from pipedrive_sandbox.actions import account, lists
from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions.writes import old_record
from pipedrive_sandbox.model import shapes_old
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import Column, Key, defaults, plain
from pipedrive_sandbox.model.resource import Resource, Route, get

COLUMNS = (
    Column("id"),
    Column("parent_role_id", write=Key("integer", nullable=True, refers="roles")),
    Column("name", "", write=v.TITLE),
    *defaults(active_flag=True, level=1),
)

ASSIGNMENT_COLUMNS = (Column("user_id", 1, write=v.USER), Column("role_id", 1), Column("type", "1"))

SET_COLUMNS = (
    *defaults(id=None, name="", description="", app="sales", type="regular"),
    Column("contents", [], is_shown=False),
)

SET_ASSIGNMENT_COLUMNS = (Column("user_id", 1), *plain("permission_set_id name", default=""))

ROLE = Resource("roles", "Role", "v1", "admin", COLUMNS, shapes_old.role, deleted="active_flag")
ROLE_ASSIGNMENT = Resource(
    "role_assignments", "Role assignment", "v1", "admin", ASSIGNMENT_COLUMNS, shapes_old.role_assignment
)
PERMISSION_SET = Resource(
    "permissionSets", "Permission set", "v1", "admin", SET_COLUMNS, shapes_old.permission_set, id_kind="uuid"
)
PERMISSION_ASSIGNMENT = Resource(
    "permission_assignments", "Permission set assignment", "v1", "admin", SET_ASSIGNMENT_COLUMNS
)
TABLES = (
    ROLE.at(
        get("/roles", 20, lists.by_offset, v.OFFSET),
        *old_record("/roles", create=account.write_role, shown=account.show_role, update=account.write_role),
        get("/roles/{id}/settings", 20, reads.role_settings),
        get("/roles/{id}/pipelines", 20, reads.role_pipelines, "visible"),
        params={"visible": v.YES_NO},
    ),
    ROLE_ASSIGNMENT.below(
        "roles",
        get("/roles/{id}/assignments", 10, lists.children_by_offset, v.OFFSET),
        Route("POST", "/roles/{id}/assignments", 10, account.assign_role),
    ),
    PERMISSION_SET.at(
        get("/permissionSets", 20, lists.whole, "app"),
        get("/permissionSets/{id}", 2, account.show_permission_set),
        filters=v.same("app"),
        params={"app": v.WORD},
    ),
    PERMISSION_ASSIGNMENT.below(
        "permissionSets",
        get("/permissionSets/{id}/assignments", 20, account.permission_assignments, v.OFFSET),
        feature="permission_sets",
    ),
)
