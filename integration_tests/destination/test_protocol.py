"""The Airbyte protocol: states, counts, lines that cannot be read, errors, secrets, exit codes."""

import io
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from destination_pipedrive.run import main
from integration_tests.destination.account import Account, catalog_of, record, stream_state
from integration_tests.harness import Connector


def person(number: int) -> dict[str, Any]:
    """A RECORD of the persons stream."""
    return record("persons", name=f"Person {number}", email=f"p{number}@acme.test")


def organization(number: int) -> dict[str, Any]:
    """A RECORD of the organizations stream."""
    return record("organizations", name=f"Company {number}")


def test_t15_states_come_out_whole_and_in_order(account: Account) -> None:
    """T15: one out per one in, with `id` and unknown keys, STREAM, GLOBAL and LEGACY alike."""
    shared = {"type": "GLOBAL", "id": 9, "global": {"shared_state": {"x": 1}, "stream_states": []}}
    states = [
        stream_state("persons", 1),
        stream_state("organizations", 2),
        {"type": "STATE", "state": shared, "extra": "top"},
        {"type": "STATE", "state": {"data": {"cursor": 5}}},
    ]
    run = account.write([person(1), states[0], organization(1), *states[1:]])

    printed = run.of_type("STATE")
    for message in printed:
        assert message["state"].pop("destinationStats")
    assert printed == states


def test_t15_a_state_waits_for_the_records_before_it(account: Account) -> None:
    """T15: when state n is printed the server holds every record before it, and none after it."""
    seen: list[int] = []

    class Watching(io.StringIO):
        def write(self, text: str) -> int:
            if '"STATE"' in text:
                seen.append(len(account.rows("persons")))
            return super().write(text)

    lines = [json.dumps(each) for n in range(250) for each in (person(n), stream_state("persons", n))]
    config, catalog = account.folder / "c.json", account.folder / "k.json"
    config.write_text(json.dumps(account.config()))
    catalog.write_text(json.dumps(catalog_of("persons")))
    arguments = ["write", "--config", str(config), "--catalog", str(catalog)]
    code = main(arguments, io.BytesIO("\n".join(lines).encode()), Watching())

    assert code == 0
    assert seen == list(range(1, 251))


def test_t15_no_state_for_what_is_not_settled(account: Account) -> None:
    """T15: a run that fails has printed the states of what was written, and no later one."""
    account.sandbox.set_faults({"kind": "html_403", "method": "POST", "path": "/persons$", "skip": 3, "times": None})
    messages = [each for n in range(6) for each in (person(n), stream_state("persons", n))]
    run = account.write(messages)

    assert run.exit_code == 1
    assert [state["id"] for state in run.states()] == [0, 1, 2]
    assert len(account.rows("persons")) == 3
    assert run.errors()[0]["failure_type"] == "config_error"
    assert "web page (403)" in run.errors()[0]["message"]
    assert run.summary["objects"]["persons"]["created"] == 3


def test_t16_counts_add_up(account: Account) -> None:
    """T16: recordCount and rejectedRecordCount are floats and add up to what the source counted."""
    bad = record("persons", name="No key")
    messages = [
        person(1), bad, stream_state("persons", 1, 2.0),
        organization(1), person(2), person(2), bad, stream_state("persons", 2, 3.0),
        stream_state("organizations", 3, 1.0),
        person(3), organization(2), {"type": "STATE", "state": {"type": "GLOBAL", "global": {"stream_states": []}}},
    ]  # fmt: skip
    run = account.write(messages)

    stats = [state["destinationStats"] for state in run.states()]
    outcomes = [each.pop("additionalStats") for each in stats]
    assert stats == [
        {"recordCount": 1.0, "rejectedRecordCount": 1.0},
        {"recordCount": 2.0, "rejectedRecordCount": 1.0},
        {"recordCount": 1.0, "rejectedRecordCount": 0.0},
        {"recordCount": 2.0, "rejectedRecordCount": 0.0},
    ]
    assert outcomes == [{"created": 1.0}, {"created": 1.0, "unchanged": 1.0}, {"created": 1.0}, {"created": 2.0}]
    assert '"recordCount":1.0' in run.stdout
    for state, counted in zip(run.states()[:3], stats, strict=False):
        assert sum(counted.values()) == state["sourceStats"]["recordCount"]


def test_t19_too_many_rejects_stop_the_run(account: Account) -> None:
    """T19: more rejections than `reject_threshold` end the run; states only for what is settled."""
    bad = [record("persons", name="No key") for _ in range(3)]
    run = account.write([person(1), stream_state("persons", 1), *bad, stream_state("persons", 2)], reject_threshold=2)

    assert run.exit_code == 1
    assert [state["id"] for state in run.states()] == [1]
    assert "reject_threshold" in run.errors()[0]["message"]


def test_t33_an_exhausted_day_ends_cleanly(account: Account) -> None:
    """T33: no request starts after the refusal; the error says when to come back and is a config_error."""
    account.sandbox.change_settings(daily_limit=60)
    messages = [each for n in range(20) for each in (person(n), stream_state("persons", n))]
    run = account.write(messages)

    assert run.exit_code == 1
    assert run.errors()[0]["failure_type"] == "config_error"
    assert "Rate limit exceeded" in run.errors()[0]["message"]
    assert len(account.rows("persons")) == len(run.states())
    assert [each["status"] for each in account.sandbox.requests()].count(429) <= 1


def test_t35_a_token_budget_is_kept(account: Account) -> None:
    """T35: the run spends no more than `token_budget`, and its states go as far as its writes."""
    messages = [each for n in range(20) for each in (person(n), stream_state("persons", n))]
    run = account.write(messages, token_budget=50)

    assert run.exit_code == 1
    assert account.tokens() <= 50
    assert len(run.states()) == len(account.rows("persons")) == 5


def test_t48_what_cannot_be_read_is_logged_and_left_out(account: Account) -> None:
    """T48: unknown message types, bad lines and a float `emitted_at` do not end the run."""
    odd: list[Any] = [
        "{not json",
        "[]",
        "42",
        '{"type":"RECORD"}',
        '{"type":"NEW_THING","x":1}',
        '{"type":"NEW_THING"}',
    ]
    late = person(1)
    late["record"]["emitted_at"] = 1_700_000_000.5
    run = account.write([*odd, late, {"type": "LOG", "log": {"level": "INFO", "message": "x"}}], catalog_of("persons"))

    assert run.exit_code == 0
    assert len(account.rows("persons")) == 1
    assert len([text for text in run.logs("WARN") if "is not a message" in text]) == 4
    assert len([text for text in run.logs("WARN") if "NEW_THING" in text]) == 1
    assert run.noise == []


def test_t50_no_secret_and_no_person_in_any_output(account: Account) -> None:
    """T50: neither the token nor a person's data appears, whatever fails."""
    token = "secret-token-1234567890"
    runs = [account.write([person(1)], credentials={"auth_type": "api_token", "api_token": token})]
    account.sandbox.set_faults({"kind": "status", "status": 400, "method": "POST", "times": None,
                                "body": {"success": False, "error": "no"}})  # fmt: skip
    runs.append(account.write([record("persons", name="Zebulon", email="zebulon@acme.test", owner_id="Zebulon")]))
    runs.append(account.write([record("persons", name="Zebulon", email="zebulon@acme.test")]))

    assert "Invalid API key" in runs[0].errors()[0]["message"]
    for run in runs:
        assert token not in run.stdout
        assert "ebulon" not in run.stdout


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold a JSON object"),
        ({"credentials": {"auth_type": "api_token", "api_token": "x"}, "api_url": "https://evil.test"}, "`/api_url`"),
        ({"mappings": []}, "No credentials"),
        ({"api_token": "x", "mappings": [{"object": "persons"}]}, "`/mappings/0/stream`"),
        ({"api_token": "x", "mappings": [{"stream": "a", "feilds": []}]}, "`feilds`"),
        ({"api_token": "x", "reject_threshold": "many"}, "`/reject_threshold`"),
        ({"api_token": "x", "visible_to": 4}, "`/visible_to`"),
    ],
)
def test_a_wrong_config_is_one_sentence(account: Account, config: Any, said: str) -> None:
    """Every problem names its key; exit 1 with a config_error, one SUMMARY, no stack trace."""
    run = account.run("write", config=config, catalog=catalog_of("persons"))

    assert run.exit_code == 1
    assert said in run.errors()[0]["message"]
    assert run.errors()[0]["failure_type"] == "config_error"
    assert "Traceback" not in run.stdout
    assert run.summary["status"] == "Error"


@pytest.mark.parametrize("catalog", ["{", "{}", '{"streams":[{}]}', '{"streams":[{"stream":{"name":"unknown"}}]}'])
def test_a_wrong_catalog_is_one_sentence(account: Account, catalog: str) -> None:
    """An unreadable catalog and an unknown stream end the run before anything is written."""
    run = account.run("write", config=account.config(), catalog=catalog)

    assert run.exit_code == 1
    assert run.errors()[0]["failure_type"] == "config_error"
    assert "Traceback" not in run.stdout
    assert account.writes() == []


def test_a5_check_says_who_acts(account: Account) -> None:
    """A good config: the acting user and the company in a log line, each object read."""
    run = account.check()

    assert run.exit_code == 0
    assert run.connection_status == {"status": "SUCCEEDED"}
    assert any("Mari Admin" in text and "Sandbox Ltd" in text for text in run.logs("INFO"))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"credentials": {"auth_type": "api_token", "api_token": "wrong"}}, "Invalid API key"),
        ({"api_url": "https://evil.test"}, "`/api_url`"),
        ({"default_owner": "nobody@acme.test"}, "`/default_owner`"),
        ({"mappings": [{"stream": "crm", "object": "people"}]}, "`people` is not a supported object"),
        (
            {"mappings": [{"stream": "c", "object": "deals", "fields": [{"source": "a", "target": "Lead sorce"}]}]},
            "Lead source",
        ),
        ({"mappings": [{"stream": "c", "object": "persons", "match_on": ["e-male"]}]}, "`e-male`"),
    ],
)
def test_a_failed_check_is_work_done(account: Account, config: dict[str, Any], said: str) -> None:
    """Exit 0 with FAILED and a sentence that names the key."""
    run = account.check(**config)

    assert run.exit_code == 0
    assert run.connection_status["status"] == "FAILED"
    assert said.lower() in run.connection_status["message"].lower()


def test_a3_b1_check_names_an_object_that_cannot_be_read(account: Account) -> None:
    """An object that the token may not read is named with what Pipedrive said."""
    account.sandbox.set_faults({"kind": "status", "status": 403, "path": "/deals$", "body": {"success": False, "error": "Scope and URL mismatch"}})  # fmt: skip  # noqa: E501
    run = account.check()

    assert run.connection_status["status"] == "FAILED"
    assert "deals: " in run.connection_status["message"]
    assert "Scope and URL mismatch" in run.connection_status["message"]


def test_the_executable(account: Account, destination: Connector) -> None:
    """The installed command: spec, check, write, and 2 for a wrong command line."""
    spec = destination.spec().spec
    assert spec["connectionSpecification"]["properties"]["credentials"]["oneOf"]
    assert destination.check(account.config()).connection_status["status"] == "SUCCEEDED"
    run = destination.write(account.config(), catalog_of("persons"), [person(1), stream_state("persons", 1)])
    assert run.exit_code == 0
    assert run.noise == []
    assert len(run.states()) == 1
    assert destination.run("frobnicate").exit_code == 2
    assert destination.run("write", config=account.config()).exit_code == 2
    assert destination.run("check", config=Path("/nonexistent.json")).exit_code == 1


def test_t52_sigterm_settles_what_was_sent(account: Account, destination: Connector) -> None:
    """T52: on SIGTERM nothing further is sent, the summary and one message are printed; the signal ends the run."""
    process = destination.start("write", config=account.config(), catalog=catalog_of("persons"))
    assert process.stdin is not None
    assert process.stdout is not None
    for message in (person(1), stream_state("persons", 1), person(2), person(3)):
        process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()
    lines = [process.stdout.readline()]
    while '"STATE"' not in lines[-1]:
        lines.append(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)
    rest = process.stdout.read()

    assert process.returncode == -signal.SIGTERM
    assert "asked to stop" in rest
    assert rest.count("SUMMARY") == 1
    assert "Traceback" not in rest
    assert '"STATE"' not in rest
    assert len(account.rows("persons")) == 1


def test_t48_what_python_writes_is_read(account: Account) -> None:
    """T48: NaN, as Python and pandas write it, counts as null; a number beyond 64 bits in a state is unchanged."""
    data = '{"name":"A","email":"a@x.test","org_id":NaN}'
    line = '{"type":"RECORD","record":{"stream":"persons","data":' + data + ',"emitted_at":1}}'
    state = '{"type":"STATE","state":{"type":"LEGACY","data":{"big":12345678901234567890123,"f":1.5}}}'
    run = account.run("write", [line, state], config=account.config(), catalog=catalog_of("persons"))

    assert run.summary["objects"]["persons"]["created"] == 1, run
    assert '"big":12345678901234567890123' in run.stdout
