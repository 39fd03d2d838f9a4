"""Notes and their comments."""

from pipedrive_sandbox.actions import lists, prepare, writes
from pipedrive_sandbox.actions.writes import old_record
from pipedrive_sandbox.model import shapes, shapes_v1
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import MOMENT, TIMES, Column, Key, blank, defaults, plain
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker, made
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    *defaults(id=None, active_flag=True),
    Column("add_time", MOMENT, write=v.SPACED_DATETIME),
    Column("content", "", write=v.CONTENT, field=("Content", "text")),
    Column("deal_id", write=v.DEAL, field=("Deal", "deal")),
    Column("lead_id", write=v.LEAD),
    Column("last_update_user_id"),
    Column("org_id", write=v.ORGANIZATION, field=("Organization", "org")),
    Column("person_id", write=v.PERSON, field=("Person", "people")),
    Column("project_id", write=v.PROJECT),
    Column("task_id", write=Key("integer", refers="tasks")),
    Column("pinned_to_lead_flag", False, write=v.FLAG),
    Column("pinned_to_deal_flag", False, write=v.FLAG, field=("Note is pinned to deal", "enum", ("No", "Yes"))),
    *plain(
        "pinned_to_organization_flag pinned_to_person_flag pinned_to_project_flag pinned_to_task_flag",
        False,
        write=v.FLAG,
    ),
    Column("update_time", MOMENT),
    Column("user_id", 1, write=v.OWNER, field=("User", "user")),
)

COMMENT_COLUMNS = (
    *defaults(uuid="", active_flag=True, company_id=7001),
    Column("content", "", write=v.CONTENT, update=v.CONTENT),
    *defaults(object_id="", object_type="note", updater_id=1, user_id=1),
    *TIMES,
    Column("note_id", is_shown=False),
)

PINS = " ".join(f"pinned_to_{parent}_flag" for parent in ("lead", "deal", "organization", "person", "project", "task"))
NOTE_FILTERS = f"user_id lead_id deal_id person_id org_id project_id task_id {PINS}"

LONG_NOTE = 10_000


def note(maker: Maker, number: int) -> Row:
    """A note below a deal, person, organization or lead; one in twenty is 10 kB long."""
    random = maker.random
    parents = {"deal_id": "deals", "person_id": "persons", "org_id": "organizations", "lead_id": "leads"}
    column = random.choice([name for name, kind in parents.items() if maker.ids.get(kind)] or ["deal_id"])
    text = random.choice(words.SENTENCES)
    return {
        **blank(COLUMNS),
        **maker.times(),
        "content": text * (LONG_NOTE // len(text) + 1) if number % 20 == 0 else f"{text} ({number})",
        "user_id": maker.owner(),
        column: maker.pick(parents[column]),
        "pinned_to_deal_flag": column == "deal_id" and random.random() < 0.2,
        "active_flag": random.random() > 0.02,
    }


def comment(maker: Maker, _number: int) -> Row:
    """A comment below a note."""
    note_id = maker.pick("notes")
    text = maker.random.choice(words.SENTENCES)
    return made(maker, COMMENT_COLUMNS, content=text, note_id=note_id, object_id=str(note_id), user_id=maker.owner())


NOTE = Resource(
    "notes", "Note", "v1", "deals contacts", COLUMNS, shapes_v1.note, prepare.note, note, deleted="active_flag"
)
COMMENT = Resource(
    "comments",
    "Comment",
    "v1",
    "deals contacts",
    COMMENT_COLUMNS,
    shapes.millisecond_times,
    prepare.comment,
    comment,
).at(deleted="active_flag", id_kind="uuid", order="add_time")
TABLES = (
    NOTE.at(
        get("/notes", 20, lists.by_offset, f"{NOTE_FILTERS} {v.OFFSET} sort start_date end_date updated_since"),
        *old_record("/notes", delete=writes.delete_without_id),
        filters=v.same(NOTE_FILTERS),
        params=dict.fromkeys(PINS.split(), v.ZERO_ONE),
        sortable=("id", "user_id", "deal_id", "person_id", "org_id", "content", "add_time", "update_time"),
    ),
    COMMENT.below(
        "notes",
        get("/notes/{id}/comments", 20, lists.children_by_offset, v.OFFSET),
        *old_record(
            "/notes/{id}/comments", name="commentId", create=writes.create_below, delete=writes.delete_without_id
        ),
    ),
)
