"""Projects, and the account's administration: filters, goals, webhooks, call logs, roles, permission sets, teams.

Source: https://developers.pipedrive.com/docs/api/v1.
"""

from __future__ import annotations

from pipedrive_sandbox import bodies_table as bodies
from pipedrive_sandbox.actions import account, lists, prepare, single, writes
from pipedrive_sandbox.blanks_more import MORE_BLANKS
from pipedrive_sandbox.resources_v1 import USERS
from pipedrive_sandbox.rules import shapes, shapes_account, shapes_v1
from pipedrive_sandbox.rules.query import BOOLEAN, FLAG, INTEGER, TEXT
from pipedrive_sandbox.table import Param, Resource, Route

PAGE = ("limit", "cursor")
OFFSET = ("start", "limit")
GOAL_QUERY = (
    *("type.name", "title", "is_active", "assignee.id", "assignee.type", "expected_outcome.target"),
    *("expected_outcome.tracking_metric", "expected_outcome.currency_id", "type.params.pipeline_id"),
    *("type.params.stage_id", "type.params.activity_type_id", "period.start", "period.end"),
)


def _columns(collection: str, *without: str) -> tuple[str, ...]:
    return ("id", *(name for name in MORE_BLANKS[collection] if name not in ("is_deleted", *without)))


BOARDS = Resource(
    "boards",
    "Board",
    "v2",
    columns=_columns("boards"),
    shape=shapes.millisecond_times,
    order="order_nr",
    create=bodies.BOARD_CREATE,
    update=bodies.optional(bodies.BOARD_CREATE),
    routes=(
        Route("GET", "/boards", 10, lists.whole, feature="projects"),
        Route("POST", "/boards", 5, writes.create, feature="projects"),
        Route("GET", "/boards/{id}", 10, single.show, feature="projects"),
        Route("PATCH", "/boards/{id}", 5, writes.update, feature="projects"),
        Route("DELETE", "/boards/{id}", 3, writes.delete, feature="projects"),
    ),
)
PHASES = Resource(
    "phases",
    "Phase",
    "v2",
    columns=_columns("phases"),
    shape=shapes.millisecond_times,
    order="order_nr",
    filters={"board_id": "board_id"},
    params={"board_id": Param("integer", required=True)},
    create=bodies.PHASE_CREATE,
    update=bodies.optional(bodies.PHASE_CREATE),
    routes=(
        Route("GET", "/phases", 10, lists.whole, ("board_id",), feature="projects"),
        Route("POST", "/phases", 5, writes.create, feature="projects"),
        Route("GET", "/phases/{id}", 10, single.show, feature="projects"),
        Route("PATCH", "/phases/{id}", 5, writes.update, feature="projects"),
        Route("DELETE", "/phases/{id}", 3, writes.delete, feature="projects"),
    ),
)
PROJECTS = Resource(
    "projects",
    "Project",
    "v2",
    columns=_columns("projects", "custom_fields"),
    shape=shapes.millisecond_times,
    fields="projectFields",
    filters={"phase_id": "phase_id"},
    params={"status": TEXT, "phase_id": INTEGER},
    create=bodies.PROJECT_CREATE,
    update=bodies.optional(bodies.PROJECT_CREATE),
    prepare=prepare.project,
    routes=(
        Route(
            *("GET", "/projects", 10, lists.projects),
            query=("filter_id", "status", "phase_id", "deal_id", "person_id", "org_id", *PAGE),
            feature="projects",
        ),
        Route(
            *("GET", "/projects/archived", 10, lists.archived_projects),
            query=("filter_id", "status", "phase_id", *PAGE),
            feature="projects",
        ),
        Route("POST", "/projects", 5, writes.create, status=201, feature="projects"),
        Route("GET", "/projects/{id}", 1, single.show, feature="projects"),
        Route("PATCH", "/projects/{id}", 5, writes.update, feature="projects"),
        Route("DELETE", "/projects/{id}", 3, writes.delete, feature="projects"),
        Route("POST", "/projects/{id}/archive", 3, account.archive_project, feature="projects"),
    ),
)
TASKS = Resource(
    "tasks",
    "Task",
    "v2",
    columns=_columns("tasks"),
    shape=shapes.millisecond_times,
    filters={"is_done": "is_done", "is_milestone": "is_milestone", "project_id": "project_id"},
    params={"is_done": BOOLEAN, "is_milestone": BOOLEAN, "assignee_id": INTEGER, "parent_task_id": TEXT},
    create=bodies.TASK_CREATE,
    update=bodies.optional(bodies.TASK_CREATE),
    prepare=prepare.task,
    routes=(
        Route(
            *("GET", "/tasks", 10, lists.tasks),
            query=("cursor", "limit", "is_done", "is_milestone", "assignee_id", "project_id", "parent_task_id"),
            feature="projects",
        ),
        Route("POST", "/tasks", 5, writes.create, status=201, feature="projects"),
        Route("GET", "/tasks/{id}", 1, single.show, feature="projects"),
        Route("PATCH", "/tasks/{id}", 5, writes.update, feature="projects"),
        Route("DELETE", "/tasks/{id}", 3, writes.delete, feature="projects"),
    ),
)
PROJECT_TEMPLATES = Resource(
    "projectTemplates",
    "Project template",
    "v2",
    columns=_columns("projectTemplates"),
    shape=shapes.millisecond_times,
    routes=(
        Route("GET", "/projectTemplates", 10, lists.by_cursor, ("cursor", "limit"), feature="projects"),
        Route("GET", "/projectTemplates/{id}", 1, single.show, feature="projects"),
    ),
)
FILTERS = Resource(
    "filters",
    "Filter",
    "v1",
    columns=_columns("filters", "conditions"),
    shape=shapes.spaced_times,
    deleted="active_flag",
    filters={"type": "type"},
    params={"type": Param("choice", bodies.FILTER_TYPES)},
    create=bodies.FILTER_CREATE,
    update=bodies.FILTER_UPDATE,
    routes=(
        Route("GET", "/filters", 20, lists.whole, ("type",)),
        Route("POST", "/filters", 10, account.save_filter, ("include_field_code",)),
        Route("GET", "/filters/{id}", 2, account.show_filter, ("include_field_code",)),
        Route("PUT", "/filters/{id}", 10, account.save_filter, ("include_field_code",)),
        Route("DELETE", "/filters/{id}", 6, writes.delete),
    ),
)
GOALS = Resource(
    "goals",
    "Goal",
    "v1",
    columns=_columns("goals"),
    shape=shapes.plain,
    id_kind="text",
    params={**dict.fromkeys(GOAL_QUERY, TEXT), "is_active": BOOLEAN},
    create=bodies.GOAL_CREATE,
    update=bodies.optional(bodies.GOAL_CREATE),
    routes=(
        Route("GET", "/goals/find", 20, account.find_goals, GOAL_QUERY),
        Route("POST", "/goals", 10, account.create_goal),
        Route("PUT", "/goals/{id}", 10, account.update_goal),
        Route("DELETE", "/goals/{id}", 6, account.delete_goal),
    ),
)
WEBHOOKS = Resource(
    "webhooks",
    "Webhook",
    "v1",
    columns=_columns("webhooks", "update_time"),
    shape=shapes.millisecond_times,
    create=bodies.WEBHOOK_CREATE,
    routes=(
        Route("GET", "/webhooks", 10, account.list_webhooks),
        Route("POST", "/webhooks", 10, account.create_webhook, status=201),
        Route("DELETE", "/webhooks/{id}", 6, account.delete_webhook),
    ),
)
CALL_LOGS = Resource(
    "callLogs",
    "Call log",
    "v1",
    columns=_columns("callLogs"),
    shape=shapes.spaced_times,
    id_kind="text",
    page_limit=50,
    create=bodies.CALL_LOG_CREATE,
    routes=(
        Route("GET", "/callLogs", 20, lists.by_offset, OFFSET),
        Route("POST", "/callLogs", 10, writes.create),
        Route("GET", "/callLogs/{id}", 2, single.show),
        Route("DELETE", "/callLogs/{id}", 6, account.delete_silently),
    ),
)
ROLES = Resource(
    "roles",
    "Role",
    "v1",
    columns=("id", "parent_role_id", "name", "active_flag", "level"),
    shape=shapes_account.role,
    deleted="active_flag",
    create=bodies.ROLE_CREATE,
    update=bodies.optional(bodies.ROLE_CREATE),
    routes=(
        Route("GET", "/roles", 20, lists.by_offset, OFFSET),
        Route("POST", "/roles", 10, account.write_role),
        Route("GET", "/roles/{id}", 2, account.show_role),
        Route("PUT", "/roles/{id}", 10, account.write_role),
        Route("DELETE", "/roles/{id}", 6, writes.delete),
    ),
)
ROLE_ASSIGNMENTS = Resource(
    "role_assignments",
    "Role assignment",
    "v1",
    columns=(),
    shape=shapes_account.role_assignment,
    parent="roles",
    parent_column="role_id",
    create=bodies.FOLLOWER_CREATE,
    routes=(
        Route("GET", "/roles/{id}/assignments", 10, lists.children_by_offset, OFFSET),
        Route("POST", "/roles/{id}/assignments", 10, account.assign_role),
    ),
)
PERMISSION_SETS = Resource(
    "permissionSets",
    "Permission set",
    "v1",
    columns=("id", "name", "description", "app", "type"),
    shape=shapes_account.permission_set,
    id_kind="uuid",
    filters={"app": "app"},
    params={"app": TEXT},
    routes=(
        Route("GET", "/permissionSets", 20, lists.whole, ("app",)),
        Route("GET", "/permissionSets/{id}", 2, account.show_permission_set),
    ),
)
PERMISSION_ASSIGNMENTS = Resource(
    "permission_assignments",
    "Permission set assignment",
    "v1",
    columns=("user_id", "permission_set_id", "name"),
    shape=shapes.plain,
    parent="permissionSets",
    parent_column="permission_set_id",
    routes=(
        Route(
            *("GET", "/permissionSets/{id}/assignments", 20, account.permission_assignments),
            query=OFFSET,
            feature="permission_sets",
        ),
    ),
)
LEGACY_TEAMS = Resource(
    "legacyTeams",
    "Team",
    "v1",
    columns=_columns("legacyTeams", "update_time"),
    shape=shapes.spaced_times,
    params={"order_by": TEXT, "skip_users": FLAG},
    create=bodies.TEAM_CREATE,
    routes=(
        Route("GET", "/legacyTeams", 20, lists.whole, ("order_by", "skip_users"), feature="legacy_teams"),
        Route("GET", "/legacyTeams/{id}", 2, single.show, ("skip_users",), feature="legacy_teams"),
    ),
)
RELATIONSHIPS = Resource(
    "organizationRelationships",
    "Organization relationship",
    "v1",
    columns=(),
    shape=shapes_account.relationship,
    deleted="active_flag",
    create=bodies.RELATIONSHIP_CREATE,
    update=bodies.optional(bodies.RELATIONSHIP_CREATE),
    prepare=prepare.relationship,
    params={"org_id": Param("integer", required=True)},
    routes=(
        Route("GET", "/organizationRelationships", 20, lists.relationships, ("org_id",)),
        Route("POST", "/organizationRelationships", 10, writes.create),
        Route("PUT", "/organizationRelationships/{id}", 10, writes.update),
        Route("DELETE", "/organizationRelationships/{id}", 6, writes.delete),
    ),
)
RELATIONSHIP = Resource(
    "organizationRelationship",
    "Organization relationship",
    "v1",
    columns=(),
    collection="organizationRelationships",
    shape=shapes_account.relationship,
    deleted="active_flag",
    routes=(Route("GET", "/organizationRelationships/{id}", 2, single.show, ("org_id",)),),
)
USER_WRITES = Resource(
    "user_writes",
    "User",
    "v1",
    columns=USERS.columns,
    collection="users",
    shape=shapes_v1.user,
    deleted="",
    create=bodies.USER_CREATE,
    update=bodies.USER_UPDATE,
    params={"search_by_email": FLAG},
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
    columns=(),
    collection="users",
    shape=shapes_v1.user,
    deleted="",
    routes=(
        Route("GET", "/users/{id}/permissions", 10, account.permissions),
        Route("GET", "/users/{id}/roleSettings", 10, account.role_settings),
    ),
)

ACCOUNT = (
    *(BOARDS, PHASES, PROJECTS, TASKS, PROJECT_TEMPLATES, FILTERS, GOALS, WEBHOOKS, CALL_LOGS, ROLES),
    *(
        ROLE_ASSIGNMENTS,
        PERMISSION_SETS,
        PERMISSION_ASSIGNMENTS,
        LEGACY_TEAMS,
        RELATIONSHIPS,
        RELATIONSHIP,
        USER_WRITES,
        USER_DETAILS,
    ),
)
