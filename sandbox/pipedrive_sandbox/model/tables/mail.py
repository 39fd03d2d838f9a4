"""Mail threads and messages.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from pipedrive_sandbox.actions import children, lists, prepare, single, writes
from pipedrive_sandbox.model import shapes
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, plain
from pipedrive_sandbox.model.keys import DEAL, FLAG, LEAD
from pipedrive_sandbox.model.params import COLUMN, OFFSET, ZERO_ONE
from pipedrive_sandbox.model.resource import Param, Resource, Route
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id"),
    *plain("subject", "snippet", default=""),
    Column("folders", ["inbox"]),
    Column("account_id", "sandbox-mail"),
    *plain("user_id", "version", default=1),
    Column("parties", {"to": [], "from": []}),
    Column("drafts_parties", []),
    Column("snippet_draft"),
    Column("snippet_sent", ""),
    Column("message_count", 1),
    Column("read_flag", 1, update=FLAG),
    *plain(
        "has_attachments_flag",
        "has_inline_attachments_flag",
        "has_real_attachments_flag",
        "has_draft_flag",
        "has_sent_flag",
        default=0,
    ),
    Column("archived_flag", 0, update=FLAG),
    Column("deleted_flag", 0),
    Column("shared_flag", 0, update=FLAG),
    Column("synced_flag", 1),
    *plain("external_deleted_flag", "smart_bcc_flag", default=0),
    Column("first_message_to_me_flag", 1),
    *plain("mail_link_tracking_enabled_flag", "all_messages_sent_flag", default=0),
    Column("mail_tracking_status"),
    *plain("last_message_timestamp", "first_message_timestamp", default=MOMENT),
    Column("last_message_sent_timestamp"),
    Column("last_message_received_timestamp", MOMENT),
    Column("deal_id", update=DEAL),
    Column("deal_status"),
    Column("lead_id", update=LEAD),
    *TIMES,
)

MESSAGE_COLUMNS = (
    Column("id"),
    *plain("from", "to", "cc", "bcc", default=[]),
    Column("body_url", "https://mail.example/body"),
    Column("account_id", "sandbox-mail"),
    Column("user_id", 1),
    Column("mail_thread_id"),
    *plain("subject", "snippet", default=""),
    Column("mail_tracking_status"),
    Column("mail_link_tracking_enabled_flag", 0),
    Column("read_flag", 1),
    Column("draft", ""),
    Column("draft_flag", 0),
    Column("synced_flag", 1),
    Column("deleted_flag", 0),
    Column("has_body_flag", 1),
    *plain("sent_flag", "sent_from_pipedrive_flag", "smart_bcc_flag", default=0),
    Column("message_time", MOMENT),
    *plain("has_attachments_flag", "has_inline_attachments_flag", "has_real_attachments_flag", default=0),
    *TIMES,
    Column("deal_id", is_shown=False),
    Column("person_id", is_shown=False),
    Column("org_id", is_shown=False),
)

FOLDER = Param("choice", ("inbox", "drafts", "sent", "archive"), required=True)
FOLDERS = (["inbox"], ["sent"], ["inbox", "sent"], ["archive"], ["drafts"])


def mail_thread(maker: Maker, number: int) -> Row:
    """A mail thread; some lie in two folders."""
    folders = FOLDERS[number % len(FOLDERS)]
    return made(maker, COLUMNS, subject=f"Offer {number}", folders=list(folders), deal_id=maker.pick("deals", 0.5))


def mail_message(maker: Maker, number: int) -> Row:
    """A message of a thread, linked to a deal, a person or an organization."""
    links = {column: maker.pick(kind, 0.6) for kind, column in COLUMN.items() if kind != "products"}
    party = {"id": number, "email_address": f"person{number}@mail.example", "name": "Sender", "linked_person_id": None}
    sender = [{**party, "linked_person_name": "", "mail_message_party_id": number}]
    row = made(
        maker, MESSAGE_COLUMNS, mail_thread_id=maker.pick("mail_threads"), subject=f"Re: Offer {number}", **links
    )
    return {**row, "from": sender, "to": sender}


MAIL_THREADS = Resource(
    "mail_threads",
    "Mail thread",
    "v1",
    columns=COLUMNS,
    scopes=("mail",),
    shape=shapes.millisecond_times,
    params={"folder": FOLDER},
    prepare=prepare.mail_thread,
    routes=(
        Route("GET", "/mailbox/mailThreads", 20, lists.mail_threads, ("folder", *OFFSET)),
        Route("GET", "/mailbox/mailThreads/{id}", 20, single.show),
        Route("PUT", "/mailbox/mailThreads/{id}", 10, writes.update),
        Route("DELETE", "/mailbox/mailThreads/{id}", 6, children.purge),
    ),
    seed=mail_thread,
)

THREAD_MESSAGES = Resource(
    "mail_messages",
    "Mail message",
    "v1",
    columns=MESSAGE_COLUMNS,
    scopes=("mail",),
    shape=shapes.millisecond_times,
    parent="mail_threads",
    parent_column="mail_thread_id",
    routes=(Route("GET", "/mailbox/mailThreads/{id}/mailMessages", 20, lists.whole_of_parent),),
    seed=mail_message,
)

MESSAGES = Resource(
    "mail_message",
    "Mail message",
    "v1",
    columns=MESSAGE_COLUMNS,
    scopes=("mail",),
    collection="mail_messages",
    shape=shapes.millisecond_times,
    params={"include_body": ZERO_ONE},
    routes=(Route("GET", "/mailbox/mailMessages/{id}", 2, single.show, ("include_body",)),),
)


def _messages(parent: str) -> Resource:
    return Resource(
        f"{parent}_mail_messages",
        "Mail message",
        "v1",
        columns=MESSAGE_COLUMNS,
        scopes=("mail",),
        collection="mail_messages",
        shape=shapes.millisecond_times,
        parent=parent,
        parent_column=COLUMN[parent],
        params={"include_body": ZERO_ONE},
        routes=(Route("GET", f"/{parent}/{{id}}/mailMessages", 20, lists.wrapped_messages, (*OFFSET, "include_body")),),
    )


TABLES = (MAIL_THREADS, THREAD_MESSAGES, MESSAGES, *(_messages(parent) for parent in COLUMN if parent != "products"))
