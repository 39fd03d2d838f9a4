"""Mail threads and messages."""

from pipedrive_sandbox.actions import lists, prepare, single, writes
from pipedrive_sandbox.model import shapes
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, defaults, plain
from pipedrive_sandbox.model.resource import Param, Resource, Route, get
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    *defaults(id=None, subject="", snippet="", folders=["inbox"], account_id="sandbox-mail", user_id=1, version=1),
    *defaults(parties={"to": [], "from": []}, drafts_parties=[], snippet_draft=None, snippet_sent=""),
    Column("message_count", 1),
    Column("read_flag", 1, update=v.FLAG),
    *plain(
        "has_attachments_flag has_inline_attachments_flag has_real_attachments_flag has_draft_flag has_sent_flag",
        default=0,
    ),
    Column("archived_flag", 0, update=v.FLAG),
    Column("deleted_flag", 0),
    Column("shared_flag", 0, update=v.FLAG),
    *defaults(synced_flag=1, external_deleted_flag=0, smart_bcc_flag=0, first_message_to_me_flag=1),
    *defaults(mail_link_tracking_enabled_flag=0, all_messages_sent_flag=0, mail_tracking_status=None),
    *defaults(last_message_timestamp=MOMENT, first_message_timestamp=MOMENT, last_message_sent_timestamp=None),
    Column("last_message_received_timestamp", MOMENT),
    Column("deal_id", update=v.DEAL),
    Column("deal_status"),
    Column("lead_id", update=v.LEAD),
    *TIMES,
)

MESSAGE_COLUMNS = (
    Column("id"),
    *plain("from to cc bcc", default=[]),
    *defaults(body_url="https://mail.example/body", account_id="sandbox-mail", user_id=1, mail_thread_id=None),
    *defaults(subject="", snippet="", mail_tracking_status=None, mail_link_tracking_enabled_flag=0, read_flag=1),
    *defaults(draft="", draft_flag=0, synced_flag=1, deleted_flag=0, has_body_flag=1, sent_flag=0),
    *defaults(sent_from_pipedrive_flag=0, smart_bcc_flag=0, message_time=MOMENT, has_attachments_flag=0),
    *defaults(has_inline_attachments_flag=0, has_real_attachments_flag=0),
    *TIMES,
    *plain("deal_id person_id org_id", is_shown=False),
)

FOLDER = Param("choice", ("inbox", "drafts", "sent", "archive"), required=True)
FOLDERS = (["inbox"], ["sent"], ["inbox", "sent"], ["archive"], ["drafts"])


def mail_thread(maker: Maker, number: int) -> Row:
    """A mail thread; some lie in two folders."""
    folders = FOLDERS[number % len(FOLDERS)]
    return made(maker, COLUMNS, subject=f"Offer {number}", folders=list(folders), deal_id=maker.pick("deals", 0.5))


def mail_message(maker: Maker, number: int) -> Row:
    """A message of a thread, linked to a deal, a person or an organization."""
    links = {column: maker.pick(kind, 0.6) for kind, column in v.COLUMN.items() if kind != "products"}
    party = {"id": number, "email_address": f"person{number}@mail.example", "name": "Sender", "linked_person_id": None}
    sender = [{**party, "linked_person_name": "", "mail_message_party_id": number}]
    row = made(
        maker, MESSAGE_COLUMNS, mail_thread_id=maker.pick("mail_threads"), subject=f"Re: Offer {number}", **links
    )
    return {**row, "from": sender, "to": sender}


THREAD = Resource(
    "mail_threads", "Mail thread", "v1", "mail", COLUMNS, shapes.millisecond_times, prepare.mail_thread, mail_thread
)
MESSAGE = Resource(
    "mail_messages", "Mail message", "v1", "mail", MESSAGE_COLUMNS, shapes.millisecond_times, seed=mail_message
).at(params={"include_body": v.ZERO_ONE})
TABLES = (
    THREAD.at(
        get("/mailbox/mailThreads", 20, lists.mail_threads, f"folder {v.OFFSET}"),
        get("/mailbox/mailThreads/{id}", 20, single.show),
        Route("PUT", "/mailbox/mailThreads/{id}", 10, writes.update),
        Route("DELETE", "/mailbox/mailThreads/{id}", 6, writes.purge),
        params={"folder": FOLDER},
    ),
    MESSAGE.below("mail_threads", get("/mailbox/mailThreads/{id}/mailMessages", 20, lists.whole_of_parent)),
    MESSAGE.at(get("/mailbox/mailMessages/{id}", 2, single.show, "include_body")),
    *(
        MESSAGE.below(
            parent, get(f"/{parent}/{{id}}/mailMessages", 20, lists.wrapped_messages, f"{v.OFFSET} include_body")
        )
        for parent in v.COLUMN
        if parent != "products"
    ),
)
