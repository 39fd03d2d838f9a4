"""What a run tells: counts, words, tokens; a plan before it; nothing sent in vain."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record

EMAIL = [{"value": "bob@acme.test", "primary": True, "label": "work"}]


def person(number: int, **more: Any) -> dict[str, Any]:
    """A RECORD of a person with an email address."""
    return record("persons", name=f"P{number}", email=f"p{number}@acme.test", **more)


def test_b17_d6_every_record_is_told_once(account: Account) -> None:
    """B17, D6: created, updated, unchanged, skipped and rejected add up to what came; failures say which and why."""
    account.put("persons", name="Bob", emails=EMAIL)
    account.write([person(9)])
    rows = [
        person(1), person(9), record("persons", name="Bob Ray", email="bob@acme.test"),
        record("persons", name="Left", email="left@acme.test"), record("persons", name="Bad", email="no address"),
    ]  # fmt: skip
    run = account.write(rows, mappings=[{"stream": "persons", "filter": "name != 'Left'"}])

    assert run.summary["objects"]["persons"] == {
        "created": 1, "updated": 1, "unchanged": 1, "deleted": 0, "skipped": 1, "rejected": 1,
    }  # fmt: skip
    assert [text.split(" of ")[0] for text in run.logs("WARN") if text.startswith("Record")] == ["Record 5"]
    assert [text.split(" of ")[0] for text in run.logs("INFO") if " skipped: " in text] == ["Record 4"]
    logged = [each["log"] for each in run.of_type("LOG")]
    assert len([each for each in logged if each["message"].startswith("SUMMARY ")]) == 1


@pytest.mark.parametrize(
    ("rows", "config", "status"),
    [
        ([person(1)], {}, "Success"),
        ([person(1), record("persons", name="No key")], {}, "Warning"),
        ([person(1)], {"mappings": [{"stream": "persons", "filter": "name == 'x'"}]}, "Warning"),
        ([person(1)], {"default_owner": "nobody@acme.test"}, "Error"),
        ([record("persons", name="No key")] * 2, {"reject_threshold": 1}, "Error"),
    ],
)
def test_b18_one_word_for_the_run(
    account: Account, rows: list[dict[str, Any]], config: dict[str, Any], status: str
) -> None:
    """B18: Success, Warning when something was skipped or rejected, Error when the run ended early."""
    run = account.write(rows, **config)

    assert run.summary["status"] == status
    assert run.exit_code == (1 if status == "Error" else 0)


def test_b19_known_words_for_known_errors(account: Account) -> None:
    """B19: a wrong key, a used-up day, a duplicate, a missing field, a refusal, a missing company."""
    for _ in range(2):
        account.put("persons", name="Bob", emails=EMAIL)
    wrong = account.write([person(1)], credentials={"auth_type": "api_token", "api_token": "wrong"})
    rows = [
        record("persons", name="B", email="bob@acme.test"),
        record("persons", email="x@acme.test"),
        person(1, organization="Nowhere Ltd"),
        person(2),
    ]
    refusal = {"success": False, "error": "You do not have permissions to do this."}
    account.sandbox.set_faults({"kind": "status", "status": 403, "method": "POST", "body": refusal})
    said = account.write(rows).logs("WARN")
    account.sandbox.set_faults()
    account.sandbox.change_settings(daily_limit=1)
    late = account.write([person(3)])

    assert wrong.errors()[0]["message"].startswith("Invalid API key")
    assert "Rate limit exceeded" in late.errors()[0]["message"]
    for words in ("Duplicate found", "Required field missing", "Parent not found", "Permission denied"):
        assert any(words in text for text in said), (words, said)


def test_b24_tokens_of_a_run_are_those_that_pipedrive_counts(account: Account) -> None:
    """B24: requests and tokens of the SUMMARY are the server's own, and so is what is left of the day."""
    account.sandbox.change_settings(daily_limit=5000)
    run = account.write([person(n) for n in range(7)])

    assert run.summary["tokens"] == account.tokens()
    assert run.summary["requests"] == len(account.calls())
    assert run.summary["tokens_left"] == account.sandbox.meter()["remaining"]


@pytest.mark.parametrize(
    ("stream", "row", "missing"),
    [
        ("organizations", {"domain": "acme.test", "owner": "john@sandbox.example"}, "name"),
        ("persons", {"email": "ann@acme.test", "organization": "New Ltd"}, "name"),
        ("persons", {"name": "Ann", "organization": "New Ltd"}, "email"),
        ("deals", {"value": 5, "organization": "New Ltd"}, "title"),
        ("deals", {"title": "Lonely"}, "org_id"),
        ("activities", {"note": "x"}, "subject"),
        ("notes", {"content": "x"}, "deal_id"),
    ],
)
def test_b16_nothing_is_sent_for_a_record_that_cannot_be_created(
    account: Account, stream: str, row: dict[str, Any], missing: str
) -> None:
    """B16: the missing field is named before any write, and no company is made for it."""
    mapping = {"stream": stream, "on_missing_parent": "create"} | ({"match_on": ["title"]} if stream == "deals" else {})
    if stream in ("activities", "notes"):
        mapping = {"stream": stream}
    run = account.write([record(stream, **row)], mappings=[mapping])

    assert account.writes() == []
    assert account.rows("organizations") == []
    (said,) = [text for text in run.logs("WARN") if "rejected" in text]
    assert "Required field missing" in said
    assert f"`{missing}`" in said


def test_b14_b20_a_plan_of_the_first_rows(account: Account) -> None:
    """B14, B20: `plan` with `max_records` shows the first rows and their price, which the run then costs."""
    mappings = [{"stream": "persons", "max_records": 2}]
    rows = [person(n) for n in range(5)]
    account.sandbox.clear_requests()
    plan = account.run("plan", rows, config=account.config(mappings=mappings), catalog=catalog_of("persons"))
    assert account.writes() == []
    run = account.write(rows, mappings=mappings)

    assert plan.stdout.count("create") >= 2
    assert f"Price: {run.summary['tokens']} tokens" in plan.stdout
    assert len(account.rows("persons")) == 2


def test_e6_a11_fields_and_options_only_when_asked_for(account: Account) -> None:
    """E6, A11: by default an unknown column is told and an unknown option refused; definitions stay as they are."""
    tables = ("personFields", "dealFields", "organizationFields")
    before = [account.sandbox.rows(name) for name in tables]
    row = person(1, shoe_size=40, Newsletter="Daily")
    run = account.write([row])
    assert [account.sandbox.rows(name) for name in tables] == before
    assert account.writes() == []
    assert any("`shoe_size`" in text for text in run.logs("WARN"))
    assert any("[unknown_option, field `Newsletter`]" in text for text in run.logs("WARN"))

    account.write([row], auto_create_fields=True, auto_create_options=True)
    posts = [path.rsplit("/", 1)[-1] for method, path in account.writes() if method == "POST"]
    assert sorted(posts) == ["options", "persons"]


def test_e6_a_column_of_the_schema_becomes_a_field_when_asked_for(account: Account) -> None:
    """E6: the field gets the column's name and type; without the option nothing is created."""
    catalog = catalog_of("persons")
    types = {"name": {"type": "string"}, "email": {"type": "string"}, "shoe_size": {"type": "number"}}
    catalog["streams"][0]["stream"]["json_schema"]["properties"] = types
    account.write([person(1, shoe_size=40)], catalog, auto_create_fields=True)

    assert account.rows("persons")[0]["custom_fields"] == {account.key("personFields", "shoe_size"): 40}
