"""What actions name, by key, name or id; and events that come late."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record
from integration_tests.destination.test_actions import STEPS, event, mapping, pipeline


def add_activity(**more: Any) -> list[dict[str, Any]]:
    """A mapping whose people get an activity."""
    return mapping([{"action": "add_activity", "subject": "Call", **more}])


@pytest.mark.parametrize("priority", ["hgh", 1.5, 987654])
def test_c21_a_priority_is_one_of_the_options(account: Account, priority: object) -> None:
    """C21: a priority that is no option fails check with the pointer to it."""
    status = account.check(mappings=add_activity(priority=priority)).connection_status

    assert status["status"] == "FAILED"
    assert "`/mappings/0/actions/0/priority`" in status["message"]
    assert ("Did you mean `High`?" in status["message"]) == (priority == "hgh")


@pytest.mark.parametrize("given", ["high", "id"])
def test_c15_a_priority_by_label_or_id(account: Account, given: str) -> None:
    """C15: `High` in any case, or its id."""
    field = next(row for row in account.sandbox.rows("activityFields") if row["field_code"] == "priority")
    high = next(option["id"] for option in field["options"] if option["label"] == "High")
    run = account.write([event("Ann")], mappings=add_activity(priority=high if given == "id" else given))

    assert run.exit_code == 0
    assert [row["priority"] for row in account.rows("activities")] == [high]


@pytest.mark.parametrize("given", ["call", "Call"])
def test_c15_a_type_by_key_or_name(account: Account, given: str) -> None:
    """C15: the key is what is sent."""
    account.write([event("Ann")], mappings=add_activity(type=given))

    assert [row["type"] for row in account.rows("activities")] == ["call"]


def test_c21_a_type_that_is_none_is_named(account: Account) -> None:
    """C21: in an action, before anything is written."""
    said = "`/mappings/0/actions/0/type`: `cal` is the key or name of no activity type of the account. Did you mean"

    assert said in account.check(mappings=add_activity(type="cal")).connection_status["message"]
    assert said in account.write([event("Ann")], mappings=add_activity(type="cal")).errors()[0]["message"]
    assert account.writes() == []


def test_c14_an_event_that_comes_late_is_told(account: Account) -> None:
    """C14: an event older than the deal's last move by an earlier run moves nothing, and a warning names the deal."""
    pipeline(account)
    account.sandbox.set_clock("2030-05-02T12:00:00Z")
    account.write([event("Ann", at="2030-05-02T11:52:00Z")], mappings=mapping([STEPS[0], STEPS[2]]))
    late = event("Ann", at="2030-05-02T11:53:00Z")
    run = account.write([late, event("Bob", "open")], mappings=mapping([STEPS[2]]))
    (deal,) = account.rows("deals")
    said = "1 event is not newer than the last stage change of the deal, and moved nothing"

    assert account.writes() == [("POST", "/api/v2/persons")]
    assert any(said in text and f"(deals: {deal['id']})" in text for text in run.logs("WARN"))


def test_c10_a_type_that_a_constant_or_value_map_names_is_checked(account: Account) -> None:
    """C10, C21: what Pipedrive would refuse in each row is told once, by its pointer; a name stands for its key."""
    maps = {"type": {"phone": "cal", "mail": "email"}}
    mappings = [
        {"stream": "calls", "object": "activities", "constants": {"type": "Call"}},
        {"stream": "activities", "value_maps": maps, "match_on": ["subject"]},
    ]
    said = account.check(mappings=mappings).connection_status["message"]

    assert "/mappings/0/constants/type" not in said
    assert "`/mappings/1/value_maps/type/phone`: `cal` is not an activity type of the account. Did you mean" in said
    assert "/mappings/1/value_maps/type/mail" not in said
    account.write([record("calls", subject="x")], mappings=mappings[:1])
    assert [row["type"] for row in account.rows("activities")] == ["call"]
