"""What a dry run says is what the run then does."""

from typing import Any

from integration_tests.destination.account import WRITES, Account, catalog_of, record, stream_state

CONFIG: dict[str, Any] = {
    "mappings": [
        {
            "stream": "persons",
            "filter": "name != 'Nobody'",
            "on_unknown_option": "create",
            "links": {"organization": {"by": "name", "from": "company", "create_if_missing": True}},
        }
    ]
}
ROWS = [
    record("persons", name="Robert", email="bob@acme.test"),
    *(record("persons", name=f"P{n}", email=f"p{n}@x.test", company=f"C{n // 2}", labels="New") for n in range(6)),
    record("persons", name="P0 again", email="P0@x.test"),
    record("persons", name="Nobody", email="n@x.test"),
    record("persons", name="Bad", email="no address"),
    stream_state("persons", 1),
]


def prepared(account: Account) -> Account:
    """The account with a person to be changed."""
    account.put("persons", name="Bob", emails=[{"value": "bob@acme.test", "primary": True, "label": "work"}])
    return account


def test_t45_a_dry_run_writes_nothing_and_the_real_run_does_what_it_said(account: Account) -> None:
    """T45: no write, no state; the same counts, and exactly the tokens that it named."""
    prepared(account)
    dry = account.write(ROWS, dry_run=True, **CONFIG)
    assert account.writes() == []
    assert dry.states() == []
    price = dry.summary["tokens"] + dry.summary["planned_tokens"]

    real = account.write(ROWS, **CONFIG)
    assert real.summary["objects"] == dry.summary["objects"]
    assert account.tokens() == price
    assert len(real.states()) == 1
    assert any("Would update persons 1: name: Bob → Robert" in text for text in dry.logs("INFO"))


def test_t45_b14_the_plan_for_people(account: Account) -> None:
    """T45, B14: a table of what is created, updated, unchanged and rejected, and the cost; no messages."""
    prepared(account)
    account.sandbox.clear_requests()
    run = account.run("plan", ROWS, config=account.config(**CONFIG), catalog=catalog_of("persons"))
    lines = run.stdout.splitlines()

    assert run.exit_code == 0
    assert lines[0].split() == ["ACTION", "OBJECT", "ROW", "WHAT"]
    assert any(line.split()[:3] == ["update", "persons", "1"] and "name: Bob → Robert" in line for line in lines)
    assert {line.split()[0] for line in lines[1:-3]} >= {"create", "update", "leave", "reject"}
    assert not [line for line in lines if line.startswith("{")]
    assert [each for each in account.calls() if each[0] in WRITES] == []

    spent = account.write(ROWS, **CONFIG).summary["tokens"]
    assert lines[-1].startswith(f"Price: {spent} tokens (")
