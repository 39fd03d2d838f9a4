"""THE TABLE: every resource of the sandbox with its routes, costs, parameters, columns and writable keys.

Sources: https://developers.pipedrive.com/docs/api/v1 and https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting.
A route's path is relative to `/api/v2` or `/v1`; its third value is the cost in tokens.
"""

from __future__ import annotations

from pipedrive_sandbox import bodies_table as bodies
from pipedrive_sandbox.actions import deal_products, deals, fields, lists, prepare, search, single, writes
from pipedrive_sandbox.rules import shapes
from pipedrive_sandbox.rules.query import BOOLEAN
from pipedrive_sandbox.table import Param, Resource, Route

PAGE = ("limit", "cursor")
SORTED = ("sort_by", "sort_direction")
UPDATED = ("updated_since", "updated_until")
LABELS = ("include_option_labels", "include_labels")
RECORD = ("include_fields", "custom_fields", *LABELS)
CONTACT_LIST = ("filter_id", "ids", "owner_id", *UPDATED, *SORTED, *RECORD, *PAGE)
DEAL_FILTERS = ("filter_id", "ids", "owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "status")
ARCHIVED_DEALS = (*DEAL_FILTERS, *UPDATED, *SORTED, "include_fields", "custom_fields", *PAGE)

ACTIVITY_COUNTERS = (
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "files_count",
    "notes_count",
)
DEAL_COUNTERS = tuple(
    f"{prefix}{condition}_deals_count" for condition in ("open", "closed", "won", "lost") for prefix in ("", "related_")
)
NEXT_AND_LAST = ("next_activity_id", "last_activity_id")
MAIL_TIMES = ("last_incoming_mail_time", "last_outgoing_mail_time")
OF_EVERYONE = (*NEXT_AND_LAST, *ACTIVITY_COUNTERS, "followers_count", "email_messages_count", "smart_bcc_email")
OF_DEALS = (*OF_EVERYONE, *MAIL_TIMES, "first_won_time", "products_count", "participants_count", "source_lead_id")
OF_ORGANIZATIONS = (*OF_EVERYONE, *DEAL_COUNTERS, "people_count")
OF_PERSONS = (
    *OF_EVERYONE,
    *DEAL_COUNTERS,
    *MAIL_TIMES,
    "participant_open_deals_count",
    "participant_closed_deals_count",
    "marketing_status",
    "doi_status",
)
TIMES = ("id", "update_time", "add_time")
FIELD_COLUMNS = (
    "field_name",
    "field_code",
    "field_type",
    "options",
    "subfields",
    "is_custom_field",
    "is_optional_response_field",
)
FIELD_EXTRAS = ("ui_visibility", "important_fields", "required_fields")

DEALS = Resource(
    "deals",
    "Deal",
    "v2",
    columns=(
        *("id", "title", "creator_user_id", "owner_id", "value", "person_id", "org_id", "stage_id", "pipeline_id"),
        *("currency", "archive_time", "add_time", "update_time", "stage_change_time", "status", "is_archived"),
        *("is_deleted", "probability", "lost_reason", "visible_to", "close_time", "won_time", "lost_time"),
        *("local_won_date", "local_lost_date", "local_close_date", "expected_close_date", "label_ids", "origin"),
        *("origin_id", "channel", "channel_id", "source_lead_id", "acv", "arr", "mrr"),
    ),
    optional=("archive_time", "local_won_date", "local_lost_date", "local_close_date", "expected_close_date"),
    shape=shapes.deal,
    fields="dealFields",
    create=bodies.DEAL_CREATE,
    prepare=deals.prepare,
    update=bodies.optional(bodies.DEAL_CREATE),
    filters={name: name for name in ("owner_id", "person_id", "org_id", "pipeline_id", "stage_id")},
    sortable=TIMES,
    include_fields=OF_DEALS,
    routes=(
        Route("GET", "/deals", 10, lists.deals, (*DEAL_FILTERS, *UPDATED, *SORTED, *RECORD, *PAGE)),
        Route("GET", "/deals/archived", 20, lists.archived_deals, ARCHIVED_DEALS),
        Route("GET", "/deals/{id}", 1, single.show, RECORD),
        Route("POST", "/deals", 5, writes.create),
        Route("PATCH", "/deals/{id}", 5, deals.update_deal),
        Route("DELETE", "/deals/{id}", 3, writes.delete),
    ),
)
PERSONS = Resource(
    "persons",
    "Person",
    "v2",
    columns=(
        *("id", "name", "first_name", "last_name", "owner_id", "org_id", "add_time", "update_time", "emails"),
        *("phones", "is_deleted", "visible_to", "label_ids", "picture_id"),
        *("postal_address", "notes", "im", "birthday", "job_title"),
    ),
    optional=("picture_id", "postal_address", "notes", "im", "birthday", "job_title"),
    shape=shapes.record,
    fields="personFields",
    create=bodies.PERSON_CREATE,
    prepare=prepare.person,
    update=bodies.optional(bodies.PERSON_CREATE, "add_time"),
    filters={name: name for name in ("owner_id", "org_id")},
    sortable=TIMES,
    include_fields=OF_PERSONS,
    routes=(
        Route("GET", "/persons", 10, lists.persons, (*CONTACT_LIST, "org_id", "deal_id")),
        Route("GET", "/persons/{id}", 1, single.show, RECORD),
        Route("POST", "/persons", 5, writes.create),
        Route("PATCH", "/persons/{id}", 5, writes.update),
        Route("DELETE", "/persons/{id}", 3, writes.delete),
    ),
)
ORGANIZATIONS = Resource(
    "organizations",
    "Organization",
    "v2",
    columns=(
        *("id", "name", "owner_id", "add_time", "update_time", "is_deleted", "visible_to", "address", "label_ids"),
        *("website", "linkedin", "industry", "annual_revenue", "employee_count"),
    ),
    optional=("website", "linkedin", "industry", "annual_revenue", "employee_count"),
    shape=shapes.record,
    fields="organizationFields",
    create=bodies.ORGANIZATION_CREATE,
    update=bodies.optional(bodies.ORGANIZATION_CREATE, "add_time"),
    filters={"owner_id": "owner_id"},
    sortable=TIMES,
    include_fields=OF_ORGANIZATIONS,
    routes=(
        Route("GET", "/organizations", 10, lists.by_cursor, CONTACT_LIST),
        Route("GET", "/organizations/{id}", 1, single.show, RECORD),
        Route("POST", "/organizations", 5, writes.create),
        Route("PATCH", "/organizations/{id}", 5, writes.update),
        Route("DELETE", "/organizations/{id}", 3, writes.delete),
    ),
)
ACTIVITIES = Resource(
    "activities",
    "Activity",
    "v2",
    columns=(
        *("id", "subject", "type", "owner_id", "creator_user_id", "is_deleted", "add_time", "update_time", "deal_id"),
        *("lead_id", "person_id", "org_id", "project_id", "due_date", "due_time", "duration", "busy", "done"),
        *("marked_as_done_time", "location", "participants", "conference_meeting_client", "conference_meeting_url"),
        *("conference_meeting_id", "public_description", "priority", "note", "outcome"),
    ),
    optional=("conference_meeting_client", "conference_meeting_url", "conference_meeting_id"),
    shape=shapes.activity,
    fields="activityFields",
    create=bodies.ACTIVITY_CREATE,
    prepare=prepare.activity,
    update=bodies.optional(bodies.ACTIVITY_CREATE),
    filters={name: name for name in ("deal_id", "lead_id", "person_id", "org_id", "owner_id", "done")},
    sortable=(*TIMES, "due_date"),
    include_fields=("attendees",),
    routes=(
        Route(
            *("GET", "/activities", 10, lists.by_cursor),
            query=(
                *("filter_id", "ids", "owner_id", "deal_id", "lead_id", "person_id", "org_id", "done"),
                *(*UPDATED, *SORTED, "include_fields", *PAGE),
            ),
        ),
        Route("GET", "/activities/{id}", 1, single.show, ("include_fields",)),
        Route("POST", "/activities", 5, writes.create),
        Route("PATCH", "/activities/{id}", 5, writes.update),
        Route("DELETE", "/activities/{id}", 3, writes.delete),
    ),
)
PRODUCTS = Resource(
    "products",
    "Product",
    "v2",
    columns=(
        *("id", "name", "code", "description", "unit", "tax", "category", "is_linkable", "is_deleted", "visible_to"),
        *("owner_id", "add_time", "update_time", "billing_frequency", "billing_frequency_cycles", "prices"),
    ),
    shape=shapes.product,
    fields="productFields",
    create=bodies.PRODUCT_CREATE,
    prepare=prepare.product,
    update=bodies.optional(bodies.PRODUCT_CREATE),
    filters={"owner_id": "owner_id"},
    sortable=("id", "name", "add_time", "update_time"),
    routes=(
        Route(
            *("GET", "/products", 10, lists.by_cursor),
            query=("owner_id", "ids", "filter_id", *PAGE, *SORTED, "updated_since", "custom_fields"),
        ),
        Route("GET", "/products/{id}", 1, single.show),
        Route("POST", "/products", 5, writes.create, status=201),
        Route("PATCH", "/products/{id}", 5, writes.update),
        Route("DELETE", "/products/{id}", 3, writes.delete),
    ),
)
DEAL_PRODUCTS = Resource(
    "deal_products",
    "Deal product",
    "v2",
    columns=(
        *("id", "sum", "tax", "deal_id", "name", "product_id", "product_variation_id", "order_nr", "add_time"),
        *("update_time", "comments", "currency", "discount", "discount_type", "quantity", "item_price", "tax_method"),
        *("is_enabled", "billing_frequency", "billing_frequency_cycles", "billing_start_date"),
    ),
    shape=shapes.plain,
    create=bodies.DEAL_PRODUCT_CREATE,
    prepare=prepare.deal_product,
    update=bodies.optional(bodies.DEAL_PRODUCT_CREATE),
    filters={"deal_ids": "deal_id"},
    sortable=("id", "add_time", "update_time", "order_nr", "deal_id"),
    parent="deals",
    parent_column="deal_id",
    routes=(
        Route("GET", "/deals/products", 10, lists.by_cursor, ("deal_ids", *PAGE, *SORTED)),
        Route("GET", "/deals/{id}/products", 10, lists.children, (*PAGE, *SORTED)),
        Route("POST", "/deals/{id}/products", 5, deal_products.add_one, status=201),
        Route("POST", "/deals/{id}/products/bulk", 25, deal_products.add_many, status=201),
        Route("PATCH", "/deals/{id}/products/{product_attachment_id}", 5, deal_products.change_one),
        Route("DELETE", "/deals/{id}/products/{product_attachment_id}", 3, deal_products.delete_one),
        Route("DELETE", "/deals/{id}/products", 15, deal_products.delete_many, ("ids",)),
    ),
)
PIPELINES = Resource(
    "pipelines",
    "Pipeline",
    "v2",
    columns=("id", "name", "order_nr", "is_deleted", "is_deal_probability_enabled", "add_time", "update_time"),
    shape=shapes.plain,
    create=bodies.PIPELINE_CREATE,
    prepare=prepare.appended,
    update=bodies.optional(bodies.PIPELINE_CREATE),
    sortable=TIMES,
    routes=(
        Route("GET", "/pipelines", 5, lists.by_cursor, (*SORTED, *PAGE)),
        Route("GET", "/pipelines/{id}", 1, single.show),
        Route("POST", "/pipelines", 5, writes.create),
        Route("PATCH", "/pipelines/{id}", 5, writes.update),
        Route("DELETE", "/pipelines/{id}", 3, writes.delete),
    ),
)
STAGES = Resource(
    "stages",
    "Stage",
    "v2",
    columns=(
        *("id", "order_nr", "name", "is_deleted", "deal_probability", "pipeline_id", "is_deal_rot_enabled"),
        *("days_to_rotten", "add_time", "update_time"),
    ),
    shape=shapes.plain,
    create=bodies.STAGE_CREATE,
    prepare=prepare.stage,
    update=bodies.optional(bodies.STAGE_CREATE),
    filters={"pipeline_id": "pipeline_id"},
    sortable=(*TIMES, "order_nr"),
    routes=(
        Route("GET", "/stages", 5, lists.by_cursor, ("pipeline_id", *SORTED, *PAGE)),
        Route("GET", "/stages/{id}", 1, single.show),
        Route("POST", "/stages", 5, writes.create),
        Route("PATCH", "/stages/{id}", 5, writes.update),
        Route("DELETE", "/stages/{id}", 3, writes.delete),
    ),
)


def _fields(
    name: str,
    extras: tuple[str, ...] = FIELD_EXTRAS,
    columns: tuple[str, ...] = FIELD_COLUMNS,
    create: bodies.Keys = bodies.FIELD_CREATE,
    in_list: tuple[str, ...] = ("include_fields",),
    feature: str = "",
) -> Resource:
    one, options = f"/{name}/{{field_code}}", f"/{name}/{{field_code}}/options"
    reads = (
        Route("GET", f"/{name}", 10, lists.by_cursor, (*in_list, *PAGE), feature=feature),
        Route("GET", one, 1, single.show, in_list, feature=feature),
    )
    changes = (
        Route("POST", f"/{name}", 5, fields.create_field),
        Route("PATCH", one, 5, fields.update_field),
        Route("DELETE", one, 3, fields.delete_field),
        Route("POST", options, 5, fields.add_options),
        Route("PATCH", options, 5, fields.rename_options),
        Route("DELETE", options, 3, fields.delete_options),
    )
    return Resource(
        name,
        "Field",
        "v2",
        columns=columns,
        shape=shapes.field_definition,
        include_fields=extras,
        fields=name,
        order="numeric_id",
        deleted="active_flag",
        id_kind="code",
        create=create,
        update=bodies.optional(create, "field_type", "options"),
        routes=(*reads, *changes) if create else reads,
    )


FIELDS = (
    _fields("dealFields", columns=(*FIELD_COLUMNS, "description"), create=bodies.DEAL_FIELD_CREATE),
    _fields("personFields"),
    _fields("organizationFields"),
    _fields("productFields", extras=("ui_visibility",), create=bodies.PRODUCT_FIELD_CREATE),
    _fields("activityFields", extras=("ui_visibility",), create={}),
    _fields("projectFields", columns=(*FIELD_COLUMNS, *FIELD_EXTRAS), in_list=(), feature="projects"),
)

SEARCH_PAGE_LIMIT = 100


def _search(
    collection: str, noun: str, categories: tuple[str, ...], narrow: tuple[str, ...] = (), extras: tuple[str, ...] = ()
) -> Resource:
    extra_query = ("include_fields",) if extras else ()
    return Resource(
        f"{collection}_search",
        noun,
        "v2",
        columns=(),
        collection=collection,
        shape=shapes.plain,
        params={"status": Param("choices", ("open", "won", "lost"))},
        search_fields=categories,
        include_fields=extras,
        page_limit=SEARCH_PAGE_LIMIT,
        routes=(
            Route(
                *("GET", f"/{collection}/search", 20, search.search),
                query=("term", "fields", "exact_match", *narrow, *extra_query, *PAGE),
            ),
        ),
    )


CONTENT = ("custom_fields", "notes")
LINKED = ("person_id", "organization_id")
SEARCHES = (
    _search("deals", "Deal", (*CONTENT, "title"), (*LINKED, "status"), ("deal.cc_email",)),
    _search("persons", "Person", (*CONTENT, "email", "phone", "name"), ("organization_id",), ("person.picture",)),
    _search("organizations", "Organization", (*CONTENT, "address", "name")),
    _search("products", "Product", ("code", "custom_fields", "name"), (), ("product.price",)),
    _search("leads", "Lead", (*CONTENT, "title"), LINKED, ("lead.was_seen",)),
)
ITEM_SEARCH = Resource(
    "itemSearch",
    "Record",
    "v2",
    columns=(),
    shape=shapes.plain,
    params={
        "item_types": Param("choices", (*search.NOUNS.values(), "file", "mail_attachment")),
        "search_for_related_items": BOOLEAN,
    },
    search_fields=(*CONTENT, "address", "code", "description", "email", "name", "phone", "title"),
    include_fields=("deal.cc_email", "person.picture", "product.price"),
    page_limit=SEARCH_PAGE_LIMIT,
    routes=(
        Route(
            *("GET", "/itemSearch", 20, search.search_all),
            query=(
                *("term", "item_types", "fields", "search_for_related_items", "exact_match", "include_fields"),
                *PAGE,
            ),
        ),
    ),
)

V2 = (
    *(DEALS, PERSONS, ORGANIZATIONS, ACTIVITIES, PRODUCTS, DEAL_PRODUCTS, PIPELINES, STAGES, *FIELDS),
    *(*SEARCHES, ITEM_SEARCH),
)
