"""THE TABLE of field types: one object each, which reads, compares, merges, matches and describes values.

A new type is one class, or one of those that are here with other functions, and its row. Fields of objects name a type
by its name; custom fields have the type whose ``api_types`` hold theirs.
"""

from typing import Any

from destination_pipedrive.fields.compounds import CLOCKS, DAYS, Address, Money, Prices, Range
from destination_pipedrive.fields.contacts import Contacts, Emails, Phones
from destination_pipedrive.fields.field import FieldType
from destination_pipedrive.fields.guests import Attendees, Participants
from destination_pipedrive.fields.lists import IdList, Json, LeadLabels, OptionList, UserList
from destination_pipedrive.fields.names import ActivityType, Pipeline, Reference, SingleOption, Stage, User
from destination_pipedrive.fields.parsing import (
    VISIBILITIES,
    BadValue,
    boolean,
    clock_in_utc,
    day,
    integer,
    moment,
    number,
    text,
)
from destination_pipedrive.fields.scalars import (
    Choice,
    Domain,
    Html,
    Number,
    Scalar,
    Temporal,
    Text,
    same_clock,
    same_day,
    same_flag,
    same_folded,
    same_moment,
    same_number,
)
from pipedrive_client.field_types import API_FIELD_TYPES, BOOLEAN, DATE, INTEGER, NUMBER, Schema

_WORD = frozenset({"string", "number", "integer"})
_TRUTH = frozenset({"string", "number", "integer", "boolean"})
_TIME = frozenset({"string"})
_ONE = frozenset({"string", "number", "integer", "object"})
_SPAN = frozenset({"string", "object"})
_MANY = frozenset({"string", "number", "integer", "object", "array"})
_FLAG: Schema = {"type": ["null", "boolean", "integer"]}
_LIST: Schema = {"type": ["null", "array"], "items": {"type": ["string", "integer"]}}
_DATETIME: Schema = {"type": ["null", "string"], "format": "date-time"}
_CONTACT: Schema = {
    "type": "object",
    "required": ["value"],
    "properties": {
        "value": {"type": "string"},
        "primary": {"type": "boolean"},
        "label": {"type": "string"},
    },
}
_CONTACTS: Schema = {"type": ["null", "array"], "items": _CONTACT}


def visibility(value: Any) -> int:
    """Who may see a record. Raises BadValue."""
    found = integer(value)
    if found not in VISIBILITIES:
        raise BadValue("needs 1, 3, 5 or 7")
    return found


def _visibility_text(value: Any) -> str:
    return str(visibility(value))


def _upper(value: Any) -> str:
    return text(value).upper()


def _lower(value: Any) -> str:
    return text(value).lower()


def _flag(value: Any) -> int:
    return int(boolean(value))


def _spaced(value: Any) -> str:
    return moment(value).replace("T", " ").removesuffix("Z")


_AS_NUMBER: dict[str, Any] = {"takes": _WORD, "json_schema": NUMBER, "same": same_number, "is_key": True}
_AS_CONTACTS: dict[str, Any] = {"takes": _MANY, "json_schema": _CONTACTS, "is_key": True, "cleared": []}
TYPES: tuple[FieldType, ...] = (
    # texts
    Text(
        name="text",
        takes=_WORD,
        api_types=("varchar", "varchar_auto", "text"),
        is_key=True,
        is_offered=True,
        is_text=True,
    ),
    Text(name="phone", takes=_WORD, api_types=("phone",), is_key=True, is_offered=True, is_text=True, is_phone=True),
    Text(name="subject", takes=_WORD, is_key=True, is_text=True, keeps_placeholders=True),
    Html(name="html", takes=_WORD, is_key=True, is_text=True),
    Domain(name="domain", takes=_WORD, is_key=True, yields=True),
    Scalar(name="folded", takes=_WORD, read=_lower, same=same_folded, is_key=True),
    Scalar(name="currency", takes=_WORD, read=_upper),
    Choice(name="choice", takes=_WORD, is_key=True),
    # numbers and truth values
    Number(name="number", read=number, api_types=("double",), is_offered=True, has_size=True, **_AS_NUMBER),
    Number(name="amount", read=number, has_size=True, is_zero_empty=True, **_AS_NUMBER),
    Number(name="integer", read=integer, api_types=("int",), has_size=True, **_AS_NUMBER | {"json_schema": INTEGER}),
    Scalar(name="boolean", takes=_TRUTH, json_schema=BOOLEAN, read=boolean),
    Scalar(name="flag", takes=_TRUTH, json_schema=_FLAG, read=_flag, same=same_flag),
    Scalar(name="visible_to", takes=_WORD, json_schema=INTEGER, read=visibility, same=same_number),
    Scalar(name="visible_to_text", takes=_WORD, json_schema=INTEGER, read=_visibility_text, same=same_number),
    # days and times
    Temporal(name="date", takes=_TIME, json_schema=DATE, read=day, same=same_day, api_types=("date",), is_key=True),
    Temporal(name="datetime", takes=_TIME, json_schema=_DATETIME, read=moment, same=same_moment),
    Temporal(
        name="spaced_datetime",
        takes=_TIME,
        json_schema=_DATETIME,
        read=_spaced,
        same=same_moment,
        is_key=True,
        is_moment=True,
    ),
    Temporal(name="clock", takes=_TIME, read=clock_in_utc, same=same_clock, is_clock=True),
    Range(name="daterange", takes=_SPAN, json_schema=DATE, api_types=("daterange",), **DAYS),
    Range(name="time", takes=_SPAN, api_types=("time",), is_rewritten=True, has_zone=True, **CLOCKS),
    Range(name="timerange", takes=_SPAN, api_types=("timerange",), is_rewritten=True, has_zone=True, **CLOCKS),
    # names of other rows
    User(name="user", takes=_ONE, api_types=("user",), is_key=True, has_default=True),
    Reference(name="reference", takes=_ONE, api_types=("org", "people"), is_key=True, names_parent=True),
    Stage(name="stage", takes=_ONE),
    Pipeline(name="pipeline", takes=_ONE),
    ActivityType(name="activity_type", takes=_WORD),
    SingleOption(name="enum", takes=_ONE | {"boolean"}, api_types=("enum",), is_key=True, makes_options=True),
    # lists
    OptionList(name="set", json_schema=_LIST, api_types=("set",), makes_options=True),
    OptionList(name="labels", json_schema=_LIST, makes_options=True, cleared=[]),
    LeadLabels(name="lead_labels", json_schema=_LIST, makes_options=True, has_own_list=True, cleared=[]),
    IdList(name="ids", json_schema=_LIST),
    UserList(name="users", json_schema=_LIST),
    Emails(name="emails", **_AS_CONTACTS),
    Phones(name="phones", **_AS_CONTACTS),
    Contacts(name="contacts", **_AS_CONTACTS),
    Participants(name="participants", names_parent=True),
    Attendees(name="attendees", json_schema=_LIST | {"items": {"type": ["string", "object"]}}),
    # what has several parts
    Money(name="monetary", takes=_ONE, json_schema=NUMBER, api_types=("monetary",), has_size=True, needs_currency=True),
    Money(
        name="lead_value",
        takes=_ONE,
        json_schema={"type": ["null", "number", "object"]},
        has_size=True,
        needs_currency=True,
        amount="amount",
    ),
    Address(name="address", takes=_ONE, api_types=("address",), is_rewritten=True),
    Prices(name="prices", json_schema={"type": ["null", "array", "number"]}),
    Json(name="json", json_schema={"type": ["null", "object", "array"]}),
)
FIELD_TYPES: dict[str, FieldType] = {each.name: each for each in TYPES}
#: Pipedrive's type of a custom field -> ours. Types that are not here cannot be written.
CUSTOM_TYPES: dict[str, FieldType] = {
    API_FIELD_TYPES[api_type].name: each for each in TYPES for api_type in each.api_types
}
#: What a `domain` makes of a text field.
DOMAIN_TYPE = FIELD_TYPES["domain"]


def field_type(name: str) -> FieldType:
    """The type of a name. Raises ValueError for one that is not in the table."""
    if name not in FIELD_TYPES:
        raise ValueError(f"`{name}` is no type of fields")
    return FIELD_TYPES[name]
