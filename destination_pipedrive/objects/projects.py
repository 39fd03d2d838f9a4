"""Rows of the object table for projects and their tasks, which need an add-on.

Bodies: https://developers.pipedrive.com/docs/api/v1 (request bodies of POST and PATCH, v2).
"""

from destination_pipedrive.objects.children import NO_ORDER
from destination_pipedrive.objects.spec import FieldSpec, ObjectSpec

_TIMES = ("add_time", "update_time")
PROJECTS = ObjectSpec(
    name="projects",
    noun="project",
    path="api/v2/projects",
    archived_path="api/v2/projects/archived",
    rank=3,
    scopes=("projects",),
    match_on=("id",),
    key_names=("title",),
    required=("title",),
    fields=(
        FieldSpec("title"),
        FieldSpec("description"),
        FieldSpec("status"),
        FieldSpec("board_id", "reference"),
        FieldSpec("phase_id", "reference"),
        FieldSpec("owner_id", "user"),
        FieldSpec("start_date", "date"),
        FieldSpec("end_date", "date"),
        FieldSpec("deal_ids", "ids"),
        FieldSpec("person_ids", "ids"),
        FieldSpec("org_ids", "ids"),
        FieldSpec("label_ids", "labels"),
        FieldSpec("health_status", "integer"),
        FieldSpec("template_id", "reference", create_only=True, hidden=True),
    ),
    aliases={"owner": "owner_id", "labels": "label_ids"},
    read_only=("id", "status_change_time", "archive_time", "is_archived", "owner_email", "labels", *_TIMES),
    newest_first=NO_ORDER,
    reads_ids=False,
    feature="projects",
)
TASKS = ObjectSpec(
    name="tasks",
    noun="task",
    path="api/v2/tasks",
    rank=5,
    scopes=("projects",),
    match_on=(),
    fingerprint="title",
    required=("title", "project_id"),
    fields=(
        FieldSpec("title", "subject"),
        FieldSpec("project_id", "reference"),
        FieldSpec("parent_task_id", "reference", nullable=True),
        FieldSpec("description", nullable=True),
        FieldSpec("done", "flag", shown_as="is_done"),
        FieldSpec("milestone", "flag", shown_as="is_milestone"),
        FieldSpec("due_date", "date", nullable=True),
        FieldSpec("start_date", "date", nullable=True),
        FieldSpec("assignee_ids", "users"),
        FieldSpec("priority", "integer", nullable=True),
    ),
    aliases={
        "is_done": "done",
        "is_milestone": "milestone",
        "assignee": "assignee_ids",
        "assignee_id": "assignee_ids",
    },
    read_only=("id", "creator_id", "marked_as_done_time", *_TIMES),
    newest_first=NO_ORDER,
    reads_ids=False,
    feature="projects",
)
