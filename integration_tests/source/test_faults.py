"""When the network or the API fails: nothing is lost, nothing invented. Scenarios R4, R5, R6, R7, R8, R14."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest
import requests

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

pytestmark = pytest.mark.network

LIMITED = {"success": False, "error": "request over limit", "errorCode": 429}


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(row["id"] for row in rows)


@pytest.fixture
def persons(empty: Sandbox) -> Sandbox:
    """An account of 1,200 live persons: three pages."""
    empty.seed(scale=0, persons=1200)
    empty.put_rows("persons", [{"id": row["id"], "is_deleted": False} for row in empty.rows("persons")])
    return empty


FAULTS = {
    "429 with headers": {"kind": "status", "status": 429, "body": LIMITED, "headers": {"x-ratelimit-reset": "2"}},
    "429 bare": {"kind": "status", "status": 429, "body": LIMITED},
    "500": {"kind": "status", "status": 500},
    "502 page": {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"},
    "reset": {"kind": "drop"},
    "truncated": {"kind": "truncate"},
    "data null": {"kind": "status", "status": 200, "body": {"success": True, "data": None}},
    "no success": {"kind": "status", "status": 200, "body": {"success": False, "error": "Try again"}},
    "not an object": {"kind": "status", "status": 200, "body": []},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("page", [0, 1, 2])
def test_r6_a_fault_on_a_page(persons: Sandbox, source: InProcess, fault: dict[str, Any], page: int) -> None:
    """R6: a page that fails twice is asked for again; no row is lost or invented."""
    catalog = source.catalog("persons")
    persons.set_faults({**fault, "path": "/persons$", "skip": page, "times": 2})

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert ids(run.records("persons")) == ids(persons.rows("persons"))


def test_r6_a_full_page_without_additional_data(persons: Sandbox, source: InProcess) -> None:
    """R6: a full page that names no next page is asked for once more before it counts as the last one."""
    catalog = source.catalog("persons")
    url = f"{source.config['api_url']}/api/v2/persons"
    params = {"limit": 500, "sort_by": "update_time", "sort_direction": "asc"}
    page = requests.get(url, params=params, headers={"x-api-token": "sandbox"}, timeout=60).json()
    cut = orjson.loads(orjson.dumps({"success": True, "data": page["data"]}))
    persons.set_faults({"kind": "status", "status": 200, "body": cut, "path": "/persons$", "times": 1})

    run = source.read_catalog(catalog)

    assert ids(run.records("persons")) == ids(persons.rows("persons"))


def test_r6_faults_that_do_not_end(persons: Sandbox, source: InProcess) -> None:
    """R6: a list that keeps failing fails its stream as transient, with one sentence, after the rows it had."""
    catalog = source.catalog("persons")
    persons.set_faults({"kind": "status", "status": 503, "path": "/persons$", "skip": 1, "times": None})

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert len(run.records("persons")) == 500
    assert [error["failure_type"] for error in run.errors()] == ["transient_error"]
    assert "status 503" in run.errors()[0]["message"]
    assert run.statuses()["persons"][-1] == "INCOMPLETE"
    assert run.summary["status"] == "Error"


def test_r7_daily_budget_exhausted_mid_way(persons: Sandbox, source: InProcess) -> None:
    """R7: when the daily pool is empty no request starts any more; state is out, and the next run goes on from it."""
    catalog = source.catalog("persons", "organizations", "deals")
    persons.change_settings(daily_limit=persons.meter()["today"] + 35)

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert [error["failure_type"] for error in run.errors()] == ["config_error"]
    assert "at the latest" in run.errors()[0]["message"]
    assert persons.meter()["tokens"] <= 35
    assert "INCOMPLETE" in {statuses[-1] for statuses in run.statuses().values()}
    persons.change_settings(daily_limit=100_000)
    rest = source.read_catalog(catalog, run.last_states())
    assert set(ids(run.records("persons"))) | set(ids(rest.records("persons"))) == set(ids(persons.rows("persons")))


@pytest.mark.parametrize(("key", "value"), [("token_budget", 45), ("daily_token_reserve", 9_955)])
def test_r7_own_limits(persons: Sandbox, source: InProcess, key: str, value: int) -> None:
    """R7: `token_budget` and `daily_token_reserve` stop the run before they are passed."""
    catalog = source.catalog("persons")
    persons.change_settings(daily_limit=10_000 + persons.meter()["today"])
    source.config[key] = value

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert run.errors()[0]["failure_type"] == "config_error"
    assert key in run.errors()[0]["message"]
    assert persons.meter()["tokens"] <= 45
    assert run.last_states()


def test_r8_an_abuse_block_stops_at_once(persons: Sandbox, source: InProcess) -> None:
    """R8: a 403 with a web page stops the run with its own sentence; nothing further is sent."""
    catalog = source.catalog("persons", "organizations")
    source.config["num_workers"] = 1
    persons.set_faults({"kind": "html_403", "path": "/persons$", "times": None})

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert "web page (403)" in run.errors()[0]["message"]
    assert run.errors()[0]["failure_type"] == "config_error"
    assert len(persons.requests()) == 1


def test_r4_state_resumes_after_each_page(persons: Sandbox, source: InProcess) -> None:
    """R4: from every state of a run the next one reads what is left, and of the rest at most that second's rows."""
    run = source.read("persons")
    states = [state for state in run.states() if state["stream"]["stream_state"].get("lists")]

    assert len(states) >= 3
    for done, state in enumerate(states[:3], start=1):
        rest = source.read("persons", state=[{"type": "STREAM", "stream": state["stream"]}])
        assert len(rest.records("persons")) == max(1200 - 500 * done, 0)


@contextmanager
def between_pages(sandbox: Sandbox, stream: str, happens: Callable[[int], None]) -> Iterator[None]:
    """Let something happen after each answer of the stream's list; it is told how many there were."""
    original, count = sandbox.handle, [0]

    def handle(request: Any) -> Any:
        answer = original(request)
        if request.path.endswith(f"/{stream}"):
            count[0] += 1
            happens(count[0])
        return answer

    sandbox.handle = handle  # type: ignore[method-assign]
    try:
        yield
    finally:
        del sandbox.handle  # type: ignore[attr-defined]


def rows_by_change(sandbox: Sandbox, stream: str) -> list[dict[str, Any]]:
    rows = [row for row in sandbox.rows(stream) if not row.get("is_archived") and row.get("active_flag", True)]
    return sorted(rows, key=lambda row: (row["update_time"], str(row["id"])))


@pytest.mark.parametrize("stream", ["notes", "leads", "files"])
def test_r5_rows_vanish_between_pages(empty: Sandbox, source: InProcess, stream: str) -> None:
    """R5: when rows before the reader's offset vanish, no row that stays is missed."""
    empty.seed(scale=0, persons=10, deals=10, **{stream: 1300})
    rows = rows_by_change(empty, stream)
    catalog = source.catalog(stream)

    def vanish(count: int) -> None:
        for row in rows[:60] if count == 1 else ():
            empty.purge(stream, row["id"])

    with between_pages(empty, stream, vanish):
        run = source.read_catalog(catalog)

    assert {row["id"] for row in rows[60:]} <= {row["id"] for row in run.records(stream)}


@pytest.mark.parametrize("stream", ["notes", "leads", "files", "persons"])
def test_r5_rows_change_between_pages(empty: Sandbox, source: InProcess, stream: str) -> None:
    """R5: when rows keep changing while a list is read all of them come, in their last state, for few calls more."""
    empty.seed(scale=0, persons=1300, deals=10, **({} if stream == "persons" else {stream: 1300}))
    rows = rows_by_change(empty, stream)
    catalog = source.catalog(stream)
    pages = 10 if stream == "files" else 2

    def change(count: int) -> None:
        if count <= pages:
            for row in rows[count * 40 : count * 40 + 3]:
                empty.put_rows(stream, [{"id": row["id"], "update_time": f"2026-11-23T10:{count:02}:00Z"}])

    with between_pages(empty, stream, change):
        run = source.read_catalog(catalog)

    last = {row["id"]: row["update_time"] for row in run.records(stream)}
    live = {row["id"]: row["update_time"][:19] for row in rows_by_change(empty, stream) if not row.get("is_deleted")}
    assert live.keys() <= last.keys()
    assert {key: last[key][:19] for key in live} == live
    assert len(empty.requests()) < 60


OAUTH = {
    "auth_type": "oauth2.0",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
    "refresh_token": "sandbox-refresh",
}


def test_r14_token_expires_mid_read(persons: Sandbox, source: InProcess) -> None:
    """R14: an access token refused in the middle is refreshed once and the read goes on."""
    source.config |= {"credentials": OAUTH, "oauth_url": source.config["api_url"]}
    catalog = source.catalog("persons")
    refused = {"success": False, "error": "unauthorized access", "errorCode": 401}
    persons.set_faults({"kind": "status", "status": 401, "body": refused, "path": "/persons$", "skip": 1, "times": 1})

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert ids(run.records("persons")) == ids(persons.rows("persons"))


@pytest.mark.parametrize("command", ["check", "discover", "read"])
def test_a_new_refresh_token_is_handed_on(
    persons: Sandbox, source: InProcess, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refresh token that replaces that of the config goes to the platform once, with the rest of the config."""
    catalog = source.catalog("persons")
    source.config |= {"credentials": OAUTH, "oauth_url": source.config["api_url"], "num_workers": 20}
    handle, kept = persons.handle, OAUTH["refresh_token"].encode()

    def rotating(request: Any) -> Any:
        if not request.path.endswith("/oauth/token"):
            return handle(request)
        answer = handle(replace(request, body=request.body.replace(b"the-new-token-0123", kept)))
        answer.body = answer.body.replace(kept, b"the-new-token-0123")
        return answer

    monkeypatch.setattr(persons, "handle", rotating)
    files = {"config": source.config} | ({"catalog": catalog} if command == "read" else {})
    run = source.run(command, **files)

    assert run.exit_code == 0
    (control,) = run.of_type("CONTROL")
    assert control["control"]["type"] == "CONNECTOR_CONFIG"
    expected = {**source.config, "credentials": {**OAUTH, "refresh_token": "the-new-token-0123"}}
    assert control["control"]["connectorConfig"]["config"] == expected
    assert run.stdout.count("the-new-token-0123") == 1


def test_r14_refresh_token_revoked(pipedrive: Sandbox, source: InProcess) -> None:
    """R14: a revoked refresh token is one clear sentence."""
    source.config |= {"credentials": OAUTH, "oauth_url": source.config["api_url"]}
    pipedrive.change_settings(refresh_token_revoked=True)

    status = source.check().connection_status

    assert status["status"] == "FAILED"
    assert status["message"].startswith("Invalid API key: the OAuth refresh token was refused")


def test_r14_token_answer_points_elsewhere(pipedrive: Sandbox, source: InProcess) -> None:
    """R14: an `api_domain` outside Pipedrive is refused, and nothing is sent."""
    source.config |= {"credentials": OAUTH, "oauth_url": source.config["api_url"]}
    pipedrive.change_settings(api_domain="https://pipedrive.example.com")
    pipedrive.clear_requests()

    status = source.check().connection_status

    assert status["status"] == "FAILED"
    assert "outside pipedrive.com" in status["message"]
    assert not [request for request in pipedrive.requests() if "oauth" not in request["path"]]


@pytest.mark.parametrize("status", [402, 403, 404, 415])
def test_a_gated_list_is_empty_with_one_warning(pipedrive: Sandbox, source: InProcess, status: int) -> None:
    """A list that the account's plan does not include ends empty, with one warning that names the feature."""
    catalog = source.catalog("project_fields", "currencies")
    body = {"success": False, "error": "Required suites missing", "errorCode": status}
    pipedrive.set_faults({"kind": "status", "status": status, "body": body, "path": "/projectFields$", "times": None})

    run = source.read_catalog(catalog)

    assert run.exit_code == 0
    assert not run.records("project_fields")
    assert run.records("currencies")
    assert [("Projects add-on" in text, "Required suites missing" in text) for text in run.logs("WARN")] == [
        (True, True)
    ]
    assert run.statuses()["project_fields"][-1] == "COMPLETE"


def test_another_refused_list_fails_with_its_sentence(pipedrive: Sandbox, source: InProcess) -> None:
    """Any other list that is refused fails: what Pipedrive said, what it means, what to do."""
    catalog = source.catalog("currencies")
    pipedrive.change_settings(refused_paths={"/currencies": 403})

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    message = run.errors()[0]["message"]
    assert "status 403" in message
    assert "Give the user the permission" in message
