"""Answers of the wrong shape: a clear error or none, nothing is created twice, the next run is right."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from destination_pipedrive.protocol.output import UNEXPECTED, Output
from integration_tests.destination.account import Account, record, stream_state
from integration_tests.harness import Run
from integration_tests.source.hostile import answers, rows_of
from integration_tests.source.test_hostile_rows import spoiled
from pipedrive_client import secrets
from pipedrive_client.errors import TransientError

Change = Callable[[str, dict[str, Any]], Any]
#: What is no id.
NO_IDS: tuple[Any, ...] = (None, "x", "", [], {"id": 1}, True, 1.5)
DEALS = [{"stream": "deals", "match_on": ["title"]}]
MESSAGES = [
    record("organizations", name="Acme", address="Street 2"),
    record("organizations", name="Globex"),
    stream_state("organizations", 1),
]


def change_of(path: str, **values: Any) -> Change:
    """Puts values into the first row of a list."""

    def change(at: str, body: dict[str, Any]) -> dict[str, Any]:
        if at.endswith(path) and rows_of(at, body):
            rows_of(at, body)[0].update(values)
        return body

    return change


def write(account: Account, change: Change, *messages: Any) -> Run:
    """A run whose answers to GETs are changed."""
    with answers(account.sandbox, change):
        return account.write(messages or MESSAGES)


def assert_foreseen(run: Run) -> None:
    """An end in order, or one sentence that is not a stranger's."""
    assert run.exit_code in (0, 1)
    assert all(UNEXPECTED not in error["message"] for error in run.errors()), run
    assert not [text for text in run.logs() if "Traceback" in text]
    assert (run.summary["status"] == "Error") == bool(run.exit_code)


@pytest.mark.parametrize("no_id", NO_IDS, ids=str)
def test_t7_a_row_without_an_id(account: Account, no_id: Any) -> None:
    """T7: it is there, so nothing is created in its place: the run fails, and the next one finds the row."""
    account.put("organizations", name="Acme", address="Street 1")
    run = write(account, change_of("/organizations", id=no_id))

    assert_foreseen(run)
    assert [error["failure_type"] for error in run.errors()] == ["transient_error"]
    assert "a row without a readable `id`" in run.errors()[0]["message"]
    assert (run.states(), account.writes()) == ([], [])

    assert account.write(MESSAGES).summary["objects"]["organizations"]["updated"] == 1
    assert sorted(row["name"] for row in account.rows("organizations")) == ["Acme", "Globex"]


def test_an_id_as_text(account: Account) -> None:
    """It is the same id."""
    acme = account.put("organizations", name="Acme", address="Street 1")
    run = write(account, change_of("/organizations", id=str(acme)))

    assert run.exit_code == 0
    assert ("PATCH", f"/api/v2/organizations/{acme}") in account.writes()
    assert account.row("organizations", acme)["address"]["value"] == "Street 2"


@pytest.mark.parametrize("custom", [[], ["x"], "text", 5])
def test_custom_fields_that_are_none(account: Account, custom: Any) -> None:
    """A row whose custom fields are no object is a row all the same."""
    account.put("organizations", name="Acme", address="Street 1")
    run = write(account, change_of("/organizations", custom_fields=custom))

    assert run.exit_code == 0
    assert run.summary["objects"]["organizations"]["updated"] == 1


@pytest.mark.parametrize("no_id", NO_IDS, ids=str)
def test_t2_an_answer_to_a_write_without_an_id(account: Account, no_id: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """T2: a create is looked up and made once; an update has the id it was sent with."""
    account.put("organizations", name="Acme", address="Street 1")
    handle = account.sandbox.handle

    def spoil(request: Any) -> Any:
        answer = handle(request)
        if request.method in ("POST", "PATCH"):
            body = answer.json()
            body["data"]["id"] = no_id
            answer.body = json.dumps(body).encode()
        return answer

    monkeypatch.setattr(account.sandbox, "handle", spoil)
    run = account.write(MESSAGES)

    assert run.exit_code == 0, run
    assert sorted(row["name"] for row in account.rows("organizations")) == ["Acme", "Globex"]
    assert len(run.states()) == 1


@pytest.mark.parametrize("start", [0, 500, 1000, 1500])
def test_any_value_anywhere(account: Account, start: int) -> None:
    """Whatever stands in the place of any value of any list, the end is foreseen, and the next run makes it good."""
    company = account.put("organizations", name="Acme", address="Street 1")
    account.put("persons", name="Ada", emails=[{"value": "ada@x.test", "primary": True, "label": "work"}])
    account.put("deals", title="Deal 1", value=1, org_id=company)
    rows = [
        *MESSAGES,
        record("persons", email="ada@x.test", name="Ada", phone="+372 555 0001", owner="Anna"),
        record("deals", id=1, title="Deal 1", value=2, stage="Qualified"),
        stream_state("persons", 2),
        stream_state("deals", 3),
    ]
    for turn in range(start, start + 15):
        turns = count(turn)

        def change(path: str, body: dict[str, Any], turns: Any = turns) -> Any:
            found = rows_of(path, body)
            found[:] = [spoiled(row, next(turns)) if isinstance(row, dict) else row for row in found]
            return body

        assert_foreseen(write(account, change, *rows))
    assert_foreseen(account.write(rows))


@pytest.mark.parametrize("odd", [None, [], ["x"], "text", 5, {"app": {}}, [{"app": {}, "admin": True}]], ids=str)
def test_a_check_whatever_the_user_may_do(account: Account, odd: Any) -> None:
    """Rights of a form that nobody knows say nothing, and fail no check."""

    def change(path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.endswith("/permissions"):
            body["data"] = odd
        elif path.endswith("/me"):
            body["data"]["access"] = odd
        return body

    with answers(account.sandbox, change):
        run = account.check()

    assert run.connection_status["status"] == "SUCCEEDED", run
    assert not [text for text in run.logs() if "Traceback" in text]


@pytest.mark.parametrize("odd", [None, {}, "x", [1], 1.5])
def test_a_plan_whatever_a_stage_holds(account: Account, odd: Any) -> None:
    """A stage whose place and pipeline cannot be read is a stage all the same."""
    with answers(account.sandbox, change_of("/stages", order_nr=odd, pipeline_id=odd)):
        run = account.write([record("deals", title="A", stage="Qualified")], dry_run=True, mappings=DEALS)

    assert_foreseen(run)
    assert run.exit_code == 0


def test_t50_no_error_shows_a_secret() -> None:
    """If an error quotes a secret, neither the message nor the internal message of the TRACE contains it."""
    out = io.StringIO()
    secrets.hide("a-secret-of-the-config")
    Output(out).error(TransientError("The server said a-secret-of-the-config."))
    secrets.forget()

    (message,) = map(json.loads, out.getvalue().splitlines())
    assert message["trace"]["error"]["message"] == "The server said ****."
    assert "a-secret" not in out.getvalue()
