"""Custom fields, names instead of ids, links to parents, and the way back from the source."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record, stream_state
from integration_tests.harness import Connector, configured

STREAMS = ("organizations", "persons", "deals")


def test_t49_b6_c2_what_the_source_emits_changes_nothing(busy_account: Account, source: Connector) -> None:
    """T49: a whole account read by the source and written back costs no write: values survive the round trip."""
    read = _read(busy_account, source)
    live = [each for each in read if not each["record"]["data"].get("is_deleted")]
    keys = [{"stream": name, "match_on": ["id"]} for name in STREAMS]
    run = busy_account.write(live, mappings=keys)

    rejected = [text for text in run.logs("WARN") if "rejected" in text]
    assert rejected == []
    assert busy_account.bodies("PATCH") == []
    assert busy_account.writes() == []
    assert sum(counts["unchanged"] for counts in run.summary["objects"].values()) == len(live)
    assert not [text for text in run.logs("WARN") if "matches no field" in text]


def test_t49_the_default_keys_find_the_same_rows(busy_account: Account, source: Connector) -> None:
    """T49: without any mapping nothing is created either; only truly ambiguous keys are rejected."""
    live = [each for each in _read(busy_account, source) if not each["record"]["data"].get("is_deleted")]
    run = busy_account.write(live)

    assert busy_account.bodies("POST") == []
    codes = {text.split("[")[1].split(",")[0] for text in run.logs("WARN") if "rejected" in text}
    assert codes <= {"ambiguous_match", "match_key_missing"}


def _read(account: Account, source: Connector) -> list[dict[str, Any]]:
    catalog = source.discover(account.config()).catalog
    run = source.read(account.config(), configured(catalog, list(STREAMS)))
    assert run.exit_code == 0, run
    return run.of_type("RECORD")


def test_a8_e4_custom_fields_by_label_key_and_column_name(account: Account) -> None:
    """A custom field is known by its label, its key, or the source connector's column name."""
    keys = {label: account.key("dealFields", label) for label in ("Contract number", "Lead source", "Budget", "担当者")}
    deal = _deal(account)
    row = {
        "Contract number": "C-1",
        keys["Lead source"]: "referral",
        "budget": "99.5",
        "budget_currency": "eur",
        "担当者": "ok",
    }
    account.write([record("deals", id=deal, **row)])
    custom = account.row("deals", deal)["custom_fields"]

    assert custom[keys["Contract number"]] == "C-1"
    assert custom[keys["Lead source"]] == _option(account, "Lead source", "Referral")
    assert custom[keys["Budget"]] == {"value": 99.5, "currency": "EUR"}
    assert custom[keys["担当者"]] == "ok"


COLUMNS: dict[str, Any] = {
    "lead_source": "Website", "products_of_interest": ["team", "Starter"], "terms": "30 days", "discount": "12.5",
    "budget": 10, "account_manager": "mari@sandbox.example", "hotline": 37255501, "call_time": "9:30",
    "call_time_timezone": "Europe/Berlin", "delivery_window": "08:00", "delivery_window_until": "10:00:00",
    "signing_date": "2026-05-01T23:30:00+02:00", "contract_period": "2026-01-01", "contract_period_until": "2026-12-31",
    "delivery_address": "Main St 1, Tallinn", "delivery_address_parts": {"locality": "Tallinn"},
}  # fmt: skip


def test_e10_every_writable_type_twice(account: Account) -> None:
    """Each custom type is written once; the same values compare equal afterwards."""
    users = [row for row in account.sandbox.rows("users") if row["active_flag"]]
    deal = _deal(account)
    org = account.put("organizations", name="Partner")
    columns = COLUMNS | {
        "account_manager": users[0]["email"].upper(),
        "partner_company": {"id": org, "name": "Partner"},
        "decision_maker_id": account.put("persons", name="Decider"),
    }
    first = account.write([record("deals", id=deal, **columns)])
    assert first.logs("WARN") == []
    custom = account.row("deals", deal)["custom_fields"]
    assert len(custom) == len([name for name in columns if not name.endswith(("_until", "_timezone", "_parts"))])
    assert custom[account.key("dealFields", "Signing date")] == "2026-05-01"
    assert custom[account.key("dealFields", "Hotline")] == "37255501"

    account.write([record("deals", id=deal, **columns)])
    assert account.writes() == []


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("value", "1,234.50 €", "invalid_value"),
        ("value", True, "invalid_value"),
        ("Discount %", "12 percent", "invalid_value"),
        ("Lead source", "Facebook", "unknown_option"),
        ("Signing date", "01.05.2026", "invalid_value"),
        ("Call time", "25:00", "invalid_value"),
        ("Partner company", "Partner Ltd", "invalid_value"),
        ("owner", "nobody@acme.test", "invalid_value"),
        ("stage", "No such stage", "invalid_value"),
        ("status", "paused", "unknown_option"),
        ("title", "x" * 256, "invalid_value"),
        ("expected_close_date", "soon", "invalid_value"),
        ("person_id", -1, "invalid_value"),
    ],
)
def test_c7_d12_what_is_not_plainly_the_type_is_refused(account: Account, column: str, value: Any, code: str) -> None:
    """Nothing is guessed: the record is rejected with the field, and nothing is written."""
    run = account.write([record("deals", **{"id": _deal(account), column: value})])

    assert account.writes() == []
    assert any(f"[{code}, field" in text for text in run.logs("WARN"))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("Lead source", "Facebook", "Unknown option: the value of `Lead source` is not one of the field's options."),
        ("stage", "No such stage", "Invalid value: the value of `stage_id` names no stage of the account."),
        ("Discount %", "12 percent", "Invalid value: `Discount %` needs a number"),
    ],
)
def test_c7_a_message_tells_the_value_from_the_field(account: Account, column: str, value: str, said: str) -> None:
    """C7: what is wrong is the value of the field, which is not quoted."""
    warnings = account.write([record("deals", **{"id": _deal(account), column: value})]).logs("WARN")

    assert any(said in text for text in warnings)
    assert not any(value in text for text in warnings)


def test_names_instead_of_ids(account: Account) -> None:
    """Stage, pipeline, owner and labels by name; owner by email."""
    stage = next(row for row in account.sandbox.rows("stages") if _is_unique(account, row["name"]))
    user = next(row for row in account.sandbox.rows("users") if row["active_flag"] and row["id"] != 1)
    deal = _deal(account)
    account.write([record("deals", id=deal, stage=stage["name"].upper(), owner=user["email"], labels=["hot", "Cold"])])
    row = account.row("deals", deal)

    assert row["stage_id"] == stage["id"]
    assert row["owner_id"] == user["id"]
    assert len(row["label_ids"]) == 2


def test_a16_b23_a_person_is_linked_and_its_company_created_once(account: Account) -> None:
    """Links by domain with create-if-missing: ten persons of one new company make one company."""
    links = {"organization": {"by": "domain", "from": "company_domain", "create_if_missing": True}}
    people = [
        record(
            "persons", name=f"P{n}", email=f"p{n}@acme.test", company_domain="https://acme.test", organization="Acme"
        )
        for n in range(10)
    ]
    run = account.write(people, mappings=[{"stream": "persons", "links": links}])
    companies = account.rows("organizations")

    assert [(row["name"], row["website"]) for row in companies] == [("Acme", "https://acme.test")]
    assert {row["org_id"] for row in account.rows("persons")} == {companies[0]["id"]}
    assert run.summary["objects"]["organizations"]["created"] == 1
    account.write(people, mappings=[{"stream": "persons", "links": links}])
    assert account.writes() == []


@pytest.mark.parametrize("option", ["reject", "create", "null"])
def test_t22_a_missing_parent(account: Account, option: str) -> None:
    """T22: rejected as parent_not_found, created, or written without the link, as the option says."""
    mappings = [{"stream": "persons", "on_missing_parent": option}]
    run = account.write([record("persons", name="P", email="p@acme.test", organization="Acme")], mappings=mappings)

    assert len(account.rows("persons")) == (0 if option == "reject" else 1)
    assert len(account.rows("organizations")) == (1 if option == "create" else 0)
    assert any("parent_not_found" in text for text in run.logs("WARN")) == (option == "reject")


def test_t23_a_rejected_parent_takes_its_children_along(account: Account) -> None:
    """T23: the company's POST is refused, so its persons are rejected and not sent."""
    refusal = {"success": False, "error": "Validation failed: name", "code": "ERR_SCHEMA_VALIDATION_FAILED"}
    account.sandbox.set_faults(
        {"kind": "status", "status": 400, "method": "POST", "path": "/organizations$", "body": refusal, "times": None}
    )
    people = [record("persons", name=f"P{n}", email=f"p{n}@acme.test", organization="Acme") for n in range(3)]
    run = account.write(people, mappings=[{"stream": "persons", "on_missing_parent": "create"}])

    assert account.rows("persons") == []
    assert account.writes() == [("POST", "/api/v2/organizations")]
    assert len([text for text in run.logs("WARN") if "parent_rejected" in text]) == 3


def test_t21_parents_first_within_what_is_buffered(account: Account) -> None:
    """T21: deals before persons before organizations on the wire, the other way round on the server."""
    mappings = [{"stream": "deals", "require_match_key": False, "links": {"person": {"by": "email", "from": "mail"}}}]
    messages = [
        record("deals", title="Deal", organization="Acme", mail="ann@acme.test"),
        record("persons", name="Ann", email="ann@acme.test", organization="Acme"),
        record("organizations", name="Acme"),
        stream_state("deals", 1),
    ]
    run = account.write(messages, mappings=mappings)
    (deal,), (person,), (company,) = account.rows("deals"), account.rows("persons"), account.rows("organizations")

    assert run.summary["status"] == "Success"
    assert (deal["person_id"], deal["org_id"], person["org_id"]) == (person["id"], company["id"], company["id"])


def test_b16_required_fields_are_checked_before_anything_is_sent(account: Account) -> None:
    """A company needs a name; a deal a title and a company or person; a person a name and its key."""
    messages = [
        record("organizations", domain="acme.test"),
        record("deals", value=1, org_id=1),
        record("deals", title="Lonely"),
        record("persons", email="a@acme.test"),
        record("persons", name="No key"),
    ]
    run = account.write(messages, mappings=[{"stream": "deals", "require_match_key": False}])

    assert account.writes() == []
    assert len([text for text in run.logs("WARN") if "Required field missing" in text]) == 5


def test_a18_d7_defaults_of_what_is_created(account: Account) -> None:
    """`default_owner` and `visible_to` are set on create, and never on update."""
    user = next(row for row in account.sandbox.rows("users") if row["active_flag"] and row["id"] != 1)
    bob = record("persons", name="Bob", email="bob@acme.test")
    account.write([bob], default_owner=user["name"], visible_to=3)
    (row,) = account.rows("persons")
    assert (row["owner_id"], row["visible_to"]) == (user["id"], 3)

    account.write([bob], default_owner="1", visible_to=1)
    assert account.writes() == []


def test_a9_unmapped_columns_are_reported_once_with_a_count(account: Account) -> None:
    """Columns without a field are named once; the platform's and the source's own are not."""
    silent = {"_airbyte_meta": {}, "_ab_x": 1, "labels": None, "update_time": "2026-01-01", "owner_email": "x@y.test"}
    rows = [record("persons", name=f"P{n}", email=f"p{n}@acme.test", shoe_size=n, **silent) for n in range(3)]
    run = account.write(rows)

    (warning,) = run.logs("WARN")
    assert "`shoe_size`" in warning
    assert "3 values" in warning


def test_b8_c10_field_rules_and_constants(account: Account) -> None:
    """Explicit targets, an ignored column, and a constant."""
    mappings = [
        {
            "stream": "crm",
            "object": "organizations",
            "fields": [
                {"source": "company", "target": "name"},
                {"source": "tier_name", "target": "Tier"},
                {"source": "noise", "mode": "ignore"},
            ],
            "constants": {"Founded year": 1999},
        }
    ]
    run = account.write(
        [record("crm", company="Acme", tier_name="gold", noise=1, domain="acme.test")], mappings=mappings
    )
    (row,) = account.rows("organizations")

    assert (row["name"], row["website"]) == ("Acme", "acme.test")
    assert row["custom_fields"][account.key("organizationFields", "Founded year")] == 1999
    assert run.logs("WARN") == []


def _deal(account: Account) -> int:
    return account.put("deals", title="Deal", org_id=account.put("organizations", name="Holder"))


def _option(account: Account, label: str, option: str) -> int:
    row = next(row for row in account.sandbox.rows("dealFields") if row["field_name"] == label)
    return int(next(each["id"] for each in row["options"] if each["label"] == option))


def _is_unique(account: Account, name: str) -> bool:
    return [row["name"].lower() for row in account.sandbox.rows("stages")].count(name.lower()) == 1
