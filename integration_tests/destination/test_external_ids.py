"""D2: the external ID, where another key would lead to a row that carries another one."""

from integration_tests.destination.account import Account, record

MAPPING = {"stream": "persons", "external_id_field": "Customer id", "match_on": ["email"]}


def person(number: str, **more: str) -> dict:
    """A record of a shared address."""
    return record("persons", **{"Customer id": number, "name": f"P {number}", "email": "office@acme.test", **more})


def test_d2_a_row_of_another_id_is_not_taken_over(account: Account) -> None:
    """D2: two records of one email address and two ids: the second is rejected, in every run, and nothing flips."""
    rows = [person("u1"), person("u2")]
    run = account.write(rows, mappings=[MAPPING], auto_create_fields=True)

    assert run.summary["objects"]["persons"] == {
        **dict.fromkeys(("updated", "unchanged", "deleted", "skipped"), 0),
        "created": 1,
        "rejected": 1,
    }
    assert "duplicate_found" in run.logs("WARN")[-1]
    assert "the row of an earlier record has the same `email`" in run.logs("WARN")[-1]
    again = account.write(rows, mappings=[MAPPING])
    assert account.writes() == []
    assert again.summary["objects"]["persons"]["unchanged"] == 1


def test_d2_the_option_makes_a_second_row(account: Account) -> None:
    """D2, B12: `on_duplicate: create` keeps one row an id."""
    rows = [person("u1"), person("u2")]
    both = {**MAPPING, "on_duplicate": "create"}
    account.write(rows, mappings=[both], auto_create_fields=True)

    assert sorted(row["name"] for row in account.rows("persons")) == ["P u1", "P u2"]


def test_d2_a_row_without_an_id_is_taken(account: Account) -> None:
    """D2: who is there without an id is found by the email address, and gets it."""
    account.put("persons", name="Old", emails=[{"value": "office@acme.test", "primary": True, "label": "work"}])
    run = account.write([person("u1")], mappings=[MAPPING], auto_create_fields=True)

    assert run.summary["objects"]["persons"]["updated"] == 1
    key = account.key("personFields", "Customer id")
    assert [row["custom_fields"][key] for row in account.rows("persons")] == ["u1"]
