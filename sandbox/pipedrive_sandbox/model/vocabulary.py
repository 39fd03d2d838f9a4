"""Rules of body keys, query parameters and names that several tables share."""

from pipedrive_sandbox.model.column import LINKS, Key
from pipedrive_sandbox.model.resource import Param

TEXT = Key("string")
TITLE = Key("string", required=True, longest=255, least=1)
OPTIONAL_TEXT = Key("string", nullable=True)
NUMBER = Key("number")
INTEGER = Key("integer")
OPTIONAL_INTEGER = Key("integer", nullable=True)
POSITIVE = Key("number", required=True, least=0.01)
PERCENT = Key("number", nullable=True, least=0, most=100)
BOOLEAN = Key("boolean")
FLAG = Key("flag")
DATE = Key("date")
OPTIONAL_DATE = Key("date", nullable=True)
DATETIME = Key("datetime")
SPACED_DATETIME = Key("spaced_datetime")
OBJECT = Key("object")
REQUIRED_OBJECT = Key("object", required=True)
INTEGERS = Key("integers")
LABELS = Key("labels")
ADDRESS = Key("address")
CONTACTS = Key("contacts")
CUSTOM_FIELDS = Key("custom_fields")
VISIBLE_TO = Key("integer", choices=(1, 3, 5, 7))
OWNER = Key("integer", refers="users")
PERSON = Key("integer", refers="persons")
ORGANIZATION = Key("integer", refers="organizations")
DEAL = Key("integer", refers="deals")
LEAD = Key("string", refers="leads")
PROJECT = Key("integer", refers="projects")
BILLING_FREQUENCY = Key("string", choices=("one-time", "annually", "semi-annually", "quarterly", "monthly", "weekly"))
CYCLES = Key("integer", nullable=True, least=1, most=208)
REQUIRED_TEXT = Key("string", required=True)
CONTENT = Key("string", required=True, least=1)
USER = Key("integer", required=True, refers="users")


ID = Param("integer")
NEEDED_ID = Param("integer", required=True)
WORD = Param("text")
YES_NO = Param("boolean")
ZERO_ONE = Param("flag")
DAY = Param("date", required=True)

PAGE = "limit cursor"
OFFSET = "start limit"
SORTED = "sort_by sort_direction"
UPDATED = "updated_since updated_until"
RECORD = "include_fields custom_fields include_option_labels include_labels"
CONTACT_LIST = f"filter_id ids owner_id {UPDATED} {SORTED} {RECORD} {PAGE}"
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

#: What followers and files hang below, with the column that links them and the family of scopes.
COLUMN = {parent: LINKS[parent] for parent in ("deals", "persons", "organizations", "products")}
SCOPE = {"deals": "deals", "persons": "contacts", "organizations": "contacts", "products": "products"}


def same(names: str) -> dict[str, str]:
    """Filters by columns of the same name."""
    return {name: name for name in names.split()}
