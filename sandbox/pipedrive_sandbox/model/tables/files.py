"""Files.

Source: https://developers.pipedrive.com/docs/api/v1
"""

from __future__ import annotations

from pipedrive_sandbox.actions import account_reads, files, lists
from pipedrive_sandbox.actions.routes import old_record
from pipedrive_sandbox.model import shapes_v1
from pipedrive_sandbox.model.column import FIXED, TIMES, Column, Key, blank, plain
from pipedrive_sandbox.model.keys import DEAL, LEAD, ORGANIZATION, PERSON, TEXT
from pipedrive_sandbox.model.params import COLUMN, OFFSET, SCOPE
from pipedrive_sandbox.model.resource import Resource, Route, read_only
from pipedrive_sandbox.seeds.maker import Maker
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id"),
    Column("user_id", 1),
    Column("deal_id", write=DEAL, update=FIXED),
    Column("person_id", write=PERSON, update=FIXED),
    Column("org_id", write=ORGANIZATION, update=FIXED),
    Column("product_id", write=Key("integer", refers="products"), update=FIXED),
    Column("activity_id", write=Key("integer", refers="activities"), update=FIXED),
    Column("lead_id", write=LEAD, update=FIXED),
    *plain("project_id", "log_id"),
    *TIMES,
    Column("file_name", "file.txt"),
    Column("file_type", "txt"),
    Column("file_size", 0),
    Column("active_flag", True),
    Column("inline_flag", False),
    Column("remote_location", "s3"),
    *plain("remote_id", "cid", "s3_bucket", "mail_message_id", "mail_template_id", default=""),
    Column("name", "file.txt", update=TEXT),
    Column("description", "", update=TEXT),
)


def file(maker: Maker, number: int) -> Row:
    """A file below a deal."""
    random = maker.random
    name = f"offer-{number}.pdf"
    return {
        **blank(COLUMNS),
        **maker.times(),
        "user_id": maker.owner(),
        "deal_id": maker.pick("deals", 0.8),
        "person_id": maker.pick("persons", 0.3),
        "file_name": name,
        "name": name,
        "file_type": "pdf",
        "file_size": random.randrange(1_000, 5_000_000),
    }


FILES = Resource(
    "files",
    "File",
    "v1",
    columns=COLUMNS,
    scopes=("deals", "contacts", "activities"),
    shape=shapes_v1.file,
    deleted="active_flag",
    prepare=files.prepare,
    page_limit=100,
    sortable=(
        *("id", "user_id", "deal_id", "person_id", "org_id", "product_id", "add_time", "update_time", "file_name"),
        *("file_type", "file_size", "comment"),
    ),
    routes=(
        Route("GET", "/files", 20, lists.by_offset, (*OFFSET, "sort")),
        *old_record("/files", create=files.upload),
    ),
    seed=file,
)


def _files(parent: str) -> Resource:
    return Resource(
        f"{parent}_files",
        "File",
        "v1",
        columns=COLUMNS,
        scopes=(SCOPE[parent],),
        collection="files",
        shape=shapes_v1.file,
        deleted="active_flag",
        parent=parent,
        parent_column=COLUMN[parent],
        page_limit=100,
        sortable=("id", "update_time"),
        routes=(Route("GET", f"/{parent}/{{id}}/files", 20, lists.children_by_offset, (*OFFSET, "sort")),),
    )


DOWNLOAD = read_only("/files/{id}/download", 20, account_reads.download, *FILES.scopes, collection="files", noun="File")
TABLES = (FILES, *(_files(parent) for parent in COLUMN), DOWNLOAD)
