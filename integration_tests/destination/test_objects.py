"""Every object: written, found again, and one row a record whatever the network does."""

from typing import Any

import pytest

from destination_pipedrive.objects.records import CORE
from integration_tests.destination.account import Account, record
from integration_tests.harness import Connector, configured


def example(name: str, number: int, account: Account) -> dict[str, Any]:
    """A row of an object, another one for each number."""
    org = (account.rows("organizations") or [{"id": account.put("organizations", name="Holder")}])[0]["id"]
    rows: dict[str, dict[str, Any]] = {
        "organizations": {"name": f"Company {number}", "website": f"c{number}.test"},
        "persons": {"name": f"Person {number}", "email": f"p{number}@acme.test", "org_id": org},
        "deals": {"title": f"Deal {number}", "value": number, "org_id": org},
        "leads": {"title": f"Lead {number}", "value": number, "currency": "EUR", "org_id": org, "budget": 5.5,
                  "lead_source": "Website", "products_of_interest": ["Team", "Starter"], "labels": "Hot"},
        "products": {"name": f"Product {number}", "code": f"P-{number}", "price": 10.5},
        "activities": {"subject": f"Call {number}", "type": "call", "org_id": org, "due_time": "9:00"},
        "notes": {"content": f"<p>Note {number}</p>", "org_id": org, "pinned_to_organization_flag": True},
    }  # fmt: skip
    return rows[name]


def mappings(name: str) -> list[dict[str, Any]]:
    """Deals and leads have no natural key: their title is one here."""
    return [{"stream": name, "match_on": ["title"]}] if name in ("deals", "leads") else []


@pytest.mark.parametrize("name", [spec.name for spec in CORE])
def test_t1_twice_is_once(account: Account, name: str) -> None:
    """T1: an upsert of the same rows writes nothing the second time."""
    rows = [record(name, **example(name, number, account)) for number in range(5)]
    first = account.write(rows, mappings=mappings(name))
    second = account.write(rows, mappings=mappings(name))

    assert first.summary["objects"][name]["created"] == 5
    assert account.writes() == []
    assert second.summary["objects"][name]["unchanged"] == 5


@pytest.mark.parametrize("mode", ["append", "append_dedup"])
@pytest.mark.parametrize("name", [spec.name for spec in CORE])
def test_t2_every_third_answer_is_lost(account: Account, name: str, mode: str) -> None:
    """T2: apply-then-drop on every third POST leaves exactly one row per record."""
    rows = [record(name, **example(name, number, account)) for number in range(12)]
    before = len(account.rows(name))
    account.sandbox.set_faults(
        {"kind": "apply_then_drop", "method": "POST", "path": f"/{name}$", "every": 3, "times": None}
    )
    run = account.write(rows, mode=mode, mappings=mappings(name))

    assert run.exit_code == 0, run
    assert run.summary["objects"][name]["created"] == 12
    assert len(account.rows(name)) - before == 12


@pytest.mark.parametrize("name", ["products", "activities", "notes"])
def test_changed_and_deleted_by_id(account: Account, name: str) -> None:
    """By id a row is changed and deleted; a field that did not change is not sent."""
    row = example(name, 1, account)
    account.write([record(name, **row)])
    row_id = account.rows(name)[0]["id"]
    key = "description" if name == "products" else "public_description" if name == "activities" else "content"
    by_id = [{"stream": name, "match_on": ["id"]}]
    account.write([record(name, **row, **{"id": row_id} | ({key: "new"} if key != "content" else {}))], mappings=by_id)
    assert [method for method, _ in account.writes()] == ([] if key == "content" else ["PATCH"])

    account.write([record(name, **row | {"id": row_id, key: "newer"})], mappings=by_id)
    assert [body.keys() for body in account.bodies("PATCH") + account.bodies("PUT")] == [{key}]
    deleted = account.write([record(name, id=row_id)], mode="soft_delete", mappings=by_id)
    assert deleted.summary["objects"][name]["deleted"] == 1
    assert [each for each in account.rows(name) if each.get("active_flag") is not False] == []


def test_a_fingerprint_is_everything_that_is_mapped(account: Account) -> None:
    """Equal text under another company is another note."""
    one, two = (account.put("organizations", name=name) for name in ("One", "Two"))
    account.write([record("notes", content="Hello", org_id=one)])
    run = account.write([record("notes", content="Hello", org_id=org) for org in (one, two, two)])

    assert run.summary["objects"]["notes"]["created"] == 1
    assert run.summary["objects"]["notes"]["unchanged"] == 2


def test_t41_a_person_of_an_activity_is_its_participant(account: Account) -> None:
    """T41: the API refuses `person_id`; the person, here by email, is sent as the primary participant."""
    person = account.put("persons", name="Ann", emails=[{"value": "ann@acme.test", "primary": True, "label": "work"}])
    links = {"person": {"by": "email", "from": "mail"}}
    rows = [record("activities", subject="Mail opened", done=True, mail="ann@acme.test")]
    run = account.write(rows, mappings=[{"stream": "activities", "links": links}])

    assert run.summary["objects"]["activities"]["created"] == 1, run
    assert account.bodies("POST")[0]["participants"] == [{"person_id": person, "primary": True}]
    assert "person_id" not in account.bodies("POST")[0]
    account.write(rows, mappings=[{"stream": "activities", "links": links}])
    assert account.writes() == []


def test_prices_of_other_currencies_stay(account: Account) -> None:
    """Prices are replaced wholesale by the API, so those of other currencies are sent along."""
    account.write(
        [record("products", name="P", prices=[{"currency": "EUR", "price": 1}, {"currency": "USD", "price": 2}])]
    )
    account.write([record("products", name="P", prices=[{"currency": "EUR", "price": 3}])])
    (product,) = account.rows("products")

    assert {each["currency"]: each["price"] for each in product["prices"]} == {"EUR": 3, "USD": 2}


def test_t49_leads_products_activities_and_notes_come_back_unchanged(busy_account: Account, source: Connector) -> None:
    """T49: what the source emits of these objects changes nothing when it is written back by id."""
    names = ["leads", "products", "activities", "notes"]
    catalog = source.discover(busy_account.config()).catalog
    read = source.read(busy_account.config(), configured(catalog, names)).of_type("RECORD")
    live = [each for each in read if not each["record"]["data"].get("is_deleted")]
    run = busy_account.write(live, mappings=[{"stream": name, "match_on": ["id"]} for name in names])

    assert [text for text in run.logs("WARN") if "rejected" in text] == []
    assert busy_account.bodies("PATCH") + busy_account.bodies("PUT") == []
    assert {name for name, counts in run.summary["objects"].items() if counts["unchanged"]} == set(names)
