"""Writable body keys of every resource.

Source: https://developers.pipedrive.com/docs/api/v1 (request bodies) and the v2 migration guide
https://pipedrive.readme.io/docs/pipedrive-api-v2-migration-guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipedrive_sandbox.table import Key

Keys = Mapping[str, Key]

TEXT = Key("string")
TITLE = Key("string", required=True, longest=255, least=1)
NUMBER = Key("number")
INTEGER = Key("integer")
BOOLEAN = Key("boolean")
DATE = Key("date")
DATETIME = Key("datetime")
PERCENT = Key("number", nullable=True, least=0, most=100)
VISIBLE_TO = Key("integer", choices=(1, 3, 5, 7))
LABELS = Key("labels")
ADDRESS = Key("address")
CUSTOM_FIELDS = Key("custom_fields")
OBJECT = Key("object")
OWNER = Key("integer", refers="users")
PERSON = Key("integer", refers="persons")
ORGANIZATION = Key("integer", refers="organizations")
DEAL = Key("integer", refers="deals")
LEAD = Key("string", refers="leads")
PROJECT = Key("integer", refers="projects")
CONTACTS = Key("contacts")
BILLING_FREQUENCIES = ("one-time", "annually", "semi-annually", "quarterly", "monthly", "weekly")
BILLING_FREQUENCY = Key("string", choices=BILLING_FREQUENCIES)
CYCLES = Key("integer", nullable=True, least=1, most=208)
LABEL_COLORS = ("blue", "brown", "dark-gray", "gray", "green", "orange", "pink", "purple", "red", "yellow")
ICONS = [
    "task",
    "email",
    "meeting",
    "deadline",
    "call",
    "lunch",
    "calendar",
    "downarrow",
    "document",
    "smartphone",
    "camera",
    "scissors",
    "cogs",
    "bubble",
    "uparrow",
    "checkbox",
    "signpost",
    "shuffle",
    "addressbook",
    "linegraph",
    "picture",
    "car",
    "world",
    "search",
    "clip",
    "sound",
    "brush",
    "key",
    "padlock",
    "pricetag",
    "suitcase",
    "finish",
    "plane",
    "loop",
    "wifi",
    "truck",
    "cart",
    "bulb",
    "bell",
    "presentation",
]


def optional(keys: Keys, *without: str) -> Keys:
    """The same keys for an update: none required, some left out."""
    return {name: replace(key, required=False) for name, key in keys.items() if name not in without}


DEAL_CREATE: Keys = {
    "title": TITLE,
    "owner_id": OWNER,
    "person_id": PERSON,
    "org_id": ORGANIZATION,
    "pipeline_id": Key("integer", refers="pipelines"),
    "stage_id": Key("integer", refers="stages"),
    "value": NUMBER,
    "currency": Key("currency"),
    "is_deleted": BOOLEAN,
    "is_archived": BOOLEAN,
    "archive_time": Key("spaced_datetime"),
    "status": Key("string", choices=("open", "won", "lost")),
    "probability": PERCENT,
    "lost_reason": Key("string", nullable=True),
    "visible_to": VISIBLE_TO,
    "close_time": Key("datetime", nullable=True),
    "won_time": DATETIME,
    "lost_time": DATETIME,
    "expected_close_date": DATE,
    "label_ids": LABELS,
    "custom_fields": CUSTOM_FIELDS,
}
PERSON_CREATE: Keys = {
    "name": Key("string", longest=255),
    "first_name": TEXT,
    "last_name": TEXT,
    "owner_id": OWNER,
    "org_id": ORGANIZATION,
    "add_time": DATETIME,
    "emails": CONTACTS,
    "phones": CONTACTS,
    "visible_to": VISIBLE_TO,
    "label_ids": LABELS,
    "postal_address": ADDRESS,
    "notes": TEXT,
    "im": CONTACTS,
    "birthday": DATE,
    "job_title": TEXT,
    "marketing_status": Key("string", choices=("no_consent", "unsubscribed", "subscribed", "archived")),
    "custom_fields": CUSTOM_FIELDS,
}
ORGANIZATION_CREATE: Keys = {
    "name": TITLE,
    "owner_id": OWNER,
    "add_time": DATETIME,
    "visible_to": VISIBLE_TO,
    "label_ids": LABELS,
    "address": ADDRESS,
    "website": Key("string", nullable=True),
    "linkedin": Key("string", nullable=True),
    "industry": Key("integer", nullable=True),
    "annual_revenue": Key("integer", nullable=True),
    "employee_count": Key("integer", nullable=True),
    "custom_fields": CUSTOM_FIELDS,
}
ACTIVITY_CREATE: Keys = {
    "subject": Key("string", longest=255),
    "type": Key("activity_type"),
    "owner_id": OWNER,
    "deal_id": DEAL,
    "lead_id": LEAD,
    "org_id": ORGANIZATION,
    "project_id": PROJECT,
    "due_date": DATE,
    "due_time": Key("clock"),
    "duration": Key("clock"),
    "busy": BOOLEAN,
    "done": BOOLEAN,
    "location": ADDRESS,
    "participants": Key("participants"),
    "attendees": Key("attendees"),
    "outcome": Key("integer", nullable=True),
    "public_description": TEXT,
    "priority": INTEGER,
    "note": Key("string", longest=100_000),
}
PRODUCT_CREATE: Keys = {
    "name": TITLE,
    "code": TEXT,
    "description": TEXT,
    "unit": TEXT,
    "tax": NUMBER,
    "category": NUMBER,
    "owner_id": OWNER,
    "is_linkable": BOOLEAN,
    "visible_to": VISIBLE_TO,
    "prices": Key("prices"),
    "custom_fields": CUSTOM_FIELDS,
    "billing_frequency": BILLING_FREQUENCY,
    "billing_frequency_cycles": CYCLES,
}
DEAL_PRODUCT_CREATE: Keys = {
    "product_id": Key("integer", required=True, refers="products"),
    "item_price": Key("number", required=True),
    "quantity": Key("number", required=True),
    "tax": NUMBER,
    "comments": TEXT,
    "discount": NUMBER,
    "is_enabled": BOOLEAN,
    "tax_method": Key("string", choices=("exclusive", "inclusive", "none")),
    "discount_type": Key("string", choices=("percentage", "amount")),
    "product_variation_id": Key("integer", nullable=True, refers="product_variations"),
    "billing_frequency": BILLING_FREQUENCY,
    "billing_frequency_cycles": CYCLES,
    "billing_start_date": Key("date", nullable=True),
}
PIPELINE_CREATE: Keys = {"name": TITLE, "is_deal_probability_enabled": BOOLEAN}
STAGE_CREATE: Keys = {
    "name": TITLE,
    "pipeline_id": Key("integer", required=True, refers="pipelines"),
    "deal_probability": Key("integer", least=0, most=100),
    "is_deal_rot_enabled": BOOLEAN,
    "days_to_rotten": INTEGER,
}
CUSTOM_TYPES = (
    "varchar",
    "text",
    "double",
    "phone",
    "date",
    "daterange",
    "time",
    "timerange",
    "set",
    "enum",
    "varchar_auto",
    "address",
    "monetary",
    "org",
    "people",
    "user",
)
PRODUCT_FIELD_CREATE: Keys = {
    "field_name": TITLE,
    "field_type": Key("string", required=True, choices=CUSTOM_TYPES),
    "options": Key("options"),
    "ui_visibility": OBJECT,
}
FIELD_CREATE: Keys = {**PRODUCT_FIELD_CREATE, "important_fields": OBJECT, "required_fields": OBJECT}
DEAL_FIELD_CREATE: Keys = {**FIELD_CREATE, "description": Key("string", nullable=True)}

LEAD_VALUE = Key("lead_value", nullable=True)
LEAD_CREATE: Keys = {
    "title": TITLE,
    "owner_id": OWNER,
    "label_ids": Key("lead_labels"),
    "person_id": PERSON,
    "organization_id": ORGANIZATION,
    "value": LEAD_VALUE,
    "expected_close_date": DATE,
    "visible_to": Key("string", choices=("1", "3", "5", "7")),
    "was_seen": BOOLEAN,
    "origin_id": Key("string", nullable=True),
    "channel": Key("integer", nullable=True),
    "channel_id": Key("string", nullable=True),
}
LEAD_TO_DEAL: Keys = {
    "stage_id": Key("integer", refers="stages"),
    "pipeline_id": Key("integer", refers="pipelines"),
}
LEAD_UPDATE: Keys = {
    **optional(LEAD_CREATE, "origin_id"),
    "person_id": Key("integer", nullable=True, refers="persons"),
    "organization_id": Key("integer", nullable=True, refers="organizations"),
    "is_archived": BOOLEAN,
    "expected_close_date": Key("date", nullable=True),
}
PIN = Key("flag")
NOTE_CREATE: Keys = {
    "content": Key("string", required=True, least=1),
    "lead_id": LEAD,
    "deal_id": DEAL,
    "person_id": PERSON,
    "org_id": ORGANIZATION,
    "project_id": PROJECT,
    "task_id": Key("integer", refers="tasks"),
    "user_id": OWNER,
    "add_time": Key("spaced_datetime"),
    "pinned_to_lead_flag": PIN,
    "pinned_to_deal_flag": PIN,
    "pinned_to_organization_flag": PIN,
    "pinned_to_person_flag": PIN,
    "pinned_to_project_flag": PIN,
    "pinned_to_task_flag": PIN,
}
LEAD_LABEL_CREATE: Keys = {"name": TITLE, "color": Key("string", required=True, choices=LABEL_COLORS)}
ACTIVITY_TYPE_CREATE: Keys = {
    "name": TITLE,
    "icon_key": Key("string", required=True, choices=tuple(ICONS)),
    "color": TEXT,
}
ACTIVITY_TYPE_UPDATE: Keys = {**optional(ACTIVITY_TYPE_CREATE), "order_nr": INTEGER}
FILE_CREATE: Keys = {
    "deal_id": DEAL,
    "person_id": PERSON,
    "org_id": ORGANIZATION,
    "product_id": Key("integer", refers="products"),
    "activity_id": Key("integer", refers="activities"),
    "lead_id": LEAD,
}
FILE_UPDATE: Keys = {"name": TEXT, "description": TEXT}

NAME = TITLE
POSITIVE = Key("number", required=True, least=0.01)
DISCOUNT_CREATE: Keys = {
    "description": Key("string", required=True),
    "amount": POSITIVE,
    "type": Key("string", required=True, choices=("percentage", "amount")),
}
INSTALLMENT_CREATE: Keys = {
    "description": Key("string", required=True),
    "amount": POSITIVE,
    "billing_date": Key("date", required=True),
}
VARIATION_CREATE: Keys = {"name": NAME, "prices": Key("prices")}
FOLLOWER_CREATE: Keys = {"user_id": Key("integer", required=True, refers="users")}
PARTICIPANT_CREATE: Keys = {"person_id": Key("integer", required=True, refers="persons")}
COMMENT_CREATE: Keys = {"content": Key("string", required=True, least=1)}
BOARD_CREATE: Keys = {"name": NAME, "order_nr": Key("integer", least=1)}
PHASE_CREATE: Keys = {**BOARD_CREATE, "board_id": Key("integer", required=True, refers="boards")}
PROJECT_CREATE: Keys = {
    "title": TITLE,
    "description": TEXT,
    "status": TEXT,
    "board_id": Key("integer", refers="boards"),
    "phase_id": Key("integer", refers="phases"),
    "owner_id": OWNER,
    "start_date": DATE,
    "end_date": DATE,
    "deal_ids": Key("integers"),
    "person_ids": Key("integers"),
    "org_ids": Key("integers"),
    "label_ids": Key("integers"),
    "health_status": INTEGER,
    "template_id": INTEGER,
    "custom_fields": CUSTOM_FIELDS,
}
TASK_FLAG = Key("integer", choices=(0, 1))
TASK_CREATE: Keys = {
    "title": TITLE,
    "project_id": Key("integer", required=True, refers="projects"),
    "parent_task_id": Key("integer", nullable=True, refers="tasks"),
    "description": Key("string", nullable=True),
    "done": TASK_FLAG,
    "milestone": TASK_FLAG,
    "due_date": Key("date", nullable=True),
    "start_date": Key("date", nullable=True),
    "assignee_id": Key("integer", nullable=True, refers="users"),
    "assignee_ids": Key("integers"),
    "priority": Key("integer", nullable=True, least=0),
}
FILTER_TYPES = ("deals", "leads", "org", "people", "products", "activity", "projects")
FILTER_CREATE: Keys = {
    "name": NAME,
    "conditions": Key("object", required=True),
    "type": Key("string", required=True, choices=FILTER_TYPES),
}
FILTER_UPDATE: Keys = {"name": TEXT, "conditions": Key("object", required=True)}
GOAL_CREATE: Keys = {
    "title": TEXT,
    "assignee": Key("object", required=True),
    "type": Key("object", required=True),
    "expected_outcome": Key("object", required=True),
    "duration": Key("object", required=True),
    "interval": Key("string", required=True, choices=("weekly", "monthly", "quarterly", "yearly")),
}
EVENT_OBJECTS = (
    *("activity", "board", "deal", "deal_installment", "deal_product", "lead", "note", "organization", "person"),
    *("phase", "pipeline", "product", "project", "stage", "task", "user", "*"),
)
WEBHOOK_CREATE: Keys = {
    "subscription_url": Key("string", required=True),
    "event_action": Key("string", required=True, choices=("create", "change", "delete", "*")),
    "event_object": Key("string", required=True, choices=EVENT_OBJECTS),
    "name": NAME,
    "user_id": OWNER,
    "http_auth_user": Key("string", nullable=True),
    "http_auth_password": Key("string", nullable=True),
    "version": Key("string", choices=("1.0", "2.0")),
}
OUTCOMES = ("connected", "no_answer", "left_message", "left_voicemail", "wrong_number", "busy")
CALL_LOG_CREATE: Keys = {
    "user_id": OWNER,
    "activity_id": Key("integer", refers="activities"),
    "subject": TEXT,
    "duration": TEXT,
    "outcome": Key("string", required=True, choices=OUTCOMES),
    "from_phone_number": TEXT,
    "to_phone_number": Key("string", required=True),
    "start_time": Key("spaced_datetime", required=True),
    "end_time": Key("spaced_datetime", required=True),
    "person_id": PERSON,
    "org_id": ORGANIZATION,
    "deal_id": DEAL,
    "lead_id": LEAD,
    "note": TEXT,
}
ROLE_CREATE: Keys = {"name": NAME, "parent_role_id": Key("integer", nullable=True, refers="roles")}
RELATIONSHIP_CREATE: Keys = {
    "org_id": ORGANIZATION,
    "type": Key("string", required=True, choices=("parent", "related")),
    "rel_owner_org_id": Key("integer", required=True, refers="organizations"),
    "rel_linked_org_id": Key("integer", required=True, refers="organizations"),
}
USER_CREATE: Keys = {"email": Key("string", required=True, least=1), "access": Key("array"), "active_flag": BOOLEAN}
USER_UPDATE: Keys = {"active_flag": Key("boolean", required=True)}
TEAM_CREATE: Keys = {
    "name": NAME,
    "description": TEXT,
    "manager_id": Key("integer", required=True, refers="users"),
    "users": Key("integers"),
}
MAIL_FLAG = Key("flag")
MAIL_THREAD_UPDATE: Keys = {
    "deal_id": DEAL,
    "lead_id": LEAD,
    "shared_flag": MAIL_FLAG,
    "read_flag": MAIL_FLAG,
    "archived_flag": MAIL_FLAG,
}
