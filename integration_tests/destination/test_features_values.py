"""Values: every type of custom field, references, labels, scores; what cannot be read is refused."""

from typing import Any

import pytest
import requests

from integration_tests.destination.account import Account, record

#: Type of a custom field -> what comes in, and what Pipedrive then holds.
TYPES: dict[str, tuple[Any, Any]] = {
    "varchar": ("text", "text"),
    "varchar_auto": (5, "5"),
    "text": ("a\nb", "a\nb"),
    "double": ("12.5", 12.5),
    "phone": ("+1 555", "+1 555"),
    "date": ("2026-05-01T10:00:00Z", "2026-05-01"),
    "enum": ("two", 2),
    "set": ("two, one", [2, 1]),
    "monetary": ({"value": 7, "currency": "usd"}, {"value": 7, "currency": "USD"}),
    "daterange": ({"value": "2026-01-01", "until": "2026-02-01"}, {"value": "2026-01-01", "until": "2026-02-01"}),
    "address": ("Main St 1", "Main St 1"),
    "user": ("john@sandbox.example", 2),
    "org": ("1", 1),
    "people": (1, 1),
    "time": ("9:30", "09:30:00"),
    "timerange": ({"value": "09:00", "until": "10:00"}, "09:00:00"),
}


def new_field(account: Account, fields: str, kind: str) -> str:
    """Create a custom field named by its type and return its key."""
    body: dict[str, Any] = {"field_name": f"My {kind}", "field_type": kind}
    if kind in ("enum", "set"):
        body["options"] = [{"label": "One"}, {"label": "Two"}]
    headers = {"x-api-token": "sandbox"}
    answer = requests.post(f"{account.url}/api/v2/{fields}", json=body, headers=headers, timeout=60)
    assert answer.ok, answer.text
    return str(answer.json()["data"]["field_code"])


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize(("stream", "fields"), [("persons", "personFields"), ("organizations", "organizationFields")])
def test_e10_d12_every_type_of_custom_field(account: Account, stream: str, fields: str, kind: str) -> None:
    """E10, D12: each type by its label; the same value again is no change."""
    holder = account.put("organizations", name="Holder")
    account.put("persons", name="Holder")
    assert holder == 1
    key = new_field(account, fields, kind)
    given, stored = TYPES[kind]
    options = next(row for row in account.sandbox.rows(fields) if row["field_code"] == key).get("options") or []
    row = record(stream, name="New", email="n@acme.test", **{f"My {kind}": given})
    if stream == "organizations":
        del row["record"]["data"]["email"]
    run = account.write([row])
    assert run.logs("WARN") == []
    held = next(each for each in account.rows(stream) if each["name"] == "New")["custom_fields"][key]

    if options:
        ids = [each["id"] for each in options]
        stored = [ids[each - 1] for each in stored] if isinstance(stored, list) else ids[stored - 1]
    plain = held["value"] if isinstance(held, dict) and not isinstance(stored, dict) else held
    assert plain == stored
    account.write([row])
    assert account.writes() == []


@pytest.mark.parametrize(
    ("stream", "row", "label"),
    [
        ("organizations", {"name": "Acme"}, "Tier"),
        ("persons", {"name": "Ann", "email": "ann@acme.test"}, "Newsletter"),
        ("deals", {"title": "Deal", "org_id": 1}, "Lead source"),
        ("leads", {"title": "Lead", "organization_id": 1}, "Lead source"),
        ("products", {"name": "Product"}, "Material"),
    ],
)
def test_e9_e4_custom_fields_of_every_object_that_has_them(
    account: Account, stream: str, row: dict[str, Any], label: str
) -> None:
    """E9, E4: options of deals, leads, people, companies and products by label; another value is refused."""
    account.put("organizations", name="Holder")
    fields = {"leads": "dealFields"}.get(stream, f"{stream.removesuffix('s')}Fields")
    definition = next(each for each in account.sandbox.rows(fields) if each["field_name"] == label)
    option, key = definition["options"][0], definition["field_code"]
    mappings = [{"stream": stream, "match_on": ["title"]}] if "title" in row else []
    account.write([record(stream, **row, **{label: option["label"].upper()})], mappings=mappings)
    stored = account.rows(stream)[-1]

    held = (stored.get("custom_fields") or stored)[key]
    assert str(held) == str(option["id"])
    refused = account.write([record(stream, **row, **{label: "Nonsense"})], mappings=mappings)
    assert any(f"[unknown_option, field `{label}`]" in text for text in refused.logs("WARN"))


@pytest.mark.parametrize("name", ["activities", "notes"])
def test_e9_activities_and_notes_have_none(account: Account, name: str) -> None:
    """E9: a column that would be a custom field of an activity or note is told, and the rest is written."""
    org = account.put("organizations", name="Holder")
    text = "subject" if name == "activities" else "content"
    run = account.write([record(name, **{text: "Hello", "org_id": org, "Lead source": "Website"})])

    assert len(account.rows(name)) == 1
    assert any("`Lead source`" in said for said in run.logs("WARN"))


@pytest.mark.parametrize("shape", ["id", "text", "object", "id column", "both"])
def test_e12_a_reference_by_its_id_or_the_object_of_the_source(account: Account, shape: str) -> None:
    """E12: only the id counts; built-in and custom references alike."""
    org, person = account.put("organizations", name="Acme"), account.put("persons", name="Ann")
    deal = account.put("deals", title="D", org_id=account.put("organizations", name="Holder"))
    names = {"org_id": org, "person_id": person, "Partner company": org, "Decision maker": person, "Account manager": 2}
    shapes: dict[str, dict[str, Any]] = {
        "id": names,
        "text": {name: str(value) for name, value in names.items()},
        "object": {name: {"id": value, "name": "Old name"} for name, value in names.items()},
        "id column": {"org_id": org, "person_id": person, "partner_company_id": org, "decision_maker_id": person,
                      "account_manager_id": 2},
        "both": {"org_id": org, "person_id": person, "partner_company": {"id": org}, "partner_company_id": org,
                 "decision_maker": {"id": person}, "decision_maker_id": person, "account_manager": {"id": 2},
                 "account_manager_id": 2},
    }  # fmt: skip
    run = account.write([record("deals", id=deal, **shapes[shape])])
    assert run.logs("WARN") == []
    stored = account.row("deals", deal)
    custom = [stored["custom_fields"][account.key("dealFields", name)] for name in list(names)[2:]]

    assert (stored["org_id"], stored["person_id"]) == (org, person)
    assert [each["id"] if isinstance(each, dict) else each for each in custom] == [org, person, 2]
    account.write([record("deals", id=deal, **shapes[shape])])
    assert account.writes() == []


def test_b15_lists_scores_and_custom_fields_in_one_row(account: Account) -> None:
    """B15: account lists are labels, new ones are created on request; again, nothing is written."""
    row = record(
        "accounts", name="Acme", domain="acme.test", lists=["Target accounts", "Customer"], score="87", tier="gold"
    )
    fields = [{"source": "lists", "target": "labels"}, {"source": "score", "target": "Engagement score"}]
    mappings = [{"stream": "accounts", "object": "organizations", "fields": fields, "on_unknown_option": "create"}]
    run = account.write([row], mappings=mappings)
    assert run.logs("WARN") == []
    (org,) = account.rows("organizations")
    labels = next(each for each in account.sandbox.rows("organizationFields") if each["field_code"] == "label_ids")
    names = {each["id"]: each["label"] for each in labels["options"]}

    assert sorted(names[each].lower() for each in org["label_ids"]) == ["customer", "target accounts"]
    assert org["custom_fields"][account.key("organizationFields", "Engagement score")] == 87
    account.write([row], mappings=mappings)
    assert account.writes() == []


def test_b22_d14_scores_stage_and_health_go_to_fields(account: Account) -> None:
    """B22, D14: a number, a word and a state of health, computed elsewhere, become fields of the company."""
    org = account.put("organizations", name="Acme", website="acme.test")
    fields = [
        {"source": "engagement", "target": "Engagement score"},
        {"source": "lifecycle", "target": "Tier"},
        {"source": "health", "target": "Health"},
    ]
    mappings = [
        {
            "stream": "traits",
            "object": "organizations",
            "operation": "update",
            "fields": fields,
            "value_maps": {"Tier": {"Customer": "Gold", "Trial": "Bronze"}},
        }
    ]
    row = record("traits", domain="acme.test", engagement="71.5", lifecycle="customer", health="at risk")
    account.write([row], mappings=mappings, auto_create_fields=True)
    custom = account.row("organizations", org)["custom_fields"]
    tier = next(each for each in account.sandbox.rows("organizationFields") if each["field_name"] == "Tier")

    assert custom[account.key("organizationFields", "Engagement score")] == 71.5
    assert custom[account.key("organizationFields", "Health")] == "at risk"
    assert custom[tier["field_code"]] == next(each["id"] for each in tier["options"] if each["label"] == "Gold")
