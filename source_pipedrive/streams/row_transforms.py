"""Named functions that bring rows of odd shape into the documented one. Pure; they do not change their argument."""

from collections import Counter
from typing import Any

from pipedrive_client.lenient_json import dumps
from source_pipedrive.records.converters import utc_or_none

Row = dict[str, Any]


def activity(row: Row) -> Row:
    """Participants and attendees in one spelling; the API and its guide disagree on two keys."""
    return row | {
        "participants": _respelled(row.get("participants"), "primary_flag", "primary"),
        "attendees": _respelled(row.get("attendees"), "email_address", "email"),
    }


def _respelled(people: Any, old: str, new: str) -> Any:
    if not isinstance(people, list):
        return people
    return [_renamed(one, old, new) if isinstance(one, dict) and old in one else one for one in people]


def _renamed(row: Row, old: str, new: str) -> Row:
    return {new if key == old else key: value for key, value in row.items()}


def v1_field(row: Row) -> Row:
    """``mandatory_flag`` is true, false, or an object of conditions; the object gets its own column."""
    flag = row.get("mandatory_flag")
    if not isinstance(flag, dict):
        return row
    return row | {"mandatory_flag": True, "mandatory_conditions": flag}


def participant(row: Row) -> Row:
    """The person of a participant as columns; v1 nests it, and whoever added it."""
    person = row.get("person_id")
    person = person if isinstance(person, dict) else {"value": person}
    return row | {
        "person_id": _reference(person),
        "person_name": person.get("name"),
        "person_email": _primary(person.get("email")),
        "person_phone": _primary(person.get("phone")),
        "added_by_user_id": _reference(row.get("added_by_user_id")),
    }


def _reference(value: Any) -> Any:
    """The id of an object that v1 nests, under ``value`` or ``id``, at times inside ``data``."""
    if not isinstance(value, dict):
        return value
    inner = value["data"] if isinstance(value.get("data"), dict) else value
    return inner.get("value", inner.get("id"))


def _primary(contacts: Any) -> Any:
    if not isinstance(contacts, list):
        return contacts
    entries = [one for one in contacts if isinstance(one, dict)]
    marked = next((one for one in entries if one.get("primary")), entries[0] if entries else {})
    return marked.get("value")


def relationship(row: Row) -> Row:
    """Both organizations of a relationship as id and name."""
    owner, linked = row.get("rel_owner_org_id"), row.get("rel_linked_org_id")
    return row | {
        "rel_owner_org_id": _reference(owner),
        "rel_owner_org_name": owner.get("name") if isinstance(owner, dict) else None,
        "rel_linked_org_id": _reference(linked),
        "rel_linked_org_name": linked.get("name") if isinstance(linked, dict) else None,
    }


def change(row: Row) -> Row:
    """Old and new value as text; what is not text or a number is its JSON."""
    return row | {key: _text(row.get(key)) for key in ("old_value", "new_value")}


def numbered(changes: list[Row]) -> list[Row]:
    """Changes with their number among those of the same field (if they name one) in the same second; the earliest is 0.

    The API gives the newest first and all of them each time, so a number never changes.
    """
    counts = Counter[str]()
    earliest_first = []
    for row in reversed(changes):
        key = f"{utc_or_none(row.get('time')) or row.get('time')} {row.get('field_key')}"
        earliest_first.append(row | {"change_number": counts[key]})
        counts[key] += 1
    return earliest_first[::-1]


def _text(value: Any) -> Any:
    return dumps(value).decode() if isinstance(value, dict | list) else value


def mail_item(row: Row) -> Row:
    """A mail message out of its wrapper ``{object, timestamp, data}``; what was added to the wrapper stays."""
    inner = row.get("data")
    if not isinstance(inner, dict):
        return row
    return inner | {key: value for key, value in row.items() if key not in ("data", "object")}


def goal(row: Row) -> Row:
    """The parts of a goal's type, assignee and duration as columns too."""
    kind, assignee, duration = (_object(row.get(key)) for key in ("type", "assignee", "duration"))
    return row | {
        "type_name": kind.get("name"),
        "type_params": kind.get("params"),
        "assignee_id": assignee.get("id"),
        "assignee_type": assignee.get("type"),
        "duration_start": duration.get("start"),
        "duration_end": duration.get("end"),
    }


def _object(value: Any) -> Row:
    return value if isinstance(value, dict) else {}
