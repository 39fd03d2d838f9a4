"""What can only be read: feeds, figures, who may see what, and what v1 still shows of records that v2 took over.

Source: https://developers.pipedrive.com/docs/api/v1.
"""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox import bodies_table as bodies
from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions import conversions, feeds, lists, search, single, statistics
from pipedrive_sandbox.resources_account import LEGACY_TEAMS
from pipedrive_sandbox.resources_below import COLUMN
from pipedrive_sandbox.rules import shapes, shapes_account, shapes_old
from pipedrive_sandbox.rules.query import BOOLEAN, FLAG, INTEGER, TEXT
from pipedrive_sandbox.table import Action, Param, Resource, Route

PAGE = ("limit", "cursor")
OFFSET = ("start", "limit")
STATUS = {"status": Param("choices", ("open", "won", "lost"))}
OLD_STATUS = Param("choice", ("open", "won", "lost", "deleted", "all_not_deleted"))
DATE = Param("date", required=True)
PERIOD = {"start_date": DATE, "end_date": DATE}
GOAL_PERIOD = {"period.start": DATE, "period.end": DATE}
ANY_FILE = ("deals", "contacts", "activities")
SCOPES = {"deals": "deals", "persons": "contacts", "organizations": "contacts", "products": "products"}
DEAL_FILTERS = {
    "user_id": "owner_id",
    **{name: name for name in ("person_id", "org_id", "pipeline_id", "stage_id")},
}
SUMMARY = ("status", "filter_id", "user_id", "pipeline_id", "stage_id")
TIMELINE = (
    *("start_date", "interval", "amount", "field_key", "user_id", "pipeline_id", "filter_id", "exclude_deals"),
    "totals_convert_currency",
)
TIMELINE_PARAMS = {
    "start_date": DATE,
    "interval": Param("choice", tuple(statistics.INTERVAL_DAYS), required=True),
    "amount": Param("integer", required=True),
    "field_key": Param("text", required=True),
    "exclude_deals": FLAG,
    "totals_convert_currency": TEXT,
}
PIPELINE_PARAMS = {"everyone": FLAG, "get_summary": FLAG, "totals_convert_currency": TEXT}


def _read(path: str, cost: int, action: Action, *scopes: str, query: tuple[str, ...] = (), **more: Any) -> Resource:
    version, feature = more.pop("version", "v1"), more.pop("feature", "")
    defaults: dict[str, Any] = {"noun": "Record", "columns": (), "shape": shapes.plain}
    route = Route("GET", path, cost, action, query, feature=feature)
    return Resource(f"{version} {path}", version=version, scopes=scopes, routes=(route,), **{**defaults, **more})


def _below(parent: str, name: str, cost: int, action: Action, *scopes: str, **more: Any) -> Resource:
    return _read(f"/{parent}/{{id}}/{name}", cost, action, *scopes or (SCOPES[parent],), parent=parent, **more)


def _project(path: str, cost: int, action: Action, *scopes: str, **more: Any) -> Resource:
    return _read(path, cost, action, *scopes or ("projects",), feature="projects", **more)


def _of_project(name: str, cost: int, action: Action, **more: Any) -> Resource:
    return _project(f"/projects/{{id}}/{name}", cost, action, parent="projects", parent_column="project_id", **more)


def _of_user(name: str, cost: int, action: Action, **more: Any) -> Resource:
    return _read(f"/users/{{id}}/{name}", cost, action, "users:read", noun="User", parent="users", **more)


def _flow(parent: str) -> Resource:
    query = (*OFFSET, "all_changes", "items")
    params = {"all_changes": TEXT, "items": Param("keys")}
    column = COLUMN[parent]
    return _below(parent, "flow", 40, feeds.flow, "recents:read", query=query, params=params, parent_column=column)


def _followers(parent: str) -> Resource:
    query = OFFSET if parent == "products" else ()
    shape, column = shapes_old.follower, COLUMN[parent]
    rows = {"collection": "followers", "parent_column": column, "shape": shape}
    return _below(parent, "followers", 20, reads.followers, query=query, **rows)


def _deals(parent: str, column: str, *query: str) -> Resource:
    return _below(
        parent,
        "deals",
        20,
        lists.live_deals_below,
        "deals",
        query=("filter_id", "user_id", "everyone", *query),
        collection="deals",
        parent_column=column,
        shape=shapes_old.deal,
        filters={"user_id": "owner_id", "stage_id": "stage_id"},
        params=PIPELINE_PARAMS,
    )


def _figures(name: str, cost: int, action: Action, query: tuple[str, ...], params: dict[str, Param]) -> Resource:
    kept = {"collection": "deals", "filters": DEAL_FILTERS, "params": params}
    return _read(f"/deals/{name}", cost, action, "deals", query=query, **kept)


def _movement(name: str, action: Action) -> Resource:
    return _below("pipelines", name, 40, action, "deals", query=("start_date", "end_date", "user_id"), params=PERIOD)


def _conversion(source: str, noun: str, target: str, action: Action, create: bodies.Keys) -> Resource:
    return Resource(
        f"{source}_conversions",
        noun,
        "v2",
        columns=(),
        collection="conversions",
        shape=shapes.plain,
        id_kind="uuid" if source == "leads" else "integer",
        scopes=(source,),
        parent=source,
        create=create,
        routes=(
            Route("POST", f"/{source}/{{id}}/convert/{target}", 40, action),
            Route("GET", f"/{source}/{{id}}/convert/status/{{conversion_id}}", 1, conversions.status),
        ),
    )


OF_RECORDS = (
    *(_flow(parent) for parent in ("deals", "persons", "organizations")),
    *(_followers(parent) for parent in COLUMN),
    *(_below(parent, "permittedUsers", 10, reads.permitted_users) for parent in COLUMN),
    _below("leads", "permittedUsers", 10, reads.permitted_users, "leads", id_kind="uuid"),
    _below("persons", "products", 20, reads.products_of_person, query=OFFSET),
    _below(
        "products",
        "deals",
        20,
        lists.deals_of_product,
        "deals",
        query=(*OFFSET, "status"),
        collection="deals",
        shape=shapes_old.deal_with_links,
        params={"status": OLD_STATUS},
    ),
    _deals("pipelines", "pipeline_id", "stage_id", *OFFSET, "get_summary", "totals_convert_currency"),
    _deals("stages", "stage_id", *OFFSET),
    _read("/persons/{id}/picture", 1, reads.picture, "contacts", version="v2", collection="persons", noun="Person"),
    _read("/files/{id}/download", 20, reads.download, *ANY_FILE, collection="files", noun="File"),
    _conversion("deals", "Deal", "lead", conversions.to_lead, {}),
    _conversion("leads", "Lead", "deal", conversions.to_deal, bodies.LEAD_TO_DEAL),
)
FIGURES = (
    _read(
        "/deals/archived",
        40,
        lists.archived_old_deals,
        "deals",
        query=(
            *("user_id", "filter_id", "person_id", "org_id", "product_id", "pipeline_id", "stage_id", "status"),
            *(*OFFSET, "sort", "owned_by_you"),
        ),
        collection="deals",
        shape=shapes_old.deal_with_links,
        filters=DEAL_FILTERS,
        params={"status": OLD_STATUS, "product_id": INTEGER, "owned_by_you": FLAG},
        sortable=("id", "title", "value", "add_time", "update_time"),
    ),
    _figures("summary", 40, statistics.summary, SUMMARY, STATUS),
    _figures("summary/archived", 80, statistics.archived_summary, SUMMARY, STATUS),
    _figures("timeline", 20, statistics.timeline, TIMELINE, TIMELINE_PARAMS),
    _figures("timeline/archived", 40, statistics.archived_timeline, TIMELINE, TIMELINE_PARAMS),
    _movement("conversion_statistics", statistics.conversion),
    _movement("movement_statistics", statistics.movement),
    _read(
        "/goals/{id}/results",
        20,
        statistics.goal_results,
        "goals",
        query=tuple(GOAL_PERIOD),
        noun="Goal",
        collection="goals",
        id_kind="text",
        shape=shapes.whole_row,
        params=GOAL_PERIOD,
    ),
    _read(
        "/recents",
        20,
        feeds.recents,
        *("recents:read", "search:read"),
        query=("since_timestamp", "items", *OFFSET),
        params={
            "since_timestamp": Param("spaced_datetime", required=True),
            "items": Param("choices", tuple(feeds.RECENT)),
        },
    ),
    _read(
        "/itemSearch/field",
        20,
        reads.field_search,
        "search:read",
        query=("term", "entity_type", "match", "field", *PAGE),
        version="v2",
        params={
            "entity_type": Param("choice", tuple(reads.ENTITIES), required=True),
            "match": Param("choice", ("exact", "beginning", "middle")),
            "field": Param("text", required=True),
        },
    ),
)
PROJECTS = (
    _project(
        "/projects",
        20,
        lists.old_projects,
        query=("cursor", "limit", "filter_id", "status", "phase_id", "include_archived"),
        collection="projects",
        shape=shapes_old.project,
        filters={"phase_id": "phase_id"},
        params={"status": TEXT, "phase_id": INTEGER, "include_archived": BOOLEAN},
    ),
    _project("/projects/{id}", 2, single.show_with_nothing, collection="projects", shape=shapes_old.project),
    _of_project("plan", 20, reads.project_plan),
    _of_project("groups", 20, reads.project_groups),
    _of_project("tasks", 20, lists.children, collection="tasks", shape=shapes_old.task),
    _of_project("activities", 20, lists.children, collection="activities", shape=shapes_old.activity),
    _of_project("permittedUsers", 5, reads.permitted_users, version="v2"),
    _of_project(
        "changelog",
        10,
        lists.children,
        query=PAGE,
        version="v2",
        collection="project_changes",
        shape=shapes.project_change,
        direction="desc",
    ),
    _project("/projects/boards", 20, lists.whole_with_nothing, collection="boards", shape=shapes_old.plain),
    _project("/projects/boards/{id}", 2, single.show_with_nothing, collection="boards", shape=shapes_old.plain),
    _project(
        "/projects/phases",
        20,
        lists.whole_with_nothing,
        query=("board_id",),
        collection="phases",
        shape=shapes_old.plain,
        filters={"board_id": "board_id"},
        params={"board_id": Param("integer", required=True)},
    ),
    _project(
        *("/projects/phases/{id}", 2, single.show_with_nothing, "projects:read"),
        collection="phases",
        shape=shapes_old.plain,
    ),
    _project(
        *("/projectTemplates", 20, lists.by_cursor),
        query=("cursor", "limit"),
        collection="projectTemplates",
        shape=shapes_old.template,
    ),
    _project(
        *("/projectTemplates/{id}", 2, single.show_with_nothing),
        collection="projectTemplates",
        shape=shapes_old.template,
    ),
    _project(
        "/tasks",
        20,
        lists.tasks,
        query=("cursor", "limit", "assignee_id", "project_id", "parent_task_id", "done"),
        collection="tasks",
        shape=shapes_old.task,
        filters={"project_id": "project_id", "done": "is_done"},
        params={"assignee_id": INTEGER, "parent_task_id": TEXT, "done": FLAG},
    ),
    _project("/tasks/{id}", 2, single.show_with_nothing, collection="tasks", shape=shapes_old.task),
    _project(
        "/projects/search",
        20,
        search.search,
        *("projects", "search:read"),
        query=("term", "fields", "exact_match", "person_id", "organization_id", *PAGE),
        version="v2",
        collection="projects",
        page_limit=100,
        search_fields=("custom_fields", "notes", "title", "description"),
    ),
)
OF_ACCOUNT = (
    _read("/billing/subscriptions/addons", 20, reads.addons, "users:read"),
    _read("/userConnections", 20, reads.connections, "base"),
    _read("/userSettings", 2, reads.user_settings, "base"),
    _read("/filters/helpers", 20, reads.filter_helpers, *ANY_FILE),
    _read("/roles/{id}/settings", 20, reads.role_settings, "admin", collection="roles", noun="Role"),
    _read(
        *("/roles/{id}/pipelines", 20, reads.role_pipelines, "admin"),
        query=("visible",),
        collection="roles",
        noun="Role",
        params={"visible": BOOLEAN},
    ),
    _of_user("followers", 20, reads.followers_of_user),
    _of_user("followers", 10, reads.follower_page_of_user, query=PAGE, version="v2"),
    _of_user(
        *("roleAssignments", 10, reads.role_assignments_of_user),
        query=OFFSET,
        collection="role_assignments",
        shape=shapes_account.role_assignment,
    ),
    _read(
        *("/legacyTeams/{id}/users", 20, reads.team_users, "users:read"),
        collection="legacyTeams",
        noun="Team",
        feature="legacy_teams",
    ),
    _read(
        *("/legacyTeams/user/{id}", 20, reads.teams_of_user, "users:read"),
        query=("order_by", "skip_users"),
        noun="Team",
        collection="legacyTeams",
        columns=LEGACY_TEAMS.columns,
        shape=shapes.spaced_times,
        params=LEGACY_TEAMS.params,
        feature="legacy_teams",
    ),
)

READS = (*OF_RECORDS, *FIGURES, *PROJECTS, *OF_ACCOUNT)
