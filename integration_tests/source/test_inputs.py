"""Wrong input is one clear sentence; earlier connectors' input is accepted. Scenarios R15, R16, and secrets."""

import json
from typing import Any

import pytest

from integration_tests.source.conftest import InProcess
from pipedrive_sandbox import Sandbox

WRONG_CONFIGS = [
    pytest.param({"credentials": {"auth_type": "api_token", "api_token": ""}}, "No credentials", id="empty token"),
    pytest.param({"credentials": None}, "No credentials", id="no credentials"),
    pytest.param({"credentials": "sandbox"}, "`credentials`", id="credentials as text"),
    pytest.param({"credentials": {"auth_type": "magic"}}, "`credentials.auth_type`", id="unknown auth type"),
    pytest.param({"credentials": {"auth_type": "oauth2.0"}}, "`credentials.client_id`", id="half an OAuth"),
    pytest.param({"api_url": "https://pipedrive.example.com"}, "`api_url`", id="foreign host"),
    pytest.param({"api_url": "https://x.pipedrive.com.evil.example"}, "`api_url`", id="suffix trick"),
    pytest.param({"api_url": "http://api.pipedrive.com"}, "`api_url`", id="no TLS"),
    pytest.param({"api_url": 7}, "`api_url`", id="address as number"),
    pytest.param({"oauth_url": "https://evil.example"}, "`oauth_url`", id="foreign OAuth host"),
    pytest.param({"start_date": "soon"}, "`start_date`", id="malformed date"),
    pytest.param({"start_date": 20240101}, "`start_date`", id="date as number"),
    pytest.param({"num_workers": "8"}, "`num_workers`", id="number as text"),
    pytest.param({"num_workers": 21}, "`num_workers`", id="too many workers"),
    pytest.param({"plan": "gold"}, "`plan`", id="unknown plan"),
    pytest.param({"token_budget": -1}, "`token_budget`", id="negative budget"),
    pytest.param({"daily_token_reserve": 1.5}, "`daily_token_reserve`", id="fraction"),
    pytest.param({"custom_fields": "flat"}, "`custom_fields`", id="unknown mode"),
    pytest.param({"deletions": True}, "`deletions`", id="wrong type of choice"),
    pytest.param({"max_deleted_share": 1.1}, "`max_deleted_share`", id="share above 1"),
    pytest.param({"max_deleted_share": "0.5"}, "`max_deleted_share`", id="share as text"),
    pytest.param({"max_deleted_share": True}, "`max_deleted_share`", id="share as truth value"),
]


@pytest.mark.parametrize(("change", "named"), WRONG_CONFIGS)
def test_r15_a_wrong_config_is_one_sentence(
    pipedrive: Sandbox, source: InProcess, change: dict[str, Any], named: str
) -> None:
    """R15: check fails with a sentence that names the key; nothing is sent."""
    source.config |= change

    run = source.check()

    assert run.exit_code == 0
    assert run.connection_status["status"] == "FAILED"
    assert named in run.connection_status["message"]
    assert not pipedrive.requests()


@pytest.mark.parametrize("command", ["discover", "read"])
def test_r15_the_same_sentence_in_other_commands(pipedrive: Sandbox, source: InProcess, command: str) -> None:
    """R15: discover and read end with exit code 1 and a config error that says the same."""
    files = {"catalog": source.catalog("deals")} if command == "read" else {}
    source.config["num_workers"] = "many"

    run = source.run(command, config=source.config, **files)

    assert run.exit_code == 1
    assert [error["failure_type"] for error in run.errors()] == ["config_error"]
    assert run.errors()[0]["message"] == "`num_workers` must be a whole number from 1 to 20."


def test_bad_token(pipedrive: Sandbox, source: InProcess) -> None:
    """A wrong token fails check in the words that users know, and appears in no output."""
    source.config["credentials"] = {"auth_type": "api_token", "api_token": "s3cret-but-wrong"}

    run = source.check()

    assert run.connection_status["message"].startswith("Invalid API key: ")
    assert "Pipedrive said: unauthorized access" in run.connection_status["message"]
    assert "s3cret" not in run.stdout


def test_check_names_who_acts(pipedrive: Sandbox, source: InProcess) -> None:
    """check says which company and which user the token belongs to."""
    run = source.check()

    assert run.connection_status["status"] == "SUCCEEDED"
    assert any("Sandbox Ltd" in text and "Mari Admin" in text for text in run.logs())


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("dael", "Stream `dael` does not exist. Did you mean `deals`?"),
        ("deals_archived", "select `deals` instead"),
        ("mailThreads", "select `mail_threads` instead"),
    ],
)
def test_r15_unknown_stream(pipedrive: Sandbox, source: InProcess, name: str, sentence: str) -> None:
    """R15: a stream that does not exist ends the read with a sentence that names the one to select."""
    catalog = source.catalog("deals")
    catalog["streams"][0]["stream"]["name"] = name

    run = source.read_catalog(catalog)

    assert run.exit_code == 1
    assert sentence in run.errors()[0]["message"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config", "{"),
        ("config", "[]"),
        ("catalog", "not json"),
        ("catalog", '{"streams": 1}'),
        ("catalog", '{"streams": [{}]}'),
        ("state", "{{"),
        ("state", '[{"type": "STREAM"}]'),
        ("state", '"yesterday"'),
    ],
)
def test_r15_unreadable_files(pipedrive: Sandbox, source: InProcess, name: str, content: str) -> None:
    """R15: a file that cannot be read is named in one sentence, as a config error."""
    files: dict[str, Any] = {"config": source.config, "catalog": source.catalog("deals"), "state": []}

    run = source.run("read", **{**files, name: content})

    assert run.exit_code == 1
    assert [error["failure_type"] for error in run.errors()] == ["config_error"]
    assert f"The {name} file" in run.errors()[0]["message"]
    assert run.summary["status"] == "Error"


@pytest.mark.parametrize("state", [{"version": 99, "lists": {}}, {"cursor": 5}, {"version": 1, "lists": [1]}])
def test_r15_state_of_another_version(pipedrive: Sandbox, source: InProcess, state: dict[str, Any]) -> None:
    """R15: a state that this version cannot read is refused in a sentence that says what to do."""
    catalog = source.catalog("deals")

    run = source.read_catalog(catalog, [_stream_state("deals", state)])

    assert run.exit_code == 1
    assert "clear the stream's state" in run.errors()[0]["message"]


def _stream_state(name: str, state: dict[str, Any]) -> dict[str, Any]:
    return {"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": state}}


@pytest.mark.parametrize(
    "time", ["2026-03-01T00:00:00Z", "2026-03-01T00:00:00.000Z", "2026-03-01 00:00:00", "2026-03-01T01:00:00+01:00"]
)
def test_r16_the_official_connectors_config_and_state(pipedrive: Sandbox, source: InProcess, time: str) -> None:
    """R16: a flat config and a one-bookmark state in any spelling go on incrementally, custom fields as an object."""
    url = source.config["api_url"]
    source.config = {"api_token": "sandbox", "replication_start_date": "2020-01-01T00:00:00Z", "num_workers": 3}
    source.config["api_url"] = url
    catalog = source.catalog("deals", "persons")

    run = source.read_catalog(catalog, [_stream_state(name, {"update_time": time}) for name in ("deals", "persons")])

    assert run.exit_code == 0
    for name in ("deals", "persons"):
        rows = run.records(name)
        assert rows
        assert min(row["update_time"] for row in rows) >= "2026-03-01T00:00:00Z"
        assert all(isinstance(row["custom_fields"], dict) for row in rows)
    sent = [request for request in pipedrive.requests() if "updated_since" in dict(request["query"])]
    assert {dict(request["query"])["updated_since"] for request in sent} == {"2026-03-01T00:00:00Z"}


def test_r16_the_bookmark_of_archived_deals_is_taken_over(pipedrive: Sandbox, source: InProcess) -> None:
    """R16: the official connector's separate stream of archived deals hands its bookmark to the archived list."""
    catalog = source.catalog("deals")
    states = [
        _stream_state("deals", {"update_time": "2026-03-01T00:00:00Z"}),
        _stream_state("deals_archived", {"update_time": "2024-02-01T00:00:00Z"}),
    ]

    source.read_catalog(catalog, states)

    queries = [(request["path"], dict(request["query"])) for request in pipedrive.requests()]
    sent = {path: query["updated_since"] for path, query in queries if "updated_since" in query}
    assert sent == {"/api/v2/deals": "2026-03-01T00:00:00Z", "/api/v2/deals/archived": "2024-02-01T00:00:00Z"}


def test_files_with_a_byte_order_mark(pipedrive: Sandbox, source: InProcess) -> None:
    """Files that an editor saved with a byte order mark are read."""
    catalog = source.catalog("currencies")
    files = {"config": source.config, "catalog": catalog, "state": []}

    run = source.run("read", **{name: "\ufeff" + json.dumps(content) for name, content in files.items()})

    assert run.exit_code == 0
    assert run.records("currencies")


def test_r16_old_state_file_shape(pipedrive: Sandbox, source: InProcess) -> None:
    """R16: a state file of the old form (stream name -> state) is read."""
    catalog = source.catalog("persons")

    run = source.read_catalog(catalog, {"persons": {"update_time": "2026-03-01 00:00:00"}})

    assert run.exit_code == 0
    assert min(row["update_time"] for row in run.records("persons")) >= "2026-03-01T00:00:00Z"


def test_t50_no_token_in_any_output(pipedrive: Sandbox, source: InProcess) -> None:
    """T50: the token travels in a header only; no output, even at debug level, and no URL holds it."""
    secret = "0123456789abcdef0123456789abcdef01234567"
    catalog = source.catalog("deals")
    source.config["credentials"] = {"auth_type": "api_token", "api_token": secret}

    outputs = [source.run(command, "--debug", config=source.config).stdout for command in ("check", "discover")]
    outputs.append(source.run("read", "--debug", config=source.config, catalog=catalog).stdout)

    assert all("Invalid API key" in output and secret not in output for output in outputs)
    assert pipedrive.requests()
    assert all(secret not in json.dumps(request) for request in pipedrive.requests())


def test_an_empty_catalog_ends_at_once(pipedrive: Sandbox, source: InProcess) -> None:
    """A read of no stream ends with exit code 0 and a summary."""
    run = source.read_catalog({"streams": []})

    assert run.exit_code == 0
    assert run.summary["streams"] == {}
