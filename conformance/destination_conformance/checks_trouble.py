"""Kills, stops, rejected records, and what must never be printed."""

from __future__ import annotations

import json
import signal
import tempfile
from pathlib import Path

from .adapter import Adapter, Json, main_mode
from .checks_writing import expect
from .messages import after, batches, of, record, state
from .registry import check, needed
from .running import Printed, Writing, attempt, run, write

ROWS, EVERY = 120, 5


@check("append_dedup")
def a_killed_run_is_made_good(adapter: Adapter) -> None:
    """SIGKILL in the middle, and again from the last state: all rows, each once."""
    interrupted(adapter, signal.SIGKILL)

    expect(adapter, [(number, 0) for number in range(ROWS)])


@check("append_dedup")
def a_stopped_run_ends_in_order(adapter: Adapter) -> None:
    """SIGTERM: whole lines only, states of what is held, an end in time that is not called success."""
    done = interrupted(adapter, signal.SIGTERM)

    assert done.code not in (0, -signal.SIGKILL), f"a run that was stopped ended with {done.code}"
    expect(adapter, [(number, 0) for number in range(ROWS)])


def interrupted(adapter: Adapter, by: signal.Signals) -> Printed:
    """A run that a signal meets once a state came back, and the run that goes on from there."""
    sent = batches(adapter, ROWS, EVERY)
    with Writing(adapter, "append_dedup") as writing:
        writing.send_until_a_state(sent)
        writing.process.send_signal(by)
        done = writing.finish()
    for number, held in writing.held.items():
        assert {row for row, _ in held} >= set(range(number)), f"state {number} came before its records were held"
    write(adapter, after(sent, max(done.numbers(), default=0)), "append_dedup")
    return done


@check()
def one_bad_record_does_not_stop_the_others(adapter: Adapter) -> None:
    """The records before and behind it arrive, its state comes back, exit code 0."""
    bad = needed(adapter.bad_row(), "bad_row")
    sent = [record(adapter, 1), of(adapter, bad), record(adapter, 2), state(adapter, 1)]
    done = write(adapter, sent, main_mode(adapter))

    expect(adapter, [(1, 0), (2, 0)])
    assert done.numbers() == [1]


@check()
def rejected_records_can_be_written_again(adapter: Adapter) -> None:
    """A file holds the record as it came, and why it was rejected; the file is input for a run that can take it."""
    bad = needed(adapter.bad_row(), "bad_row")
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        config = needed(adapter.rejects_config(Path(folder)), "rejects_config")
        sent = [record(adapter, 1), of(adapter, bad), state(adapter, 1)]
        write(adapter, sent, main_mode(adapter), config)
        kept = rejected_lines(Path(folder))

    assert len(kept) == 1, f"{len(kept)} lines of rejected records, wanted one"
    line = json.loads(kept[0])
    assert (line["type"], line["record"]) == ("RECORD", of(adapter, bad)["record"])
    reasons: Json = {key: value for key, value in line.items() if key not in ("type", "record")}
    assert reasons, "the line does not say why"
    before = len(adapter.held())
    write(adapter, kept, main_mode(adapter), needed(adapter.repaired_config(), "repaired_config"))
    assert len(adapter.held()) == before + 1, "the record was not written from the file"


def rejected_lines(folder: Path) -> list[str]:
    """All lines of all files of rejected records."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.jsonl"))]
    return [line for text in texts for line in text.splitlines()]


@check()
def no_secret_is_printed(adapter: Adapter) -> None:
    """Neither when all goes well nor when the target refuses or fails, on either output."""
    mode, sent = main_mode(adapter), [record(adapter, 1), state(adapter, 1)]
    runs = [run(adapter, command, config=adapter.refused_config()) for command in ("check", "discover")]
    runs += [attempt(adapter, sent, mode, config) for config in (adapter.config(), adapter.refused_config())]
    failing = adapter.failing(0)
    if failing:
        with failing:
            runs.append(attempt(adapter, sent, mode))

    for done in runs:
        shown = [secret for secret in adapter.secrets if secret in done.stdout + done.stderr]
        assert not shown, f"{len(shown)} secret(s) printed"
