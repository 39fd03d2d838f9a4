"""What a write leaves on the server, spends and prints."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record, stream_state

pytestmark = pytest.mark.network

ACME = record("organizations", name="Acme", website="https://www.acme.test/about")
ANN = record("persons", name="Ann Lee", email="ann@acme.test", phone="+372 555 01", organization="Acme")
BOB = record("persons", first_name="Bob", last_name="Ray", email="bob@acme.test")


def test_t1_a19_c16_the_same_batch_twice_writes_nothing_the_second_time(account: Account) -> None:
    """T1: the second run reads and compares, and counts every record as unchanged."""
    messages = [ACME, ANN, BOB, stream_state("persons", 1)]
    first = account.write(messages)
    before = {name: account.rows(name) for name in ("organizations", "persons")}
    second = account.write(messages)

    assert first.summary["objects"]["persons"]["created"] == 2
    assert account.writes() == []
    assert second.summary["objects"]["persons"]["unchanged"] == 2
    assert second.summary["status"] == "Success"
    assert before == {name: account.rows(name) for name in ("organizations", "persons")}


def test_t1_tokens_are_the_listing_the_definitions_and_the_writes(account: Account) -> None:
    """T1: 10 per listing page, 10 for definitions, 2 for the acting user, 5 per write."""
    first = account.write([BOB])
    assert account.tokens() == 2 + 10 + 10 + 5
    assert first.summary["tokens"] == account.tokens()

    account.write([BOB])
    assert account.tokens() == 2 + 10 + 10


def test_t1_updates_and_deletes_twice(account: Account) -> None:
    """T1, T31: update and soft_delete make each change once; what is already gone is unchanged."""
    account.write([BOB])
    account.write([BOB], mode="update")
    assert account.writes() == []

    deleted = account.write([BOB], mode="soft_delete")
    again = account.write([BOB], mode="soft_delete")
    assert deleted.summary["objects"]["persons"]["deleted"] == 1
    assert again.summary["objects"]["persons"]["unchanged"] == 1
    assert account.writes() == []
    assert account.rows("persons") == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"kind": "apply_then_drop"}, id="t2_connection_dropped"),
        *(pytest.param({"kind": "apply_then_status", "status": code}, id=f"t3_{code}") for code in (500, 502, 504)),
        pytest.param({"kind": "truncate"}, id="t2_answer_cut"),
    ],
)
@pytest.mark.parametrize("mode", ["append_dedup", "append"])
def test_t2_t3_a_lost_answer_leaves_one_row(account: Account, fault: dict[str, Any], mode: str) -> None:
    """T2, T3: a POST that was applied although its answer was lost is found in the list and not sent again."""
    account.put("persons", name="Older", emails=[{"value": "old@acme.test", "primary": True, "label": "work"}])
    account.sandbox.set_faults({**fault, "method": "POST", "path": "/persons$"})
    run = account.write(
        [BOB, ANN | {"record": {**ANN["record"], "data": {"name": "Ann", "email": "a@x.test"}}}], mode=mode
    )

    assert run.exit_code == 0
    assert len([row for row in account.rows("persons") if row["name"] == "Bob Ray"]) == 1
    assert len(account.rows("persons")) == 3
    assert account.writes().count(("POST", "/api/v2/persons")) == 2
    assert not [each for each in account.sandbox.requests() if "search" in each["path"]]
    assert run.summary["objects"]["persons"]["created"] == 2


def test_t2_a_post_that_never_arrived_is_sent_again(account: Account) -> None:
    """T2: dropped before it was applied, the row is not in the list, so the POST is repeated."""
    account.sandbox.set_faults({"kind": "drop", "method": "POST", "path": "/persons$"})
    run = account.write([BOB])

    assert [row["name"] for row in account.rows("persons")] == ["Bob Ray"]
    assert run.summary["objects"]["persons"]["created"] == 1


def test_t7_a_failed_look_up_is_never_not_found(account: Account) -> None:
    """T7: when the listing keeps failing, nothing is created, no state comes out, and the run fails."""
    account.sandbox.set_faults({"kind": "status", "status": 500, "method": "GET", "path": "/persons$", "times": None})
    run = account.write([BOB, stream_state("persons", 1)])

    assert run.exit_code == 1
    assert account.writes() == []
    assert run.states() == []
    assert run.summary["status"] == "Error"
    assert run.errors()[0]["failure_type"] == "transient_error"


def test_t8_two_persons_of_one_email_are_ambiguous(account: Account) -> None:
    """T8: the record is rejected with both ids; the option picks one."""
    for name in ("One", "Two"):
        account.put("persons", name=name, emails=[{"value": "bob@acme.test", "primary": True, "label": "work"}])
    run = account.write([BOB])
    assert account.writes() == []
    assert run.summary["objects"]["persons"]["rejected"] == 1
    assert any("ambiguous_match" in text and "ids 1, 2" in text for text in run.logs("WARN"))

    account.write([BOB], mappings=[{"stream": "persons", "on_ambiguous": "newest"}])
    assert account.writes() == [("PATCH", "/api/v2/persons/2")]


def test_t9_a_near_hit_is_not_a_match(account: Account) -> None:
    """T9: myself@ is not self@."""
    account.put("persons", name="Other", emails=[{"value": "myself@acme.test", "primary": True, "label": "work"}])
    account.write([record("persons", name="Self", email="self@acme.test")])

    assert sorted(row["name"] for row in account.rows("persons")) == ["Other", "Self"]


def test_t10_b21_keys_are_compared_in_their_normal_form(account: Account) -> None:
    """T10: letter case and spaces of an email, scheme, www., path and port of a domain do not matter."""
    messages = [
        record("persons", name="Bob", email=" BOB@Acme.test "),
        record("persons", name="Bob", email="bob@acme.TEST"),
        record("persons", name="Tagged", email="bob+tag@acme.test"),
        record("persons", name="Dotted", email="b.ob@acme.test"),
        record("organizations", name="Acme", domain="https://www.Acme.test:443/x"),
        record("organizations", name="Acme", domain="ACME.test."),
        record("organizations", name="Bücher", domain="xn--bcher-kva.test"),
        record("organizations", name="Bücher", domain="bücher.test"),
    ]
    account.write(messages)

    assert sorted(row["name"] for row in account.rows("persons")) == ["Bob", "Dotted", "Tagged"]
    assert sorted(row["name"] for row in account.rows("organizations")) == ["Acme", "Bücher"]


def test_t11_a_secondary_email_matches_and_the_primary_stays(account: Account) -> None:
    """T11: emails are merged; the primary one stays primary."""
    emails = [
        {"value": "robert@acme.test", "primary": True, "label": "work"},
        {"value": "Bob@acme.test", "primary": False, "label": "home"},
    ]
    row_id = account.put("persons", name="Bob Ray", emails=emails)
    account.write([BOB])
    assert account.writes() == []

    more = {"name": "Bob Ray", "emails": ["bob@acme.test", "new@acme.test"], "phone": "555"}
    account.write([record("persons", **more)])
    row = account.row("persons", row_id)
    assert [(each["value"], each["primary"]) for each in row["emails"]] == [
        ("robert@acme.test", True),
        ("Bob@acme.test", False),
        ("new@acme.test", False),
    ]
    assert account.bodies("PATCH")[0].keys() == {"emails", "phones"}


def test_t12_an_archived_deal_is_found(account: Account) -> None:
    """T12: by id and by another key; if unchanged it costs nothing, if changed it is rejected, never duplicated."""
    org = account.put("organizations", name="Acme")
    deal = account.put("deals", title="Old", org_id=org, is_archived=True, archive_time="2026-01-01T00:00:00Z")
    same = account.write([record("deals", id=deal, title="Old")])
    changed = account.write([record("deals", id=deal, title="New")])
    by_title = account.write([record("deals", title="old ")], mappings=[{"stream": "deals", "match_on": ["title"]}])

    assert same.summary["objects"]["deals"]["unchanged"] == 1
    assert changed.summary["objects"]["deals"]["rejected"] == 1
    assert by_title.summary["objects"]["deals"]["rejected"] + by_title.summary["objects"]["deals"]["unchanged"] == 1
    assert len(account.rows("deals")) == 1

    account.write([record("deals", id=deal, title="New", is_archived=False)])
    assert account.row("deals", deal)["title"] == "New"


def test_t18_one_bad_record_does_not_stop_the_others(account: Account) -> None:
    """T18: 999 written, one rejected with its code and field; the run succeeds with a warning."""
    messages = [record("persons", name=f"P {n}", email=f"p{n}@acme.test") for n in range(1000)]
    messages[499]["record"]["data"]["owner_id"] = "nobody at all"
    run = account.write([*messages, stream_state("persons", 1)])

    assert run.exit_code == 0
    assert len(account.rows("persons")) == 999
    assert run.summary["status"] == "Warning"
    assert run.summary["objects"]["persons"] | {"created": 0} == {
        "created": 0, "updated": 0, "unchanged": 0, "deleted": 0, "skipped": 0, "rejected": 1,
    }  # fmt: skip
    warnings = [text for text in run.logs("WARN") if "Record 500" in text]
    assert len(warnings) == 1
    assert "invalid_value" in warnings[0]
    assert "owner_id" in warnings[0]
    assert "nobody" not in warnings[0]


def test_t26_b8_fill_leaves_what_is_there(account: Account) -> None:
    """T26: only empty fields are filled, and the row is read again just before, in case somebody filled it."""
    fields = [
        {"source": "name", "target": "name", "mode": "fill"},
        {"source": "phone", "target": "phone", "mode": "fill"},
    ]
    mappings = [{"stream": "persons", "fields": fields}]
    emails = [{"value": "bob@acme.test", "primary": True, "label": "work"}]
    row_id = account.put("persons", name="Robert", emails=emails)
    account.write([record("persons", name="Bob", email="bob@acme.test", phone="555")], mappings=mappings)

    assert account.bodies("PATCH") == [{"phones": [{"value": "555", "primary": True, "label": "work"}]}]
    assert ("GET", f"/api/v2/persons/{row_id}") in [
        (each["method"], each["path"]) for each in account.sandbox.requests()
    ]
    account.write([record("persons", name="Bob", email="bob@acme.test", phone="666")], mappings=mappings)
    assert account.writes() == []


def test_t27_null_and_absent(account: Account) -> None:
    """T27: absent and, unless told, null leave a value alone; a cleared set is sent as null."""
    field, number = account.key("dealFields", "Products of interest"), account.key("dealFields", "Contract number")
    options = next(row for row in account.sandbox.rows("dealFields") if row["field_code"] == field)["options"]
    values = {field: [options[0]["id"]], number: "C-1"}
    deal = account.put("deals", title="Deal", org_id=account.put("organizations", name="Acme"), custom_fields=values)
    account.write([record("deals", id=deal, **{"Products of interest": None, "Contract number": None})])
    assert account.writes() == []

    fields = [{"source": "interest", "target": "Products of interest", "null": "clear"}]
    account.write([record("deals", id=deal, interest=[])], mappings=[{"stream": "deals", "fields": fields}])
    assert account.bodies("PATCH") == [{"custom_fields": {field: None}}]
    assert account.row("deals", deal)["custom_fields"] == {number: "C-1"}


def test_t28_a_patch_holds_changed_fields_only(account: Account) -> None:
    """T28: one field of many changed is one field sent."""
    deal = account.put("deals", title="Deal", value=10, org_id=account.put("organizations", name="Acme"))
    record_of = {"id": deal, "title": "Deal", "value": "10.0", "currency": "EUR", "status": "Open", "probability": "40"}
    run = account.write([record("deals", **record_of)])

    assert account.bodies("PATCH") == [{"probability": 40}]
    assert run.summary["objects"]["deals"]["updated"] == 1


def test_t29_d9_update_never_creates(account: Account) -> None:
    """T29: without a match an update is rejected as no_match."""
    run = account.write([BOB], mode="update")

    assert account.writes() == []
    assert any("no_match" in text for text in run.logs("WARN"))


def test_t30_append_looks_nothing_up(account: Account) -> None:
    """T30: an insert spends the writes and the definitions only."""
    account.write(
        [BOB, ANN | {"record": {**ANN["record"], "data": {"name": "A", "email": "bob@acme.test"}}}], mode="append"
    )

    assert len(account.rows("persons")) == 2
    assert account.tokens() == 2 + 10 + 2 * 5


def test_overwrite_alone_is_refused(account: Account) -> None:
    """`overwrite` without an operation is a config error that names the stream; nothing is deleted by accident."""
    run = account.write([BOB], mode="overwrite")

    assert run.exit_code == 1
    assert run.errors()[0]["failure_type"] == "config_error"
    assert "persons" in run.errors()[0]["message"]
    assert run.summary["status"] == "Error"
    assert account.writes() == []

    account.write([BOB], mode="overwrite", mappings=[{"stream": "persons", "operation": "upsert"}])
    assert len(account.rows("persons")) == 1


def test_overwrite_as_the_platform_sends_it(account: Account) -> None:
    """To a destination with refreshes overwrite comes as append of a new generation: it is refused all the same."""
    catalog = catalog_of("persons", mode="append", generation_id=3, minimum_generation_id=3, sync_id=7)
    run = account.write([BOB], catalog)

    assert run.exit_code == 1
    assert "`overwrite`" in run.errors()[0]["message"]
    assert account.writes() == []
    kept = catalog_of("persons", mode="append", generation_id=3, minimum_generation_id=0, sync_id=7)
    assert account.write([BOB], kept).summary["objects"]["persons"]["created"] == 1


def test_t47_a_catalog_that_names_the_object_or_not(account: Account) -> None:
    """T47: `destination_object_name` wins and its key matches; else the mapping, else the name; unknown is an error."""
    row_id = account.put("persons", name="Bob Ray")
    catalog = catalog_of("crm", destination_object_name="persons", primary_key=[["name"]])
    account.write([record("crm", name="bob ray", phone="1")], catalog)
    assert account.writes() == [("PATCH", f"/api/v2/persons/{row_id}")]

    account.write([record("crm", name="Eve", email="e@acme.test")], mappings=[{"stream": "crm", "object": "persons"}])
    assert account.writes() == [("POST", "/api/v2/persons")]

    unknown = account.write([record("crm", name="x")])
    assert unknown.exit_code == 1
    assert "`crm`" in unknown.errors()[0]["message"]


def test_t30_a_redelivery_is_known_by_the_external_id(account: Account) -> None:
    """T30, D2: in append mode a record with an external id that is there already is not created again."""
    mappings = [
        {"stream": "persons", "external_id_field": "Nickname", "fields": [{"source": "id", "target": "Nickname"}]}
    ]
    rows = [record("persons", id="c-1", name="Ann"), record("persons", id="c-2", name="Bob")]
    account.write(rows, mode="append", mappings=mappings)
    again = account.write([*rows, record("persons", id="c-3", name="Eve")], mode="append", mappings=mappings)

    assert again.summary["objects"]["persons"] | {"skipped": 0} == {
        "created": 1, "updated": 0, "unchanged": 2, "deleted": 0, "skipped": 0, "rejected": 0,
    }  # fmt: skip
    assert len(account.rows("persons")) == 3


def test_d2_the_external_id_is_the_first_key_and_filled_on_create(account: Account) -> None:
    """D2: deals by their external ID, in a column `id`: created, then updated, never taken for Pipedrive's."""
    fields = [{"source": "id", "target": "Contract number"}]
    mappings = [{"stream": "deals", "external_id_field": "Contract number", "fields": fields}]
    org = account.put("organizations", name="Acme")
    account.write([record("deals", id=7, title="Deal", org_id=org)], mappings=mappings)
    (deal,) = account.rows("deals")
    assert deal["custom_fields"][account.key("dealFields", "Contract number")] == "7"

    account.write([record("deals", id=7, title="Deal 2", org_id=org)], mappings=mappings)
    assert account.writes() == [("PATCH", f"/api/v2/deals/{deal['id']}")]
