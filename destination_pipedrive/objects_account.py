"""Rows of the object table for what an account is set up with: pipelines, types, users, filters, goals; and projects.

Bodies: https://developers.pipedrive.com/docs/api/v1 (request bodies of POST, PUT and PATCH).
"""

from destination_pipedrive.object_spec import FieldSpec, ObjectSpec
from destination_pipedrive.objects_below import NO_ORDER, NO_UPDATE

LABEL_COLORS = ("blue", "brown", "dark-gray", "gray", "green", "orange", "pink", "purple", "red", "yellow")
FILTER_TYPES = ("deals", "leads", "org", "people", "products", "activity", "projects")
INTERVALS = ("weekly", "monthly", "quarterly", "yearly")
EVENT_ACTIONS = ("create", "change", "delete", "*")
_TIMES = ("add_time", "update_time")

PIPELINES = ObjectSpec(
    name="pipelines",
    noun="pipeline",
    path="api/v2/pipelines",
    rank=0,
    scopes=("admin",),
    match_on=("name",),
    key_names=("name",),
    required=("name",),
    fields=(FieldSpec("name"), FieldSpec("is_deal_probability_enabled", "boolean")),
    read_only=("id", "order_nr", "is_deleted", *_TIMES),
    is_small=True,
    reads_ids=False,
)

STAGES = ObjectSpec(
    name="stages",
    noun="stage",
    path="api/v2/stages",
    rank=1,
    scopes=("admin",),
    match_on=("name",),
    narrowed_by=("pipeline_id",),
    key_names=("name", "pipeline_id"),
    required=("name", "pipeline_id"),
    fields=(
        FieldSpec("name"),
        FieldSpec("pipeline_id", "pipeline"),
        FieldSpec("deal_probability", "integer"),
        FieldSpec("is_deal_rot_enabled", "boolean"),
        FieldSpec("days_to_rotten", "integer", nullable=True),
    ),
    aliases={"pipeline": "pipeline_id"},
    read_only=("id", "order_nr", "is_deleted", *_TIMES),
    is_small=True,
    reads_ids=False,
)

LEAD_LABELS = ObjectSpec(
    name="lead_labels",
    noun="lead label",
    path="v1/leadLabels",
    rank=0,
    scopes=("leads",),
    match_on=("name",),
    key_names=("name",),
    required=("name", "color"),
    fields=(FieldSpec("name"), FieldSpec("color", "choice", choices=LABEL_COLORS)),
    read_only=("id", *_TIMES),
    newest_first=NO_ORDER,
    is_small=True,
    reads_one=False,
    reads_ids=False,
    text_ids=True,
)

ACTIVITY_TYPES = ObjectSpec(
    name="activity_types",
    noun="activity type",
    path="v1/activityTypes",
    rank=0,
    scopes=("admin",),
    match_on=("name",),
    key_names=("name",),
    required=("name", "icon_key"),
    fields=(
        FieldSpec("name"),
        FieldSpec("icon_key"),
        FieldSpec("color", "folded"),
        FieldSpec("order_nr", "integer", update_only=True),
    ),
    read_only=("id", "key_string", "is_custom_flag", "active_flag", "is_deleted", *_TIMES),
    update_method="PUT",
    newest_first=NO_ORDER,
    is_small=True,
    reads_one=False,
    reads_ids=False,
)

FILTERS = ObjectSpec(
    name="filters",
    noun="filter",
    path="v1/filters",
    rank=1,
    scopes=("deals", "activities", "contacts"),
    match_on=("name",),
    narrowed_by=("type",),
    key_names=("name", "type"),
    required=("name", "type", "conditions"),
    fields=(
        FieldSpec("name"),
        FieldSpec("type", "choice", choices=FILTER_TYPES, create_only=True),
        FieldSpec("conditions", "json", detail=True),
    ),
    read_only=(
        *("id", "filter_code", "user_id", "visible_to", "is_editable", "temporary_flag", "active_flag"),
        *("custom_view_id", "last_used_time", *_TIMES),
    ),
    update_method="PUT",
    newest_first=NO_ORDER,
    is_small=True,
    reads_ids=False,
    sent_along=("conditions",),
)

GOALS = ObjectSpec(
    name="goals",
    noun="goal",
    path="v1/goals",
    lists=(("v1/goals/find", {"is_active": "true"}), ("v1/goals/find", {"is_active": "false"})),
    rank=2,
    scopes=("goals",),
    match_on=("title",),
    key_names=("title",),
    required=("type", "assignee", "expected_outcome", "duration", "interval"),
    fields=(
        FieldSpec("title"),
        FieldSpec("type", "json"),
        FieldSpec("assignee", "json"),
        FieldSpec("expected_outcome", "json"),
        FieldSpec("duration", "json"),
        FieldSpec("interval", "choice", choices=INTERVALS),
    ),
    parts={
        "type_name": ("type", "name"),
        "type_params": ("type", "params"),
        "assignee_id": ("assignee", "id"),
        "assignee_type": ("assignee", "type"),
        "duration_start": ("duration", "start"),
        "duration_end": ("duration", "end"),
    },
    read_only=("id", "owner_id", "owner_email", "is_active", "report_ids"),
    update_method="PUT",
    newest_first=NO_ORDER,
    is_small=True,
    reads_one=False,
    reads_ids=False,
    text_ids=True,
    inside="goal",
)

ROLES = ObjectSpec(
    name="roles",
    noun="role",
    path="v1/roles",
    rank=0,
    scopes=("admin",),
    match_on=("name",),
    key_names=("name",),
    required=("name",),
    fields=(FieldSpec("name"), FieldSpec("parent_role_id", "reference", nullable=True)),
    read_only=(
        *("id", "level", "active_flag", "assignment_count", "sub_role_count", "deal_default_visibility"),
        *("lead_default_visibility", "org_default_visibility", "person_default_visibility"),
        "product_default_visibility",
    ),
    update_method="PUT",
    newest_first=NO_ORDER,
    is_small=True,
    reads_ids=False,
)

USERS = ObjectSpec(
    name="users",
    noun="user",
    path="v1/users",
    rank=0,
    scopes=("admin",),
    operations=frozenset({"insert", "update"}),
    match_on=("email",),
    key_names=("email",),
    required=("email",),
    fields=(
        FieldSpec("email", create_only=True),
        FieldSpec("access", "json", create_only=True),
        FieldSpec("active_flag", "boolean"),
    ),
    read_only=(
        *("id", "name", "phone", "role_id", "activated", "is_deleted", "is_you", "has_created_company"),
        *("default_currency", "locale", "lang", "timezone_name", "timezone_offset", "icon_url", "created"),
        *("modified", "last_login"),
    ),
    update_method="PUT",
    newest_first=NO_ORDER,
    is_small=True,
    reads_ids=False,
    keeps_inactive=True,
)

WEBHOOKS = ObjectSpec(
    name="webhooks",
    noun="webhook",
    path="v1/webhooks",
    rank=2,
    scopes=("admin",),
    operations=NO_UPDATE,
    match_on=("subscription_url",),
    narrowed_by=("event_action", "event_object"),
    key_names=("subscription_url", "event_action", "event_object"),
    required=("subscription_url", "event_action", "event_object", "name"),
    fields=(
        FieldSpec("subscription_url", create_only=True),
        FieldSpec("event_action", "choice", choices=EVENT_ACTIONS, create_only=True),
        FieldSpec("event_object", create_only=True),
        FieldSpec("name", create_only=True),
        FieldSpec("user_id", "user", create_only=True),
        FieldSpec("http_auth_user", create_only=True),
        FieldSpec("http_auth_password", create_only=True, hidden=True),
        FieldSpec("version", create_only=True),
    ),
    read_only=(
        *("id", "type", "owner_id", "admin_id", "company_id", "is_active", "add_time", "remove_time"),
        *("remove_reason", "last_delivery_time", "last_http_status", "owner_email"),
    ),
    newest_first=NO_ORDER,
    is_small=True,
    reads_one=False,
    reads_ids=False,
)

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
        FieldSpec("title"),
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

MAIL_THREADS = ObjectSpec(
    name="mail_threads",
    noun="mail thread",
    path="v1/mailbox/mailThreads",
    lists=tuple(("v1/mailbox/mailThreads", {"folder": folder}) for folder in ("inbox", "drafts", "sent", "archive")),
    rank=5,
    scopes=("mail",),
    operations=frozenset({"update", "delete"}),
    match_on=("id",),
    fields=(
        FieldSpec("deal_id", "reference", refers="deals"),
        FieldSpec("lead_id"),
        FieldSpec("shared_flag", "flag"),
        FieldSpec("read_flag", "flag"),
        FieldSpec("archived_flag", "flag"),
    ),
    aliases={"deal": "deal_id"},
    parents={"deal": "deal_id"},
    read_only=(
        *("id", "folder", "folders", "user_id", "account_id", "subject", "snippet", "snippet_draft", "snippet_sent"),
        *("parties", "drafts_parties", "deal_status", "message_count", "version", "deleted_flag", "synced_flag"),
        *("external_deleted_flag", "smart_bcc_flag", "has_draft_flag", "has_sent_flag", "all_messages_sent_flag"),
        *("first_message_to_me_flag", "has_attachments_flag", "has_inline_attachments_flag"),
        *("has_real_attachments_flag", "mail_tracking_status", "mail_link_tracking_enabled_flag"),
        *("first_message_timestamp", "last_message_timestamp", "last_message_received_timestamp"),
        *("last_message_sent_timestamp", *_TIMES),
    ),
    update_method="PUT",
    newest_first=NO_ORDER,
    reads_ids=False,
    sends_form=True,
)

ACCOUNT = (
    *(PIPELINES, STAGES, LEAD_LABELS, ACTIVITY_TYPES, FILTERS, GOALS, ROLES, USERS, WEBHOOKS),
    *(PROJECTS, TASKS, MAIL_THREADS),
)
