"""Tasks of projects."""

from pipedrive_sandbox.actions import lists, prepare, single
from pipedrive_sandbox.actions.writes import record
from pipedrive_sandbox.model import shapes, shapes_old
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import TIMES, Column, Key, plain
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

TASK_FLAG = Key("integer", choices=(0, 1))
COLUMNS = (
    Column("id"),
    Column("title", "", write=v.TITLE),
    Column("creator_id", 1),
    Column("description", write=v.OPTIONAL_TEXT),
    Column("project_id", write=Key("integer", required=True, refers="projects")),
    *plain("is_done is_milestone", default=False),
    *plain("due_date start_date", write=v.OPTIONAL_DATE),
    Column("parent_task_id", write=Key("integer", nullable=True, refers="tasks")),
    Column("assignee_ids", [], write=v.INTEGERS),
    Column("priority", write=Key("integer", nullable=True, least=0)),
    Column("marked_as_done_time"),
    *TIMES,
    Column("is_deleted", False, is_shown=False),
    *plain("done milestone", write=TASK_FLAG, is_shown=False, is_stored=False),
    Column("assignee_id", write=Key("integer", nullable=True, refers="users"), is_shown=False, is_stored=False),
)


def task(maker: Maker, number: int) -> Row:
    """A task of a project."""
    assigned = [maker.owner()]
    return made(maker, COLUMNS, title=f"Task {number}", project_id=maker.pick("projects"), assignee_ids=assigned)


FILTERS = {"project_id": "project_id", "done": "is_done", **v.same("is_done is_milestone")}
PARAMS = {
    "is_done": v.YES_NO,
    "is_milestone": v.YES_NO,
    "assignee_id": v.ID,
    "parent_task_id": v.WORD,
    "done": v.ZERO_ONE,
}
TASK = Resource(
    "tasks",
    "Task",
    "v2",
    "projects",
    COLUMNS,
    shapes.millisecond_times,
    prepare.task,
    task,
).at(feature="projects", filters=FILTERS, params=PARAMS)
OF_TASKS = f"{v.PAGE} assignee_id project_id parent_task_id"
TABLES = (
    TASK.at(get("/tasks", 10, lists.tasks, f"{OF_TASKS} is_done is_milestone"), *record("/tasks", status=201)),
    TASK.at(
        get("/tasks", 20, lists.tasks, f"{OF_TASKS} done"),
        get("/tasks/{id}", 2, single.show_with_nothing),
        version="v1",
        shape=shapes_old.task,
    ),
)
