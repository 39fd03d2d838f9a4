"""Networks, limits, other people and crashes."""

import json
import time
from typing import Any

import pytest

from integration_tests.destination.account import Account, catalog_of, record, stream_state
from integration_tests.harness import Connector

pytestmark = pytest.mark.network

EMAIL = [{"value": "bob@acme.test", "primary": True, "label": "work"}]
BOB = record("persons", name="Bob Ray", email="bob@acme.test")


def person(number: int) -> dict[str, Any]:
    """A RECORD of the persons stream."""
    return record("persons", name=f"P{number}", email=f"p{number}@acme.test")


@pytest.mark.parametrize("option", ["reject", "create"])
def test_t13_deleted_between_look_up_and_write(account: Account, option: str) -> None:
    """T13: 404 on the PATCH: rejected as no_match, or created again, depending on `on_gone`."""
    account.put("persons", name="Robert", emails=EMAIL)
    gone = {"success": False, "error": "Person not found", "code": "ERR_NOT_FOUND"}
    account.sandbox.set_faults({"kind": "status", "status": 404, "method": "PATCH", "body": gone})
    run = account.write([BOB], mappings=[{"stream": "persons", "on_gone": option}])

    assert run.exit_code == 0
    counts = run.summary["objects"]["persons"]
    assert (counts["created"], counts["rejected"]) == ((1, 0) if option == "create" else (0, 1))


def test_t14_a5_check_warns_of_hidden_rows(account: Account) -> None:
    """T14: a user who is not an admin may not see every row; `check` says what that means."""
    account.put("users", id=1, access=[])
    run = account.check()

    assert run.connection_status["status"] == "SUCCEEDED"
    assert any("not an admin" in text for text in run.logs("WARN"))


@pytest.mark.parametrize(
    "scopes", ["base,contacts:full,deals:full,products:full,activities:full", "base,contacts:read"]
)
def test_a3_c1_e3_check_compares_the_oauth_scopes(account: Account, scopes: str) -> None:
    """A scope that allows reading only is named with the object."""
    account.sandbox.change_settings(oauth_scopes=scopes)
    oauth = {"auth_type": "oauth2.0", "client_id": "sandbox-client", "client_secret": "sandbox-secret"}
    credentials = {**oauth, "refresh_token": "sandbox-refresh"}
    run = account.check(credentials=credentials, oauth_url=account.url, mappings=[{"stream": "persons"}])

    is_full = "contacts:full" in scopes
    assert run.connection_status["status"] == ("SUCCEEDED" if is_full else "FAILED")
    assert ("contacts:full" in run.connection_status.get("message", "")) != is_full


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-reset": "2"}, {"retry-after": "3"}])
def test_t32_a_full_burst_window_is_waited_for(account: Account, headers: dict[str, str]) -> None:
    """T32: a 429, with or without headers, is waited for; nothing is lost and nothing is written twice."""
    rule = {"kind": "status", "status": 429, "method": "POST", "every": 2, "times": 10, "headers": headers}
    account.sandbox.set_faults(rule)
    run = account.write([person(n) for n in range(20)])

    assert run.exit_code == 0
    assert len(account.rows("persons")) == 20
    assert run.summary["objects"]["persons"]["created"] == 20


@pytest.mark.parametrize("kind", ["apply_then_drop", "drop", "truncate"])
def test_t54_a_lost_patch_converges(account: Account, kind: str) -> None:
    """T54: a PATCH without an answer is repeated; the row has the wanted values once."""
    row_id = account.put("persons", name="Robert", emails=EMAIL)
    account.sandbox.set_faults({"kind": kind, "method": "PATCH", "times": 2})
    run = account.write([BOB])

    assert run.summary["objects"]["persons"]["updated"] == 1
    assert account.row("persons", row_id)["name"] == "Bob Ray"


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (400, "Validation failed: name", "refused_by_pipedrive"),
        (403, "You do not have permissions to do this.", "permission_denied"),
        (403, "Couldn't add the deal. Open deals limit reached.", "feature_limit"),
        (402, "Required suites missing", "feature_limit"),
        (422, "Unprocessable", "refused_by_pipedrive"),
    ],
)
def test_b1_b17_a_refusal_is_the_record_s_own(account: Account, status: int, said: str, code: str) -> None:
    """A refused record is rejected with a code and Pipedrive's words; the next one is written."""
    account.sandbox.set_faults(
        {"kind": "status", "status": status, "method": "POST", "body": {"success": False, "error": said}}
    )
    run = account.write([person(1), stream_state("persons", 1), person(2)])

    assert run.exit_code == 0
    assert any(f"[{code}]" in text and said.rstrip(".") in text for text in run.logs("WARN"))
    assert len(account.rows("persons")) == 1


@pytest.mark.parametrize("seconds", [0.0, 0.4])
def test_t6_killed_and_started_again(account: Account, destination: Connector, seconds: float) -> None:
    """T6: kill -9 in the middle, then the same input again: one row per record, notes and activities too."""
    org = account.put("organizations", name="Acme")
    messages = [person(n) for n in range(150)]
    messages += [record("notes", content=f"N{n}", org_id=org) for n in range(150)]
    messages += [record("activities", subject=f"A{n}", org_id=org) for n in range(150)]
    catalog = catalog_of("persons", "notes", "activities")
    process = destination.start("write", config=account.config(), catalog=catalog)
    assert process.stdin is not None
    process.stdin.write("".join(json.dumps(each) + "\n" for each in messages))
    process.stdin.flush()
    while not account.rows("persons"):
        time.sleep(0.02)
    time.sleep(seconds)
    process.kill()
    process.wait()

    run = account.write(messages, catalog)
    assert run.exit_code == 0
    for name in ("persons", "notes", "activities"):
        assert len(account.rows(name)) == 150, name


def test_check_gives_up_soon(account: Account) -> None:
    """A person waits for it: three tries, then FAILED with what Pipedrive said."""
    account.sandbox.set_faults({"kind": "status", "status": 500, "path": "/users/me$", "times": None})
    run = account.check()

    assert run.connection_status["status"] == "FAILED"
    assert "500" in run.connection_status["message"]
    assert len(account.calls()) == 3


def test_a_machine_that_cannot_ask_says_so(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing file of certificates is one sentence that names it, and `check` has done its work."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/ca.pem")
    run = account.check(api_url="https://127.0.0.1:1")

    assert run.exit_code == 0
    assert run.connection_status["status"] == "FAILED"
    assert "/nonexistent/ca.pem" in run.connection_status["message"]
    assert "Traceback" not in run.stdout


def test_check_ends_though_nothing_answers(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence after `CHECK_SECONDS`, whatever keeps it waiting."""
    monkeypatch.setattr("pipedrive_client.transport.CHECK_SECONDS", 0.5)
    account.sandbox.set_faults({"kind": "delay", "delay": 3.0, "times": 1, "path": "/users/me"})
    started = time.monotonic()
    run = account.check()

    assert run.connection_status["status"] == "FAILED"
    assert "did not answer within" in run.connection_status["message"]
    assert time.monotonic() - started < 3.0
