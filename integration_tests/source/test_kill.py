"""A reader that is killed goes on where it stopped. Scenario R4, with the real executable."""

import json
import signal
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from integration_tests.harness import Connector, Run, Sandbox, configured
from integration_tests.schedules.wire import HOST, Kill, Plan, Wire, wired
from integration_tests.straight import let_others_go_first
from pipedrive_sandbox import Sandbox as InMemory
from source_pipedrive import source as reading
from source_pipedrive.run import main
from source_pipedrive.sync.cdk_adapter import MessageQueue

DEALS = 10_000
PAGE = 500
#: Deals below which something is asked for, one call each.
CALLED = 600


@pytest.fixture(scope="module")
def big() -> Iterator[Sandbox]:
    """An account of 10,000 deals with 16 and more custom fields."""
    with Sandbox.start(scale=0) as server:
        server.admin("POST", "settings", {"burst": False})
        server.admin("POST", "seed", {"scale": 0, "deals": DEALS})
        yield server


def read_until_killed(source: Connector, config: Any, catalog: Any, lines: int) -> Run:
    """Kill -9 the reader after so many lines of stdout; what it had printed until then is its output."""
    with source.start("read", config=config, catalog=catalog) as process:
        assert process.stdout is not None
        head = list(islice(process.stdout, lines))
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
    whole = ("".join(head) + rest).rsplit("\n", 1)[0]
    return Run(["read"], process.returncode, whole, "")


def ids(run: Run) -> set[int]:
    return {row["id"] for row in run.records("deals")}


@pytest.mark.parametrize("lines", [40, 2_600, 5_300, 9_700])
def test_r4_kill_9_in_the_middle_of_10_000_deals(big: Sandbox, tmp_path: Path, lines: int) -> None:
    """R4: killed anywhere and resumed from the last printed state, nothing is lost and at most two pages come again."""
    source = Connector("source-pipedrive", tmp_path)
    catalog = configured(source.discover(big.config()).catalog, ["deals"])

    first = read_until_killed(source, big.config(), catalog, lines)
    second = source.read(big.config(), catalog, first.last_states())

    assert first.exit_code == -signal.SIGKILL
    assert second.exit_code == 0
    held = {row["id"] for row in big.admin("GET", "rows/deals")}
    assert ids(first) | ids(second) == held
    again = len(first.records("deals")) + len(second.records("deals")) - DEALS
    assert again <= 2 * PAGE
    assert json.dumps(first.last_states()).count("seen") <= 2


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Waits until all that was read has gone to the thread that prints: calls take no time here in which it might."""
    queues: list[MessageQueue] = []

    class Watched(MessageQueue):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            queues.append(self)

    def wait() -> None:
        while queues[-1].qsize():
            let_others_go_first()

    monkeypatch.setattr(reading, "MessageQueue", Watched)
    return wait


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_r4_a_kill_with_children_repeats_few_calls(tmp_path: Path, workers: int, printed: Callable[[], None]) -> None:
    """R4: a read with a call per deal that dies at any call, and the one after it, need at most 15 % more calls."""
    wire = Wire(_account(CALLED), page=100)
    config = {"credentials": {"auth_type": "api_token", "api_token": "sandbox"}, "api_url": HOST}
    with wired(wire):
        whole, _ = _read(wire, tmp_path, config | {"num_workers": workers}, Plan())
        assert whole > CALLED * 0.9
        for share in (0.15, 0.4, 0.65, 0.9):
            last = round(whole * share)
            plan = Plan({number: [printed] for number in range(1, last)}, kill=Kill(last))
            _read(wire, tmp_path, config | {"num_workers": workers}, plan)
            states = _states(wire.lines)
            rest, code = _read(wire, tmp_path, config | {"num_workers": workers}, Plan(), states)

            assert code == 0
            assert last + rest - whole <= 0.15 * whole


def _account(deals: int) -> InMemory:
    sandbox = InMemory(seed=1, scale=0)
    sandbox.seed(scale=0, deals=deals, changes=deals)
    return sandbox


def _read(wire: Wire, folder: Path, config: Any, plan: Plan, states: Any = None) -> tuple[int, int]:
    """How many calls a read of deals and their changes made, and its exit code."""
    catalog = {"streams": [_stream("deals"), _stream("deal_changelog")]}
    arguments = ["read"]
    for name, content in {"config": config, "catalog": catalog, "state": states or []}.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        arguments += [f"--{name}", str(folder / f"{name}.json")]
    wire.begin(plan)
    code = main(arguments, wire.print)
    return wire.calls, code


def _stream(name: str) -> dict[str, Any]:
    stream = {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh", "incremental"]}
    return {"stream": stream, "sync_mode": "incremental", "destination_sync_mode": "append_dedup"}


def _states(lines: list[str]) -> list[Any]:
    """The last state of each stream."""
    messages = [json.loads(line) for text in lines for line in text.split("\n")]
    states = [each["state"] for each in messages if each["type"] == "STATE"]
    return list({each["stream"]["stream_descriptor"]["name"]: each for each in states}.values())
