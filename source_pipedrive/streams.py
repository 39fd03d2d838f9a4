"""THE TABLE: one row a stream. Adding a stream is a row here and a file in ``schemas/``."""

from source_pipedrive.prepare import activity, v1_field
from source_pipedrive.stream_spec import V1_BY_CHANGE, V2_BY_CHANGE, ListSpec, StreamSpec

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

#: Without a status the API leaves deleted deals out; it shows them for 30 days after their deletion.
ALL_DEALS = {"status": "open,won,lost,deleted"}


def _fields(name: str, path: str, include: tuple[str, ...] = (), feature: str = "") -> StreamSpec:
    """v2 field definitions of one object."""
    part = ListSpec(path, include=include, shared=True)
    return StreamSpec(name, (part,), primary_key=("field_code",), feature=feature)


STREAMS: tuple[StreamSpec, ...] = (
    StreamSpec(
        "deals",
        (
            ListSpec("api/v2/deals", "live", V2_BY_CHANGE, True, True, ALL_DEALS, DEAL_EXTRAS),
            ListSpec(
                "api/v2/deals/archived",
                "archived",
                V2_BY_CHANGE,
                True,
                True,
                ALL_DEALS,
                DEAL_EXTRAS,
                sets={"is_archived": True},
                formerly="deals_archived",
            ),
        ),
        cursor="update_time",
        fields="deals",
    ),
    StreamSpec(
        "persons",
        (ListSpec("api/v2/persons", "live", V2_BY_CHANGE, True, True, include=PERSON_EXTRAS),),
        cursor="update_time",
        fields="persons",
        aliases={"ims": "im"},
    ),
    StreamSpec(
        "organizations",
        (ListSpec("api/v2/organizations", "live", V2_BY_CHANGE, True, True, include=ORGANIZATION_EXTRAS),),
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
            ListSpec("v1/leads/archived", "archived", V1_BY_CHANGE, False, True, sets={"is_archived": True}),
        ),
        cursor="update_time",
        fields="leads",
        flat_fields=True,
        label_list="v1/leadLabels",
    ),
    StreamSpec("notes", (ListSpec("v1/notes", "live", V1_BY_CHANGE, True, True),), cursor="update_time"),
    StreamSpec("files", (ListSpec("v1/files", "live", V1_BY_CHANGE, False, True),), cursor="update_time"),
    StreamSpec("pipelines", (ListSpec("api/v2/pipelines"),), cursor="update_time"),
    StreamSpec("stages", (ListSpec("api/v2/stages"),), cursor="update_time"),
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
)

BY_NAME = {spec.name: spec for spec in STREAMS}

#: The official connector's stream names that differ here -> the stream to select instead.
RENAMED = {
    "deals_archived": "deals",
    "deal_flow": "deal_changelog",
    "mail": "mail_messages",
    "mailThreads": "mail_threads",
}
