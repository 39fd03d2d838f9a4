"""Answers with status 200 that do not hold what they should: it was done, or nobody knows; never done twice."""

from typing import Any

import pytest

from integration_tests.destination.account import Account, record, stream_state

#: What comes instead of an answer's data.
EMPTY: list[Any] = [
    {"success": True},
    {"success": True, "data": None},
    {"success": True, "data": {}},
    {"success": True, "data": []},
    {"success": True, "data": [None]},
    {"success": True, "data": "done"},
    {},
]


def fault(body: Any, method: str, path: str, kind: str = "apply_then_status") -> dict[str, Any]:
    """The first answer to some calls holds nothing."""
    return {"kind": kind, "status": 200, "body": body, "method": method, "path": path}


def made(account: Account, path: str) -> int:
    """How many calls to make something there were."""
    return sum(method == "POST" and path in at for method, at in account.calls())


@pytest.mark.parametrize("body", EMPTY)
def test_an_option_is_made_once(account: Account, body: Any) -> None:
    """A new option whose answer does not hold it is looked for in the field."""
    account.sandbox.set_faults(fault(body, "POST", "/dealFields/.*options$"))
    org = account.put("organizations", name="Acme")
    mapping = {"stream": "deals", "match_on": ["title"], "fields": [{"source": "channel", "target": "label_ids"}]}
    messages = [record("deals", title=f"D{n}", org_id=org, channel="Nowhere") for n in range(3)]
    run = account.write([*messages, stream_state("deals", 1)], mappings=[mapping], auto_create_options=True)

    assert run.exit_code == 0, run
    assert run.summary["objects"]["deals"]["created"] == 3
    assert made(account, "/options") == 1
    again = account.write([*messages, stream_state("deals", 1)], mappings=[mapping], auto_create_options=True)
    assert again.summary["objects"]["deals"]["unchanged"] == 3


@pytest.mark.parametrize("body", EMPTY)
def test_a_field_is_made_once(account: Account, body: Any) -> None:
    """A new custom field is looked for among the fields."""
    account.sandbox.set_faults(fault(body, "POST", "/personFields$"))
    rows = [record("persons", name=f"P{n}", email=f"p{n}@x.test", shoe_size="44") for n in range(2)]
    catalog = {
        "streams": [
            {
                "stream": {"name": "persons", "json_schema": {"properties": {"shoe_size": {"type": "string"}}}},
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
            }
        ]
    }
    run = account.write(rows, catalog, auto_create_fields=True)

    assert run.exit_code == 0, run
    assert run.summary["objects"]["persons"]["created"] == 2
    fields = [each for each in account.sandbox.rows("personFields") if each["field_name"] == "shoe_size"]
    assert len(fields) == 1
    assert all(row["custom_fields"][fields[0]["field_code"]] == "44" for row in account.rows("persons"))


@pytest.mark.parametrize("body", EMPTY)
def test_a_label_of_leads_is_made_once(account: Account, body: Any) -> None:
    """A new label is looked for among the labels, so that no record is ambiguous from then on."""
    account.sandbox.set_faults(fault(body, "POST", "/leadLabels$"))
    org = account.put("organizations", name="Acme")
    mapping = {"stream": "leads", "match_on": ["title"]}
    messages = [record("leads", title=f"L{n}", organization_id=org, labels=["Fresh"]) for n in range(2)]
    run = account.write(messages, mappings=[mapping], auto_create_options=True)

    assert run.exit_code == 0, run
    assert run.summary["objects"]["leads"]["created"] == 2, run
    assert [row["name"] for row in account.rows("leadLabels")].count("Fresh") == 1


@pytest.mark.parametrize("body", EMPTY)
def test_a_row_is_made_once(account: Account, body: Any) -> None:
    """A new person is looked for in a listing."""
    account.sandbox.set_faults(fault(body, "POST", "/persons$"))
    run = account.write([record("persons", name="Ann", email="ann@x.test"), stream_state("persons", 1)])

    assert run.exit_code == 0, run
    assert run.summary["objects"]["persons"]["created"] == 1
    assert len(account.rows("persons")) == 1


@pytest.mark.parametrize("body", EMPTY)
@pytest.mark.parametrize("path", ["/users/me$", "/deals/[0-9]+$", "/deals$"])
def test_a_read_without_a_row_is_asked_again(account: Account, body: Any, path: str) -> None:
    """No answer is no proof that a row is gone, and no reason to end."""
    org = account.put("organizations", name="Acme")
    stage = account.sandbox.rows("stages")[0]
    deal = account.put(
        "deals", title="D", org_id=org, status="open", stage_id=stage["id"], pipeline_id=stage["pipeline_id"]
    )
    account.sandbox.set_faults(fault(body, "GET", path))
    run = account.write([record("deals", id=deal, title="E"), stream_state("deals", 1)])

    assert run.exit_code == 0, run
    assert account.row("deals", deal)["title"] == "E"
    assert run.summary["objects"]["deals"]["updated"] == 1


def test_a_row_that_is_never_shown_is_not_gone(account: Account) -> None:
    """Answers that stay without data end in an error that may be tried again, not in a new row."""
    lead = account.sandbox.put_rows("leads", [{"title": "L"}])[0]["id"]
    account.sandbox.set_faults(fault({"success": True}, "GET", "/leads", "status") | {"times": None})
    run = account.write([record("leads", id=lead, title="M"), stream_state("leads", 1)])

    assert account.writes() == []
    assert run.exit_code == 1 or run.summary["objects"]["leads"]["rejected"] == 1
