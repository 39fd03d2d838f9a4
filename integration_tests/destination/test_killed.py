"""kill -9 anywhere, again and again from the last state: in the end the rows are those of an undisturbed run."""

import json
import random
import signal
import threading
from typing import Any

import pytest

from integration_tests.destination.account import Account, Message, catalog_of, record, stream_state
from integration_tests.harness import Connector
from integration_tests.schedules.wire import WRITES, Kill, Plan, Printer, Wire, wired
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.messages import Request, Response

KILLS = 20
#: Which of seven runs are processes of their own, and what they die of.
SIGNALS = {6: signal.SIGKILL, 3: signal.SIGTERM}
#: Records of each stream; 500 in all.
COUNTS = {"persons": 200, "deals": 150, "notes": 150}
MAPPINGS = [
    {"stream": "persons", "links": {"organization": {"by": "name", "from": "company", "create_if_missing": True}}},
    {"stream": "deals", "match_on": ["title"], "links": {"person": {"by": "email", "from": "mail"}}},
]
MADE_BY_THE_SERVER = frozenset({"id", "add_time", "update_time", "stage_change_time", "person_id", "org_id", "person"})


def messages(org: int) -> list[Message]:
    """500 records of three streams in turn, a state after every few."""
    found: list[Message] = []
    for n in range(COUNTS["persons"]):
        mail = f"p{n}@acme.test"
        found.append(record("persons", name=f"P {n}", email=mail, company=f"Company {n % 7}"))
        if n < COUNTS["deals"]:
            found.append(record("deals", title=f"D {n}", mail=mail, value=n))
            found.append(record("notes", content=f"N {n}", org_id=org))
        if n % 4 == 3:
            found += [stream_state(name, n) for name in COUNTS]
    return [*found, *(stream_state(name, COUNTS["persons"]) for name in COUNTS)]


def rows(account: Account) -> dict[str, list[str]]:
    """What the server holds, without what it made itself; links by what they point to."""
    parents = {"person_id": account.rows("persons"), "org_id": account.rows("organizations")}
    names = {(key, row["id"]): row["name"] for key, group in parents.items() for row in group}
    found: dict[str, list[str]] = {}
    for name in ("organizations", *COUNTS):
        plain = [_plain(row, names) for row in account.rows(name)]
        found[name] = sorted(json.dumps(each, sort_keys=True) for each in plain)
    return found


def _plain(row: dict[str, Any], names: dict[tuple[str, int], str]) -> dict[str, Any]:
    kept = {key: value for key, value in row.items() if key not in MADE_BY_THE_SERVER}
    return kept | {key: names.get((key, row.get(key) or 0)) for key in ("person_id", "org_id")}


class Killer:
    """Kills a process at the n-th write: before it is applied, or when it is applied and not answered yet.

    ``number`` is the signal that it sends.
    """

    def __init__(self) -> None:
        self.process: Any = None
        self.number = signal.SIGKILL
        self.at, self.applied, self._count = 0, False, 0
        self._lock = threading.Lock()

    def arm(self, at: int, applied: bool, number: signal.Signals) -> None:
        """Kill at write number ``at`` from now."""
        self.process, self.at, self.applied, self.number, self._count = None, at, applied, number, 0

    def handle(self, handle: Any, sandbox: Sandbox, request: Request) -> Response:
        """Handle a request of the process that is to be killed."""
        with self._lock:
            self._count += request.method != "GET"
            is_now = self.process is not None and request.method != "GET" and self._count == self.at
        if is_now and not self.applied:
            self.process.send_signal(self.number)
        response: Response = handle(sandbox, request)
        if is_now:
            self.process.send_signal(self.number)
        return response


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    """A killer between the server and its sandbox; the process does not wait for burst windows."""
    monkeypatch.setenv("PIPEDRIVE_SKIP_WAITS", "1")
    found, handle = Killer(), Sandbox.handle
    monkeypatch.setattr(Sandbox, "handle", lambda sandbox, request: found.handle(handle, sandbox, request))
    return found


def test_t6_twenty_kills_change_nothing(account: Account, destination: Connector, killer: Killer) -> None:
    """T6: killed at 20 seeded points, each rerun from its last states; rows equal those of an undisturbed run.

    Every seventh is a process that dies of SIGKILL, every other seventh one that is asked to stop with SIGTERM; the
    others end inside this one, at a call that nobody answers.
    """
    config, catalog = account.config(mappings=MAPPINGS), catalog_of(*COUNTS)
    given = messages(account.put("organizations", name="Company 0"))
    assert account.write(given, catalog, mappings=MAPPINGS).exit_code == 0
    expected = rows(account)
    account.sandbox.reset(seed=1, scale=0)
    account.put("organizations", name="Company 0")

    dice, rest, wire = random.Random(4), given, Wire(account.sandbox)
    for number in range(KILLS):
        kill = Kill(dice.randint(1, len(given) // KILLS), dice.random() < 0.5)
        if number % 7 in SIGNALS:
            killer.arm(kill.at, kill.applied, SIGNALS[number % 7])
            process = destination.start("write", config=config, catalog=catalog)
            killer.process = process
            printed, _ = process.communicate("".join(json.dumps(each) + "\n" for each in rest))
            assert process.returncode == -SIGNALS[number % 7], printed[-2000:]
            killer.process = None
        else:
            wire.begin(Plan(kill=kill, methods=WRITES))
            with wired(wire):
                account.write(rest, catalog, mappings=MAPPINGS, out=Printer(wire))
            assert wire.is_dead
            printed = "\n".join(wire.lines)
        rest = _after(rest, printed)
    assert account.write(rest, catalog, mappings=MAPPINGS).exit_code == 0

    assert rows(account) == expected


def _after(given: list[Message], printed: str) -> list[Message]:
    """What a sender gives again: of each stream the records behind its last printed state."""
    lines = [
        json.loads(line) for line in printed.splitlines() if line.startswith('{"type":"STATE"') and line[-1] == "}"
    ]
    done = {_stream(each): each["state"]["id"] for each in lines}
    last = {name: _position(given, name, done[name]) for name in done}
    return [each for position, each in enumerate(given) if position > last.get(_stream(each), -1)]


def _stream(message: Message) -> str:
    if message["type"] == "RECORD":
        return str(message["record"]["stream"])
    return str(message["state"]["stream"]["stream_descriptor"]["name"])


def _position(given: list[Message], stream: str, number: int) -> int:
    states = (n for n, each in enumerate(given) if each["type"] == "STATE" and _stream(each) == stream)
    return next(n for n in states if given[n]["state"]["id"] == number)
