"""A system clock that is set forward and back by an hour after every answer: no duration is taken from it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from integration_tests.harness import Connector, Run, Sandbox, configured, environment, incoming, lines, record, state

SECONDS = 300
#: After every answer the clock is an hour fast, or slow.
JUMPS = """
import datetime, itertools, time, requests
offset, turns, send = [0.0], itertools.cycle((3600.0, -3600.0)), requests.Session.send
real, real_ns, Real = time.time, time.time_ns, datetime.datetime
class Jumping(Real):
    @classmethod
    def now(cls, tz=None):
        return Real.fromtimestamp(time.time(), tz)
def jump(*args, **kwargs):
    answer = send(*args, **kwargs)
    offset[0] = next(turns)
    return answer
time.time, time.time_ns = (lambda: real() + offset[0]), (lambda: real_ns() + int(offset[0]) * 10**9)
datetime.datetime, requests.Session.send = Jumping, jump
"""
OAUTH = {
    "auth_type": "oauth2.0",
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
    "refresh_token": "sandbox-refresh",
}
#: A burst limit that is over in a moment, twice in the middle.
LIMITED = {
    "kind": "status",
    "status": 429,
    "times": 2,
    "skip": 2,
    "headers": {"x-ratelimit-reset": "1", "x-ratelimit-remaining": "0"},
}


def run_with_jumps(connector: Connector, command: str, given: str = "", **files: Any) -> Run:
    """A command in a process whose clock jumps."""
    arguments = connector.arguments(command, **files)
    package = connector.name.replace("-", "_")
    code = f"{JUMPS}\nfrom {package}.run import run\nrun()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments[1:]],
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS,
        env=environment(),
    )
    return Run(arguments, done.returncode, done.stdout, done.stderr)


@pytest.fixture
def settings(sandbox: Sandbox) -> dict[str, Any]:
    """A config with OAuth, for an account in which a call is refused for a while."""
    sandbox.settings(burst=False)
    sandbox.admin("POST", "seed", {"scale": 0, "deals": 1_200})
    return sandbox.config(credentials=OAUTH, oauth_url=sandbox.url)


def test_a_read(sandbox: Sandbox, source: Connector, settings: dict[str, Any]) -> None:
    """R6, R14: all rows, one refresh of the token, a 429 waited for, and records whose times of emission only rise."""
    catalog = configured(source.discover(sandbox.config()).catalog, ["deals", "persons", "deal_products"])
    calm = source.read(sandbox.config(), catalog)
    sandbox.faults(LIMITED)
    sandbox.forget()
    run = run_with_jumps(source, "read", config=settings, catalog=catalog)

    assert run.exit_code == 0, run
    assert run.record_counts() == calm.record_counts()
    paths = [each["path"] for each in sandbox.requests()]
    assert paths.count("/oauth/token") == 1
    times = [each["record"]["emitted_at"] for each in run.of_type("RECORD") if each["record"]["stream"] == "deals"]
    assert times == sorted(times)


def test_a_write(sandbox: Sandbox, destination: Connector, settings: dict[str, Any]) -> None:
    """Each record once, its state, one refresh of the token."""
    people = [record("persons", name=f"Person {n}", email=f"jump{n}@acme.test") for n in range(150)]
    catalog = {"streams": [incoming("persons")]}
    sandbox.faults(LIMITED)
    sandbox.forget()
    run = run_with_jumps(
        destination, "write", lines([*people, state("persons", {"n": 1})]), config=settings, catalog=catalog
    )

    assert run.exit_code == 0, run
    assert run.summary["objects"]["persons"]["created"] == len(people)
    assert len(run.states()) == 1
    assert [each["path"] for each in sandbox.requests()].count("/oauth/token") == 1
    assert run.summary["status"] == "Success"
