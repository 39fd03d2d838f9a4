"""Fields that are created, and fields that an account does not have."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record

COLUMNS: dict[str, Any] = {
    "name": {"type": "string"},
    "email": {"type": "string"},
    "score": {"type": ["null", "number"]},
    "plan": {"type": ["null", "string"]},
    "is_trial": {"type": "boolean"},
    "since": {"type": "string", "format": "date"},
    "raw": {"type": "object"},
}
ROW = record(
    "persons", name="Ann", email="a@x.test", score=4.5, plan="Pro", is_trial=True, since="2026-01-02", raw={"a": 1}
)


def catalog() -> dict[str, Any]:
    """Persons with typed columns."""
    found = catalog_of("persons")
    found["streams"][0]["stream"]["json_schema"]["properties"] = COLUMNS
    return found


def test_fields_are_created_by_the_incoming_type(account: Account) -> None:
    """`auto_create_fields`: number, text, truth value and date; an object makes no field; again, nothing is made."""
    run = account.write([ROW], catalog(), auto_create_fields=True)
    made = {row["field_name"]: row for row in account.sandbox.rows("personFields") if row["field_name"] in COLUMNS}
    values = account.rows("persons")[0]["custom_fields"]

    kinds = {name: made[name]["field_type"] for name in ("score", "plan", "is_trial", "since")}
    assert kinds == {"score": "double", "plan": "varchar", "is_trial": "enum", "since": "date"}
    assert values[made["score"]["field_code"]] == 4.5
    assert values[made["since"]["field_code"]] == "2026-01-02"
    assert any("`raw`" in text for text in run.logs("WARN"))
    account.write([ROW], catalog(), auto_create_fields=True)
    assert account.writes() == []


def test_d2_the_external_id_field_is_created_when_it_is_missing(account: Account) -> None:
    """D2: created when allowed, then the key; a lost answer makes one field."""
    mappings = [
        {"stream": "persons", "external_id_field": "CRM id", "fields": [{"source": "crm_id", "target": "CRM id"}]}
    ]
    refused = account.write([record("persons", name="Ann", crm_id="7")], mappings=mappings)
    assert "`CRM id`" in refused.errors()[0]["message"]

    account.sandbox.set_faults({"kind": "apply_then_drop", "method": "POST", "path": "/personFields$"})
    for name in ("Ann", "Ann Lee"):
        account.write([record("persons", name=name, crm_id="7")], mappings=mappings, auto_create_fields=True)
    assert [row["name"] for row in account.rows("persons")] == ["Ann Lee"]
    assert len([row for row in account.sandbox.rows("personFields") if row["field_name"] == "CRM id"]) == 1


def test_t45_new_fields_in_a_dry_run(account: Account) -> None:
    """T45: fields are part of the plan and of its price."""
    dry = account.write([ROW], catalog(), auto_create_fields=True, dry_run=True)
    assert account.writes() == []
    real = account.write([ROW], catalog(), auto_create_fields=True)

    assert account.tokens() == dry.summary["tokens"] + dry.summary["planned_tokens"]
    assert real.summary["objects"] == dry.summary["objects"]


@pytest.mark.parametrize("column", ["job_title", "birthday"])
def test_t42_without_contact_sync_its_fields_are_refused_here(account: Account, column: str) -> None:
    """T42: the record is rejected with the reason and nothing is sent; empty values do not matter."""
    value = "2000-01-01" if column == "birthday" else "Head"
    run = account.write([record("persons", name="Ann", email="a@x.test", **{column: value})])
    assert account.writes() == []
    assert any("contact sync" in text and column in text for text in run.logs("WARN"))

    run = account.write([record("persons", name="Ann", email="a@x.test", **{column: None})])
    assert run.summary["objects"]["persons"]["created"] == 1
