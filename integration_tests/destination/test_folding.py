"""Changes of one row are folded, records are not: what a rule skips or rejects says nothing about the row."""

from itertools import permutations
from typing import Any

import pytest
import requests

from integration_tests.destination.account import Account, record, stream_state

OLD, NEW = "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"
FIRST, SECOND = {"name": "One", "Trade": "Cook", "at": OLD}, {"name": "Two", "Trade": "Baker", "at": NEW}
RULES: dict[str, dict[str, Any]] = {
    "skip": {"on_duplicate": "skip"},
    "update off": {"update": False},
    "create": {"on_duplicate": "create"},
    "fill": {"fields": [{"source": name, "target": name, "mode": "fill"} for name in ("name", "Trade")]},
    "newest_wins": {"updated_at_field": "at"},
}


def new_field(account: Account, label: str, kind: str, *options: str) -> None:
    """Create a custom field of persons."""
    body: dict[str, Any] = {"field_name": label, "field_type": kind}
    if options:
        body["options"] = [{"label": each} for each in options]
    headers = {"x-api-token": "sandbox"}
    requests.post(f"{account.url}/api/v2/personFields", json=body, headers=headers, timeout=60).raise_for_status()


@pytest.mark.parametrize("order", list(permutations((FIRST, SECOND))), ids=["old first", "new first"])
@pytest.mark.parametrize("rule", RULES)
def test_t58_a_row_is_what_a_record_describes(account: Account, rule: str, order: tuple[dict[str, Any], ...]) -> None:
    """Two records of one key: no row mixes them, and the rule says which of them it is."""
    new_field(account, "Trade", "varchar")
    mapping = {"stream": "persons", **RULES[rule]}
    policy = {"conflict_policy": "newest_wins"} if rule == "newest_wins" else {}
    account.write([record("persons", email="a@x.test", **row) for row in order], mappings=[mapping], **policy)
    key = account.key("personFields", "Trade")
    found = {(row["name"], row["custom_fields"][key]) for row in account.rows("persons")}
    described = {(row["name"], row["Trade"]) for row in order}
    first, newest = (order[0]["name"], order[0]["Trade"]), ("Two", "Baker")

    wanted = {"create": described, "newest_wins": {newest}}.get(rule, {first})
    assert found == wanted


@pytest.mark.parametrize("is_apart", [False, True], ids=["one batch", "across a state"])
def test_t59_the_last_one_counts_and_the_second_run_writes_nothing(account: Account, is_apart: bool) -> None:
    """The same key twice, also in two streams and with a state between: one row, as the last record says."""
    one = record("persons", name="One", email="a@x.test")
    two = record("crm", name="Two", email="A@x.test")
    mappings = [{"stream": "persons"}, {"stream": "crm", "object": "persons"}]
    sent = [one, *([stream_state("persons", 1)] if is_apart else []), two]
    account.write(sent, mappings=mappings)
    assert [row["name"] for row in account.rows("persons")] == ["Two"]
    account.write(sent, mappings=mappings)

    assert account.writes() == []


@pytest.mark.parametrize("is_changed", [False, True])
def test_t62_a_parent_of_a_record_that_changes_nothing_is_found_later(account: Account, is_changed: bool) -> None:
    """The first record of the parent needs no look-up, the second one does: "not asked" is not "absent"."""
    org = account.put("organizations", name="Acme")
    account.put("persons", name="Ann", org_id=org, emails=[{"value": "a@x.test", "primary": True, "label": "work"}])
    link = {"organization": {"by": "name", "from": "company"}}
    rows = [
        record("persons", name="Ann C" if is_changed else "Ann", email="a@x.test", company="Acme"),
        record("persons", name="Bob", email="b@x.test", company="Acme"),
    ]
    run = account.write(rows, mappings=[{"stream": "persons", "links": link}])

    assert run.summary["objects"]["persons"]["rejected"] == 0
    assert {row["name"]: row["org_id"] for row in account.rows("persons")}["Bob"] == org


def test_t64_what_only_a_rejected_record_needs_is_not_created(account: Account) -> None:
    """Neither its option, nor its label, nor its parent; what another record needs is."""
    new_field(account, "Tier", "enum", "Gold")
    mapping = {
        "stream": "persons",
        "links": {"organization": {"by": "name", "from": "company", "create_if_missing": True}},
        "on_unknown_option": "create",
    }
    rows = [
        record("persons", name=None, email="new@x.test", company="Ghost", Tier="Phantom"),
        record("persons", name="Ann", email="a@x.test", company="Acme", Tier="Silver"),
    ]
    run = account.write(rows, mappings=[mapping])

    assert run.summary["objects"]["persons"]["rejected"] == 1
    assert [row["name"] for row in account.rows("organizations")] == ["Acme"]
    (field,) = [each for each in account.sandbox.rows("personFields") if each["field_name"] == "Tier"]
    assert [each["label"] for each in field["options"]] == ["Gold", "Silver"]
