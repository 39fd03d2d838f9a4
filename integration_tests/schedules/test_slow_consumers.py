"""Who takes the output slowly: what is not taken holds the connector up, instead of piling up in its memory."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from destination_pipedrive import run as destination
from destination_pipedrive.pipeline import BATCH
from integration_tests.destination.account import catalog_of, record, stream_state
from integration_tests.harness import configured
from integration_tests.schedules.wire import HOST, Plan, Wire, wired
from pipedrive_sandbox import Sandbox
from source_pipedrive import run as source
from source_pipedrive import source as reading
from source_pipedrive.source import READ_AHEAD
from source_pipedrive.sync.cdk_adapter import MessageQueue

CONFIG = {"credentials": {"auth_type": "api_token", "api_token": "sandbox"}, "api_url": HOST}
DEALS, PAGE = 600, 5
#: Records between two states, and how many are written before the reader of the states goes away.
STATE_EVERY, ENOUGH = 50, 2_000


def files(folder: Path, **contents: Any) -> list[str]:
    """Arguments of a command, and their files."""
    arguments: list[str] = []
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        arguments += [f"--{name}", str(folder / f"{name}.json")]
    return arguments


def test_a_read_waits_for_its_consumer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R13: while nobody takes the first record a few pages are asked for, not the whole list; then all rows come."""
    sandbox = Sandbox(seed=1, scale=0)
    sandbox.seed(scale=0, deals=DEALS)
    wire, stands = Wire(sandbox, PAGE), threading.Event()
    asked: list[int] = []

    class Watched(MessageQueue):
        """Tells when it is full: who reads the list is held up."""

        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            if self.full():
                stands.set()
            super().put(item, block, timeout)

    def take(line: str) -> None:
        if not asked and line.startswith('{"type":"RECORD"'):
            stands.wait()
            asked.append(wire.calls)
        wire.print(line)

    monkeypatch.setattr(reading, "MessageQueue", Watched)
    with wired(wire):
        wire.begin(Plan())
        assert source.main(["discover", *files(tmp_path, config=CONFIG)], wire.print) == 0
        catalog = next(json.loads(line)["catalog"] for line in wire.lines if '"CATALOG"' in line[:30])
        # Without back pressure nothing is ever held up, and this call comes.
        wire.begin(Plan({DEALS // PAGE - 10: [stands.set]}))
        given = files(tmp_path, config=CONFIG | {"num_workers": 1}, catalog=configured(catalog, ["deals"]))
        assert source.main(["read", *given], take) == 0

    assert asked[0] <= 2 * READ_AHEAD < wire.calls / 4
    records = [line for text in wire.lines for line in text.splitlines() if line.startswith('{"type":"RECORD"')]
    assert len(records) == len(sandbox.rows("deals"))


class Endless(io.BytesIO):
    """A standard input that never ends. ``taken`` counts its records."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:  # type: ignore[override]
        while True:
            self.taken += 1
            data = {"name": f"Person {self.taken}", "email": f"p{self.taken}@acme.test"}
            yield json.dumps(record("persons", **data)).encode() + b"\n"
            if self.taken % STATE_EVERY == 0:
                yield json.dumps(stream_state("persons", self.taken)).encode() + b"\n"


class Consumer(io.StringIO):
    """Takes states. ``ahead``: how many records the write had taken in beyond each of them. It goes away in the end."""

    def __init__(self, given: Endless) -> None:
        super().__init__()
        self.given = given
        self.ahead: list[int] = []

    def write(self, text: str) -> int:
        if text.startswith('{"type":"STATE"'):
            number = json.loads(text)["state"]["id"]
            self.ahead.append(self.given.taken - number)
            if number >= ENOUGH:
                raise BrokenPipeError
        return len(text)


def test_a_write_whose_input_never_ends_takes_no_more_than_it_can_settle(tmp_path: Path) -> None:
    """However long it lasts, a write takes in a few batches beyond what its states tell, and ends with its reader."""
    wire, given = Wire(Sandbox(seed=1, scale=0)), Endless()
    consumer = Consumer(given)
    with wired(wire):
        wire.begin(Plan())
        arguments = files(tmp_path, config=CONFIG | {"plan": "ultimate"}, catalog=catalog_of("persons"))
        assert destination.main(["write", *arguments], given, consumer) == 1

    assert len(consumer.ahead) == ENOUGH // STATE_EVERY
    assert max(consumer.ahead) <= 2 * BATCH
    assert given.taken <= ENOUGH + 2 * BATCH
    assert len(wire.sandbox.rows("persons")) >= ENOUGH
