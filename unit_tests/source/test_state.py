"""Positions in lists, and states of every age."""

import random
import uuid
from typing import Any

import pytest

from pipedrive_client.config import ConfigError
from source_pipedrive.sync.deletion_detection import Gone, pack, unpack
from source_pipedrive.sync.state import MOST_SEEN, Bookmark, Position, RowVersion, StreamState, parse_state


def mark(time: str | None, key: str, content: Any = 0) -> RowVersion:
    return RowVersion(time, key, {"id": key, "content": content})


def test_a_row_is_new_until_it_was_seen_unchanged() -> None:
    """Later rows are new; at the bookmark's second only unseen or changed ones; earlier ones never."""
    progress = Bookmark(Position())
    progress.advance([mark("T1", "a"), mark("T2", "b"), mark("T2", "c")])
    position = progress.position

    assert position.is_new(mark("T3", "b"))
    assert position.is_new(mark("T2", "d"))
    assert position.is_new(mark("T2", "b", content=1))
    assert not position.is_new(mark("T2", "b"))
    assert not position.is_new(mark("T1", "z"))


def test_rows_without_a_time_are_remembered() -> None:
    """A row without a change time is new once, and again when its content changes."""
    progress = Bookmark(Position())
    progress.advance([mark(None, "a"), mark("T1", "b")])
    progress.advance([mark("T2", "c")])

    assert not progress.position.is_new(mark(None, "a"))
    assert progress.position.is_new(mark(None, "a", content=1))


def test_the_bookmark_never_goes_back() -> None:
    """A page of older rows leaves the bookmark where it is."""
    progress = Bookmark(Position("T5", {"x": "1"}))
    progress.advance([mark("T3", "a")])

    assert progress.position.update_time == "T5"


def test_state_stays_small() -> None:
    """A second with very many rows is not listed in the state; its rows are then emitted again."""
    progress = Bookmark(Position())
    progress.advance([mark("T1", str(number)) for number in range(MOST_SEEN + 1)])

    assert "seen" not in progress.position.as_state()


def test_rows_without_a_time_are_kept_without_a_bookmark() -> None:
    """Rows that were read without any change time are known to the next run."""
    state = StreamState()
    state.progress("live").advance([mark(None, "a")])

    again = parse_state("persons", state.as_state(), ["live"])

    assert not again.progress("live").position.is_new(mark(None, "a"))


@pytest.mark.parametrize(
    ("at", "read"), [(7, 7), (2**63 - 1, 2**63 - 1), (2**63, 0), (10**400, 0), (-1, 0), ("12", 12)]
)
def test_a_place_beyond_all_lists_is_its_start(at: Any, read: int) -> None:
    """A place in a list that cannot be one means to go through the list again; it ends no run."""
    state = {"version": 1, "lists": {"live": {"update_time": "2024-01-01T00:00:00Z", "at": at}}}

    assert parse_state("files", state, ["live"]).progress("live").position.offset == read


def test_a_state_survives_being_written() -> None:
    """What is written is what is read."""
    state = StreamState(ids=pack([1, 2, 900]), gone=Gone(frozenset({7, 8}), "2024-02-01T00:00:00Z"))
    state.progress("live").advance([mark("2024-01-01T00:00:00Z", "a")])

    again = parse_state("deals", state.as_state(), ["live"])

    assert again.as_state() == state.as_state()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"update_time": "2024-05-01 10:00:00"}, "2024-05-01T10:00:00Z"),
        ({"state": {"update_time": "2024-05-01T10:00:00.000Z"}, "states": []}, "2024-05-01T10:00:00Z"),
        (
            {"state_type": "date-range", "slices": [{"start": "2020-01-01T00:00:00Z", "end": "2024-05-01T10:00:00Z"}]},
            "2024-05-01T10:00:00Z",
        ),
        ({"states": [{"cursor": {}, "partition": {}}], "use_global_cursor": False}, None),
        ({"__ab_no_cursor_state_message": True}, None),
        ({}, None),
        (None, None),
    ],
)
def test_states_of_the_official_connector(state: Any, expected: str | None) -> None:
    """One bookmark goes to every list; a bookmark a parent means reading once more as a whole."""
    parsed = parse_state("deals", state, ["live", "archived"])

    assert {parsed.progress(name).position.update_time for name in ("live", "archived")} == {expected}


@pytest.mark.parametrize(
    "state",
    [
        {"version": 2, "lists": {}},
        {"version": 1},
        {"version": 1, "lists": {"live": 5}},
        {"version": 1, "lists": []},
        {"version": 1, "lists": {}, "ids": 5},
        {"version": 1, "lists": {}, "ids": "n!"},
        {"version": 1, "lists": {}, "gone": {"ids": pack([1])}},
        {"version": 1, "lists": {}, "gone": [1]},
        {"cursor": "x"},
        {"update_time": "x"},
    ],
)
def test_an_unreadable_state_is_one_sentence(state: Any) -> None:
    """A state that is none of these raises a config error that says what to do."""
    with pytest.raises(ConfigError, match="clear the stream's state"):
        parse_state("deals", state, ["live"])


@pytest.mark.parametrize(
    "ids",
    [
        [],
        [1],
        [1, 2, 3, 500, 10**12, 2**63],
        ["a6883ad7-70d1-4f65-9e52-a58485364b1a", "00000000-0000-0000-0000-000000000001"],
        ["A6883AD7-70D1-4F65-9E52-A58485364B1A", "ä", "", 7, -1],
    ],
)
def test_packed_ids_come_back(ids: list[Any]) -> None:
    """Numbers and UUIDs survive packing, and so does whatever else may be an id."""
    assert unpack(pack(ids)) == set(ids)


def test_packed_ids_are_small() -> None:
    """100,000 ids with a gap in every ten take a few hundred bytes."""
    assert len(pack(number for number in range(100_000) if number % 10)) < 1000


@pytest.mark.parametrize("spread", [1, 10, 100, 1_000])
def test_ids_that_are_compared_take_little_room(spread: int) -> None:
    """With `deletions: compare` a state holds all ids: 100,000 stay below 200 kB, also if every thousandth is there."""
    ids = random.Random(1).sample(range(100_000 * spread), 100_000)
    packed = pack(ids)

    assert len(packed) < 200_000
    assert unpack(packed) == set(ids)


def test_ids_of_leads_take_more_room() -> None:
    """UUIDs are random: 14 bytes that no coding saves, as text a quarter more; those made by the clock take less."""
    drawn = random.Random(1)
    by_chance = [str(uuid.UUID(int=drawn.getrandbits(128), version=4)) for _ in range(10_000)]
    by_clock = [str(uuid.UUID(fields=(drawn.getrandbits(32), n % 90, 0x11EB, 0x87, 0x9B, 5))) for n in range(10_000)]

    assert len(pack(by_chance)) <= 18 * len(by_chance)
    assert len(pack(by_clock)) <= 6 * len(by_clock)
    assert unpack(pack(by_chance + by_clock)) == set(by_chance + by_clock)


@pytest.mark.parametrize(
    ("packed", "ids"),
    [
        ("nc-muRT*Y){?v$myvH%kL1Oo", {1000000000000, 1, 2, 300}),
        (
            "uc-nJ2yy4+()5ud28Xn^2z5ff>eiCTl6A*meKAZKr{1&x00Qx@;%>",
            {"46c3b0e1-db35-59ca-1828-4817378dff71", "adf21080-0e10-11eb-879b-05d71fb426ec"},
        ),
        ("jc-o8BHPul{REh-v2!R3Y", {"a", -5}),
    ],
)
def test_ids_of_earlier_states(packed: str, ids: set[Any]) -> None:
    """States that were kept before ids were packed as they are now can still be compared."""
    assert unpack(packed) == ids


@pytest.mark.parametrize("packed", ["", "x", "d", "v!", "dVPa!s0{{R3", "zVPa!s0{{R3", "jABC"])
def test_what_is_no_packed_text(packed: str) -> None:
    """A text that holds no ids is refused as such."""
    with pytest.raises(ValueError, match=r"\S"):
        unpack(packed)
