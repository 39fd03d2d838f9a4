"""Projects, their boards, phases and templates.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.actions import account, lists, prepare, single, writes
from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions.routes import record
from pipedrive_sandbox.model import shapes, shapes_old
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, Key, plain
from pipedrive_sandbox.model.keys import CUSTOM_FIELDS, DATE, INTEGER, INTEGERS, OWNER, TEXT, TITLE
from pipedrive_sandbox.model.params import ID, NEEDED_ID, PAGE, WORD, YES_NO
from pipedrive_sandbox.model.resource import Action, Resource, Route, read_only
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.seeds.values import day
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("title", "", write=TITLE, field=("Title", "varchar")),
    Column("description", write=TEXT),
    Column("status", "open", write=TEXT, field=("Status", "status")),
    Column("board_id", write=Key("integer", refers="boards"), field=("Board", "projects_board")),
    Column("phase_id", write=Key("integer", refers="phases"), field=("Phase", "projects_phase")),
    Column("owner_id", 1, write=OWNER, field=("Owner", "user")),
    Column("start_date", write=DATE, field=("Start date", "date")),
    Column("end_date", write=DATE, field=("End date", "date")),
    Column("deal_ids", [], write=INTEGERS),
    Column("person_ids", [], write=INTEGERS),
    Column("org_ids", [], write=INTEGERS),
    Column("label_ids", [], write=INTEGERS),
    Column("health_status", write=INTEGER),
    *plain("status_change_time", "archive_time"),
    *TIMES,
    Column("is_deleted", False, is_shown=False),
    Column("custom_fields", {}, write=CUSTOM_FIELDS, is_shown=False),
    Column("template_id", write=INTEGER, is_shown=False, is_stored=False),
)

BOARD_COLUMNS = (
    Column("id"),
    Column("name", "", write=TITLE),
    Column("order_nr", 1, write=Key("integer", least=1)),
    *TIMES,
    Column("is_deleted", False, is_shown=False),
)

PHASE_COLUMNS = (
    Column("id"),
    Column("name", "", write=TITLE),
    Column("board_id", 1, write=Key("integer", required=True, refers="boards")),
    Column("order_nr", 1, write=Key("integer", least=1)),
    *TIMES,
    Column("is_deleted", False, is_shown=False),
)

TEMPLATE_COLUMNS = (
    Column("id"),
    *plain("title", "description", default=""),
    *plain("projects_board_id", "owner_id", default=1),
    *TIMES,
)


CHANGE_COLUMNS = (
    Column("project_id"),
    *plain("old_values", "new_values", default={}),
    Column("actor_user_id", 1),
    Column("time", MOMENT),
    Column("change_source", "app"),
    Column("change_source_user_agent"),
)


def project(maker: Maker, number: int) -> Row:
    """A project with a deal; every fifth archived."""
    row = made(maker, COLUMNS, title=f"Project {number}", board_id=maker.pick("boards"), phase_id=maker.pick("phases"))
    deal_id = maker.pick("deals")
    return {
        **row,
        **maker.custom("projectFields"),
        "deal_ids": [deal_id] if deal_id else [],
        "start_date": day(maker.random),
        "archive_time": row["update_time"] if number % 5 == 0 else None,
    }


def board(maker: Maker, number: int) -> Row:
    """A project board."""
    return made(maker, BOARD_COLUMNS, name=f"Board {number}", order_nr=number)


def phase(maker: Maker, number: int) -> Row:
    """A phase of a board."""
    return made(maker, PHASE_COLUMNS, name=f"Phase {number}", order_nr=number, board_id=maker.pick("boards"))


def template(maker: Maker, number: int) -> Row:
    """A project template."""
    return made(maker, TEMPLATE_COLUMNS, title=f"Template {number}", projects_board_id=maker.pick("boards"))


def project_change(maker: Maker, number: int) -> Row:
    """An entry of a project's change log."""
    values = {"old_values": {"title": f"Draft {number}"}, "new_values": {"title": f"Project {number}"}}
    row = made(maker, CHANGE_COLUMNS, project_id=maker.pick("projects"), actor_user_id=maker.owner(), **values)
    return {**row, "time": maker.times()["update_time"]}


PROJECTS = Resource(
    "projects",
    "Project",
    "v2",
    columns=COLUMNS,
    scopes=("projects",),
    shape=shapes.millisecond_times,
    fields="projectFields",
    filters={"phase_id": "phase_id"},
    params={"status": WORD, "phase_id": ID},
    prepare=prepare.project,
    routes=(
        Route(
            "GET",
            "/projects",
            10,
            lists.projects,
            ("filter_id", "status", "phase_id", "deal_id", "person_id", "org_id", *PAGE),
        ),
        Route("GET", "/projects/archived", 10, lists.archived_projects, ("filter_id", "status", "phase_id", *PAGE)),
        *record("/projects", status=201),
        Route("POST", "/projects/{id}/archive", 3, account.archive_project),
    ),
    feature="projects",
    seed=project,
)

BOARDS = Resource(
    "boards",
    "Board",
    "v2",
    columns=BOARD_COLUMNS,
    scopes=("projects",),
    shape=shapes.millisecond_times,
    order="order_nr",
    routes=(
        Route("GET", "/boards", 10, lists.whole),
        Route("POST", "/boards", 5, writes.create),
        Route("GET", "/boards/{id}", 10, single.show),
        Route("PATCH", "/boards/{id}", 5, writes.update),
        Route("DELETE", "/boards/{id}", 3, writes.delete),
    ),
    feature="projects",
    seed=board,
)

PHASES = Resource(
    "phases",
    "Phase",
    "v2",
    columns=PHASE_COLUMNS,
    scopes=("projects",),
    shape=shapes.millisecond_times,
    order="order_nr",
    filters={"board_id": "board_id"},
    params={"board_id": NEEDED_ID},
    routes=(
        Route("GET", "/phases", 10, lists.whole, ("board_id",)),
        Route("POST", "/phases", 5, writes.create),
        Route("GET", "/phases/{id}", 10, single.show),
        Route("PATCH", "/phases/{id}", 5, writes.update),
        Route("DELETE", "/phases/{id}", 3, writes.delete),
    ),
    feature="projects",
    seed=phase,
)

PROJECT_TEMPLATES = Resource(
    "projectTemplates",
    "Project template",
    "v2",
    columns=TEMPLATE_COLUMNS,
    scopes=("projects",),
    shape=shapes.millisecond_times,
    routes=(
        Route("GET", "/projectTemplates", 10, lists.by_cursor, ("cursor", "limit")),
        Route("GET", "/projectTemplates/{id}", 1, single.show),
    ),
    feature="projects",
    seed=template,
)


def _old(path: str, cost: int, action: Action, *scopes: str, **more: Any) -> Resource:
    return read_only(path, cost, action, *scopes or ("projects",), feature="projects", **more)


def _below(name: str, cost: int, action: Action, **more: Any) -> Resource:
    return _old(f"/projects/{{id}}/{name}", cost, action, parent="projects", parent_column="project_id", **more)


OLD_BOARD: dict[str, Any] = {"collection": "boards", "shape": shapes_old.plain}
OLD_PHASE: dict[str, Any] = {"collection": "phases", "shape": shapes_old.plain}
OLD_TEMPLATE: dict[str, Any] = {"collection": "projectTemplates", "shape": shapes_old.template}
TABLES = (
    *(PROJECTS, BOARDS, PHASES, PROJECT_TEMPLATES),
    _old(
        *("/projects", 20, lists.old_projects),
        query=("cursor", "limit", "filter_id", "status", "phase_id", "include_archived"),
        collection="projects",
        shape=shapes_old.project,
        filters=PROJECTS.filters,
        params={**PROJECTS.params, "include_archived": YES_NO},
    ),
    _old("/projects/{id}", 2, single.show_with_nothing, collection="projects", shape=shapes_old.project),
    _below("plan", 20, reads.project_plan),
    _below("groups", 20, reads.project_groups),
    _below("tasks", 20, lists.children, collection="tasks", shape=shapes_old.task),
    _below("activities", 20, lists.children, collection="activities", shape=shapes_old.activity),
    _below(
        *("changelog", 10, lists.children),
        query=PAGE,
        version="v2",
        columns=CHANGE_COLUMNS,
        collection="project_changes",
        shape=shapes.project_change,
        direction="desc",
        seed=project_change,
    ),
    _old("/projects/boards", 20, lists.whole_with_nothing, **OLD_BOARD),
    _old("/projects/boards/{id}", 2, single.show_with_nothing, **OLD_BOARD),
    _old(
        *("/projects/phases", 20, lists.whole_with_nothing),
        query=("board_id",),
        filters=PHASES.filters,
        params=PHASES.params,
        **OLD_PHASE,
    ),
    _old("/projects/phases/{id}", 2, single.show_with_nothing, "projects:read", **OLD_PHASE),
    _old("/projectTemplates", 20, lists.by_cursor, query=("cursor", "limit"), **OLD_TEMPLATE),
    _old("/projectTemplates/{id}", 2, single.show_with_nothing, **OLD_TEMPLATE),
)
