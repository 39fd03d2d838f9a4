"""THE TABLE: one row for each object that can be written. Order is by ``rank``: parents before children.

Fields and limits: https://developers.pipedrive.com/docs/api/v1 (request bodies of POST and PATCH, v2).
"""

from destination_pipedrive.objects.adapters import new_person_body, prepare_activity, prepare_deal, prepare_person
from destination_pipedrive.objects.children import BELOW, BILLING_FREQUENCIES
from destination_pipedrive.objects.settings import ACCOUNT
from destination_pipedrive.objects.spec import FieldSpec, ObjectSpec

#: Longest title or name that Pipedrive takes. Source: the request bodies.
LONGEST_NAME = 255
MARKETING_STATUSES = ("no_consent", "unsubscribed", "subscribed", "archived")
#: Most characters of an activity's note. Source: the changelog of the API.
LONGEST_NOTE = 100_000
OWNER = FieldSpec("owner_id", "user")
VISIBLE_TO = FieldSpec("visible_to", "visible_to")
LABELS = FieldSpec("label_ids", "labels")
ADD_TIME = FieldSpec("add_time", "datetime", create_only=True)
ORGANIZATION = FieldSpec("org_id", "reference", refers="organizations")
PERSON = FieldSpec("person_id", "reference", refers="persons")
DEAL = FieldSpec("deal_id", "reference", refers="deals")
_COMMON_ALIASES = {"owner": "owner_id", "labels": "label_ids"}
_COMPANY_ALIASES = {"organization": "org_id", "organization_id": "org_id"}
_LINK_ALIASES = {**_COMPANY_ALIASES, "person": "person_id", "deal": "deal_id"}
_LEAD_ALIASES = {"currency": "value", "organization": "organization_id", "org_id": "organization_id"}
_LINKED = {"organization": "org_id", "person": "person_id", "deal": "deal_id"}
#: What a note may be pinned to.
PINNED_TO = ("deal", "lead", "person", "organization", "project", "task")
#: Counters and times that the source emits for the two kinds of contacts.
_CONTACT_READ_ONLY = (
    *("id", "update_time", "is_deleted", "owner_email", "labels", "custom_fields", "next_activity_id"),
    *("last_activity_id", "open_deals_count", "closed_deals_count", "won_deals_count", "lost_deals_count"),
    *("related_open_deals_count", "related_closed_deals_count", "related_won_deals_count"),
    *("related_lost_deals_count", "email_messages_count", "activities_count", "done_activities_count"),
    *("undone_activities_count", "files_count", "notes_count", "followers_count", "smart_bcc_email"),
)
ORGANIZATIONS = ObjectSpec(
    name="organizations",
    scopes=("contacts",),
    noun="organization",
    path="api/v2/organizations",
    rank=0,
    match_on=("domain", "name"),
    key_names=("domain", "name"),
    required=("name",),
    fields=(
        FieldSpec("name", longest=LONGEST_NAME),
        OWNER,
        VISIBLE_TO,
        LABELS,
        ADD_TIME,
        FieldSpec("address", "address"),
        FieldSpec("website", nullable=True, by_plan=True),
        FieldSpec("linkedin", nullable=True, by_plan=True),
        FieldSpec("industry", "integer", nullable=True, by_plan=True),
        FieldSpec("annual_revenue", "integer", nullable=True, by_plan=True),
        FieldSpec("employee_count", "integer", nullable=True, by_plan=True),
    ),
    also={"web_address": "website"},
    aliases=_COMMON_ALIASES,
    read_only=(*_CONTACT_READ_ONLY, "domain", "people_count"),
)
PERSONS = ObjectSpec(
    name="persons",
    scopes=("contacts",),
    noun="person",
    path="api/v2/persons",
    rank=1,
    match_on=("email",),
    key_names=("email", "phone", "name"),
    required=("name",),
    fields=(
        FieldSpec("name", longest=LONGEST_NAME),
        FieldSpec("first_name", longest=LONGEST_NAME),
        FieldSpec("last_name", longest=LONGEST_NAME),
        OWNER,
        ORGANIZATION,
        VISIBLE_TO,
        LABELS,
        ADD_TIME,
        FieldSpec("emails", "emails"),
        FieldSpec("phones", "phones"),
        FieldSpec("postal_address", "address", contact_sync=True),
        FieldSpec("notes", contact_sync=True),
        FieldSpec("im", "contacts", contact_sync=True),
        FieldSpec("birthday", "date", contact_sync=True),
        FieldSpec("job_title", contact_sync=True),
        FieldSpec("marketing_status", "choice", choices=MARKETING_STATUSES, on_request=True),
    ),
    also={
        "company": "org_id",
        "first": "first_name",
        "last": "last_name",
        "e_mail": "emails",
        "title": "job_title",
        "address": "postal_address",
    },
    aliases={**_COMMON_ALIASES, **_COMPANY_ALIASES, "email": "emails", "phone": "phones"},
    parents={"organization": "org_id"},
    read_only=(
        *_CONTACT_READ_ONLY,
        *("email_normalized", "picture_id", "doi_status", "participant_open_deals_count"),
        *("participant_closed_deals_count", "last_incoming_mail_time", "last_outgoing_mail_time"),
    ),
    prepare=prepare_person,
    new_body=new_person_body,
)
DEALS = ObjectSpec(
    name="deals",
    scopes=("deals",),
    noun="deal",
    path="api/v2/deals",
    archived_path="api/v2/deals/archived",
    rank=2,
    match_on=("id",),
    key_names=("title",),
    required=("title",),
    one_of=("org_id", "person_id"),
    needs_one=False,
    fields=(
        FieldSpec("title", longest=LONGEST_NAME),
        OWNER,
        PERSON,
        ORGANIZATION,
        FieldSpec("pipeline_id", "pipeline"),
        FieldSpec("stage_id", "stage"),
        FieldSpec("value", "amount"),
        FieldSpec("currency", "currency"),
        FieldSpec("status", "choice", choices=("open", "won", "lost")),
        FieldSpec("is_archived", "boolean"),
        FieldSpec("archive_time", "spaced_datetime"),
        FieldSpec("probability", "number", nullable=True),
        FieldSpec("lost_reason", nullable=True),
        VISIBLE_TO,
        FieldSpec("close_time", "datetime", nullable=True),
        *(FieldSpec(name, "datetime") for name in ("won_time", "lost_time")),
        FieldSpec("expected_close_date", "date"),
        LABELS,
    ),
    also={"company": "org_id"},
    aliases={
        **_COMMON_ALIASES,
        **_COMPANY_ALIASES,
        "person": "person_id",
        "stage": "stage_id",
        "pipeline": "pipeline_id",
    },
    parents={"organization": "org_id", "person": "person_id"},
    read_only=(
        *("id", "add_time", "update_time", "is_deleted", "owner_email", "labels", "custom_fields"),
        *("creator_user_id", "stage_change_time", "first_won_time", "local_won_date", "local_lost_date"),
        *("local_close_date", "origin", "origin_id", "channel", "channel_id", "source_lead_id", "acv", "arr"),
        *("mrr", "next_activity_id", "last_activity_id", "products_count", "files_count", "notes_count"),
        *("followers_count", "email_messages_count", "activities_count", "done_activities_count"),
        *("undone_activities_count", "participants_count", "last_incoming_mail_time"),
        *("last_outgoing_mail_time", "smart_bcc_email"),
    ),
    read_beside={"value": "products_count"},
    prepare=prepare_deal,
)
PRODUCTS = ObjectSpec(
    name="products",
    scopes=("products",),
    noun="product",
    path="api/v2/products",
    rank=3,
    match_on=("code", "name"),
    key_names=("code", "name"),
    required=("name",),
    fields=(
        FieldSpec("name", longest=LONGEST_NAME),
        FieldSpec("code"),
        FieldSpec("description"),
        FieldSpec("unit"),
        FieldSpec("tax", "amount"),
        FieldSpec("category", "enum"),
        OWNER,
        FieldSpec("is_linkable", "boolean"),
        VISIBLE_TO,
        FieldSpec("prices", "prices"),
        FieldSpec("billing_frequency", "choice", choices=BILLING_FREQUENCIES, by_plan=True),
        FieldSpec("billing_frequency_cycles", "integer", nullable=True, by_plan=True),
    ),
    aliases={"owner": "owner_id", "price": "prices"},
    also={"currency": "prices.currency"},
    read_only=("id", "is_deleted", "add_time", "update_time", "owner_email", "custom_fields"),
)
ACTIVITIES = ObjectSpec(
    name="activities",
    scopes=("activities",),
    noun="activity",
    path="api/v2/activities",
    rank=4,
    match_on=(),
    fingerprint="subject",
    required=("subject",),
    fields=(
        FieldSpec("subject", "subject", longest=LONGEST_NAME),
        FieldSpec("type", "activity_type"),
        OWNER,
        DEAL,
        FieldSpec("lead_id"),
        PERSON,
        ORGANIZATION,
        FieldSpec("project_id", "reference"),
        FieldSpec("due_date", "date"),
        *(FieldSpec(key, "clock") for key in ("due_time", "duration")),
        FieldSpec("busy", "boolean"),
        FieldSpec("done", "boolean"),
        FieldSpec("location", "address"),
        FieldSpec("participants", "participants"),
        FieldSpec("attendees", "attendees", on_request=True),
        FieldSpec("outcome", "integer", nullable=True),
        FieldSpec("public_description"),
        FieldSpec("priority", "enum"),
        FieldSpec("note", "html", longest=LONGEST_NOTE),
    ),
    also={"company": "org_id"},
    aliases={**_LINK_ALIASES, "owner": "owner_id"},
    parents=_LINKED,
    read_only=(
        *("id", "creator_user_id", "marked_as_done_time", "conference_meeting_client"),
        *("conference_meeting_url", "conference_meeting_id", "is_deleted", "add_time", "update_time", "owner_email"),
    ),
    prepare=prepare_activity,
)
NOTES = ObjectSpec(
    name="notes",
    scopes=("deals", "contacts"),
    noun="note",
    path="v1/notes",
    rank=4,
    match_on=(),
    fingerprint="content",
    required=("content",),
    one_of=("deal_id", "person_id", "org_id", "lead_id", "project_id", "task_id"),
    fields=(
        FieldSpec("content", "html"),
        DEAL,
        PERSON,
        ORGANIZATION,
        FieldSpec("lead_id"),
        FieldSpec("project_id", "reference"),
        FieldSpec("task_id", "reference"),
        FieldSpec("user_id", "user"),
        FieldSpec("add_time", "spaced_datetime", create_only=True),
        *(FieldSpec(f"pinned_to_{parent}_flag", "flag") for parent in PINNED_TO),
    ),
    also={"company": "org_id"},
    aliases={**_LINK_ALIASES, "owner": "user_id"},
    parents=_LINKED,
    read_only=(
        *("id", "user", "last_update_user_id", "lead", "project", "task"),
        *("active_flag", "is_deleted", "update_time"),
    ),
    update_method="PUT",
    newest_first={"sort": "id DESC"},
    reads_ids=False,
)
LEADS = ObjectSpec(
    name="leads",
    noun="lead",
    path="v1/leads",
    archived_path="v1/leads/archived",
    rank=2,
    scopes=("leads",),
    match_on=("id",),
    key_names=("title",),
    required=("title",),
    one_of=("person_id", "organization_id"),
    fields=(
        FieldSpec("title", longest=LONGEST_NAME),
        OWNER,
        FieldSpec("person_id", "reference", nullable=True, refers="persons"),
        FieldSpec("organization_id", "reference", nullable=True, refers="organizations"),
        FieldSpec("label_ids", "lead_labels"),
        FieldSpec("value", "lead_value", nullable=True),
        FieldSpec("expected_close_date", "date", nullable=True),
        FieldSpec("visible_to", "visible_to_text"),
        FieldSpec("was_seen", "boolean"),
        FieldSpec("is_archived", "boolean", update_only=True),
        FieldSpec("origin_id", create_only=True),
        FieldSpec("channel", "integer", nullable=True),
        FieldSpec("channel_id", nullable=True),
    ),
    also={"company": "organization_id"},
    aliases={**_COMMON_ALIASES, **_LEAD_ALIASES, "person": "person_id"},
    parents={"organization": "organization_id", "person": "person_id"},
    read_only=(
        *("id", "add_time", "update_time", "archive_time", "is_deleted", "owner_email", "labels", "creator_id"),
        *("source_deal_id", "next_activity_id", "source_name", "origin", "cc_email"),
    ),
    newest_first={"sort": "add_time DESC"},
    reads_ids=False,
    text_ids=True,
    flat_custom=True,
)
#: What most accounts write; the rest is `check`ed only when a mapping names it.
CORE = (ORGANIZATIONS, PERSONS, DEALS, LEADS, PRODUCTS, ACTIVITIES, NOTES)
OBJECTS: dict[str, ObjectSpec] = {spec.name: spec for spec in (*CORE, *BELOW, *ACCOUNT)}
