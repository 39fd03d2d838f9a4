"""THE TABLE of what a copy does not restore, and why. docs/backup.md is written from it; a test holds it against the
differences that a round trip finds. Pure data.
"""

from collections.abc import Iterator
from dataclasses import dataclass

#: The streams of the rows that a copy writes.
EVERY = (
    *("organizations", "persons", "deals", "leads", "products", "activities", "notes", "projects", "tasks"),
    *("deal_products", "pipelines", "stages", "activity_types", "lead_labels", "filters", "goals", "webhooks"),
)
#: How the parts of addresses end in the source's columns.
ADDRESS_PARTS = "_parts"


@dataclass(frozen=True)
class Limit:
    """Fields, or whole rows, of some streams. ``what`` is said to people; ``fields`` are columns of the source, those
    of ``shown`` differ in the round trip of the test.
    """

    what: str
    streams: tuple[str, ...]
    fields: tuple[str, ...]
    why: str
    shown: tuple[str, ...] = ()


FIELD_LIMITS = (
    Limit(
        "when a row was created",
        ("deals", "leads", "products", "activities", "projects", "tasks", "deal_products", "filters", "webhooks"),
        ("add_time",),
        "The API takes a creation time for organizations, persons and notes only.",
        ("add_time",),
    ),
    Limit(
        "when a row was last changed",
        ("organizations", "persons", "deals", "leads", "products", "activities", "notes", "projects", "tasks"),
        ("update_time", "parent_update_time"),
        "Pipedrive stamps each change.",
        ("update_time",),
    ),
    Limit(
        "who created a row, or changed it last",
        ("deals",),
        ("creator_user_id", "creator_id", "added_by_user_id", "last_update_user_id"),
        "Always the user whose token the copy uses.",
        ("creator_user_id",),
    ),
    Limit(
        "when a deal entered its stage, and the dates of closing in the user's time zone",
        ("deals",),
        ("stage_change_time", "local_won_date", "local_lost_date", "local_close_date", "first_won_time"),
        "Pipedrive sets them. The times of winning, losing and closing are kept.",
        ("stage_change_time",),
    ),
    Limit(
        "value, ACV, ARR and MRR of deals with products",
        ("deals",),
        ("value", "acv", "arr", "mrr"),
        "Pipedrive calculates them from the products, without the discounts of the deal.",
        ("value", "acv", "arr", "mrr"),
    ),
    Limit(
        "when an activity was done",
        ("activities",),
        ("marked_as_done_time",),
        "Pipedrive sets it.",
        ("marked_as_done_time",),
    ),
    Limit(
        "activities without a due date",
        ("activities",),
        ("due_date",),
        "Pipedrive sets the day of the copy.",
        ("due_date",),
    ),
    Limit(
        "when a lead was archived",
        ("leads",),
        ("archive_time",),
        "The API takes it for deals only.",
        ("archive_time",),
    ),
    Limit(
        "counters, and the last and next activity",
        ("organizations", "persons", "deals", "roles"),
        (
            *("last_activity_id", "next_activity_id", "email_messages_count", "files_count", "notes_count"),
            *("assignment_count", "last_incoming_mail_time", "last_outgoing_mail_time"),
        ),
        "Pipedrive counts what the account holds, so mail and files that are not there are missing.",
    ),
    Limit(
        "person and organization of a note on a deal",
        ("notes",),
        ("person_id", "person", "org_id", "organization"),
        "Pipedrive adds those of the deal.",
        ("person_id", "org_id"),
    ),
    Limit(
        "HTML of notes, character by character",
        ("notes",),
        ("content",),
        "Pipedrive cleans it; the text and the links stay.",
        ("content",),
    ),
    Limit(
        "name, currency and place of a product of a deal",
        ("deal_products",),
        ("name", "currency", "order_nr"),
        "They are those of the product and the deal; new ones go to the end of the list, in their order.",
        ("name", "order_nr"),
    ),
    Limit(
        "empty descriptions of products",
        ("products",),
        ("description",),
        "Pipedrive stores an empty text instead of nothing.",
        ("description",),
    ),
    Limit(
        "the formatted address",
        ("persons", "deals", "leads"),
        ("formatted_address",),
        "Pipedrive builds it from the parts.",
        ("formatted_address",),
    ),
    Limit(
        "board, phase and archiving of projects",
        ("projects",),
        ("board_id", "phase_id", "is_archived", "archive_time", "status_change_time"),
        "Boards and phases are not written; an archived project arrives open.",
        ("board_id", "phase_id", "is_archived"),
    ),
    Limit("whether a goal is active", ("goals",), ("is_active",), "The API does not take it.", ("is_active",)),
)
ROW_LIMITS = (
    Limit(
        "mail",
        ("mail_threads", "mail_messages", "deal_mail_messages", "person_mail_messages", "organization_mail_messages"),
        (),
        "It comes from the mailboxes that users connect.",
    ),
    Limit(
        "files and pictures",
        ("files", "product_images"),
        (),
        "The source reads file names, not contents.",
    ),
    Limit("comments on notes", ("note_comments",), (), "They are not written."),
    Limit("call logs", ("call_logs",), (), "They are not written."),
    Limit("discounts and variations", ("deal_discounts", "product_variations"), (), "They are not written."),
    Limit(
        "history",
        ("deal_changelog", "person_changelog", "organization_changelog", "project_changelog"),
        (),
        "The API does not accept history.",
    ),
    Limit(
        "users, and what they may do",
        ("users", "role_assignments", "permission_sets", "permission_set_assignments", "legacy_teams"),
        (),
        "An invitation costs a seat: invite everybody first. Rows whose owner has no active user here become yours.",
    ),
    Limit(
        "boards, phases and templates of projects",
        ("boards", "phases", "project_templates"),
        (),
        "They are not written.",
    ),
    Limit("currencies", ("currencies",), (), "The API creates none. Add your own currencies first."),
    Limit(
        "filters that refer to fields by numeric ID",
        ("filters",),
        (),
        "The numbers mean nothing in another account; such a filter is rejected with a message.",
    ),
    Limit(
        "deleted rows",
        ("deals", "persons", "organizations", "products", "activities", "leads", "notes"),
        (),
        "They are skipped; activities of a deleted type get the default type.",
    ),
)
LIMITS = (*FIELD_LIMITS, *ROW_LIMITS)


def not_restored(stream: str, column: str) -> bool:
    """Whether a column of a stream is known to differ in a copy."""
    return column in _OF_EVERY or any(column in limit.fields and stream in limit.streams for limit in FIELD_LIMITS)


#: What the copied rows of every stream have from Pipedrive.
_OF_EVERY = frozenset(
    {"add_time", "update_time", "parent_update_time", "creator_user_id", "creator_id", "added_by_user_id"}
)


def reason(stream: str) -> str:
    """Why rows of a stream are not written; empty where they are."""
    return next((limit.why for limit in ROW_LIMITS if stream in limit.streams), "")


def cells() -> Iterator[tuple[str, tuple[str, ...], str]]:
    """A line of the table for each limit: what, which columns or streams, and why."""
    for limit in LIMITS:
        yield limit.what, limit.fields or limit.streams, limit.why
