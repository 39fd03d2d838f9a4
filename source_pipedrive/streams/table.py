"""THE TABLE: one row a stream. Adding a stream is a row here and a file in ``schemas/``."""

from source_pipedrive.streams.custom_retrievers import PERSON_COLUMNS, persons_of_deals, persons_of_organizations
from source_pipedrive.streams.period_figures import results_of_goals, statistics_of_pipelines
from source_pipedrive.streams.row_transforms import (
    activity,
    change,
    goal,
    mail_item,
    numbered,
    participant,
    relationship,
    v1_field,
)
from source_pipedrive.streams.spec import (
    SINGLES_A_SLICE,
    V1_BY_CHANGE,
    V2_BY_CHANGE,
    ChildSpec,
    Detail,
    ListSpec,
    StreamSpec,
)

# Extras cost nothing more. Source: `include_fields` of the v2 operations,
# https://developers.pipedrive.com/docs/api/v1
DEAL_EXTRAS = (
    "next_activity_id",
    "last_activity_id",
    "first_won_time",
    "products_count",
    "files_count",
    "notes_count",
    "followers_count",
    "email_messages_count",
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "participants_count",
    "last_incoming_mail_time",
    "last_outgoing_mail_time",
    "smart_bcc_email",
    "source_lead_id",
)
ORGANIZATION_EXTRAS = (
    "next_activity_id",
    "last_activity_id",
    "open_deals_count",
    "related_open_deals_count",
    "closed_deals_count",
    "related_closed_deals_count",
    "email_messages_count",
    "people_count",
    "activities_count",
    "done_activities_count",
    "undone_activities_count",
    "files_count",
    "notes_count",
    "followers_count",
    "won_deals_count",
    "related_won_deals_count",
    "lost_deals_count",
    "related_lost_deals_count",
    "smart_bcc_email",
)
PERSON_EXTRAS = (
    *(name for name in ORGANIZATION_EXTRAS if name != "people_count"),
    "participant_open_deals_count",
    "participant_closed_deals_count",
    "last_incoming_mail_time",
    "last_outgoing_mail_time",
    "marketing_status",
    "doi_status",
)
FIELD_EXTRAS = ("ui_visibility", "important_fields", "required_fields")

#: Who sees what users of a role create, by kind of record. Source: GET /v1/roles/{id}, `additional_data.settings`.
ROLE_SETTINGS = tuple(f"{kind}_default_visibility" for kind in ("deal", "lead", "org", "person", "product"))

#: Without a status the API leaves deleted deals out; it shows them for 30 days after their deletion.
ALL_DEALS = {"status": "open,won,lost,deleted"}


def _fields(name: str, path: str, include: tuple[str, ...] = (), feature: str = "") -> StreamSpec:
    """v2 field definitions of one object."""
    part = ListSpec(path, include=include, shared=True)
    return StreamSpec(name, (part,), primary_key=("field_code",), feature=feature)


PROJECTS = "the Projects add-on"
FOLDERS = ("inbox", "drafts", "sent", "archive")
#: The declared cursor of rows below a parent.
CHANGED = "parent_update_time"


def _followers(name: str, parent: str, key: str, gate: tuple[str, ...] = ("followers_count",)) -> StreamSpec:
    """Users who follow a record."""
    path = f"api/v2/{parent}/{{id}}/followers"
    child = ChildSpec(parent, key, path, gate=gate)
    return StreamSpec(name, primary_key=(key, "user_id"), cursor=CHANGED, child=child)


def _mail(name: str, parent: str, key: str) -> StreamSpec:
    """Mail messages of a record."""
    path, bodies = f"v1/{parent}/{{id}}/mailMessages", {"include_body": "1"}
    child = ChildSpec(parent, key, path, gate=("email_messages_count",), bodies=bodies)
    return StreamSpec(name, primary_key=(key, "id"), cursor=CHANGED, child=child, prepare=mail_item)


def _changelog(name: str, parent: str, key: str) -> StreamSpec:
    """Field changes of a record."""
    child = ChildSpec(parent, key, f"v1/{parent}/{{id}}/changelog", together=numbered)
    keys = (key, "time", "field_key", "change_number")
    return StreamSpec(name, primary_key=keys, cursor=CHANGED, child=child, prepare=change)


STREAMS: tuple[StreamSpec, ...] = (
    StreamSpec(
        "deals",
        (
            ListSpec("api/v2/deals", "live", V2_BY_CHANGE, True, True, ALL_DEALS, DEAL_EXTRAS, stamped_late=True),
            ListSpec(
                "api/v2/deals/archived",
                "archived",
                V2_BY_CHANGE,
                True,
                True,
                ALL_DEALS,
                DEAL_EXTRAS,
                constants={"is_archived": True},
                legacy_stream="deals_archived",
            ),
        ),
        cursor="update_time",
        fields="deals",
    ),
    StreamSpec(
        "persons",
        (ListSpec("api/v2/persons", "live", V2_BY_CHANGE, True, True, include=PERSON_EXTRAS, stamped_late=True),),
        cursor="update_time",
        fields="persons",
        aliases={"ims": "im"},
    ),
    StreamSpec(
        "organizations",
        (
            ListSpec(
                "api/v2/organizations", "live", V2_BY_CHANGE, True, True, include=ORGANIZATION_EXTRAS, stamped_late=True
            ),
        ),
        cursor="update_time",
        fields="organizations",
    ),
    StreamSpec(
        "activities",
        (ListSpec("api/v2/activities", "live", V2_BY_CHANGE, True, True, include=("attendees",)),),
        cursor="update_time",
        prepare=activity,
    ),
    StreamSpec(
        "products",
        (ListSpec("api/v2/products", "live", V2_BY_CHANGE, True, True),),
        cursor="update_time",
        fields="products",
    ),
    StreamSpec(
        "leads",
        (
            ListSpec("v1/leads", "live", V1_BY_CHANGE, True, True),
            ListSpec("v1/leads/archived", "archived", V1_BY_CHANGE, False, True, constants={"is_archived": True}),
        ),
        cursor="update_time",
        fields="leads",
        flat_fields=True,
        label_list="v1/leadLabels",
    ),
    StreamSpec("notes", (ListSpec("v1/notes", "live", V1_BY_CHANGE, True, True),), cursor="update_time"),
    StreamSpec(
        "files",
        (ListSpec("v1/files", "live", V1_BY_CHANGE, False, True),),
        cursor="update_time",
        has_local_bookmark=True,
        content="v1/files/{id}/download",
    ),
    StreamSpec("pipelines", (ListSpec("api/v2/pipelines", shared=True),), cursor="update_time"),
    StreamSpec("stages", (ListSpec("api/v2/stages", shared=True),), cursor="update_time"),
    StreamSpec("activity_types", (ListSpec("v1/activityTypes"),), cursor="update_time"),
    StreamSpec("currencies", (ListSpec("v1/currencies"),)),
    StreamSpec("users", (ListSpec("v1/users", shared=True),), cursor="modified"),
    StreamSpec("lead_labels", (ListSpec("v1/leadLabels", shared=True),), cursor="update_time"),
    _fields("deal_fields", "api/v2/dealFields", FIELD_EXTRAS),
    _fields("person_fields", "api/v2/personFields", FIELD_EXTRAS),
    _fields("organization_fields", "api/v2/organizationFields", FIELD_EXTRAS),
    _fields("product_fields", "api/v2/productFields", ("ui_visibility",)),
    _fields("activity_fields", "api/v2/activityFields", ("ui_visibility",)),
    _fields("project_fields", "api/v2/projectFields", feature="the Projects add-on"),
    StreamSpec("lead_fields", (ListSpec("v1/leadFields"),), primary_key=("key",), prepare=v1_field),
    StreamSpec("note_fields", (ListSpec("v1/noteFields"),), primary_key=("key",), prepare=v1_field),
    # below deals
    StreamSpec(
        "deal_products",
        cursor=CHANGED,
        child=ChildSpec("deals", "deal_id", "api/v2/deals/products", batch="deal_ids", gate=("products_count",)),
    ),
    StreamSpec(
        "deal_installments",
        cursor=CHANGED,
        child=ChildSpec("deals", "deal_id", "api/v2/deals/installments", batch="deal_ids"),
        feature="deal installments (from the Growth plan on)",
        note="If the account gets the feature later, refresh the stream: deals that did not change are not requested.",
    ),
    StreamSpec("deal_discounts", cursor=CHANGED, child=ChildSpec("deals", "deal_id", "api/v2/deals/{id}/discounts")),
    _followers("deal_followers", "deals", "deal_id"),
    StreamSpec(
        "deal_participants",
        cursor=CHANGED,
        child=ChildSpec(
            "deals", "deal_id", "v1/deals/{id}/participants", gate=("participants_count",), hints="person_id"
        ),
        drop=("person", "related_item_id", "related_item_type", "related_item_data"),
        prepare=participant,
    ),
    StreamSpec(
        "deal_persons",
        primary_key=("deal_id", "person_id"),
        cursor=CHANGED,
        child=ChildSpec(
            "deals",
            "deal_id",
            gate=("person_id", "participants_count"),
            needs=("person_id", "participants_count"),
            read=persons_of_deals,
            told_by="deal_participants",
            size=100,
        ),
        note="The persons of deals take one call per 100 deals. Participants take one call per deal that has any, "
        "unless `deal_participants` is read in the same run: then they cost the same as the persons of deals.",
    ),
    _mail("deal_mail_messages", "deals", "deal_id"),
    _changelog("deal_changelog", "deals", "deal_id"),
    # below persons
    _followers("person_followers", "persons", "person_id"),
    _mail("person_mail_messages", "persons", "person_id"),
    _changelog("person_changelog", "persons", "person_id"),
    # below organizations
    _followers("organization_followers", "organizations", "organization_id"),
    _mail("organization_mail_messages", "organizations", "organization_id"),
    StreamSpec(
        "organization_persons",
        primary_key=("organization_id", "person_id"),
        cursor=CHANGED,
        child=ChildSpec(
            "persons",
            "organization_id",
            gate=("org_id",),
            needs=("org_id", *PERSON_COLUMNS),
            read=persons_of_organizations,
            size=500,
        ),
        note="Taken from the listing of persons: `parent_update_time` is the person's change time.",
    ),
    StreamSpec(
        "organization_relationships",
        primary_key=("organization_id", "id"),
        cursor=CHANGED,
        child=ChildSpec("organizations", "organization_id", "v1/organizationRelationships", param="org_id"),
        prepare=relationship,
    ),
    _changelog("organization_changelog", "organizations", "organization_id"),
    # below products and notes
    _followers("product_followers", "products", "product_id", gate=()),
    StreamSpec(
        "product_variations",
        cursor=CHANGED,
        child=ChildSpec("products", "product_id", "api/v2/products/{id}/variations"),
    ),
    StreamSpec(
        "product_images",
        cursor=CHANGED,
        child=ChildSpec("products", "product_id", "api/v2/products/{id}/images", none=(404,)),
    ),
    StreamSpec(
        "note_comments",
        primary_key=("uuid",),
        cursor=CHANGED,
        child=ChildSpec("notes", "note_id", "v1/notes/{id}/comments"),
    ),
    # mail
    StreamSpec(
        "mail_threads",
        tuple(
            ListSpec("v1/mailbox/mailThreads", folder, {"folder": folder}, constants={"folder": folder})
            for folder in FOLDERS
        ),
        primary_key=("id", "folder"),
        cursor="update_time",
        note="One row per thread and folder, from the mailbox of the token's user only.",
    ),
    StreamSpec(
        "mail_messages",
        cursor=CHANGED,
        child=ChildSpec(
            "mail_threads",
            "mail_thread_id",
            "v1/mailbox/mailThreads/{id}/mailMessages",
            inherit=("folders",),
            gathers="folders",
        ),
        note="One call per thread, whatever folders it is in.",
    ),
    StreamSpec(
        "pipeline_statistics",
        primary_key=("pipeline_id", "period_start"),
        cursor="period_end",
        child=ChildSpec("pipelines", "pipeline_id", read=statistics_of_pipelines, daily=True, size=SINGLES_A_SLICE),
        note="Read once a day: the current month, months that ended since the last read, and in the first read the "
        "previous month. Only deals of the token's user.",
    ),
    # account and administration
    StreamSpec(
        "filters",
        (ListSpec("v1/filters"),),
        cursor="update_time",
        detail=Detail("v1/filters/{id}", ("conditions",)),
        note="Conditions take one call per changed filter; `suppress_extended_requests` leaves them out.",
    ),
    StreamSpec(
        "goals",
        (
            ListSpec("v1/goals/find", "active", {"is_active": "true"}),
            ListSpec("v1/goals/find", "inactive", {"is_active": "false"}),
        ),
        prepare=goal,
    ),
    StreamSpec(
        "goal_results",
        primary_key=("goal_id", "period_start"),
        cursor="period_end",
        child=ChildSpec(
            "goals",
            "goal_id",
            needs=("duration", "interval", "title", "expected_outcome"),
            read=results_of_goals,
            none=(404,),
            daily=True,
            size=SINGLES_A_SLICE,
        ),
        note="Read once a day: the current period, periods that ended since the last read, and in the first read the "
        "previous one.",
    ),
    StreamSpec("webhooks", (ListSpec("v1/webhooks"),), drop=("http_auth_password",)),
    StreamSpec("call_logs", (ListSpec("v1/callLogs"),)),
    StreamSpec("lead_sources", (ListSpec("v1/leadSources"),), primary_key=("name",)),
    StreamSpec(
        "roles",
        (ListSpec("v1/roles"),),
        detail=Detail("v1/roles/{id}", ROLE_SETTINGS, beside="settings"),
        note="Settings take one call per role; `suppress_extended_requests` leaves them out.",
    ),
    StreamSpec(
        "role_assignments",
        primary_key=("role_id", "user_id"),
        child=ChildSpec("roles", "role_id", "v1/roles/{id}/assignments", gate=("assignment_count",)),
    ),
    StreamSpec(
        "permission_sets",
        (ListSpec("v1/permissionSets"),),
        detail=Detail("v1/permissionSets/{id}", ("contents",)),
        note="Contents take one call per set; `suppress_extended_requests` leaves them out.",
    ),
    StreamSpec(
        "permission_set_assignments",
        primary_key=("permission_set_id", "user_id"),
        child=ChildSpec(
            "permission_sets",
            "permission_set_id",
            "v1/permissionSets/{id}/assignments",
            gate=("assignment_count",),
            none=(404,),
        ),
        feature="permission sets",
    ),
    StreamSpec("legacy_teams", (ListSpec("v1/legacyTeams"),), feature="the earlier Teams feature"),
    # projects
    StreamSpec(
        "projects",
        (
            ListSpec("api/v2/projects"),
            ListSpec("api/v2/projects/archived", "archived", constants={"is_archived": True}),
        ),
        cursor="update_time",
        fields="projects",
        feature=PROJECTS,
    ),
    StreamSpec(
        "project_changelog",
        primary_key=("project_id", "time", "change_number"),
        cursor=CHANGED,
        child=ChildSpec("projects", "project_id", "api/v2/projects/{id}/changelog", together=numbered),
        feature=PROJECTS,
    ),
    StreamSpec("tasks", (ListSpec("api/v2/tasks"),), cursor="update_time", feature=PROJECTS),
    StreamSpec("boards", (ListSpec("api/v2/boards"),), cursor="update_time", feature=PROJECTS),
    StreamSpec("phases", child=ChildSpec("boards", "board_id", "api/v2/phases", param="board_id"), feature=PROJECTS),
    StreamSpec("project_templates", (ListSpec("api/v2/projectTemplates"),), cursor="update_time", feature=PROJECTS),
)

BY_NAME = {spec.name: spec for spec in STREAMS}

#: The official connector's stream names that differ here -> the stream to select instead.
RENAMED = {
    "deals_archived": "deals",
    "deal_flow": "deal_changelog",
    "mail": "mail_messages",
    "mailThreads": "mail_threads",
}
