"""States, counts and lines: what the platform's bookkeeping rests on."""

from __future__ import annotations

from typing import Any

from .adapter import Adapter, Json, main_mode
from .messages import batches, global_state, legacy_state, number_of, of, record, state
from .registry import check, needed
from .running import Writing, attempt, write

#: Not a round number: a batch must not happen to be full when a state comes.
ROWS, EVERY = 63, 7


def bare(message: Json) -> Json:
    """A state without what a destination adds."""
    content = {key: value for key, value in message["state"].items() if key != "destinationStats"}
    return {**message, "state": content}


@check()
def states_come_back_unchanged_and_in_order(adapter: Adapter) -> None:
    """One out for each one in: STREAM, GLOBAL and LEGACY, with their ids and keys that no class knows."""
    sent = [
        record(adapter, 1), state(adapter, 1, 1.0), record(adapter, 2), state(adapter, 2, 1.0),
        state(adapter, 3, 0.0), global_state(adapter, 4), record(adapter, 3), legacy_state(5), state(adapter, 6, 0.0),
    ]  # fmt: skip
    done = write(adapter, sent, main_mode(adapter))

    assert [bare(each) for each in done.states()] == [each for each in sent if number_of(each)]


@check()
def states_come_only_after_their_records(adapter: Adapter) -> None:
    """When a state is printed, the target holds every record before it."""
    with Writing(adapter, main_mode(adapter)) as writing:
        writing.send_and_watch(batches(adapter, ROWS, EVERY))
        done = writing.finish()

    assert done.code == 0, done
    assert done.numbers() == list(range(EVERY, ROWS + 1, EVERY))
    for number, held in writing.held.items():
        early = set(range(number)) - {row for row, _ in held}
        assert not early, f"state {number} came before record {min(early)} was held"


@check()
def states_of_a_run_that_fails_are_true(adapter: Adapter) -> None:
    """When the target fails in the middle: an error, exit code 1, and states of what it holds only."""
    failing = needed(adapter.failing(25), "failing")
    with failing:
        done = attempt(adapter, batches(adapter, ROWS, EVERY), main_mode(adapter))

    assert done.code == 1, done
    assert done.errors(), f"no error\n{done}"
    held = {row for row, _ in adapter.held()}
    for number in done.numbers():
        assert held >= set(range(number)), f"state {number}, but the target holds {len(held)} rows"


@check()
def counts_are_those_of_the_sender(adapter: Adapter) -> None:
    """destinationStats, where it is sent, counts the records since the last state; rejected ones apart."""
    bad = adapter.bad_row()
    rejected = [of(adapter, bad)] if bad else []
    sent = [record(adapter, 1), record(adapter, 2), *rejected, state(adapter, 1), record(adapter, 3), state(adapter, 2)]
    done = write(adapter, [*sent, state(adapter, 3)], main_mode(adapter))

    stats = [each["state"].get("destinationStats") for each in done.states()]
    if stats == [None] * 3:
        return
    counted = [(each["recordCount"], each.get("rejectedRecordCount", 0.0)) for each in stats]
    assert counted == [(2.0, float(len(rejected))), (1.0, 0.0), (0.0, 0.0)]
    assert all(isinstance(each["recordCount"], float) for each in stats), "counts are floats"


@check()
def odd_lines_do_not_end_the_run(adapter: Adapter) -> None:
    """Unknown types, lines that are no JSON or no message, a time with a fraction: the records beside them arrive."""
    late = record(adapter, 2)
    late["record"]["emitted_at"] = 1_700_000_000.5
    odd: list[Any] = ["{not json", "", "[]", "42", "null", '{"type":"NEW_THING","new_thing":{}}', '{"no":"type"}']
    other = [{"type": "LOG", "log": {"level": "INFO", "message": "x"}}, {"type": "TRACE", "trace": {"type": "NEW"}}]
    done = write(adapter, [record(adapter, 1), *odd, late, *other, state(adapter, 1)], main_mode(adapter))

    assert sorted(adapter.held()) == [(1, 0), (2, 0)]
    assert done.numbers() == [1]


@check()
def no_input_is_no_error(adapter: Adapter) -> None:
    """Nothing comes: nothing is written, exit code 0."""
    done = write(adapter, [], main_mode(adapter))

    assert not done.states()
    assert adapter.held() == []
