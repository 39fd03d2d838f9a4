"""Built-in fields that the account's plan does not have."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record, stream_state

VALUES: dict[str, Any] = {
    "website": "https://acme.test",
    "linkedin": "https://linkedin.test/acme",
    "industry": 1,
    "annual_revenue": 1_000_000,
    "employee_count": 12,
}
BY_NAME = [{"stream": "organizations", "match_on": ["name"]}]


def rows(account: Account, **values: Any) -> list[dict[str, Any]]:
    """One company with these values, a state, then two more and one without them; the last is there already."""
    account.put("organizations", name="There")
    first, *later = (record("organizations", name=name, **values) for name in ("A", "B", "There"))
    return [first, stream_state("organizations", 1), *later, record("organizations", name="Plain")]


@pytest.mark.parametrize("field", VALUES)
def test_a_field_that_the_plan_lacks_is_refused_once(account: Account, field: str) -> None:
    """After one refusal later records with the field are rejected with the same reason, without a request."""
    account.sandbox.change_settings(fields_off=[field])
    run = account.write(rows(account, **{field: VALUES[field]}), mappings=BY_NAME)
    told = [text for text in run.logs("WARN") if f"[feature_limit, field `{field}`]" in text]

    assert len(told) == 3
    assert len({text.split("]: ")[1] for text in told}) == 1
    assert "is not available on your current plan, status 403" in told[0]
    assert account.writes() == [("POST", "/api/v2/organizations")] * 2
    assert [row["name"] for row in account.rows("organizations")] == ["There", "Plain"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (402, "Annual revenue: payment required"),
        (415, "annual_revenue"),
        (400, "The feature annual_revenue is not part of your plan"),
    ],
)
def test_the_ways_in_which_pipedrive_may_say_it(account: Account, status: int, said: str) -> None:
    """By status 402, 403 or 415, or in words, and always with the field's name."""
    fault = {"kind": "status", "status": status, "method": "POST", "path": "/organizations$"}
    account.sandbox.set_faults({**fault, "body": {"success": False, "error": said}})
    run = account.write(rows(account, annual_revenue=5), mappings=BY_NAME)

    assert run.summary["objects"]["organizations"]["rejected"] == 3
    assert account.writes() == [("POST", "/api/v2/organizations")] * 2


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (403, "You may not do this"),
        (403, "You may not change the owner of Annual Revenue Ltd"),
        (400, "annual_revenue: The value is not a valid 'integer'"),
    ],
)
def test_another_refusal_says_nothing_about_later_records(account: Account, status: int, said: str) -> None:
    """A refusal that names no field that was sent, or does not speak of a plan, is that of one record."""
    fault = {"kind": "status", "status": status, "method": "POST", "path": "/organizations$"}
    account.sandbox.set_faults({**fault, "body": {"success": False, "error": said}})
    values = {"annual_revenue": 5} if status == 400 else {"employee_count": 5}
    run = account.write(rows(account, **values), mappings=BY_NAME)

    assert run.summary["objects"]["organizations"] | {"skipped": 0} == {
        "created": 2, "updated": 1, "unchanged": 0, "deleted": 0, "skipped": 0, "rejected": 1,
    }  # fmt: skip


def test_an_update_without_the_field_is_still_sent(account: Account) -> None:
    """Only what would be sent counts: a value that is there already is no reason to reject."""
    account.put("organizations", name="There", annual_revenue=5)
    account.sandbox.change_settings(fields_off=["annual_revenue"])
    first = record("organizations", name="New", annual_revenue=5)
    again = record("organizations", name="There", annual_revenue=5, address="Main street 1")
    run = account.write([first, stream_state("organizations", 1), again], mappings=BY_NAME)

    assert run.summary["objects"]["organizations"]["updated"] == 1
    assert run.summary["objects"]["organizations"]["rejected"] == 1
