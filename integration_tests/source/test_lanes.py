"""A long list is read in several lanes: everything once, for hardly more calls, and a run that ends loses nothing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integration_tests.schedules.wire import Kill, Plan, Trouble
from integration_tests.source.lanes import PAGE, LongList, Row, answering, last_state, positions, records
from pipedrive_sandbox import Request, Response, Sandbox

COUNT = 600
#: Calls that lanes may take beside the pages of the list, as a share of them, and for the end of the list.
MORE, END = 0.05, 3
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
Spread = Callable[[int], float]
#: In which second after the first change a row changed.
SPREADS: dict[str, Spread] = {
    "evenly": lambda n: n * 86_400,
    "ever closer": lambda n: 800 * 86_400 * (1 - 0.99**n),
    "most in a minute": lambda n: 1_000 * 86_400 + n / 10 if n > 60 else n * 86_400,
    "all in a second": lambda _: 0,
}


def account(folder: Path, stream: str = "persons", spread: str = "evenly", **settings: Any) -> LongList:
    """An account of 600 rows, 60 pages."""
    sandbox = Sandbox(seed=1, scale=0)
    sandbox.change_settings(**settings)
    sandbox.seed(scale=0, **{stream: COUNT})
    rows = sandbox.rows(stream)
    sandbox.put_rows(stream, [change(row, stamp(SPREADS[spread](n))) for n, row in enumerate(rows)])
    return LongList(folder, sandbox, stream)


def change(row: Row, time: str) -> Row:
    return {"id": row["id"], "update_time": time, "add_time": time, "is_deleted": False}


def stamp(seconds: float) -> str:
    return f"{FIRST + timedelta(seconds=int(seconds)):%Y-%m-%dT%H:%M:%SZ}"


def keys(rows: Iterable[Row]) -> list[Any]:
    return sorted(row["id"] for row in rows)


def bookmark(messages: list[dict[str, Any]]) -> Row:
    """Where the list stood in the end, but for the time of the last look."""
    return {name: value for name, value in positions(messages)[-1].items() if name != "look"}


def is_cut(messages: list[dict[str, Any]]) -> bool:
    return any("lanes" in each for each in positions(messages))


@pytest.mark.parametrize("spread", SPREADS)
@pytest.mark.parametrize("workers", [2, 8, 20])
def test_every_row_comes_once_for_hardly_more_calls(tmp_path: Path, workers: int, spread: str) -> None:
    """However changes are spread over time, lanes read what one lane reads, and leave the same state."""
    long = account(tmp_path, spread=spread)
    whole = long.read(1)
    one_lane = long.calls

    found = long.read(workers)

    assert keys(records(found)) == keys(records(whole)) == keys(long.rows().values())
    assert long.calls <= one_lane * (1 + MORE) + END
    assert [bookmark(found)] == [bookmark(whole)]
    assert max(len(each.get("lanes", ())) for each in positions(found)) < workers
    assert not records(long.read(workers, last_state(found)))
    # A bookmark's second is listed again as a whole.
    assert long.calls == 1 or spread == "all in a second"


@pytest.mark.parametrize("stream", ["deals", "organizations", "activities", "products", "leads", "notes"])
def test_lists_that_take_a_time_are_cut(tmp_path: Path, stream: str) -> None:
    """Cursor lists and offset lists, with an upper bound in the API or without."""
    long = account(tmp_path, stream)

    found = long.read(8)

    assert long.code == 0
    assert is_cut(found)
    assert keys(records(found)) == keys(long.rows().values())


def test_files_are_read_in_one_lane(tmp_path: Path) -> None:
    """A list that takes no time can be begun nowhere but at its start."""
    long = account(tmp_path, "files")

    assert not is_cut(long.read(8))


def test_a_list_of_few_pages_is_never_cut(tmp_path: Path) -> None:
    """Below 20 pages more workers change nothing: the same calls, the same records, the same states."""
    long = account(tmp_path)
    long.wire.page = COUNT // 19 + 1

    one = long.read(1)
    calls = long.calls
    many = long.read(20)

    assert long.calls == calls
    assert records(one) == records(many)
    assert positions(one)[:-1] == positions(many)[:-1]


@pytest.mark.parametrize("workers", [1, 2, 20])
@pytest.mark.parametrize("share", [0.15, 0.4, 0.65, 0.9])
def test_r4_a_kill_repeats_few_calls(tmp_path: Path, share: float, workers: int) -> None:
    """R4: a read that dies at any call, and the one after it, need at most 15 % more calls; nothing is lost."""
    long = account(tmp_path, "activities")
    long.wire.page = COUNT // 100
    long.read(workers)
    whole = long.calls

    first = long.read(workers, plan=Plan(kill=Kill(round(whole * share))))
    rest = long.read(workers, last_state(first))

    assert long.code == 0
    assert {row["id"] for row in [*records(first), *records(rest)]} == set(long.rows())
    assert round(whole * share) + long.calls - whole <= 0.15 * whole
    assert len(json.dumps(last_state(first))) < 4_000


@pytest.mark.parametrize("workers", [1, 2, 20])
def test_r4_any_state_is_gone_on_from(tmp_path: Path, workers: int) -> None:
    """R4: whatever state of a read in lanes is the last one, the next read, also with one worker, brings all others."""
    long = account(tmp_path, spread="ever closer")
    messages = long.read(8)
    states = [at for at, each in enumerate(messages) if each["type"] == "STATE"]

    for at in states[5::18]:
        before, rest = messages[: at + 1], long.read(workers, [messages[at]["state"]])
        assert {row["id"] for row in [*records(before), *records(rest)]} == set(long.rows())
        assert len(records(before)) + len(records(rest)) <= COUNT + 8


def test_a_state_with_lanes_is_right_for_who_knows_of_none(tmp_path: Path) -> None:
    """An older version of the connector, which reads all behind the bookmark, loses nothing."""
    long = account(tmp_path)
    first = long.read(8, plan=Plan(kill=Kill(45)))
    state = last_state(first)
    for name in ("until", "lanes"):
        del state[0]["stream"]["stream_state"]["lists"]["live"][name]

    rest = long.read(1, state)

    assert {row["id"] for row in [*records(first), *records(rest)]} == set(long.rows())


@pytest.mark.parametrize("lanes", [[], [{"since": "2024-02-01"}], [{"since": "2025-09-01", "until": "2025-08-01"}]])
def test_lanes_of_a_state_that_make_no_sense_are_left(tmp_path: Path, lanes: list[Row]) -> None:
    """Bounds that do not follow each other: everything behind the bookmark is read."""
    long = account(tmp_path)
    position = {"update_time": stamp(0), "until": "2025-01-01T00:00:00Z", "lanes": lanes}
    name = {"name": "persons"}
    state = {"version": 1, "lists": {"live": position}}
    given = {"type": "STREAM", "stream": {"stream_descriptor": name, "stream_state": state}}

    assert keys(records(long.read(8, [given]))) == keys(long.rows().values())


@pytest.mark.parametrize("sync_mode", ["incremental", "full_refresh"])
@pytest.mark.parametrize("unstamped", ["excluded", "coalesced"])
@pytest.mark.parametrize("workers", [2, 20])
def test_r5_rows_that_change_come_in_their_last_version(
    tmp_path: Path, workers: int, unstamped: str, sync_mode: str
) -> None:
    """R5: rows of every place change at every fourth call: none is missing, and a row's last record is its newest."""
    long = account(tmp_path, unstamped_rows=unstamped)
    long.sync_mode = sync_mode
    ids = sorted(long.rows())

    def touch(call: int) -> None:
        long.sandbox.advance(1)
        rows = [{"id": ids[(call * 37 + n * 149) % COUNT], "name": f"version {call}"} for n in range(4)]
        long.sandbox.put_rows("persons", [row | {"update_time": long.sandbox.now()} for row in rows])

    plan = Plan({call: (lambda call=call: touch(call),) for call in range(2, 62, 4)})  # type: ignore[misc]
    found = long.read(workers, plan=plan)

    assert is_cut(found)
    last: dict[Any, Row] = {}
    for row in records(found):
        assert last.get(row["id"], row)["update_time"] <= row["update_time"]
        last[row["id"]] = row
    assert set(last) == set(ids)
    later = {row["id"]: row for row in records(long.read(workers, last_state(found)))} if sync_mode[0] == "i" else last
    for number, row in (last | later).items():
        assert row["name"] == long.rows()[number]["name"] or sync_mode == "full_refresh"
    assert len(records(found)) <= COUNT + 4 * 16 + END * PAGE


@pytest.mark.parametrize("unstamped", ["excluded", "coalesced"])
def test_r5_rows_without_a_change_time_are_read(tmp_path: Path, unstamped: str) -> None:
    """R5: rows that Pipedrive has not stamped, at the list's start or among the others, come with lanes, too."""
    long = account(tmp_path, unstamped_rows=unstamped)
    ids = sorted(long.rows())[::20]
    long.sandbox.put_rows("persons", [{"id": number, "update_time": None} for number in ids])

    found = long.read(8)

    assert is_cut(found)
    assert keys(records(found)) == keys(long.rows().values())
    assert not records(long.read(8, last_state(found)))


def test_r5_rows_without_a_change_time_may_come_last(tmp_path: Path) -> None:
    """R5: where such rows stand in the order is not documented: at the end they are looked for."""
    long = account(tmp_path)
    ids = sorted(long.rows())[::100]
    long.sandbox.put_rows("persons", [{"id": number, "update_time": None} for number in ids])

    def last(request: Request, answer: Response) -> Response:
        """Nulls last: at the end of what rises, at the start of what falls; here a page of their own."""
        query, content = dict(request.query), answer.json()
        if "persons" not in request.path or "sort_by" not in query or not isinstance(content.get("data"), list):
            return answer
        nulls = [row for row in content["data"] if row["update_time"] is None]
        kept = [row for row in content["data"] if row["update_time"] is not None]
        if query["sort_direction"] == "desc" and "cursor" not in query:
            kept = [*hidden, *kept]
        hidden.extend(row for row in nulls if row not in hidden)
        return replace(answer, body=json.dumps(content | {"data": kept}).encode())

    hidden: list[Row] = []
    with answering(long.sandbox, last):
        found = long.read(8)

    assert {row["id"] for row in records(found)} == set(long.rows())


@pytest.mark.parametrize("trouble", ["order", "filter"])
def test_a_list_that_does_not_come_as_asked_is_read_whole(tmp_path: Path, trouble: str) -> None:
    """Rows out of order, or from before the time that was asked for, when lanes are under way: one lane reads all."""
    long = account(tmp_path)

    def spoil(request: Request, answer: Response) -> Response:
        content = answer.json()
        if trouble == "order" and long.calls == 40:
            content["data"].reverse()
        return replace(answer, body=json.dumps(content).encode())

    original = long.sandbox.handle

    def ignore(request: Request) -> Response:
        query = [pair for pair in request.query if trouble != "filter" or pair[0] != "updated_since"]
        return original(replace(request, query=query))

    long.sandbox.handle = ignore  # type: ignore[method-assign]
    with answering(long.sandbox, spoil):
        found = long.read(8)

    assert long.code == 0
    assert {row["id"] for row in records(found)} == set(long.rows())
    assert positions(found)[-1]["update_time"] == stamp(SPREADS["evenly"](COUNT - 1))


@pytest.mark.parametrize("limit", ["token_budget", "day"])
def test_r7_tokens_that_end_in_the_middle_of_lanes(tmp_path: Path, limit: str) -> None:
    """R7: what was paid for is handed on, the run ends INCOMPLETE, and the next one brings the rest."""
    long = account(tmp_path)
    long.read(8)
    whole = long.calls
    if limit == "day":
        long.sandbox.change_settings(daily_limit=long.sandbox.meter()["today"] + 405)
    else:
        long.config["token_budget"] = 405

    first = long.read(8)
    paid = long.sandbox.meter()["tokens"]
    code = long.code
    long.config.pop("token_budget", None)
    long.sandbox.change_settings(daily_limit=None)
    rest = long.read(8, last_state(first))

    assert code == 1
    assert paid
    assert [each["trace"]["error"]["failure_type"] for each in first if "error" in each.get("trace", {})] == [
        "config_error"
    ]
    assert len(records(first)) >= 33 * PAGE
    assert {row["id"] for row in [*records(first), *records(rest)]} == set(long.rows())
    assert long.calls <= whole - 40 + 10


TROUBLES = {
    "429": Trouble("status", 429, {"x-ratelimit-reset": "1", "x-ratelimit-remaining": "0"}),
    "503": Trouble("status", 503),
    "no answer": Trouble("drop"),
    "half an answer": Trouble("cut_answer"),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_r6_faults_in_lanes(tmp_path: Path, trouble: Trouble) -> None:
    """R6: every seventh call fails once; every row comes once."""
    long = account(tmp_path)

    found = long.read(8, plan=Plan(troubles=dict.fromkeys(range(3, 70, 7), trouble)))

    assert long.code == 0
    assert keys(records(found)) == keys(long.rows().values())


@pytest.mark.parametrize("workers", [2, 20])
def test_r6_a_cursor_that_has_expired(tmp_path: Path, workers: int) -> None:
    """R6: a lane that is refused fails the stream after what the others brought; the next read goes on."""
    long = account(tmp_path)

    first = long.read(workers, plan=Plan(troubles={45: Trouble("status", 400)}))
    code = long.code
    rest = long.read(workers, last_state(first))

    assert (code, long.code) == (1, 0)
    assert len(records(first)) >= 38 * PAGE
    assert {row["id"] for row in [*records(first), *records(rest)]} == set(long.rows())
    assert len(records(first)) + len(records(rest)) <= COUNT + workers


def test_deletions_are_compared_in_lanes(tmp_path: Path) -> None:
    """`compare` meets every row each time: in lanes, too, no row that is there is reported as gone."""
    long = account(tmp_path)
    long.config["deletions"] = "compare"
    first = long.read(8)
    gone = sorted(long.rows())[7::100]
    for number in gone:
        long.sandbox.purge("persons", number)

    second = long.read(8, last_state(first))

    assert is_cut(first)
    assert keys(records(first)) == sorted([*long.rows(), *gone])
    assert keys(row for row in records(second) if row["is_deleted"]) == gone
    assert len(records(second)) == len(gone)


def test_r5_compared_rows_that_move_are_not_gone(tmp_path: Path) -> None:
    """R5: a row that changes before its lane is there is behind the last one, not gone."""
    long = account(tmp_path)
    long.config["deletions"] = "compare"
    first = long.read(8)
    ids = sorted(long.rows())

    def touch(number: int) -> None:
        long.sandbox.put_rows("persons", [{"id": number, "update_time": long.sandbox.now()}])

    events = {call: (lambda call=call: touch(ids[-call]),) for call in range(20, 64)}  # type: ignore[misc]
    second = long.read(8, last_state(first), Plan(events))

    assert not [row for row in records(second) if row["is_deleted"]]
    assert set(keys(records(second))) >= {ids[-call] for call in range(20, 60)}
