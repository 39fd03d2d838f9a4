"""Whole flows: everything pushed again, changed mappings, both directions, actions, snapshots."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record
from integration_tests.harness import Connector, configured


def contacts(count: int = 20) -> list[dict[str, Any]]:
    """Contacts with company, phone and job."""
    return [
        record(
            "contacts", name=f"P{n}", email=f"p{n}@acme.test", phone=f"555-{n}", organization=f"C{n % 3}", title="Head"
        )
        for n in range(count)
    ]


def mapping(**more: Any) -> list[dict[str, Any]]:
    """Contacts are persons, their companies are created."""
    return [{"stream": "contacts", "object": "persons", "on_missing_parent": "create", **more}]


def read(account: Account, source: Connector, *names: str) -> list[dict[str, Any]]:
    """What the source emits of some streams, deleted rows aside."""
    catalog = source.discover(account.config()).catalog
    rows = source.read(account.config(), configured(catalog, list(names))).of_type("RECORD")
    return [each for each in rows if not each["record"]["data"].get("is_deleted")]


def test_a19_c16_everything_pushed_again_costs_no_write(account: Account) -> None:
    """A19, C16: the history first, then the same with something new: only what is new is written."""
    account.write(contacts(), mappings=mapping())
    again = account.write(contacts(), mappings=mapping())
    assert account.writes() == []
    assert again.summary["objects"]["persons"]["unchanged"] == 20

    account.write(contacts(22), mappings=mapping())
    assert [path for _, path in account.writes()] == ["/api/v2/persons"] * 2
    assert len(account.rows("organizations")) == 3


def test_a20_a_changed_mapping_writes_only_what_differs(account: Account) -> None:
    """A20: one more field in the mapping is the one field of each PATCH; then nothing more."""
    account.write(contacts(), mappings=mapping())
    changed = mapping(fields=[{"source": "title", "target": "Nickname"}])
    account.write(contacts(), mappings=changed)
    key = account.key("personFields", "Nickname")

    assert account.bodies("PATCH") == [{"custom_fields": {key: "Head"}}] * 20
    assert account.bodies("POST") == []
    account.write(contacts(), mappings=changed)
    assert account.writes() == []


def test_b6_c2_both_directions_come_to_rest(account: Account, source: Connector) -> None:
    """B6, C2: what was pushed is read by the source and pushed back: no write, and no row changes its time."""
    account.write(contacts(), mappings=mapping())
    first = read(account, source, "organizations", "persons")
    times = [row["update_time"] for row in account.rows("persons")]
    account.write(first)

    assert len(first) == 23
    assert account.writes() == []
    assert [row["update_time"] for row in account.rows("persons")] == times


def test_e2_a_snapshot_written_back_restores_what_was_changed(account: Account, source: Connector) -> None:
    """E2: changed rows get their values back; a row that was deleted is told, not created under another id."""
    account.write(contacts(3), mappings=mapping())
    snapshot = read(account, source, "persons")
    first, second, third = (row["id"] for row in sorted(account.rows("persons"), key=lambda row: str(row["name"])))
    account.put("persons", id=first, name="Spoiled", phones=[{"value": "0", "primary": True, "label": "work"}])
    account.put("persons", id=second, is_deleted=True)
    run = account.write(snapshot, mappings=[{"stream": "persons", "match_on": ["id"]}])

    assert account.row("persons", first)["name"] == "P0"
    assert run.summary["objects"]["persons"] == {
        "created": 0, "updated": 1, "unchanged": 1, "deleted": 0, "skipped": 0, "rejected": 1,
    }  # fmt: skip
    assert {row["id"] for row in account.rows("persons")} == {first, third}


def test_d13_an_activity_with_assignee_type_and_priority(account: Account) -> None:
    """D13: a signal adds one activity to the person, for a colleague, of a type and priority; once."""
    priorities = next(row for row in account.sandbox.rows("activityFields") if row["field_code"] == "priority")
    high = priorities["options"][0]["id"]
    action = {"action": "add_activity", "when": "signal == 'usage dropped'", "subject": "Call {name}", "type": "call",
              "assignee": "olga@sandbox.example", "priority": high, "due_in_days": 2}  # fmt: skip
    mappings = [{"stream": "signals", "object": "persons", "updated_at_field": "at", "actions": [action]}]
    row = record("signals", name="Ann", email="a@acme.test", signal="usage dropped", at="2030-05-01T23:00:00Z")
    for _ in range(2):
        account.write([row, record("signals", name="Bob", email="b@acme.test", signal="none")], mappings=mappings)
    (activity,) = account.rows("activities")

    assert account.writes() == []
    assert (activity["subject"], activity["type"], activity["due_date"]) == ("Call Ann", "call", "2030-05-03")
    assert (activity["owner_id"], activity["priority"], activity["done"]) == (3, high, False)


def test_c11_c15_actions_of_two_triggers(account: Account) -> None:
    """C11, C15: each trigger has actions of its own; one action goes with several triggers, once for each."""
    actions = [
        {"when": "event == 'open'", "action": "add_activity", "subject": "Look at {email}"},
        {"when": "event in ('open', 'reply')", "action": "add_activity", "subject": "Answer {event}"},
        {"when": "event == 'reply'", "action": "create_deal", "pipeline": "Sales"},
    ]
    mappings = [{"stream": "events", "object": "persons", "updated_at_field": "at", "actions": actions}]
    rows = [
        record("events", name="Ann", email="a@x.test", event=kind, at="2030-05-01T10:00:00Z")
        for kind in ("open", "reply", "open")
    ]
    for _ in range(2):
        run = account.write(rows, mappings=mappings)
        assert run.logs("WARN") == []

    assert account.writes() == []
    subjects = sorted(row["subject"] for row in account.rows("activities"))
    assert subjects == ["Answer open", "Answer reply", "Look at a@x.test"]
    assert [row["title"] for row in account.rows("deals")] == ["Ann deal"]


@pytest.mark.parametrize("pipeline", ["Sales", "Partners"])
def test_c12_a_deal_in_the_required_pipeline(account: Account, pipeline: str) -> None:
    """C12: titled `{name} deal`, linked to the person and its company, in the pipeline's first stage."""
    action = {"action": "create_deal", "pipeline": pipeline}
    mappings = [{"stream": "events", "object": "persons", "actions": [action], "on_missing_parent": "create"}]
    account.write([record("events", name="Ann", email="a@x.test", organization="Acme")], mappings=mappings)
    (deal,), (person,), (org,) = (account.rows(name) for name in ("deals", "persons", "organizations"))
    place = next(row for row in account.sandbox.rows("pipelines") if row["name"] == pipeline)

    assert (deal["title"], deal["pipeline_id"], deal["status"]) == ("Ann deal", place["id"], "open")
    assert (deal["person_id"], deal["org_id"]) == (person["id"], org["id"])


@pytest.mark.parametrize("name", ["persons", "organizations"])
def test_e1_e15_insert_update_upsert_and_delete(account: Account, name: str) -> None:
    """E1, E15: each operation by its sync mode alone, and by `operation` whatever the mode is."""
    key = {"email": "a@x.test"} if name == "persons" else {"domain": "x.test"}

    def outcome(row: dict[str, Any], mode: str, **rules: Any) -> str:
        mappings = [{"stream": name, **rules}] if rules else []
        counts = account.write([record(name, **row)], mode=mode, mappings=mappings).summary["objects"][name]
        return next(word for word, count in counts.items() if count)

    assert outcome({"name": "A", **key}, "update") == "rejected"
    assert outcome({"name": "A", **key}, "append") == "created"
    assert outcome({"name": "B", **key}, "update") == "updated"
    assert outcome({"name": "C", **key}, "append_dedup") == "updated"
    assert outcome({"name": "D", **key}, "overwrite", operation="update") == "updated"
    assert outcome(key, "soft_delete") == "deleted"
    assert outcome(key, "soft_delete") == "unchanged"
    assert account.rows(name) == []


def test_d9_update_only_and_creating_is_a_choice(account: Account) -> None:
    """D9: the mode `update`, or `create: false` in an upsert; neither makes a company for a person who is not made."""
    for mode, rules in (("update", {}), ("append_dedup", {"create": False})):
        run = account.write(contacts(2), catalog_of("contacts", mode=mode), mappings=mapping(**rules))
        counts = run.summary["objects"]["persons"]
        assert counts["rejected" if mode == "update" else "skipped"] == 2
        assert account.writes() == []
