"""What a record does not speak of stays as it is, and what cannot be settled is not written for ever."""

from typing import Any

from integration_tests.destination.account import Account, record


def test_the_cost_of_a_price_stays(account: Account) -> None:
    """A new price of one currency keeps its cost and notes, and the prices of the others."""
    there = [
        {"currency": "EUR", "price": 10, "cost": 2, "direct_cost": 1, "notes": "n"},
        {"currency": "USD", "price": 12, "cost": 3, "direct_cost": 0, "notes": ""},
    ]
    product = account.put("products", name="Widget", code="W1", prices=there)
    account.write([record("products", code="W1", price=11, currency="eur")])

    prices = {each["currency"]: each for each in account.row("products", product)["prices"]}
    assert (prices["EUR"]["price"], prices["EUR"]["cost"], prices["EUR"]["notes"]) == (11, 2, "n")
    assert prices["USD"]["cost"] == 3
    account.write([record("products", code="W1", price=14, currency="USD")])
    assert {each["currency"]: each["price"] for each in account.row("products", product)["prices"]} == {
        "EUR": 11,
        "USD": 14,
    }
    account.write([record("products", code="W1", price=14, currency="USD")])
    assert account.writes() == []


def test_a_stage_says_in_which_pipeline_a_deal_is(account: Account) -> None:
    """A record whose pipeline is not that of its stage is settled by the stage, once."""
    first, second = (row["id"] for row in account.rows("pipelines")[:2])
    stage = next(row["id"] for row in account.rows("stages") if row["pipeline_id"] == second)
    deal = account.put("deals", title="D", org_id=account.put("organizations", name="O"))
    row = record("deals", id=deal, stage_id=stage, pipeline_id=first)
    account.write([row])

    assert account.row("deals", deal)["stage_id"] == stage
    account.write([row])
    assert account.writes() == []


def test_a_note_belongs_to_whom_its_columns_name(account: Account) -> None:
    """`person`, `organization` and `deal` of a note by name."""
    org = account.put("organizations", name="Acme")
    person = account.put("persons", name="Bo Li")
    deal = account.put("deals", title="Deal one", org_id=org)
    account.write([record("notes", content="y", person="Bo Li", organization="acme", deal="Deal one")])

    (note,) = account.rows("notes")
    assert (note["person_id"], note["org_id"], note["deal_id"]) == (person, org, deal)


def test_t50_a_plan_shows_no_password(account: Account) -> None:
    """T50: what Pipedrive never shows, a plan does not show either."""
    hook = {"subscription_url": "https://hooks.acme.test/1", "event_action": "*", "event_object": "deal", "name": "H"}
    run = account.write([record("webhooks", **hook, http_auth_user="u", http_auth_password="S3CRETPW")], dry_run=True)

    assert run.summary["objects"]["webhooks"]["created"] == 1
    assert "S3CRETPW" not in run.stdout


def test_odd_numbers_in_answers_are_told(account: Account) -> None:
    """What an answer holds that no number takes is read as nothing, and the run says so once."""
    row_id = account.put("persons", name="Ann", emails=[{"value": "ann@x.test", "primary": True, "label": "work"}])
    original = account.sandbox.handle

    def handle(request: Any) -> Any:
        answer = original(request)
        if request.method == "GET" and request.path.endswith("/persons"):
            answer.body = answer.body.replace(b'"visible_to":3', b'"visible_to":NaN')
        return answer

    account.sandbox.handle = handle  # type: ignore[method-assign]
    try:
        run = account.write([record("persons", name="Ann", email="ann@x.test")])
    finally:
        del account.sandbox.handle  # type: ignore[attr-defined]

    assert run.summary["objects"]["persons"]["unchanged"] == 1, row_id
    assert [text for text in run.logs("WARN") if "`visible_to`: 1 value left null" in text]


def test_t67_products_and_a_value_do_not_undo_each_other(account: Account) -> None:
    """T67: Pipedrive sets the value of a deal by its products; the value of the record is left out from then on."""
    org, bolt = account.put("organizations", name="Acme"), account.put("products", name="Bolt", code="B-1")
    rows = [
        record("deals", title="Big", organization_id=org, value=100),
        record("deals", title="Plain", organization_id=org, value=70),
        record("deal_products", deal="Big", product_id=bolt, item_price=30, quantity=2),
    ]
    links = {"deal": {"by": "name", "from": "deal"}}
    mappings = [{"stream": "deals", "match_on": ["title"]}, {"stream": "deal_products", "links": links}]
    account.write(rows, mappings=mappings)
    again = account.write(rows, mappings=mappings)

    assert account.writes() == []
    assert again.summary["objects"]["deals"]["unchanged"] == 2
    assert {row["title"]: row["value"] for row in account.rows("deals")} == {"Big": 60, "Plain": 70}
    account.write([record("deals", title=title, value=80) for title in ("Big", "Plain")], mappings=mappings)
    assert account.bodies("PATCH") == [{"value": 80}]
