"""Resources that live under `/v1`; same columns as in `resources_v2`.

Source: https://developers.pipedrive.com/docs/api/v1.
"""

from __future__ import annotations

from pipedrive_sandbox import bodies_table as bodies
from pipedrive_sandbox.actions import files, leads, lists, prepare, search, single, writes
from pipedrive_sandbox.rules import shapes, shapes_v1
from pipedrive_sandbox.rules.query import FLAG, TEXT
from pipedrive_sandbox.table import Resource, Route

PAGE = ("start", "limit")
LEAD_FILTERS = ("owner_id", "person_id", "organization_id", "filter_id")
PINS = tuple(f"pinned_to_{parent}_flag" for parent in ("lead", "deal", "organization", "person", "project", "task"))
LEAD_SORT = ("id", "title", "owner_id", "creator_id", "was_seen", "expected_close_date", "next_activity_id")
FIELD_COLUMNS = (
    *("id", "key", "name", "order_nr", "field_type", "add_time", "update_time", "last_updated_by_user_id"),
    *("created_by_user_id", "active_flag", "edit_flag", "index_visible_flag", "details_visible_flag"),
    *("add_visible_flag", "important_flag", "bulk_edit_allowed", "searchable_flag", "filtering_allowed"),
    *("sortable_flag", "mandatory_flag", "options", "options_deleted", "is_subfield", "subfields"),
)
NOTE_FIELD_COLUMNS = (
    *("id", "key", "name", "field_type", "active_flag", "edit_flag", "bulk_edit_allowed", "mandatory_flag", "options"),
)

LEADS = Resource(
    "leads",
    "Lead",
    "v1",
    columns=(
        *("id", "title", "owner_id", "creator_id", "label_ids", "person_id", "organization_id", "source_name"),
        *("origin", "origin_id", "channel", "channel_id", "source_deal_id", "is_archived", "archive_time", "was_seen"),
        *("value", "expected_close_date", "next_activity_id", "add_time", "update_time", "visible_to", "cc_email"),
    ),
    shape=shapes_v1.lead,
    fields="dealFields",
    id_kind="uuid",
    order="add_time",
    create=bodies.LEAD_CREATE,
    prepare=prepare.lead,
    update=bodies.LEAD_UPDATE,
    filters={name: name for name in ("owner_id", "person_id", "organization_id")},
    sortable=(*LEAD_SORT, "add_time", "update_time"),
    routes=(
        Route("GET", "/leads", 20, lists.leads, (*PAGE, *LEAD_FILTERS, "updated_since", "sort")),
        Route("GET", "/leads/archived", 40, lists.archived_leads, (*PAGE, *LEAD_FILTERS, "sort")),
        Route("GET", "/leads/{id}", 2, single.show),
        Route("POST", "/leads", 10, leads.create_lead, status=201),
        Route("PATCH", "/leads/{id}", 10, leads.update_lead),
        Route("DELETE", "/leads/{id}", 6, writes.delete),
    ),
)
LEAD_SEARCH = Resource(
    "leads_search",
    "Lead",
    "v1",
    columns=(),
    collection="leads",
    shape=shapes.plain,
    search_fields=("custom_fields", "notes", "title"),
    include_fields=("lead.was_seen",),
    routes=(
        Route(
            *("GET", "/leads/search", 40, search.search_by_offset),
            query=("term", "fields", "exact_match", "person_id", "organization_id", "include_fields", *PAGE),
        ),
    ),
)
NOTES = Resource(
    "notes",
    "Note",
    "v1",
    columns=(
        *("id", "active_flag", "add_time", "content", "deal_id", "lead_id", "last_update_user_id", "org_id"),
        *("person_id", "project_id", "task_id", *PINS, "update_time", "user_id"),
    ),
    shape=shapes_v1.note,
    deleted="active_flag",
    create=bodies.NOTE_CREATE,
    prepare=prepare.note,
    update=bodies.optional(bodies.NOTE_CREATE),
    filters={
        name: name for name in ("user_id", "lead_id", "deal_id", "person_id", "org_id", "project_id", "task_id", *PINS)
    },
    params=dict.fromkeys(PINS, FLAG),
    sortable=("id", "user_id", "deal_id", "person_id", "org_id", "content", "add_time", "update_time"),
    routes=(
        Route(
            *("GET", "/notes", 20, lists.by_offset),
            query=(
                *("user_id", "lead_id", "deal_id", "person_id", "org_id", "project_id", "task_id", *PAGE, "sort"),
                *("start_date", "end_date", "updated_since", *PINS),
            ),
        ),
        Route("GET", "/notes/{id}", 2, single.show),
        Route("POST", "/notes", 10, writes.create),
        Route("PUT", "/notes/{id}", 10, writes.update),
        Route("DELETE", "/notes/{id}", 6, writes.delete_without_id),
    ),
)
FILES = Resource(
    "files",
    "File",
    "v1",
    columns=shapes_v1.FILE_COLUMNS,
    shape=shapes_v1.file,
    deleted="active_flag",
    create=bodies.FILE_CREATE,
    update=bodies.FILE_UPDATE,
    prepare=files.prepare,
    page_limit=100,
    sortable=(
        *("id", "user_id", "deal_id", "person_id", "org_id", "product_id", "add_time", "update_time", "file_name"),
        *("file_type", "file_size", "comment"),
    ),
    routes=(
        Route("GET", "/files", 20, lists.by_offset, (*PAGE, "sort")),
        Route("GET", "/files/{id}", 2, single.show),
        Route("POST", "/files", 10, files.upload),
        Route("PUT", "/files/{id}", 10, writes.update),
        Route("DELETE", "/files/{id}", 6, writes.delete),
    ),
)
USERS = Resource(
    "users",
    "User",
    "v1",
    columns=(
        *("id", "name", "default_currency", "locale", "lang", "email", "phone", "activated", "last_login", "created"),
        *("modified", "has_created_company", "access", "active_flag", "timezone_name", "timezone_offset", "role_id"),
        *("icon_url", "is_deleted"),
    ),
    shape=shapes_v1.user,
    deleted="",
    routes=(
        Route("GET", "/users", 20, lists.whole),
        Route("GET", "/users/me", 2, single.me),
        Route("GET", "/users/{id}", 2, single.show),
    ),
)
CURRENCIES = Resource(
    "currencies",
    "Currency",
    "v1",
    columns=("id", "code", "name", "decimal_points", "symbol", "active_flag", "is_custom_flag"),
    shape=shapes.plain,
    params={"term": TEXT},
    routes=(Route("GET", "/currencies", 20, lists.currencies, ("term",)),),
)
ACTIVITY_TYPES = Resource(
    "activityTypes",
    "Activity type",
    "v1",
    columns=(
        *("id", "name", "icon_key", "color", "order_nr", "key_string", "active_flag", "is_custom_flag", "add_time"),
        *("update_time",),
    ),
    shape=shapes.spaced_times,
    deleted="",
    order="order_nr",
    create=bodies.ACTIVITY_TYPE_CREATE,
    prepare=prepare.activity_type,
    update=bodies.ACTIVITY_TYPE_UPDATE,
    routes=(
        Route("GET", "/activityTypes", 20, lists.whole),
        Route("POST", "/activityTypes", 10, writes.create),
        Route("PUT", "/activityTypes/{id}", 10, writes.update),
        Route("DELETE", "/activityTypes/{id}", 6, writes.delete_and_show),
    ),
)
LEAD_LABELS = Resource(
    "leadLabels",
    "Lead label",
    "v1",
    columns=("id", "name", "color", "add_time", "update_time"),
    shape=shapes_v1.lead_label,
    id_kind="uuid",
    order="add_time",
    create=bodies.LEAD_LABEL_CREATE,
    update=bodies.optional(bodies.LEAD_LABEL_CREATE),
    routes=(
        Route("GET", "/leadLabels", 10, lists.whole),
        Route("POST", "/leadLabels", 10, writes.create),
        Route("PATCH", "/leadLabels/{id}", 10, writes.update),
        Route("DELETE", "/leadLabels/{id}", 6, writes.delete),
    ),
)
LEAD_SOURCES = Resource(
    "leadSources",
    "Lead source",
    "v1",
    columns=("name",),
    shape=shapes.plain,
    routes=(Route("GET", "/leadSources", 2, lists.whole),),
)
NOTE_FIELDS = Resource(
    "noteFields",
    "Field",
    "v1",
    columns=NOTE_FIELD_COLUMNS,
    shape=shapes_v1.field_definition,
    fields="noteFields",
    order="numeric_id",
    deleted="active_flag",
    routes=(Route("GET", "/noteFields", 20, lists.whole),),
)
LEAD_FIELDS = Resource(
    "leadFields",
    "Field",
    "v1",
    columns=FIELD_COLUMNS,
    shape=shapes_v1.field_definition,
    order="numeric_id",
    routes=(Route("GET", "/leadFields", 20, lists.lead_fields, PAGE),),
)


def _fields(name: str, columns: tuple[str, ...] = FIELD_COLUMNS) -> Resource:
    return Resource(
        name,
        "Field",
        "v1",
        columns=columns,
        shape=shapes_v1.field_definition,
        fields=name,
        order="numeric_id",
        deleted="active_flag",
        id_kind="code",
        routes=(
            Route("GET", f"/{name}", 20, lists.by_offset, PAGE),
            Route("GET", f"/{name}/{{id}}", 2, single.show_by_number),
        ),
    )


ACTIVITY_FIELDS = Resource(
    "activityFields",
    "Field",
    "v1",
    columns=FIELD_COLUMNS,
    shape=shapes_v1.field_definition,
    fields="activityFields",
    order="numeric_id",
    deleted="active_flag",
    routes=(Route("GET", "/activityFields", 20, lists.whole),),
)
PRODUCT_FIELD_COLUMNS = tuple(set(FIELD_COLUMNS) - {"options_deleted", "is_subfield", "subfields"})
FIELDS = (
    *(_fields("dealFields"), _fields("personFields"), _fields("organizationFields")),
    _fields("productFields", PRODUCT_FIELD_COLUMNS),
)

V1 = (
    *(LEADS, LEAD_SEARCH, NOTES, FILES, USERS, CURRENCIES, ACTIVITY_TYPES, LEAD_LABELS, LEAD_SOURCES),
    *(NOTE_FIELDS, LEAD_FIELDS, ACTIVITY_FIELDS, *FIELDS),
)
