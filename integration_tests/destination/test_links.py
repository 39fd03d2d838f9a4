"""Links: a row that says which other rows it belongs to, by any key that tells them apart."""

from typing import Any

import pytest
import requests

from integration_tests.destination.account import Account, record

#: One row of a warehouse: a person, the company and the deal.
ROW = {"subject": "Intro call", "mail": "ann@acme.test", "person": "Ann Lee", "site": "https://www.acme.test",
       "company": "Acme", "deal_name": "Acme renewal"}  # fmt: skip


def mapping(**links: Any) -> list[dict[str, Any]]:
    """A mapping of activities with links."""
    return [{"stream": "activities", "links": links}]


def test_a16_b23_one_row_carries_a_person_its_company_and_a_deal(account: Account) -> None:
    """A16, B23: all three are created once, each belongs to the other, and the activity to all of them."""
    everything = {
        "organization": {"by": "domain", "from": "site", "create_if_missing": True},
        "person": {"by": "email", "from": "mail", "create_if_missing": True},
        "deal": {"by": "name", "from": "deal_name", "create_if_missing": True},
    }
    row = {key: value for key, value in ROW.items() if key not in ("company", "person")}
    run = account.write([record("activities", **row)], mappings=mapping(**everything))

    assert run.exit_code == 0, run
    (org,), (person,), (deal,) = (account.rows(name) for name in ("organizations", "persons", "deals"))
    (activity,) = account.rows("activities")
    assert (person["org_id"], deal["org_id"], deal["person_id"]) == (org["id"], org["id"], person["id"])
    assert (activity["org_id"], activity["deal_id"]) == (org["id"], deal["id"])
    assert [each["person_id"] for each in activity["participants"]] == [person["id"]]
    again = account.write([record("activities", **row)], mappings=mapping(**everything))
    assert account.writes() == []
    assert again.summary["objects"]["activities"]["unchanged"] == 1


@pytest.mark.parametrize(("parent", "plural", "fields"), [
    ("organization", "organizations", "organizationFields"),
    ("person", "persons", "personFields"),
    ("deal", "deals", "dealFields"),
])  # fmt: skip
def test_d2_a_parent_by_the_senders_own_id(account: Account, parent: str, plural: str, fields: str) -> None:
    """D2, D10: a custom field holds the external id; it finds the parent letter by letter, a new one gets it."""
    key = _new_field(account, fields, "Customer number")
    org = account.put("organizations", name="Holder")
    known = account.put(
        plural, **{"title" if parent == "deal" else "name": "Known", "custom_fields": {key: "C-1"}, "org_id": org}
    )
    link = {"by": "Customer number", "from": "number", "create_if_missing": parent != "deal"}
    rows = [record("activities", subject=f"S{number}", number=f"C-{number}") for number in (1, 2)]
    run = account.write(rows, mappings=mapping(**{parent: link}))

    if parent == "deal":
        assert run.summary["objects"]["activities"] == {**_counts(), "created": 1, "rejected": 1}
        assert "[parent_not_found, field `deal`]" in run.logs("WARN")[0]
        return
    (new,) = [row for row in account.rows(plural) if row["id"] not in (known, org)]
    assert (new["name"], new["custom_fields"][key]) == ("C-2", "C-2")
    account.write(rows, mappings=mapping(**{parent: link}))
    assert account.writes() == []


@pytest.mark.parametrize(("option", "outcome"), [("reject", "rejected"), ("create", "rejected"), ("null", "created")])
def test_t22_a_link_by_an_id_that_is_not_there(account: Account, option: str, outcome: str) -> None:
    """T22: an id is looked up like any other key; `on_missing_parent` decides, and an unknown id creates nothing."""
    org = account.put("organizations", name="Holder")
    links = {"organization": {"by": "id", "from": "oid"}}
    entry = {"stream": "persons", "links": links, "on_missing_parent": option}
    rows = [record("persons", name=f"P{oid}", email=f"p{oid}@acme.test", oid=oid) for oid in (org, 998)]
    run = account.write(rows, mappings=[entry])

    assert run.summary["objects"]["persons"]["created"] == 1 + (outcome == "created")
    assert [row["org_id"] for row in account.rows("persons") if row["name"] == f"P{org}"] == [org]
    if outcome == "rejected":
        assert "[parent_not_found, field `organization`]" in run.logs("WARN")[0]
    assert len(account.rows("organizations")) == 1


def test_t23_a_parent_of_the_same_run_that_was_refused(account: Account) -> None:
    """T23: Pipedrive refuses the company's row, so its person is parent_rejected and not sent."""
    account.sandbox.set_faults(
        {"kind": "status", "method": "POST", "path": "/organizations$", "status": 400, "times": None}
    )
    links = {"organization": {"by": "domain", "from": "site"}}
    rows = [
        record("persons", name="Ann", email="ann@acme.test", site="www.acme.test"),
        record("organizations", name="Acme", domain="acme.test"),
    ]
    run = account.write(rows, mappings=[{"stream": "persons", "links": links}])

    assert any("[parent_rejected, field `organization`]" in text for text in run.logs("WARN"))
    assert [path for _, path in account.writes()] == ["/api/v2/organizations"]


def test_a_new_deal_needs_somebody(account: Account) -> None:
    """A deal belongs to a person or an organization; without one its children are rejected, not sent."""
    link = {"deal": {"by": "name", "from": "deal_name", "create_if_missing": True}}
    run = account.write([record("activities", subject="x", deal_name="Lone")], mappings=mapping(**link))

    assert "[parent_rejected, field `deal`]" in run.logs("WARN")[0]
    assert account.writes() == []


@pytest.mark.parametrize(
    ("stream", "links", "said"),
    [
        ("persons", {"deal": {"from": "x"}}, "`/mappings/0/links/deal`: persons have no link to one"),
        ("activities", {"organization": {"by": "Nonsense", "from": "x"}}, "`/mappings/0/links/organization/by`"),
        ("activities", {"organization": {"by": "Budget", "from": "x"}}, "`/mappings/0/links/organization/by`"),
    ],
)
def test_c21_a_wrong_link_is_named(account: Account, stream: str, links: dict[str, Any], said: str) -> None:
    """`check` names the option with its JSON pointer."""
    run = account.check(mappings=[{"stream": stream, "links": links}])

    assert run.connection_status["status"] == "FAILED"
    assert said in run.connection_status["message"]


def _new_field(account: Account, fields: str, label: str) -> str:
    """Create a text field and return its key."""
    answer = requests.post(
        f"{account.url}/api/v2/{fields}",
        json={"field_name": label, "field_type": "varchar"},
        headers={"x-api-token": "sandbox"},
        timeout=60,
    )
    return str(answer.json()["data"]["field_code"])


def _counts() -> dict[str, int]:
    return dict.fromkeys(("created", "updated", "unchanged", "deleted", "skipped", "rejected"), 0)
