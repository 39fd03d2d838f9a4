"""Inputs whose records have to do with each other: the plan of a dry run must know what the run itself would."""

from collections.abc import Callable
from typing import Any

from integration_tests.destination.account import Account, record, stream_state
from integration_tests.destination.test_actions import pipeline

#: Messages, and the config that goes with them.
Input = tuple[list[dict[str, Any]], dict[str, Any]]
Make = Callable[[Account], Input]

#: Settles what came before it, so that the next record is of another batch.
STATE = stream_state("persons", 1)
#: Fills a batch of 100.
CROWD = [record("persons", name=f"P{n}", email=f"p{n}@x.test") for n in range(100)]


def person(**more: Any) -> dict[str, Any]:
    """A record of one person."""
    return record("persons", **{"name": "Ann", "email": "ann@x.test", **more})


def stored(account: Account, **more: Any) -> int:
    """The same person, stored."""
    emails = [{"value": "ann@x.test", "primary": True, "label": "work"}]
    return account.put("persons", **{"name": "Ann", "emails": emails, **more})


def deal(account: Account, **more: Any) -> int:
    """A stored deal."""
    return account.put("deals", title="Deal", org_id=account.put("organizations", name="Holder"), **more)


def one_key_in_one_batch(_: Account) -> Input:
    """The last word on each field counts, new rows and old."""
    return [person(name="A"), person(name="B", phone="1"), person(name="A")], {}


def one_key_in_two_batches(_: Account) -> Input:
    """What the first batch creates, the second changes."""
    return [person(), *CROWD, person(name="Bob", phone="1"), STATE, person(name="Bob"), person(phone="2")], {}


def an_old_row_twice(account: Account) -> Input:
    """What the first batch changes, the second leaves."""
    stored(account)
    return [person(name="Bob"), *CROWD, person(name="Bob"), STATE, person(name="Carl")], {}


def an_old_row_twice_by_id(account: Account) -> Input:
    """Rows that are read by id are read again for every batch."""
    row_id = deal(account)
    rows = [record("deals", id=row_id, title=title) for title in ("New", "New", "Newer")]
    return [rows[0], STATE, rows[1], STATE, rows[2]], {}


def a_new_key(account: Account) -> Input:
    """A row is found by the name that the run gave it, and not by the one that it had."""
    account.put("organizations", name="Old")
    rules = {"stream": "organizations", "match_on": ["id", "name"]}
    row_id = account.rows("organizations")[0]["id"]
    rename, again = record("organizations", id=row_id, name="New"), record("organizations", name="New")
    return [rename, STATE, again, STATE, record("organizations", name="Old")], {"mappings": [rules]}


def defaults_of_a_new_deal(account: Account) -> Input:
    """Status, stage, owner and currency that Pipedrive fills in are no change for a later record."""
    pipeline(account)
    org = account.put("organizations", name="Acme")
    first = record("deals", title="D", org_id=org, pipeline="Outreach", stage=None, status=None, owner=None)
    other = record("deals", title="E", org_id=org, pipeline="Outreach", stage="Offer", currency="EUR")
    again = record("deals", title="D", pipeline="Outreach", stage="First", status="open", owner="Mari Admin")
    last = record("deals", title="D", stage="Talking", pipeline="Outreach", status="won")
    return [first, other, STATE, again, STATE, last], {"mappings": [{"stream": "deals", "match_on": ["title"]}]}


def activities_and_notes_twice(account: Account) -> Input:
    """Rows without a key are the same when all that is mapped is."""
    org = account.put("organizations", name="Acme")
    call = record("activities", subject="Call", org_id=org, due_date="2030-01-01")
    note = record("notes", content="Hello", org_id=org)
    done = record("activities", subject="Call", org_id=org, due_date="2030-01-01", done=False)
    return [call, note, call, note, STATE, call, note, STATE, done], {}


def parents_of_several_rows(_: Account) -> Input:
    """Companies, people and deals that are missing are created once, before their rows."""
    links = {
        "organization": {"by": "name", "from": "company", "create_if_missing": True},
        "person": {"by": "email", "from": "email", "create_if_missing": True},
    }
    rows = [
        record("deals", title=f"D{n}", company=f"C{n % 3}", email=f"p{n % 2}@x.test") for n in (*range(7), 3, 4, 99)
    ]
    mappings = [{"stream": "deals", "match_on": ["title"], "links": links}]
    return [*rows[:5], STATE, *rows[5:], record("organizations", name="C2", address="Main street")], {
        "mappings": mappings
    }


def a_row_deleted_twice(account: Account) -> Input:
    """By key and by id, in one batch and in two."""
    stored(account)
    ids = [deal(account) for _ in range(3)]
    rules = {"operation": "delete"}
    gone = [record("deals", id=each) for each in (ids[0], ids[0], ids[1])]
    rows = [person(), *gone, person(), STATE, person(), *gone, record("deals", id=ids[2]), record("deals", id=ids[2])]
    return rows, {"mappings": [{"stream": "deals", **rules}, {"stream": "persons", **rules}]}


def deleted_then_upserted(account: Account) -> Input:
    """A row that one stream deletes is not there for the other."""
    stored(account)
    delete = {"stream": "leavers", "object": "persons", "operation": "delete"}
    return [record("leavers", email="ann@x.test"), STATE, person(), STATE, person(phone="1")], {"mappings": [delete]}


def fields_filled_once(account: Account) -> Input:
    """`fill` reads the row again: a field that was filled in this run is not empty any more."""
    stored(account)
    fields = [{"source": "phone", "target": "phone", "mode": "fill"}]
    rows = [person(phone="1"), STATE, person(phone="2"), STATE, person(name="Bob", phone="3")]
    return rows, {"mappings": [{"stream": "persons", "fields": fields}]}


def the_later_change(account: Account) -> Input:
    """`newest_wins` compares with what this run wrote."""
    stored(account, update_time="2020-01-01T00:00:00Z")
    rules = {"stream": "persons", "updated_at_field": "at"}
    rows = [person(name=name, at=at) for name, at in (("B", "2030-01-01"), ("B", "2030-01-02"), ("C", "2010-01-01"))]
    return [rows[0], STATE, rows[1], STATE, rows[2]], {"mappings": [rules], "conflict_policy": "newest_wins"}


CASES: tuple[Make, ...] = (
    one_key_in_one_batch,
    one_key_in_two_batches,
    an_old_row_twice,
    an_old_row_twice_by_id,
    a_new_key,
    defaults_of_a_new_deal,
    activities_and_notes_twice,
    parents_of_several_rows,
    a_row_deleted_twice,
    deleted_then_upserted,
    fields_filled_once,
    the_later_change,
)
