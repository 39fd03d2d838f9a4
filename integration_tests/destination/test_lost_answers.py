"""Answers that do not come: what was sent is looked for, what was not sent is sent again."""

import socket
from typing import Any

import pytest

from integration_tests.destination.account import Account, record, stream_state

pytestmark = pytest.mark.network

LOST = {"kind": "apply_then_drop", "method": "POST"}
BOB = record("persons", name="Bob Ray", email="bob@acme.test")


def lead(account: Account, title: str) -> dict[str, Any]:
    """A RECORD of the leads stream, below a person."""
    known = account.rows("persons") or [{"id": account.put("persons", name="Ann")}]
    return record("leads", title=title, person_id=known[0]["id"])


@pytest.mark.parametrize("moment", ["2020-02-29T10:00:00Z", "2040-01-01T00:00:00Z"])
@pytest.mark.parametrize("name", ["persons", "leads"])
def test_t2_the_clock_of_this_machine_does_not_matter(account: Account, name: str, moment: str) -> None:
    """T2: the first POST of an append is lost while the server's clock is years away: found, one row."""
    account.sandbox.set_clock(moment)
    row = lead(account, "Big") if name == "leads" else BOB
    account.sandbox.set_faults({**LOST, "path": f"/{name}$"})
    run = account.write([row], mode="append", mappings=[{"stream": name, "require_match_key": False}])

    assert run.exit_code == 0
    assert len(account.rows(name)) == 1
    assert run.summary["objects"][name]["created"] == 1


@pytest.mark.parametrize("name", ["persons", "leads"])
def test_t2_an_equal_row_of_before_is_not_taken_for_it(account: Account, name: str) -> None:
    """T2: a POST that never arrived is sent again although an equal row exists, even one changed just now."""
    row = lead(account, "Big") if name == "leads" else BOB
    now = account.sandbox.now()
    old = {**_stored(row), "add_time": "2026-01-01T00:00:00Z", "update_time": now}
    account.sandbox.put_rows(name, [old | ({"id": "11111111-1111-4111-8111-111111111111"} if name == "leads" else {})])
    account.sandbox.set_faults({"kind": "drop", "method": "POST", "path": f"/{name}$"})
    account.write([row], mode="append")

    assert len(account.rows(name)) == 2


@pytest.mark.parametrize("name", ["persons", "leads"])
def test_t2_equal_records_of_one_append_stay_two(account: Account, name: str) -> None:
    """T2: what this run created a moment ago is not mistaken for the row whose response was lost."""
    row = lead(account, "Big") if name == "leads" else BOB
    account.sandbox.set_faults({"kind": "drop", "method": "POST", "path": f"/{name}$", "skip": 1})
    run = account.write([row, stream_state(name, 1), row], mode="append")

    assert run.summary["objects"][name]["created"] == 2
    assert len(account.rows(name)) == 2


def test_t4_a_refused_connection_is_tried_again(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """T4: what was never sent is simply sent again, without a lookup: one record."""
    refused = _refuse_posts(monkeypatch, times=3)
    run = account.write([BOB])

    assert refused == [True] * 3
    assert run.exit_code == 0
    assert len(account.rows("persons")) == 1
    assert account.tokens() == 2 + 10 + 10 + 5
    assert len([call for call in account.calls() if call == ("GET", "/api/v2/persons")]) == 1


def test_t31_what_is_deleted_already_costs_nothing(account: Account) -> None:
    """T31: soft_delete of a row that is gone succeeds; no token is spent beyond the lookup."""
    person = account.put("persons", name="Bob Ray", is_deleted=True, emails=[{"value": "bob@acme.test"}])
    run = account.write([BOB], mode="soft_delete")
    assert run.summary["objects"]["persons"]["unchanged"] == 1
    assert account.tokens() == 2 + 10 + 10

    by_id = account.write([record("persons", id=person)], mode="soft_delete", mappings=[_BY_ID])
    assert by_id.summary["objects"]["persons"]["unchanged"] == 1
    assert account.writes() == []


def test_t31_deleted_by_somebody_else_meanwhile(account: Account) -> None:
    """T31: the DELETE itself finds the row gone: no error."""
    account.put("persons", name="Bob Ray", emails=[{"value": "bob@acme.test", "primary": True, "label": "work"}])
    account.sandbox.set_faults({"kind": "status", "status": 410, "method": "DELETE", "body": {"success": False}})
    run = account.write([BOB], mode="soft_delete")

    assert run.exit_code == 0
    assert run.summary["objects"]["persons"]["unchanged"] == 1


def test_t34_a_web_page_instead_of_an_answer_stops_at_once(account: Account) -> None:
    """T34: an HTML 403 ends the run with its own error message; no further request, no traceback."""
    account.sandbox.set_faults({"kind": "html_403", "method": "POST", "skip": 2, "times": None})
    people = [record("persons", name=f"P{n}", email=f"p{n}@acme.test") for n in range(60)]
    run = account.write([each for person in people for each in (person, stream_state("persons", 1))])

    assert run.exit_code == 1
    assert "web page (403)" in run.errors()[0]["message"]
    assert "Traceback" not in run.stdout
    assert len(account.writes()) == 3
    assert len(run.states()) == len(account.rows("persons")) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_write_that_keeps_failing_ends_the_run(account: Account, method: str) -> None:
    """States of what is settled are out, the error is transient, and the run says so in its summary."""
    first, second = (record("persons", name=f"{name} {method}", email=f"{name}@acme.test") for name in ("ann", "eve"))
    for name in ("ann", "eve") if method == "PATCH" else ():
        # The first is as it should be: two changes would be under way at the same time.
        known = "ann PATCH" if name == "ann" else name
        account.put("persons", name=known, emails=[{"value": f"{name}@acme.test", "primary": True, "label": "work"}])
    skip = 1 if method == "POST" else 0
    account.sandbox.set_faults({"kind": "status", "status": 503, "method": method, "skip": skip, "times": None})
    run = account.write([first, stream_state("persons", 1), second, stream_state("persons", 2)])

    assert run.exit_code == 1
    assert [state["id"] for state in run.states()] == [1]
    assert run.errors()[0]["failure_type"] == "transient_error"
    assert run.summary["status"] == "Error"


_BY_ID = {"stream": "persons", "match_on": ["id"]}


def _stored(message: dict[str, Any]) -> dict[str, Any]:
    """A record's values as the server keeps them."""
    values = dict(message["record"]["data"])
    email = values.pop("email", None)
    return values | ({"emails": [{"value": email, "primary": True, "label": "work"}]} if email else {})


def _refuse_posts(monkeypatch: pytest.MonkeyPatch, times: int) -> list[bool]:
    """Let the first POSTs find no open port; answers the list of those that did."""
    from requests import PreparedRequest, Response, Session

    refused: list[bool] = []
    send = Session.send

    def send_or_refuse(session: Session, request: PreparedRequest, **options: Any) -> Response:
        if request.method == "POST" and len(refused) < times:
            refused.append(True)
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                request = request.copy()
                request.url = f"http://127.0.0.1:{free.getsockname()[1]}/"
        return send(session, request, **options)

    monkeypatch.setattr(Session, "send", send_or_refuse)
    return refused


@pytest.mark.parametrize("status", [308, 402, 403, 404, 410, 451, 500, 502])
def test_t2_t7_a_look_up_that_fails_says_nothing_of_the_row(account: Account, status: int) -> None:
    """A POST is lost and the list cannot be read: the row may be there, so the run fails, and the next one finds it."""
    fails = {"kind": "status", "status": status, "method": "GET", "path": "/persons$", "skip": 1, "times": None}
    account.sandbox.set_faults({**LOST, "path": "/persons$"}, fails)
    ann = record("persons", name="Ann", email="ann@acme.test")
    rows = [BOB, stream_state("persons", 1), ann, BOB, stream_state("persons", 2)]
    run = account.write(rows)

    assert run.exit_code == 1
    assert run.errors()[0]["failure_type"] == "transient_error"
    assert "cannot be looked for" in run.errors()[0]["message"]
    assert run.states() == []

    account.sandbox.set_faults()
    assert account.write(rows).exit_code == 0
    assert sorted(row["name"] for row in account.rows("persons")) == ["Ann", "Bob Ray"]
