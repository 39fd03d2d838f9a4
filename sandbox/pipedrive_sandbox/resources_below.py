"""Resources that hang below deals, persons, organizations, products and notes.

Source: https://developers.pipedrive.com/docs/api/v1.
"""

from __future__ import annotations

from pipedrive_sandbox import bodies_table as bodies
from pipedrive_sandbox.actions import account, children, lists, prepare, single, writes
from pipedrive_sandbox.blanks_more import MORE_BLANKS
from pipedrive_sandbox.rules import shapes, shapes_account, shapes_v1
from pipedrive_sandbox.rules.query import FLAG
from pipedrive_sandbox.table import Param, Resource, Route

PAGE = ("limit", "cursor")
OFFSET = ("start", "limit")
COLUMN = {"deals": "deal_id", "persons": "person_id", "organizations": "org_id", "products": "product_id"}
CHANGE_COLUMNS = (
    *("field_key", "old_value", "new_value", "actor_user_id", "time", "change_source", "change_source_user_agent"),
    *("is_bulk_update_flag",),
)
MESSAGE_COLUMNS = (
    "id",
    *(name for name in MORE_BLANKS["mail_messages"] if name not in ("deal_id", "person_id", "org_id")),
)
THREAD_COLUMNS = ("id", *MORE_BLANKS["mail_threads"])
IMAGE_COLUMNS = ("id", "product_id", "company_id", "public_url", "add_time", "mime_type", "name")
FOLDERS = Param("choice", ("inbox", "drafts", "sent", "archive"), required=True)


def _followers(parent: str) -> Resource:
    path = f"/{parent}/{{id}}/followers"
    return Resource(
        f"{parent}_followers",
        "Follower",
        "v2",
        columns=("user_id", "add_time"),
        collection="followers",
        shape=shapes.plain,
        parent=parent,
        parent_column=COLUMN[parent],
        create=bodies.FOLLOWER_CREATE,
        routes=(
            Route("GET", path, 10, lists.children, PAGE),
            Route("POST", path, 5, children.add_follower, status=201),
            Route("DELETE", path + "/{follower_id}", 3, children.delete_follower),
        ),
    )


def _follower_changes(parent: str) -> Resource:
    return Resource(
        f"{parent}_follower_changes",
        "Change",
        "v2",
        columns=("action", "actor_user_id", "follower_user_id", "time"),
        collection="follower_changes",
        shape=shapes.plain,
        parent=parent,
        parent_column=COLUMN[parent],
        direction="desc",
        routes=(Route("GET", f"/{parent}/{{id}}/followers/changelog", 10, lists.children, PAGE),),
    )


def _changelog(parent: str) -> Resource:
    return Resource(
        f"{parent}_changelog",
        "Change",
        "v1",
        columns=CHANGE_COLUMNS,
        collection="changes",
        shape=shapes_account.change,
        parent=parent,
        parent_column=COLUMN[parent],
        direction="desc",
        routes=(Route("GET", f"/{parent}/{{id}}/changelog", 20, lists.children, ("cursor", "limit")),),
    )


def _messages(parent: str) -> Resource:
    return Resource(
        f"{parent}_mail_messages",
        "Mail message",
        "v1",
        columns=MESSAGE_COLUMNS,
        collection="mail_messages",
        shape=shapes.millisecond_times,
        parent=parent,
        parent_column=COLUMN[parent],
        params={"include_body": FLAG},
        routes=(Route("GET", f"/{parent}/{{id}}/mailMessages", 20, lists.wrapped_messages, (*OFFSET, "include_body")),),
    )


def _files(parent: str) -> Resource:
    return Resource(
        f"{parent}_files",
        "File",
        "v1",
        columns=shapes_v1.FILE_COLUMNS,
        collection="files",
        shape=shapes_v1.file,
        deleted="active_flag",
        parent=parent,
        parent_column=COLUMN[parent],
        page_limit=100,
        sortable=("id", "update_time"),
        routes=(Route("GET", f"/{parent}/{{id}}/files", 20, lists.children_by_offset, (*OFFSET, "sort")),),
    )


def _merge(parent: str, noun: str, columns: tuple[str, ...]) -> Resource:
    return Resource(
        f"{parent}_merge",
        noun,
        "v1",
        columns=columns,
        collection=parent,
        shape=shapes.plain,
        routes=(Route("PUT", f"/{parent}/{{id}}/merge", 40, account.merge),),
    )


DISCOUNTS = Resource(
    "discounts",
    "Discount",
    "v2",
    columns=("id", *MORE_BLANKS["discounts"]),
    shape=shapes.plain,
    id_kind="uuid",
    order="created_at",
    parent="deals",
    parent_column="deal_id",
    create=bodies.DISCOUNT_CREATE,
    update=bodies.optional(bodies.DISCOUNT_CREATE),
    prepare=prepare.discount,
    routes=(
        Route("GET", "/deals/{id}/discounts", 10, lists.whole_of_parent),
        Route("POST", "/deals/{id}/discounts", 5, writes.create_below, status=201),
        Route("PATCH", "/deals/{id}/discounts/{discount_id}", 5, writes.update),
        Route("DELETE", "/deals/{id}/discounts/{discount_id}", 3, children.purge),
    ),
)
INSTALLMENTS = Resource(
    "installments",
    "Installment",
    "v2",
    columns=("id", *MORE_BLANKS["installments"]),
    shape=shapes.plain,
    parent="deals",
    parent_column="deal_id",
    filters={"deal_ids": "deal_id"},
    sortable=("id", "billing_date", "deal_id"),
    create=bodies.INSTALLMENT_CREATE,
    update=bodies.optional(bodies.INSTALLMENT_CREATE),
    routes=(
        Route(
            *("GET", "/deals/installments", 10, lists.by_cursor),
            query=("deal_ids", "cursor", "limit", "sort_by", "sort_direction"),
            feature="installments",
        ),
        Route("POST", "/deals/{id}/installments", 5, writes.create_below, feature="installments"),
        Route("PATCH", "/deals/{id}/installments/{installment_id}", 5, writes.update, feature="installments"),
        Route("DELETE", "/deals/{id}/installments/{installment_id}", 3, children.purge, feature="installments"),
    ),
)
VARIATIONS = Resource(
    "product_variations",
    "Product variation",
    "v2",
    columns=("id", *MORE_BLANKS["product_variations"]),
    shape=shapes.plain,
    parent="products",
    parent_column="product_id",
    create=bodies.VARIATION_CREATE,
    update=bodies.optional(bodies.VARIATION_CREATE),
    prepare=prepare.variation,
    routes=(
        Route("GET", "/products/{id}/variations", 10, lists.children, PAGE),
        Route("POST", "/products/{id}/variations", 5, writes.create_below, status=201),
        Route("PATCH", "/products/{id}/variations/{product_variation_id}", 5, writes.update),
        Route("DELETE", "/products/{id}/variations/{product_variation_id}", 3, children.purge),
    ),
)
IMAGES = Resource(
    "product_images",
    "Image",
    "v2",
    columns=IMAGE_COLUMNS,
    shape=shapes.plain,
    parent="products",
    parent_column="product_id",
    routes=(Route("GET", "/products/{id}/images", 10, children.show_image),),
)
PARTICIPANTS = Resource(
    "deal_participants",
    "Participant",
    "v1",
    columns=(),
    shape=shapes_account.participant,
    parent="deals",
    parent_column="deal_id",
    create=bodies.PARTICIPANT_CREATE,
    routes=(
        Route("GET", "/deals/{id}/participants", 10, lists.children_by_offset, OFFSET),
        Route("POST", "/deals/{id}/participants", 10, children.add_participant),
        Route("DELETE", "/deals/{id}/participants/{deal_participant_id}", 6, children.delete_participant),
    ),
)
PARTICIPANT_CHANGES = Resource(
    "participant_changes",
    "Change",
    "v1",
    columns=("actor_user_id", "person_id", "action", "time"),
    shape=shapes_account.change,
    parent="deals",
    parent_column="deal_id",
    direction="desc",
    routes=(Route("GET", "/deals/{id}/participantsChangelog", 10, lists.children, ("limit", "cursor")),),
)
COMMENTS = Resource(
    "comments",
    "Comment",
    "v1",
    columns=tuple(name for name in MORE_BLANKS["comments"] if name != "note_id"),
    shape=shapes.millisecond_times,
    id_kind="uuid",
    order="add_time",
    deleted="active_flag",
    parent="notes",
    parent_column="note_id",
    create=bodies.COMMENT_CREATE,
    update=bodies.COMMENT_CREATE,
    prepare=prepare.comment,
    routes=(
        Route("GET", "/notes/{id}/comments", 20, lists.children_by_offset, OFFSET),
        Route("POST", "/notes/{id}/comments", 10, writes.create_below),
        Route("GET", "/notes/{id}/comments/{commentId}", 2, single.show),
        Route("PUT", "/notes/{id}/comments/{commentId}", 10, writes.update),
        Route("DELETE", "/notes/{id}/comments/{commentId}", 6, writes.delete_without_id),
    ),
)
MAIL_THREADS = Resource(
    "mail_threads",
    "Mail thread",
    "v1",
    columns=THREAD_COLUMNS,
    shape=shapes.millisecond_times,
    params={"folder": FOLDERS},
    update=bodies.MAIL_THREAD_UPDATE,
    prepare=prepare.mail_thread,
    routes=(
        Route("GET", "/mailbox/mailThreads", 20, lists.mail_threads, ("folder", *OFFSET)),
        Route("GET", "/mailbox/mailThreads/{id}", 20, single.show),
        Route("PUT", "/mailbox/mailThreads/{id}", 10, writes.update),
        Route("DELETE", "/mailbox/mailThreads/{id}", 6, children.purge),
    ),
)
THREAD_MESSAGES = Resource(
    "mail_messages",
    "Mail message",
    "v1",
    columns=MESSAGE_COLUMNS,
    shape=shapes.millisecond_times,
    parent="mail_threads",
    parent_column="mail_thread_id",
    routes=(Route("GET", "/mailbox/mailThreads/{id}/mailMessages", 20, lists.whole_of_parent),),
)
MESSAGES = Resource(
    "mail_message",
    "Mail message",
    "v1",
    columns=MESSAGE_COLUMNS,
    collection="mail_messages",
    shape=shapes.millisecond_times,
    params={"include_body": FLAG},
    routes=(Route("GET", "/mailbox/mailMessages/{id}", 2, single.show, ("include_body",)),),
)
MERGED_COLUMNS = {
    "deals": ("id", "title", "value", "currency", "status", "stage_id", "pipeline_id", "add_time", "update_time"),
    "persons": ("id", "name", "first_name", "last_name", "add_time", "update_time"),
    "organizations": ("id", "name", "add_time", "update_time"),
}

BELOW = (
    *(_followers(parent) for parent in COLUMN),
    *(_follower_changes(parent) for parent in COLUMN),
    *(_changelog(parent) for parent in ("deals", "persons", "organizations")),
    *(_messages(parent) for parent in ("deals", "persons", "organizations")),
    *(_files(parent) for parent in COLUMN),
    _merge("deals", "Deal", MERGED_COLUMNS["deals"]),
    _merge("persons", "Person", MERGED_COLUMNS["persons"]),
    _merge("organizations", "Organization", MERGED_COLUMNS["organizations"]),
    *(DISCOUNTS, INSTALLMENTS, VARIATIONS, IMAGES, PARTICIPANTS, PARTICIPANT_CHANGES, COMMENTS),
    *(MAIL_THREADS, THREAD_MESSAGES, MESSAGES),
)
