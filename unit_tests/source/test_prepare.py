"""Functions that bring rows into shape, given rows of any shape."""

from typing import Any

import pytest

from source_pipedrive.streams import row_transforms as prepare
from source_pipedrive.streams.spec import Prepare

KEYS = (
    "participants",
    "attendees",
    "mandatory_flag",
    "person_id",
    "added_by_user_id",
    "rel_owner_org_id",
    "rel_linked_org_id",
    "old_value",
    "new_value",
    "data",
    "type",
    "assignee",
    "duration",
)
VALUES: tuple[Any, ...] = (
    None,
    [],
    {},
    [None, 5, {}],
    {"data": None},
    {"data": {"value": []}, "email": [None, {"primary": True}], "phone": "x"},
    "text",
    True,
    {"n": 2**80, "t": "\udf89"},
)


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize(
    "function",
    [
        prepare.activity,
        prepare.v1_field,
        prepare.participant,
        prepare.relationship,
        prepare.change,
        prepare.mail_item,
        prepare.goal,
    ],
)
def test_any_value(function: Prepare, value: Any) -> None:
    """Whatever stands in a row, a function answers with a row, and changes nothing of its argument."""
    row = dict.fromkeys(KEYS, value)

    assert isinstance(function(row), dict)
    assert row == dict.fromkeys(KEYS, value)


def test_changes_are_numbered_from_the_earliest() -> None:
    """The number counts the changes of one field in one second; the newest comes first and has the highest."""
    changes = [
        {"time": "T2", "field_key": "a"},
        {"time": "T2", "field_key": "b"},
        {"time": "T2", "field_key": "a"},
        {"time": "T1", "field_key": "a"},
        {},
    ]

    numbered = prepare.numbered(changes)

    assert [row["change_number"] for row in numbered] == [1, 0, 0, 0, 0]
    assert [{key: row[key] for key in row if key != "change_number"} for row in numbered] == changes
