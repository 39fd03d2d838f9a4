"""Tasks of projects.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from typing import Any

from pipedrive_sandbox.actions import lists, prepare, single
from pipedrive_sandbox.actions.routes import record
from pipedrive_sandbox.model import shapes, shapes_old
from pipedrive_sandbox.model.column import TIMES, Column, Key, plain
from pipedrive_sandbox.model.keys import INTEGERS, OPTIONAL_DATE, OPTIONAL_TEXT, TITLE
from pipedrive_sandbox.model.params import ID, WORD, YES_NO, ZERO_ONE
from pipedrive_sandbox.model.resource import Resource, Route, read_only
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

TASK_FLAG = Key("integer", choices=(0, 1))
COLUMNS = (
    Column("id"),
    Column("title", "", write=TITLE),
    Column("creator_id", 1),
    Column("description", write=OPTIONAL_TEXT),
    Column("project_id", write=Key("integer", required=True, refers="projects")),
    *plain("is_done", "is_milestone", default=False),
    Column("due_date", write=OPTIONAL_DATE),
    Column("start_date", write=OPTIONAL_DATE),
    Column("parent_task_id", write=Key("integer", nullable=True, refers="tasks")),
    Column("assignee_ids", [], write=INTEGERS),
    Column("priority", write=Key("integer", nullable=True, least=0)),
    Column("marked_as_done_time"),
    *TIMES,
    Column("is_deleted", False, is_shown=False),
    Column("done", write=TASK_FLAG, is_shown=False, is_stored=False),
    Column("milestone", write=TASK_FLAG, is_shown=False, is_stored=False),
    Column("assignee_id", write=Key("integer", nullable=True, refers="users"), is_shown=False, is_stored=False),
)


def task(maker: Maker, number: int) -> Row:
    """A task of a project."""
    assigned = [maker.owner()]
    return made(maker, COLUMNS, title=f"Task {number}", project_id=maker.pick("projects"), assignee_ids=assigned)


TASKS = Resource(
    "tasks",
    "Task",
    "v2",
    columns=COLUMNS,
    scopes=("projects",),
    shape=shapes.millisecond_times,
    filters={"is_done": "is_done", "is_milestone": "is_milestone", "project_id": "project_id"},
    params={"is_done": YES_NO, "is_milestone": YES_NO, "assignee_id": ID, "parent_task_id": WORD},
    prepare=prepare.task,
    routes=(
        Route(
            "GET",
            "/tasks",
            10,
            lists.tasks,
            ("cursor", "limit", "is_done", "is_milestone", "assignee_id", "project_id", "parent_task_id"),
        ),
        *record("/tasks", status=201),
    ),
    feature="projects",
    seed=task,
)


OLD: dict[str, Any] = {"collection": "tasks", "shape": shapes_old.task, "feature": "projects", "noun": "Task"}
TABLES = (
    TASKS,
    read_only(
        *("/tasks", 20, lists.tasks, "projects"),
        query=("cursor", "limit", "assignee_id", "project_id", "parent_task_id", "done"),
        filters={"project_id": "project_id", "done": "is_done"},
        params={"assignee_id": ID, "parent_task_id": WORD, "done": ZERO_ONE},
        **OLD,
    ),
    read_only("/tasks/{id}", 2, single.show_with_nothing, "projects", **OLD),
)
