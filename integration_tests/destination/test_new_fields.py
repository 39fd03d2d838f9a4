"""Fields that are created, and fields that an account does not have."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record, stream_state

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
    """T45: fields are part of the plan and of its cost."""
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


def tags_catalog(*names: str) -> dict[str, Any]:
    """Streams of persons whose column `tags` holds lists of texts."""
    found = catalog_of(*names)
    for stream in found["streams"]:
        listed = {"type": ["null", "array"], "items": {"type": "string"}}
        stream["stream"]["json_schema"]["properties"] = {**COLUMNS, "raw": {"type": "object"}, "tags": listed}
    return found


def tagged(name: str, *tags: Any, stream: str = "persons") -> dict[str, Any]:
    """A person with a list."""
    return record(stream, name=name, email=f"{name.lower()}@x.test", tags=list(tags) or None)


def labels_of(account: Account, name: str) -> set[str]:
    """The tags of a person, by name."""
    field = next(row for row in account.sandbox.rows("personFields") if row["field_name"] == "tags")
    names = {each["id"]: each["label"] for each in field["options"]}
    row = next(row for row in account.rows("persons") if row["name"] == name)
    return {names[each] for each in row["custom_fields"].get(field["field_code"]) or ()}


def test_lists_of_texts_become_a_field_of_choices(account: Account) -> None:
    """Created with the choices of the first record that has some, further ones are added; again, nothing is written."""
    rows = [tagged("Ann"), tagged("Bob", "VIP", "Trial"), tagged("Cy", "trial", "Churned"), tagged("Di", "VIP")]
    options = {"auto_create_fields": True, "auto_create_options": True}
    dry = account.write([*rows, stream_state("persons", 1), *rows], tags_catalog("persons"), dry_run=True, **options)
    account.write([*rows, stream_state("persons", 1), *rows], tags_catalog("persons"), **options)
    (made,) = [row for row in account.sandbox.rows("personFields") if row["field_name"] == "tags"]

    assert made["field_type"] == "set"
    assert [each["label"] for each in made["options"]] == ["VIP", "Trial", "Churned"]
    assert [labels_of(account, name) for name in ("Ann", "Bob", "Cy", "Di")] == [
        set(), {"VIP", "Trial"}, {"Trial", "Churned"}, {"VIP"},
    ]  # fmt: skip
    assert account.tokens() == dry.summary["tokens"] + dry.summary["planned_tokens"]
    account.write(rows, tags_catalog("persons"), **options)
    assert account.writes() == []


def test_a_field_of_choices_is_made_once_for_all_streams(account: Account) -> None:
    """Two streams of one object, a mapping with values of its own, and a lost answer: one field."""
    account.sandbox.set_faults({"kind": "apply_then_drop", "method": "POST", "path": "/personFields$"})
    mappings = [
        {
            "stream": name,
            "object": "persons",
            "fields": [{"source": "tags", "target": "tags"}],
            "value_maps": {"tags": {"v": "VIP"}},
        }
        for name in ("one", "two")
    ]
    rows = [tagged("Ann", "v", stream="one"), tagged("Bob", "v", "new", stream="two")]
    config = {"auto_create_fields": True, "auto_create_options": True, "mappings": mappings}
    run = account.write(rows, tags_catalog("one", "two"), **config)

    assert run.exit_code == 0
    assert len([row for row in account.sandbox.rows("personFields") if row["field_name"] == "tags"]) == 1
    assert (labels_of(account, "Ann"), labels_of(account, "Bob")) == ({"VIP"}, {"VIP", "new"})


def test_without_new_options_a_list_makes_no_field(account: Account) -> None:
    """A warning for each column says why, once; the records are written without it."""
    run = account.write([tagged("Ann", "a"), tagged("Bob", "b")], tags_catalog("persons"), auto_create_fields=True)
    warnings = run.logs("WARN")

    assert len([text for text in warnings if "no field `tags` is created" in text]) == 1
    assert len([text for text in warnings if "no field `raw` is created" in text]) == 1
    assert run.summary["objects"]["persons"]["created"] == 2
    assert not [row for row in account.sandbox.rows("personFields") if row["field_name"] == "tags"]


def test_a_refused_field_of_choices_rejects_its_records_only(account: Account) -> None:
    """Pipedrive is asked once; records without a value are written."""
    account.sandbox.set_faults(
        {"kind": "status", "status": 403, "method": "POST", "path": "/personFields$", "body": {"error": "No rights"}}
    )
    options = {"auto_create_options": True, "mappings": [{"stream": "persons"}]}
    columns = tags_catalog("persons")
    columns["streams"][0]["stream"]["json_schema"]["properties"] = {
        "tags": {"type": "array", "items": {"type": "string"}}
    }
    rows = [tagged("Ann", "a"), tagged("Bob", "b"), tagged("Cy")]
    run = account.write(rows, columns, auto_create_fields=True, **options)

    assert run.summary["objects"]["persons"] | {"skipped": 0} == {
        "created": 1, "updated": 0, "unchanged": 0, "deleted": 0, "skipped": 0, "rejected": 2,
    }  # fmt: skip
    assert len([path for _, path in account.writes() if path.endswith("personFields")]) == 1
