"""Query parameters that several tables share, by name and by rule."""

from __future__ import annotations

from pipedrive_sandbox.model.resource import Param

ID = Param("integer")
NEEDED_ID = Param("integer", required=True)
WORD = Param("text")
YES_NO = Param("boolean")
ZERO_ONE = Param("flag")
DAY = Param("date", required=True)

PAGE = ("limit", "cursor")
OFFSET = ("start", "limit")
SORTED = ("sort_by", "sort_direction")
UPDATED = ("updated_since", "updated_until")
RECORD = ("include_fields", "custom_fields", "include_option_labels", "include_labels")
CONTACT_LIST = ("filter_id", "ids", "owner_id", *UPDATED, *SORTED, *RECORD, *PAGE)
SORT_TIMES = ("id", "update_time", "add_time")

#: What deals, persons and organizations show on request.
OF_EVERYONE = (
    *("next_activity_id", "last_activity_id", "activities_count", "done_activities_count", "undone_activities_count"),
    *("files_count", "notes_count", "followers_count", "email_messages_count", "smart_bcc_email"),
)
DEAL_COUNTERS = tuple(
    f"{prefix}{condition}_deals_count" for condition in ("open", "closed", "won", "lost") for prefix in ("", "related_")
)
MAIL_TIMES = ("last_incoming_mail_time", "last_outgoing_mail_time")

#: Column that links a child to its parent.
COLUMN = {"deals": "deal_id", "persons": "person_id", "organizations": "org_id", "products": "product_id"}
SCOPE = {"deals": "deals", "persons": "contacts", "organizations": "contacts", "products": "products"}
