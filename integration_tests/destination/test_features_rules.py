"""What is written, when, by whom and how often: switches, conditions, policies."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record

EMAIL = [{"value": "bob@acme.test", "primary": True, "label": "work"}]
ROWS = [record("persons", name="Bob Ray", email="bob@acme.test"), record("persons", name="Eve", email="eve@acme.test")]


def persons(**rules: Any) -> list[dict[str, Any]]:
    """The mapping of persons."""
    return [{"stream": "persons", **rules}]


def known(account: Account, **more: Any) -> int:
    """Bob, who is there already."""
    return account.put("persons", name="Bob", emails=EMAIL, **more)


@pytest.mark.parametrize(
    ("rules", "names"),
    [
        ({}, ["Bob Ray", "Eve"]),
        ({"create": False}, ["Bob Ray"]),
        ({"update": False}, ["Bob", "Eve"]),
        ({"create": False, "update": False}, ["Bob"]),
    ],
)
def test_a15_b7_d9_creating_and_updating_are_switched_apart(
    account: Account, rules: dict[str, Any], names: list[str]
) -> None:
    """A15, B7, D9: each half of an upsert alone; what is switched off is skipped and counted, not an error."""
    known(account)
    run = account.write(ROWS, mappings=persons(**rules))
    counts = run.summary["objects"]["persons"]

    assert sorted(row["name"] for row in account.rows("persons")) == names
    assert (counts["skipped"], counts["rejected"]) == (len(rules), 0)


@pytest.mark.parametrize(
    ("option", "names"), [("update", ["Bob Ray"]), ("skip", ["Bob"]), ("create", ["Bob", "Bob Ray"])]
)
def test_b12_what_becomes_of_a_duplicate(account: Account, option: str, names: list[str]) -> None:
    """B12: updated, skipped with the words `Duplicate found` and the id, or created a second time."""
    row_id = known(account)
    run = account.write(ROWS[:1], mappings=persons(on_duplicate=option))

    assert sorted(row["name"] for row in account.rows("persons")) == names
    said = [text for text in run.logs("INFO") if "Duplicate found" in text]
    assert [f"id {row_id}" in text for text in said] == [True] * (option == "skip")


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("Value > 10000 and Stage == 'Proposal'", ["big"]),
        ("owner == current_user and since > days_ago(30)", ["big"]),
        ("not (Stage in ('Proposal', 'Lost')) or Value == null", ["late", "none"]),
        ("'vip' in segments", ["late"]),
    ],
)
def test_b13_d8_conditions_in_the_language_of_the_source(account: Account, condition: str, wanted: list[str]) -> None:
    """B13, D8: numbers, texts, lists, days and the acting user; rows that do not meet them are left out."""
    base = {"organization": "Acme", "since": "2099-04-20T00:00:00Z", "owner": "mari@sandbox.example"}
    base |= {"segments": ["trial"]}
    rows = [
        {"title": "big", "Value": 20000, "Stage": "Proposal", **base},
        {"title": "late", "Value": 5, "Stage": "Demo scheduled", **base, "since": "2020-01-01", "segments": ["vip"]},
        {"title": "none", "Value": None, "Stage": "Proposal", **base, "owner": "john@sandbox.example"},
    ]
    mapping = {"stream": "deals", "match_on": ["title"], "filter": condition, "on_missing_parent": "create"}
    fields = [{"source": name, "mode": "ignore"} for name in ("since", "segments")]
    run = account.write([record("deals", **row) for row in rows], mappings=[{**mapping, "fields": fields}])

    assert sorted(row["title"] for row in account.rows("deals")) == wanted
    assert run.summary["objects"]["deals"]["skipped"] == 3 - len(wanted)


def test_c5_a_new_list_takes_part_unless_the_condition_names_it(account: Account) -> None:
    """C5: lists that are shut out are named; a list that nobody thought of takes part."""
    lists = ("Prospects", "Do not sync", "Made yesterday")
    rows = [record("persons", name=name, email=f"p{n}@acme.test", list=name) for n, name in enumerate(lists)]
    run = account.write(rows, mappings=persons(filter="list not in ('Do not sync')"))

    assert sorted(row["name"] for row in account.rows("persons")) == ["Made yesterday", "Prospects"]
    assert run.logs("WARN") == []


def test_c9_without_the_required_key_a_warning_tells_of_duplicates(account: Account) -> None:
    """C9: by default a person without email is rejected; switched off it is created, and a warning is loud."""
    row = record("persons", name="No mail")
    strict = account.write([row])
    assert account.writes() == []
    assert "[match_key_missing, field `email`]" in strict.logs("WARN")[0]

    loose = persons(require_match_key=False)
    run = account.write([row], mappings=loose)
    assert len(account.rows("persons")) == 1
    for said in (run.logs("WARN"), account.check(mappings=loose).logs("WARN")):
        assert len([text for text in said if "`/mappings/0/require_match_key`" in text and "duplicate" in text]) == 1
    assert not [text for text in account.check(mappings=persons()).logs("WARN") if "require_match_key" in text]


@pytest.mark.parametrize(
    ("policy", "changed", "name", "phone"),
    [
        ("source_wins", "2026-01-01T00:00:00Z", "Bob Ray", "555"),
        ("destination_wins", "2026-05-01T00:00:00Z", "Bob", "555"),
        ("newest_wins", "2026-05-01T00:00:00Z", "Bob Ray", "555"),
        ("newest_wins", "2026-01-01T00:00:00Z", "Bob", None),
    ],
)
def test_c17_who_wins(account: Account, policy: str, changed: str, name: str, phone: str | None) -> None:
    """C17: the sender overwrites, fills only, or wins when its change is the later one."""
    row_id = known(account, update_time="2026-03-01T00:00:00Z")
    row = record("persons", name="Bob Ray", email="bob@acme.test", phone="555", changed=changed)
    account.write([row], conflict_policy=policy, mappings=persons(updated_at_field="changed"))
    stored = account.row("persons", row_id)

    assert stored["name"] == name
    assert [each["value"] for each in stored.get("phones") or []] == ([phone] if phone else [])


def test_a18_visibility_of_what_is_created(account: Account) -> None:
    """A18: one setting for everything that is created, a column for a row of its own; what is there keeps its own."""
    known(account, visible_to=1)
    rows = [*ROWS, record("persons", name="Seen", email="s@acme.test", visible_to="1", organization="Acme")]
    account.write(rows, visible_to=3, mappings=persons(on_missing_parent="create"))

    assert {row["name"]: row["visible_to"] for row in account.rows("persons")} == {"Bob Ray": 1, "Eve": 3, "Seen": 1}
    assert account.rows("organizations")[0]["visible_to"] == 3


def test_a21_c4_d7_owners_of_contacts_and_companies(account: Account) -> None:
    """A21, C4, D7: the chosen user owns what is created, companies included; an owner in the record counts more."""
    users = {row["email"]: row["id"] for row in account.sandbox.rows("users")}
    rows = [
        record("persons", name="A", email="a@acme.test", organization="Acme"),
        record("persons", name="B", email="b@acme.test", owner="olga@sandbox.example"),
        record("persons", name="C", email="c@acme.test", owner=str(users["olga@sandbox.example"])),
        record("persons", name="D", email="d@acme.test", owner="Olga Петрова"),
    ]
    account.write(rows, default_owner="John Seller", mappings=persons(on_missing_parent="create"))
    john, olga = users["john@sandbox.example"], users["olga@sandbox.example"]

    assert [row["owner_id"] for row in sorted(account.rows("persons"), key=_name)] == [john, olga, olga, olga]
    assert account.rows("organizations")[0]["owner_id"] == john


@pytest.mark.parametrize("mode", ["ignore", "fill", "overwrite"])
def test_b8_a_mode_for_each_field(account: Account, mode: str) -> None:
    """B8: left out, filled when empty, or overwritten, field by field."""
    nickname = account.key("personFields", "Nickname")
    row_id = known(account, custom_fields={nickname: "Bobby"})
    fields = [{"source": "nick", "target": "Nickname", "mode": mode}]
    row = record("persons", name="Bob Ray", email="bob@acme.test", nick="Rob")
    account.write([row], mappings=persons(fields=fields))
    stored = account.row("persons", row_id)

    assert stored["name"] == "Bob Ray"
    assert stored["custom_fields"][nickname] == ("Rob" if mode == "overwrite" else "Bobby")


def _name(row: dict[str, Any]) -> str:
    return str(row["name"])
