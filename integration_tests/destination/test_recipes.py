"""The recipes of docs/destination.md, run from the very text of the page."""

import json
import re
from typing import Any

from integration_tests.destination.account import Account, Message, catalog_of, record
from integration_tests.harness import ROOT, Connector, Run, configured

RECIPE = re.compile(
    r"<!-- recipe: (\w+) -->\n```(yaml|json)\n(.*?)```\n(?:\nOther options: `(\w+): (\w+)`\.\n)?", re.DOTALL
)


def recipes() -> dict[str, dict[str, Any]]:
    """The configs of the page by name: whole files as JSON, or the form's text with the option that goes with it."""
    text = (ROOT / "docs" / "destination.md").read_text(encoding="utf-8")
    return {
        name: json.loads(body) if kind == "json" else {"mappings": body, **({key: json.loads(value)} if key else {})}
        for name, kind, body, key, value in RECIPE.findall(text)
    }


def twice(account: Account, name: str, rows: list[Message], columns: Any = None) -> Run:
    """Check and run a recipe; a second run writes nothing. The result of the first one."""
    config = recipes()[name]
    assert account.check(**config).connection_status["status"] == "SUCCEEDED"
    catalog = catalog_of(*dict.fromkeys(row["record"]["stream"] for row in rows))
    if columns:
        catalog["streams"][0]["stream"]["json_schema"]["properties"] = columns
    first = account.write(rows, catalog, **config)
    assert first.exit_code == 0, first
    again = account.write(rows, catalog, **config)
    assert account.writes() == [], again
    return first


def test_the_page_has_five_recipes() -> None:
    """One for each headline flow."""
    assert list(recipes()) == ["contacts", "scores", "events", "external_id", "objects"]


def test_a6_a16_a17_push_contacts_with_their_accounts(account: Account) -> None:
    """A6, A16, A17: the company first, owners by email, labels by a map; no person of an early stage."""
    user = next(row for row in account.sandbox.rows("users") if row["active_flag"] and row["id"] != 1)
    rows = [
        record(
            "contacts",
            full_name=f"P{n}",
            email=f"p{n}@acme.test",
            title="Head",
            company_domain="acme.test",
            owner_email=user["email"],
            stage=stage,
            labels=stage,
        )
        for n, stage in enumerate(("Interested", "Customer", "Cold call"))
    ]
    run = twice(account, "contacts", rows)
    people = account.rows("persons")

    assert [row["website"] for row in account.rows("organizations")] == ["acme.test"]
    assert sorted(row["name"] for row in people) == ["P0", "P1"]
    assert {(row["owner_id"], row["visible_to"]) for row in people} == {(user["id"], 3)}
    assert run.summary["objects"]["persons"]["skipped"] == 1


def test_b10_b22_d9_d14_enrich_deals_with_scores(account: Account) -> None:
    """B10, B22, D9: only deals that are there; small steps are left; unknown deals are never created."""
    org = account.put("organizations", name="Acme")
    deals = [account.put("deals", title=f"D{n}", org_id=org) for n in range(2)]
    columns = {"deal_id": {"type": "integer"}, "score": {"type": "number"}}
    scores = [record("scores", deal_id=deals[0], score=50), record("scores", deal_id=deals[1], score=3)]
    twice(account, "scores", [*scores, record("scores", deal_id=999, score=80)], columns)
    key = account.key("dealFields", "Engagement score")

    assert account.row("deals", deals[0])["custom_fields"][key] == 50
    assert len(account.rows("deals")) == 2
    account.write([record("scores", deal_id=deals[0], score=54)], **recipes()["scores"])
    assert account.writes() == []


def test_c8_c11_c12_c13_c15_outreach_events_to_deals_and_activities(account: Account) -> None:
    """C8, C11 to C15: a deal in its second stage, a call, and the mail's activity with its last status."""
    pipeline = account.put("pipelines", name="Outreach")
    names = ("First", "Talking", "Last")
    stages = [account.put("stages", name=each, pipeline_id=pipeline, order_nr=n) for n, each in enumerate(names, 1)]
    rows = [
        record("events", name="Ann", email="ann@x.test", event="reply", happened_at="2026-05-01T10:00:00Z"),
        record("mails", subject="Offer", recipient="ann@x.test", status="sent"),
    ]
    twice(account, "events", rows)
    account.write([record("mails", subject="Offer", recipient="ann@x.test", status="opened")], **recipes()["events"])
    (deal,), activities = account.rows("deals"), account.rows("activities")

    assert (deal["title"], deal["stage_id"]) == ("Ann deal", stages[1])
    held = {(row["subject"], row["done"], row.get("note")) for row in activities}
    assert held == {("Call Ann", False, None), ("Offer", True, "opened")}


def test_d2_d10_sync_by_your_own_id(account: Account) -> None:
    """D2, D10: a company that is there by domain gets the id; afterwards the id alone tells."""
    known = account.put("organizations", name="Acme", website="https://acme.test")
    rows = [
        record("accounts", account_id="a-1", name="Acme", domain="acme.test"),
        record("accounts", account_id="a-2", name="Beta", domain="beta.test"),
    ]
    twice(account, "external_id", rows)
    account.write([record("accounts", account_id="a-1", name="Acme Ltd")], **recipes()["external_id"])

    assert account.row("organizations", known)["name"] == "Acme Ltd"
    assert len(account.rows("organizations")) == 2


def test_e14_t49_sync_whole_objects(busy_account: Account, source: Connector) -> None:
    """E14, T49: an account that was read goes back without a write."""
    config = recipes()["objects"]
    names = [each["stream"] for each in config["mappings"]]
    catalog = source.discover(busy_account.config()).catalog
    read = source.read(busy_account.config(), configured(catalog, names)).of_type("RECORD")
    live = [each for each in read if not each["record"]["data"].get("is_deleted")]
    run = busy_account.write(live, **config)

    assert busy_account.writes() == []
    assert {name for name, counts in run.summary["objects"].items() if counts["unchanged"]} == set(names)
