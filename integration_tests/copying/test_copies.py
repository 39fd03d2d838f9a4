"""What a copy does with records that come in another order, again, changed, alone, or from nobody who is here."""

from typing import Any

from integration_tests.copying.accounts import Copied, write
from integration_tests.destination.account import Account, Message, catalog_of
from integration_tests.harness import Run, record, stream_status

NEEDED = ("users", "pipelines", "stages", "deal_fields", "organization_fields", "person_fields")


def some(original: Copied, *streams: str) -> list[Message]:
    """The records of some streams, in the order of the streams."""
    return [each for name in streams for each in original.records if each["record"]["stream"] == name]


def copy(target: Account, messages: list[Any], *streams: str, **config: Any) -> Run:
    """Copy messages of some streams."""
    return target.write(messages, catalog_of(*NEEDED, *streams), **{"mappings": {"copy": True}, **config})


def by_old_id(target: Account, name: str, fields: str) -> dict[str, dict[str, Any]]:
    """The live rows by the id that they had."""
    key = target.key(fields, "Original ID")
    return {row["custom_fields"].get(key): row for row in target.rows(name)}


def test_the_order_of_arrival_does_not_matter(original: Copied, target: Account) -> None:
    """Children first and definitions last: no row is lost, none written twice but where rows name each other."""
    run = write(target, original, messages=list(reversed(original.records)))
    again = write(target, original)

    assert run.exit_code == 0, run
    assert run.summary["objects"]["deals"] == {**dict.fromkeys(run.summary["objects"]["deals"], 0), **_all_deals(run)}
    assert again.exit_code == 0
    assert target.writes() == []


def _all_deals(run: Run) -> dict[str, int]:
    counts = run.summary["objects"]["deals"]
    assert counts["rejected"] == 0
    return {"created": counts["created"], "skipped": counts["skipped"]}


def test_a_later_copy_of_deals_alone_finds_their_people(original: Copied, target: Account) -> None:
    """Links go by the old ids that the first copy left, without the streams of the other objects."""
    first = copy(target, some(original, *NEEDED, "organizations", "persons"), "organizations", "persons")
    run = copy(target, some(original, *NEEDED, "deals"), "deals")
    live = [each["record"]["data"] for each in some(original, "deals") if not each["record"]["data"]["is_deleted"]]
    people = by_old_id(target, "persons", "personFields")
    deals = by_old_id(target, "deals", "dealFields")

    assert first.exit_code == run.exit_code == 0
    assert len(deals) == len(live)
    for deal in live:
        person = people.get(str(deal["person_id"]))
        assert deals[str(deal["id"])]["person_id"] == (person["id"] if person else None)


def test_what_changed_is_updated_and_what_was_emptied_is_emptied(original: Copied, target: Account) -> None:
    """The copy follows: a new title, an option that is gone, a label taken away."""
    given = some(original, *NEEDED, "organizations", "persons", "deals")
    copy(target, given, "organizations", "persons", "deals")
    deal = next(each for each in given if _is_labelled(each))
    changed = {**deal["record"]["data"], "title": "Another title", "label_ids": [], "labels": []}
    changed |= {"lead_source": None, "lead_source_id": None}
    run = copy(target, [*some(original, *NEEDED), record("deals", 1, **changed)], "deals")
    row = by_old_id(target, "deals", "dealFields")[str(changed["id"])]

    assert run.summary["objects"]["deals"]["updated"] == 1
    assert (row["title"], row["label_ids"]) == ("Another title", [])
    assert row["custom_fields"].get(target.key("dealFields", "Lead source")) is None


def _is_labelled(message: Message) -> bool:
    data = message["record"]["data"]
    is_deal = message["record"]["stream"] == "deals" and not data["is_deleted"] and not data["is_archived"]
    return is_deal and bool(data["label_ids"]) and data["lead_source"] is not None


def test_a_stream_that_tells_what_ids_mean_is_missed(original: Copied, target: Account) -> None:
    """Nothing is written with ids that mean something else here."""
    run = target.write(some(original, "deals"), catalog_of("deals", "users"), mappings={"copy": True})

    assert run.exit_code == 1
    assert "`pipelines`, `stages`, `deal_fields`" in run.errors()[0]["message"] or all(
        name in run.errors()[0]["message"] for name in ("`pipelines`", "`stages`", "`deal_fields`")
    )
    assert target.writes() == []


def test_rows_of_somebody_who_was_not_invited_become_those_of_the_acting_user(
    original: Copied, target: Account
) -> None:
    """No invitation is sent, and the log counts whose rows they are."""
    users = [row for row in target.sandbox.rows("users") if row["email"] == "john@sandbox.example"]
    target.sandbox.purge("users", users[0]["id"])
    run = copy(target, some(original, *NEEDED, "organizations"), "organizations")
    owners = {row["owner_id"] for row in target.rows("organizations")}

    assert run.exit_code == 0
    assert run.summary["objects"]["users"]["created"] == 0
    assert users[0]["id"] not in owners
    assert any("of `owner_id` that match nothing in this account" in text for text in run.logs("WARN"))


def test_deleted_rows_are_skipped_unless_their_copies_are_to_go(original: Copied, target: Account) -> None:
    """`delete_when` deletes the copy of a row that was deleted."""
    given = some(original, *NEEDED, "organizations")
    copy(target, given, "organizations")
    gone = {**given[-1]["record"]["data"], "is_deleted": True}
    again = [*some(original, *NEEDED), record("organizations", 1, **gone)]
    skipped = copy(target, again, "organizations")
    entry = {"stream": "organizations", "copy": True, "delete_when": "is_deleted == true"}
    deleted = copy(target, again, "organizations", mappings=[{"copy": True}, entry])

    assert skipped.summary["objects"]["organizations"]["skipped"] == 1
    assert deleted.summary["objects"]["organizations"]["deleted"] == 1
    assert str(gone["id"]) not in by_old_id(target, "organizations", "organizationFields")


def test_states_leave_when_their_records_are_settled(original: Copied, target: Account) -> None:
    """Every state of the source leaves, in its order, behind the records that were kept waiting."""
    run = write(target, original)
    given = [each["state"] for each in original.messages if each["type"] == "STATE"]

    assert [_position(each) for each in run.states()] == [_position(each) for each in given]


def _position(state: dict[str, Any]) -> Any:
    return state["stream"]["stream_descriptor"]["name"], state["stream"]["stream_state"]


def test_records_wait_for_the_definitions(original: Copied, target: Account) -> None:
    """Rows that come before the definitions of their fields have all their values."""
    given = some(original, "organizations", "users", "organization_fields")
    closing = [stream_status(name) for name in ("organizations", "users", "organization_fields")]
    run = copy(target, [*given, *closing], "organizations")
    tier = target.key("organizationFields", "Tier")

    assert run.exit_code == 0
    assert any(row["custom_fields"].get(tier) for row in target.rows("organizations"))


def test_a_stream_without_an_object_is_skipped_in_words(original: Copied, target: Account) -> None:
    """Files and the like are counted, with the reason."""
    files = [record("files", 1, id=1, name="offer.pdf")]
    run = copy(target, [*some(original, *NEEDED), *files], "files")

    assert run.summary["objects"]["files"]["skipped"] == 1
    assert any("does not let anybody write it" in text for text in run.logs("INFO"))
