"""Activities and their types."""

from pipedrive_sandbox.actions import lists, prepare, writes
from pipedrive_sandbox.actions.writes import old_record, record
from pipedrive_sandbox.model import shapes
from pipedrive_sandbox.model import vocabulary as v
from pipedrive_sandbox.model.column import TIMES, Column, Key, blank, defaults, plain
from pipedrive_sandbox.model.resource import Resource, get
from pipedrive_sandbox.seeds import words
from pipedrive_sandbox.seeds.maker import Maker
from pipedrive_sandbox.seeds.values import day
from pipedrive_sandbox.store.collection import Row

COLUMNS = (
    Column("id", field=("ID", "int")),
    Column("subject", "Call", write=Key("string", longest=255), field=("Subject", "varchar")),
    Column("type", "call", write=Key("activity_type"), field=("Type", "enum")),
    Column("owner_id", 1, write=v.OWNER, field=("Assigned to user", "user")),
    *defaults(creator_user_id=1, is_deleted=False),
    *TIMES,
    Column("deal_id", write=v.DEAL, field=("Deal", "deal")),
    Column("lead_id", write=v.LEAD, field=("Lead", "lead")),
    Column("person_id", field=("Contact person", "people")),
    Column("org_id", write=v.ORGANIZATION, field=("Organization", "org")),
    Column("project_id", write=v.PROJECT, field=("Project", "project")),
    Column("due_date", write=v.DATE, field=("Due date", "date")),
    Column("due_time", write=Key("clock"), field=("Due time", "time")),
    Column("duration", write=Key("clock"), field=("Duration", "time")),
    Column("busy", False, write=v.BOOLEAN),
    Column("done", False, write=v.BOOLEAN, field=("Done", "boolean")),
    Column("marked_as_done_time"),
    Column("location", write=v.ADDRESS, field=("Location", "address")),
    Column("participants", [], write=Key("participants")),
    *plain("conference_meeting_client conference_meeting_url conference_meeting_id", is_optional=True),
    Column("public_description", write=v.TEXT),
    Column("priority", write=v.INTEGER, field=("Priority", "enum", ("High", "Medium", "Low"))),
    Column("note", write=Key("string", longest=100_000), field=("Note", "text")),
    Column("outcome", write=v.OPTIONAL_INTEGER),
    Column("attendees", [], write=Key("attendees"), is_shown=False),
)

ICONS = (
    *("task", "email", "meeting", "deadline", "call", "lunch", "calendar", "downarrow", "document"),
    *("smartphone", "camera", "scissors", "cogs", "bubble", "uparrow", "checkbox", "signpost", "shuffle"),
    *("addressbook", "linegraph", "picture", "car", "world", "search", "clip", "sound", "brush", "key"),
    *("padlock", "pricetag", "suitcase", "finish", "plane", "loop", "wifi", "truck", "cart", "bulb", "bell"),
    *("presentation"),
)
TYPE_COLUMNS = (
    Column("id"),
    Column("name", "", write=v.TITLE),
    Column("icon_key", "task", write=Key("string", required=True, choices=ICONS)),
    Column("color", "FFFFFF", write=v.TEXT),
    Column("order_nr", 0, update=v.INTEGER),
    *defaults(key_string="", active_flag=True, is_custom_flag=True),
    *TIMES,
)


LINKS = "deal_id lead_id person_id org_id owner_id done"
QUERY = f"filter_id ids {LINKS} {v.UPDATED} {v.SORTED} include_fields {v.PAGE}"


def activity(maker: Maker, _number: int) -> Row:
    """An activity, mostly below a deal, some below a lead."""
    random = maker.random
    person_id, is_done = maker.pick("persons", 0.7), random.random() < 0.5
    times = maker.times()
    deal_id = maker.pick("deals", 0.7)
    return {
        **blank(COLUMNS),
        **times,
        "subject": random.choice(words.SUBJECTS),
        "type": random.choice(("call", "meeting", "task", "email")),
        "owner_id": maker.owner(),
        "deal_id": deal_id,
        "lead_id": None if deal_id else maker.pick("leads", 0.3),
        "person_id": person_id,
        "org_id": maker.pick("organizations", 0.5),
        "due_date": day(random) if random.random() < 0.9 else None,
        "due_time": f"{random.randrange(8, 18):02}:00" if random.random() < 0.5 else None,
        "duration": "00:30" if random.random() < 0.5 else None,
        "done": is_done,
        "marked_as_done_time": times["update_time"] if is_done else None,
        "participants": [{"person_id": person_id, "primary": True}] if person_id else [],
        "note": random.choice(words.SENTENCES) if random.random() < 0.4 else None,
        "is_deleted": random.random() < 0.02,
    }


ACTIVITY = Resource("activities", "Activity", "v2", "activities", COLUMNS, shapes.activity, prepare.activity, activity)
ACTIVITY_TYPE = Resource(
    "activityTypes", "Activity type", "v1", "r:activities admin", TYPE_COLUMNS, shapes.spaced_times, deleted=""
)
TABLES = (
    ACTIVITY.at(
        get("/activities", 10, lists.by_cursor, QUERY),
        *record("/activities", query="include_fields"),
        filters=v.same(LINKS),
        sortable=(*v.SORT_TIMES, "due_date"),
        include_fields=("attendees",),
        fields="activityFields",
    ),
    ACTIVITY_TYPE.at(
        get("/activityTypes", 20, lists.whole),
        *old_record("/activityTypes", shown=None, delete=writes.delete_and_show),
        order="order_nr",
        prepare=prepare.activity_type,
    ),
)
