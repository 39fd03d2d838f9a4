"""Projects, their boards, phases and templates."""

from typing import Any

from pipedrive_sandbox.actions import account, lists, prepare, single
from pipedrive_sandbox.actions import account_reads as reads
from pipedrive_sandbox.actions.writes import record
from pipedrive_sandbox.model import shapes, shapes_old
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, Columns, Key, defaults, plain
from pipedrive_sandbox.model.resource import Resource, Route, Seed, Shape, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.seeds.values import day
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("title", "", write=v.TITLE, field=("Title", "varchar")),
    Column("description", write=v.TEXT),
    Column("status", "open", write=v.TEXT, field=("Status", "status")),
    Column("board_id", write=Key("integer", refers="boards"), field=("Board", "projects_board")),
    Column("phase_id", write=Key("integer", refers="phases"), field=("Phase", "projects_phase")),
    Column("owner_id", 1, write=v.OWNER, field=("Owner", "user")),
    Column("start_date", write=v.DATE, field=("Start date", "date")),
    Column("end_date", write=v.DATE, field=("End date", "date")),
    *plain("deal_ids person_ids org_ids label_ids", [], write=v.INTEGERS),
    Column("health_status", write=v.INTEGER),
    *plain("status_change_time archive_time"),
    *TIMES,
    Column("is_deleted", False, is_shown=False),
    Column("custom_fields", {}, write=v.CUSTOM_FIELDS, is_shown=False),
    Column("template_id", write=v.INTEGER, is_shown=False, is_stored=False),
)

BOARD_COLUMNS = (
    Column("id"),
    Column("name", "", write=v.TITLE),
    Column("order_nr", 1, write=Key("integer", least=1)),
    *TIMES,
    Column("is_deleted", False, is_shown=False),
)

PHASE_COLUMNS = (
    Column("id"),
    Column("name", "", write=v.TITLE),
    Column("board_id", 1, write=Key("integer", required=True, refers="boards")),
    Column("order_nr", 1, write=Key("integer", least=1)),
    *TIMES,
    Column("is_deleted", False, is_shown=False),
)

TEMPLATE_COLUMNS = (
    *defaults(id=None, title="", description="", projects_board_id=1, owner_id=1),
    *TIMES,
)


CHANGE_COLUMNS = (
    *defaults(project_id=None, old_values={}, new_values={}, actor_user_id=1, time=MOMENT, change_source="app"),
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


def project_change(maker: Maker, number: int) -> Row:
    """An entry of a project's change log."""
    values = {"old_values": {"title": f"Draft {number}"}, "new_values": {"title": f"Project {number}"}}
    row = made(maker, CHANGE_COLUMNS, project_id=maker.pick("projects"), actor_user_id=maker.owner(), **values)
    return {**row, "time": maker.times()["update_time"]}


def board(maker: Maker, number: int) -> Row:
    """A board of projects."""
    return made(maker, BOARD_COLUMNS, name=f"Board {number}", order_nr=number)


def phase(maker: Maker, number: int) -> Row:
    """A phase of a board."""
    return made(maker, PHASE_COLUMNS, name=f"Phase {number}", order_nr=number, board_id=maker.pick("boards"))


def template(maker: Maker, number: int) -> Row:
    """A template of projects."""
    return made(maker, TEMPLATE_COLUMNS, title=f"Template {number}", projects_board_id=maker.pick("boards"))


def _resource(name: str, noun: str, columns: Columns, seed: Seed, **more: Any) -> Resource:
    kept = {"shape": shapes.millisecond_times, "feature": "projects", **more}
    return Resource(name, noun, "v2", "projects", columns, seed=seed, **kept)


def _old(name: str, shape: Shape) -> Resource:
    return Resource(name, "Record", "v1", "projects", shape=shape, feature="projects")


PROJECT = _resource("projects", "Project", COLUMNS, project, fields="projectFields", prepare=prepare.project)
BOARD = _resource("boards", "Board", BOARD_COLUMNS, board, order="order_nr")
PHASE = _resource("phases", "Phase", PHASE_COLUMNS, phase, order="order_nr")
TEMPLATE = _resource("projectTemplates", "Project template", TEMPLATE_COLUMNS, template)
CHANGE = _resource("project_changes", "Change", CHANGE_COLUMNS, project_change, direction="desc")
OLD_PROJECT = _old("projects", shapes_old.project)
OLD_BOARD = _old("boards", shapes_old.unmarked)
OLD_PHASE = _old("phases", shapes_old.unmarked)
OLD_TEMPLATE = _old("projectTemplates", shapes_old.template)
OF_PHASE: dict[str, Any] = {"filters": v.same("phase_id"), "params": {"status": v.WORD, "phase_id": v.ID}}
OF_BOARD: dict[str, Any] = {"filters": v.same("board_id"), "params": {"board_id": v.NEEDED_ID}}
NEW_COSTS = (5, 10, 5, 3)
TABLES = (
    PROJECT.at(
        get("/projects", 10, lists.projects, f"filter_id status phase_id deal_id person_id org_id {v.PAGE}"),
        get("/projects/archived", 10, lists.projects, f"filter_id status phase_id {v.PAGE}"),
        *record("/projects", status=201),
        Route("POST", "/projects/{id}/archive", 3, account.archive_project),
        **OF_PHASE,
    ),
    BOARD.at(get("/boards", 10, lists.whole), *record("/boards", costs=NEW_COSTS)),
    PHASE.at(get("/phases", 10, lists.whole, "board_id"), *record("/phases", costs=NEW_COSTS), **OF_BOARD),
    TEMPLATE.at(
        get("/projectTemplates", 10, lists.by_cursor, v.PAGE),
        get("/projectTemplates/{id}", 1, single.show),
    ),
    OLD_PROJECT.at(
        get("/projects", 20, lists.old_projects, f"{v.PAGE} filter_id status phase_id include_archived"),
        get("/projects/{id}", 2, single.show_with_nothing),
        filters=v.same("phase_id"),
        params={**OF_PHASE["params"], "include_archived": v.YES_NO},
    ),
    OLD_PROJECT.at(
        get("/projects/{id}/plan", 20, reads.project_plan),
        get("/projects/{id}/groups", 20, reads.project_groups),
        parent="projects",
    ),
    _old("tasks", shapes_old.task).below("projects", get("/projects/{id}/tasks", 20, lists.children)),
    _old("activities", shapes_old.activity).below("projects", get("/projects/{id}/activities", 20, lists.children)),
    CHANGE.below("projects", get("/projects/{id}/changelog", 10, lists.children, v.PAGE), shape=shapes.project_change),
    OLD_BOARD.at(
        get("/projects/boards", 20, lists.whole_with_nothing),
        get("/projects/boards/{id}", 2, single.show_with_nothing),
    ),
    OLD_PHASE.at(get("/projects/phases", 20, lists.whole_with_nothing, "board_id"), **OF_BOARD),
    OLD_PHASE.at(get("/projects/phases/{id}", 2, single.show_with_nothing), scopes="projects:read"),
    OLD_TEMPLATE.at(
        get("/projectTemplates", 20, lists.by_cursor, v.PAGE),
        get("/projectTemplates/{id}", 2, single.show_with_nothing),
    ),
)
