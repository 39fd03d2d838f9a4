"""Named functions that bring rows of odd shape into the documented one. Pure; they do not change their argument."""

from typing import Any

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
    return [{new if key == old else key: value for key, value in one.items()} if old in one else one for one in people]


def v1_field(row: Row) -> Row:
    """``mandatory_flag`` is true, false, or an object of conditions; the object gets its own column."""
    flag = row.get("mandatory_flag")
    if not isinstance(flag, dict):
        return row
    return row | {"mandatory_flag": True, "mandatory_conditions": flag}
