"""Roles and permission sets.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.actions import account, lists
from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions.routes import old_record
from pipedrive_sandbox.model import shapes_account
from pipedrive_sandbox.model.column import Column, Key, plain
from pipedrive_sandbox.model.keys import TITLE, USER
from pipedrive_sandbox.model.params import OFFSET, WORD, YES_NO
from pipedrive_sandbox.model.resource import Resource, Route, read_only

COLUMNS = (
    Column("id"),
    Column("parent_role_id", write=Key("integer", nullable=True, refers="roles")),
    Column("name", "", write=TITLE),
    Column("active_flag", True),
    Column("level", 1),
)

ASSIGNMENT_COLUMNS = (
    Column("user_id", 1, write=USER),
    Column("role_id", 1),
    Column("type", "1"),
)

SET_COLUMNS = (
    Column("id"),
    *plain("name", "description", default=""),
    Column("app", "sales"),
    Column("type", "regular"),
    Column("contents", [], is_shown=False),
)

SET_ASSIGNMENT_COLUMNS = (
    Column("user_id", 1),
    *plain("permission_set_id", "name", default=""),
)

ROLES = Resource(
    "roles",
    "Role",
    "v1",
    columns=COLUMNS,
    scopes=("admin",),
    shape=shapes_account.role,
    deleted="active_flag",
    routes=(
        Route("GET", "/roles", 20, lists.by_offset, OFFSET),
        *old_record("/roles", create=account.write_role, show=account.show_role, update=account.write_role),
    ),
)

ROLE_ASSIGNMENTS = Resource(
    "role_assignments",
    "Role assignment",
    "v1",
    columns=ASSIGNMENT_COLUMNS,
    scopes=("admin",),
    shape=shapes_account.role_assignment,
    parent="roles",
    parent_column="role_id",
    routes=(
        Route("GET", "/roles/{id}/assignments", 10, lists.children_by_offset, OFFSET),
        Route("POST", "/roles/{id}/assignments", 10, account.assign_role),
    ),
)

PERMISSION_SETS = Resource(
    "permissionSets",
    "Permission set",
    "v1",
    columns=SET_COLUMNS,
    scopes=("admin",),
    shape=shapes_account.permission_set,
    id_kind="uuid",
    filters={"app": "app"},
    params={"app": WORD},
    routes=(
        Route("GET", "/permissionSets", 20, lists.whole, ("app",)),
        Route("GET", "/permissionSets/{id}", 2, account.show_permission_set),
    ),
)

PERMISSION_ASSIGNMENTS = Resource(
    "permission_assignments",
    "Permission set assignment",
    "v1",
    columns=SET_ASSIGNMENT_COLUMNS,
    scopes=("admin",),
    parent="permissionSets",
    parent_column="permission_set_id",
    routes=(Route("GET", "/permissionSets/{id}/assignments", 20, account.permission_assignments, OFFSET),),
    feature="permission_sets",
)


OF_ROLE: dict[str, Any] = {"collection": "roles", "noun": "Role"}
TABLES = (
    *(ROLES, ROLE_ASSIGNMENTS, PERMISSION_SETS, PERMISSION_ASSIGNMENTS),
    read_only("/roles/{id}/settings", 20, reads.role_settings, "admin", **OF_ROLE),
    read_only(
        *("/roles/{id}/pipelines", 20, reads.role_pipelines, "admin"),
        query=("visible",),
        params={"visible": YES_NO},
        **OF_ROLE,
    ),
)
