"""What each sync mode does with the rows of the target, once and when the same records come again."""

from __future__ import annotations

from .adapter import Adapter, Held, main_mode
from .messages import batches, catalog, lines, record, state
from .registry import Unsupported, check, needed
from .running import run, write

MANY = 230


@check()
def every_record_arrives_once(adapter: Adapter) -> None:
    """None of many is lost, whatever the size of the destination's batches, and none comes twice."""
    write(adapter, batches(adapter, MANY, 23), main_mode(adapter))

    expect(adapter, [(number, 0) for number in range(MANY)])


@check("append")
def append_adds_every_record(adapter: Adapter) -> None:
    """The same key twice is two rows; what was there stays."""
    adapter.put([(1, 0)])
    write(adapter, [record(adapter, 2), record(adapter, 2, 1), record(adapter, 3)], "append")

    expect(adapter, [(1, 0), (2, 0), (2, 1), (3, 0)])


@check("append")
def append_can_know_what_comes_again(adapter: Adapter) -> None:
    """With an external ID append is safe to repeat."""
    config = needed(adapter.recognising_config(), "recognising_config")
    sent = [record(adapter, 1), record(adapter, 2), state(adapter, 1)]
    write(adapter, sent, "append", config)
    write(adapter, sent, "append", config)

    expect(adapter, [(1, 0), (2, 0)])


@check("append")
def overwrite_is_never_taken_for_append(adapter: Adapter) -> None:
    """The platform sends overwrite as append of a new generation: old rows are replaced, or the run is refused."""
    if "overwrite" not in run(adapter, "spec").only("SPEC")["supported_destination_sync_modes"]:
        raise Unsupported("no sync mode overwrite")
    sent = [record(adapter, 1), record(adapter, 2), state(adapter, 1)]
    write(adapter, sent, "append")
    configured = catalog(adapter, "append")
    configured["streams"][0] |= {"sync_mode": "full_refresh", "generation_id": 2, "minimum_generation_id": 2}
    done = run(adapter, "write", lines(sent), config=adapter.config(), catalog=configured)

    assert done.code == 0 or done.errors()[0]["failure_type"] == "config_error", done
    expect(adapter, [(1, 0), (2, 0)])


@check("append_dedup")
def append_dedup_keeps_one_row_a_key(adapter: Adapter) -> None:
    """New keys are created, known ones changed, the last record of a key stays, other rows are left."""
    adapter.put([(1, 0), (2, 0)])
    write(adapter, [record(adapter, 2, 1), record(adapter, 3), record(adapter, 3, 1)], "append_dedup")

    expect(adapter, [(1, 0), (2, 1), (3, 1)])


@check("update")
def update_creates_nothing(adapter: Adapter) -> None:
    """Known keys are changed; an unknown one is left out without an end to the run."""
    adapter.put([(1, 0), (2, 0)])
    done = write(adapter, [record(adapter, 2, 1), record(adapter, 9, 1), state(adapter, 1)], "update")

    expect(adapter, [(1, 0), (2, 1)])
    assert done.numbers() == [1]


@check("soft_delete")
def soft_delete_deletes_by_key(adapter: Adapter) -> None:
    """Known keys go, an unknown one and one that is gone already do not end the run."""
    adapter.put([(1, 0), (2, 0)])
    sent = [record(adapter, 2), record(adapter, 9), state(adapter, 1)]
    first = write(adapter, sent, "soft_delete")
    second = write(adapter, sent, "soft_delete")

    expect(adapter, [(1, 0)])
    assert first.numbers() == second.numbers() == [1]


@check("append_dedup")
def the_same_again_changes_nothing(adapter: Adapter) -> None:
    """A delivery that is repeated, whole and in part, leaves the rows of the first."""
    sent = batches(adapter, 30, 10)
    write(adapter, sent, "append_dedup")
    write(adapter, [*sent[11:], *sent], "append_dedup")

    expect(adapter, [(number, 0) for number in range(30)])


@check("update")
def the_same_update_again_changes_nothing(adapter: Adapter) -> None:
    """A repeated update leaves the rows of the first."""
    adapter.put([(1, 0)])
    for _ in range(2):
        write(adapter, [record(adapter, 1, 1), state(adapter, 1)], "update")

    expect(adapter, [(1, 1)])


def expect(adapter: Adapter, rows: list[Held]) -> None:
    """The target holds these rows and no other."""
    held = sorted(adapter.held())
    missing = sorted(set(rows) - set(held))
    assert held == sorted(rows), f"rows (number, version) missing: {missing[:5]}; held {len(held)}: {held[:8]}"
