"""The commands inside the images, against a sandbox on the machine's loopback address."""

from __future__ import annotations

import signal
from itertools import islice

import pytest
from airbyte_cdk.models import AirbyteMessageSerializer

from integration_tests.harness import Run, Sandbox, configured, incoming, lines, record, state, stream_status
from integration_tests.image.engine import ImageConnector

#: Sent by destinations since protocol 0.17; the CDK's own class does not know it yet.
NEWER = {"DESTINATION_CATALOG"}
PERSONS = {"streams": [incoming("persons")]}
ROWS = [record("persons", name=f"Image {n}", email=f"image{n}@acme.test") for n in range(3)]


def understood(run: Run) -> Run:
    """The run, once every line that it printed is a message of the protocol."""
    assert not run.noise, run
    assert run.messages, run
    for message in run.messages:
        if message["type"] not in NEWER:
            AirbyteMessageSerializer.load(message)
    return run


def test_spec(either: ImageConnector) -> None:
    """`spec` prints the configuration form."""
    run = understood(either.spec())

    assert run.exit_code == 0
    assert "credentials" in run.spec["connectionSpecification"]["properties"]


def test_check(sandbox: Sandbox, either: ImageConnector) -> None:
    """`check` succeeds against an account; that it fails with a wrong token is work done, too."""
    good = understood(either.check(sandbox.config()))
    wrong = {**sandbox.config(), "credentials": {"auth_type": "api_token", "api_token": "wrong"}}
    bad = understood(either.check(wrong))

    assert (good.exit_code, good.connection_status["status"]) == (0, "SUCCEEDED")
    assert (bad.exit_code, bad.connection_status["status"]) == (0, "FAILED")


def test_source_discovers_and_reads(sandbox: Sandbox, source: ImageConnector) -> None:
    """`discover` lists the streams, `read` their rows and states."""
    found = understood(source.discover(sandbox.config()))
    run = understood(source.read(sandbox.config(), configured(found.catalog, ["deals", "persons", "users"])))

    assert (found.exit_code, run.exit_code) == (0, 0), run
    assert len(run.records("deals")) == len(sandbox.admin("GET", "rows/deals"))
    assert run.record_counts().keys() == {"deals", "persons", "users"}
    assert all(states[-1] == "COMPLETE" for states in run.statuses().values())
    assert run.states()


def test_destination_discovers_and_writes(sandbox: Sandbox, destination: ImageConnector) -> None:
    """`discover` lists the objects; `write` creates the rows and hands the state back."""
    found = understood(destination.discover(sandbox.config()))
    messages = [*ROWS, state("persons", {"n": 1}), stream_status("persons")]
    run = understood(destination.write(sandbox.config(), PERSONS, messages))

    assert (found.exit_code, run.exit_code) == (0, 0), run
    assert {"object_name", "sync_mode", "json_schema"} <= found.destination_catalog["operations"][0].keys()
    assert run.summary["objects"]["persons"]["created"] == 3
    assert len(run.states()) == 1


def test_destination_plans(sandbox: Sandbox, destination: ImageConnector) -> None:
    """`plan` prints a table for people and writes nothing."""
    before = sandbox.admin("GET", "rows/persons")
    run = destination.run("plan", stdin=lines(ROWS), config=sandbox.config(), catalog=PERSONS)

    assert run.exit_code == 0, run
    assert "persons" in run.stdout
    assert not run.messages
    assert sandbox.admin("GET", "rows/persons") == before


def test_a_bad_config_ends_with_1_and_a_trace(either: ImageConnector) -> None:
    """A config that cannot be used ends with 1, and a TRACE error says why in a sentence."""
    run = understood(either.discover({"credentials": {"auth_type": "api_token"}}))

    assert run.exit_code == 1
    assert [error["failure_type"] for error in run.errors()] == ["config_error"]
    assert run.errors()[0]["message"].endswith(".")


@pytest.mark.parametrize("command", ["frobnicate", "check", "--frobnicate"])
def test_wrong_usage_ends_with_2(either: ImageConnector, command: str) -> None:
    """A command line that is wrong ends with 2 and prints no message."""
    run = either.run(command)

    assert run.exit_code == 2
    assert not run.stdout


def test_sigterm_stops_a_read(sandbox: Sandbox, source: ImageConnector) -> None:
    """On SIGTERM a container ends in order and soon: whole lines, one summary, one sentence, 1."""
    sandbox.admin("POST", "seed", {"scale": 0, "deals": 2_000})
    sandbox.settings(burst=False)
    catalog = configured(source.discover(sandbox.config()).catalog, ["deals"])
    with source.start("read", config=sandbox.config(), catalog=catalog) as process:
        assert process.stdout is not None
        head = list(islice(process.stdout, 50))
        source.engine.stop(process)
        printed = "".join(head) + process.stdout.read()
    run = understood(Run(["read"], process.returncode, printed, ""))

    assert run.exit_code == 1
    assert run.summary["status"] == "Error"
    assert "SIGTERM" in run.errors()[0]["message"]


def test_sigterm_stops_a_write(sandbox: Sandbox, destination: ImageConnector) -> None:
    """A destination that waits for more records ends in order, too."""
    with destination.start("write", config=sandbox.config(), catalog=PERSONS) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(lines([ROWS[0], state("persons", {"n": 1})]))
        process.stdin.flush()
        head = [process.stdout.readline()]
        while '"STATE"' not in head[-1]:
            head.append(process.stdout.readline())
        destination.engine.stop(process)
        printed = "".join(head) + process.stdout.read()
    run = understood(Run(["write"], process.returncode, printed, ""))

    # The first process of a container ends with 1; without a container around it the signal ends it.
    assert run.exit_code in (1, -signal.SIGTERM, 128 + signal.SIGTERM)
    assert run.summary["objects"]["persons"]["created"] == 1
    assert "SIGTERM" in run.errors()[0]["message"]
