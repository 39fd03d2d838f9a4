"""Files."""

from pipedrive_sandbox.actions import account_reads, lists, prepare, writes
from pipedrive_sandbox.actions.writes import old_record
from pipedrive_sandbox.model import shapes_v1
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import FIXED, TIMES, Column, Key, blank, defaults, plain
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds.maker import Maker
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    *defaults(id=None, user_id=1),
    Column("deal_id", write=v.DEAL, update=FIXED),
    Column("person_id", write=v.PERSON, update=FIXED),
    Column("org_id", write=v.ORGANIZATION, update=FIXED),
    Column("product_id", write=Key("integer", refers="products"), update=FIXED),
    Column("activity_id", write=Key("integer", refers="activities"), update=FIXED),
    Column("lead_id", write=v.LEAD, update=FIXED),
    *plain("project_id log_id"),
    *TIMES,
    *defaults(file_name="file.txt", file_type="txt", file_size=0, active_flag=True, inline_flag=False),
    *defaults(remote_location="s3", remote_id="", cid="", s3_bucket="", mail_message_id="", mail_template_id=""),
    Column("name", "file.txt", update=v.TEXT),
    Column("description", "", update=v.TEXT),
)


SORTABLE = (
    *("id", "user_id", "deal_id", "person_id", "org_id", "product_id", "add_time", "update_time", "file_name"),
    *("file_type", "file_size", "comment"),
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


FILE = Resource("files", "File", "v1", "deals contacts activities", COLUMNS, shapes_v1.file, prepare.file, file).at(
    deleted="active_flag", page_limit=100
)
TABLES = (
    FILE.at(
        get("/files", 20, lists.by_offset, f"{v.OFFSET} sort"),
        *old_record("/files", create=writes.upload),
        sortable=SORTABLE,
    ),
    *(
        FILE.below(
            parent,
            get(f"/{parent}/{{id}}/files", 20, lists.children_by_offset, f"{v.OFFSET} sort"),
            scopes=v.SCOPE[parent],
            sortable=("id", "update_time"),
        )
        for parent in v.COLUMN
    ),
    FILE.at(get("/files/{id}/download", 20, account_reads.download)),
)
