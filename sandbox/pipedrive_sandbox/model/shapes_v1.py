"""How v1 records appear in an answer: embedded names, spaced times, flat custom field keys."""

from collections.abc import Mapping
from typing import Any

from pipedrive_sandbox.model.resource import Call, per_row
from pipedrive_sandbox.model.shapes import spaced_times
from pipedrive_sandbox.store.clock import with_milliseconds, with_space
from pipedrive_sandbox.store.collection import Row

#: What notes and files hang below: collection, column, column of its name.
ATTACHED = {
    "deal": ("deals", "deal_id", "title"),
    "person": ("persons", "person_id", "name"),
    "organization": ("organizations", "org_id", "name"),
    "product": ("products", "product_id", "name"),
    "lead": ("leads", "lead_id", "title"),
    "project": ("projects", "project_id", "title"),
    "task": ("tasks", "task_id", "title"),
}
OF_NOTES = ("deal", "person", "organization", "project", "task")
OF_FILES = {noun: "org" if noun == "organization" else noun for noun in ATTACHED if noun != "task"}
SUFFIXED = {
    "monetary": ("currency",),
    "daterange": ("until",),
    "time": ("timezone_id",),
    "timerange": ("until", "timezone_id"),
    "address": (
        *("subpremise", "street_number", "route", "sublocality", "locality", "admin_area_level_1"),
        *("admin_area_level_2", "country", "postal_code", "formatted_address"),
    ),
}


@per_row
def lead(call: Call, row: Row) -> Row:
    """A lead: times with milliseconds, deal fields as flat hash keys with suffixed siblings, unset ones absent."""
    shown = lead_label(call)(row)
    shown["archive_time"] = row.get("archive_time") and with_milliseconds(row["archive_time"])
    return {**shown, **flat_values(call.custom_keys(), row)}


def flat_values(fields: Mapping[str, Row], row: Row) -> Row:
    """Custom field values as flat keys, those of the given fields by their keys."""
    shown: Row = {}
    for key, value in (row.get("custom_fields") or {}).items():
        if key in fields and value is not None:
            shown.update(flat_value(key, fields[key]["field_type"], value))
    return shown


def flat_value(key: str, field_type: str, value: Any) -> dict[str, Any]:
    """A custom field value as v1 shows it: `{key: value, key_currency: …}`; enum ids as text, sets joined by commas."""
    if field_type == "enum":
        return {key: str(value)}
    if field_type == "set":
        return {key: ",".join(str(option) for option in value)}
    if field_type in SUFFIXED:
        siblings = {f"{key}_{part}": value.get(part) for part in SUFFIXED[field_type]}
        return {key: value.get("value"), **siblings}
    return {key: value}


@per_row
def note(call: Call, row: Row) -> Row:
    """A note with the names of what it is attached to and of its author."""
    shown = spaced_times(call)(row)
    for noun in OF_NOTES:
        collection, column, title = ATTACHED[noun]
        found = call.state.store.find(collection, row.get(column))
        shown[noun] = None if found is None else {title: found.get(title)}
    author = call.state.store.find("users", row["user_id"]) or {}
    told = {"email": author.get("email"), "icon_url": author.get("icon_url")}
    return {**shown, "user": {**told, "is_you": row["user_id"] == call.user_id, "name": author.get("name")}}


@per_row
def file(call: Call, row: Row) -> Row:
    """A file with the names of what it is attached to and its download address."""
    shown = spaced_times(call)(row)
    for noun, name in OF_FILES.items():
        collection, column, title = ATTACHED[noun]
        shown[f"{name}_name"] = (call.state.store.find(collection, row.get(column)) or {}).get(title)
    return {**shown, "url": f"{call.request.base}/v1/files/{row['id']}/download"}


@per_row
def user(call: Call, row: Row) -> Row:
    """A user; `is_you` marks the owner of the token."""
    times = {name: with_space(row.get(name)) for name in ("last_login", "created", "modified")}
    return {**call.stored(row), "is_you": row["id"] == call.user_id, **times}


@per_row
def lead_label(call: Call, row: Row) -> Row:
    """A lead label; its times carry milliseconds."""
    return {**call.stored(row), **{name: with_milliseconds(row[name]) for name in ("add_time", "update_time")}}


@per_row
def field_definition(call: Call, row: Row) -> Row:
    """A v1 field definition: numeric id, `key`, `name` and flags."""
    is_custom = row["is_custom_field"]
    maker = call.user_id if is_custom else None
    known = {
        **row,
        "id": row["numeric_id"],
        "key": row["field_code"],
        "name": row["field_name"],
        "order_nr": row["numeric_id"],
        "edit_flag": is_custom,
        "add_time": with_space(row["add_time"]),
        "update_time": with_space(row["update_time"]),
        "mandatory_flag": row["field_code"] in ("title", "name"),
        "created_by_user_id": maker,
        "last_updated_by_user_id": maker,
        "searchable_flag": is_custom,
        "important_flag": False,
        "is_subfield": False,
        "options_deleted": row.get("options_deleted") or [],
        "subfields": row.get("subfields") or [],
    }
    return {column: known.get(column, True) for column in call.resource.names}
