"""A drawn schedule of a source: several runs over an account that changes, and what must hold in the end."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from integration_tests.harness import configured
from integration_tests.schedules.changes import TITLES, Happening, People
from integration_tests.schedules.warehouse import Warehouse
from integration_tests.schedules.wire import HOST, Kill, Plan, Trouble, Wire, wired
from pipedrive_sandbox import Sandbox
from source_pipedrive.run import main
from source_pipedrive.sync import lane_reader, lanes

Row = dict[str, Any]
CHILDREN = ("deal_products", "deal_changelog", "deal_participants", "person_followers", "organization_persons")
VERBS = (
    "touch",
    "touch",
    "make",
    "make unstamped",
    "delete",
    "purge",
    "hide",
    "show",
    "archive",
    "add product",
    "merge",
)
TROUBLES = (
    Trouble("status", 500),
    Trouble("status", 503, {"retry-after": "3"}),
    Trouble("status", 429, {"x-ratelimit-reset": "1", "x-ratelimit-remaining": "0"}),
    Trouble("status", 429, {"x-ratelimit-reset": "0"}),
    Trouble("status", 429),
    Trouble("drop"),
    Trouble("lost_answer"),
    Trouble("cut_answer"),
)
#: Longer than the connector goes without looking for rows that have no change time.
DAY = 25 * 3600
#: What changes without the row: counters, and what other rows say of it.
LOOSE = (
    "parent_update_time",
    "deal",
    "person",
    "organization",
    "lead",
    "project",
    "task",
    "user",
    "person_name",
    "person_email",
    "person_phone",
    "org_name",
)


@dataclass(frozen=True)
class Run:
    """One disturbed run."""

    happenings: Mapping[int, tuple[Happening, ...]]
    troubles: Mapping[int, Trouble]
    kill: Kill | None
    #: Of the lines printed before the process died, how many the platform got, 0 to 100 percent.
    kept: int
    loses_tail: bool
    seconds_before: int


@dataclass(frozen=True)
class Case:
    """An account, a selection of streams, a config, and the runs."""

    streams: tuple[str, ...]
    page: int
    workers: int
    deletions: str
    unstamped: str
    runs: tuple[Run, ...]


@st.composite
def runs(draw: st.DrawFn, streams: Sequence[str], dies: bool = False) -> Run:
    """A run with up to six changes of the account and three calls that fail; ``dies``: it is killed in any case."""
    calls = st.integers(1, 25)
    happening = st.builds(
        Happening,
        st.sampled_from(VERBS),
        st.sampled_from([name for name in streams if name in TITLES] or ["deals"]),
        st.integers(0, 40),
        st.sampled_from((0, 0, 1, 60)),
    )
    events: dict[int, list[Happening]] = {}
    kills = st.builds(Kill, st.integers(1, 30))
    for at, each in draw(st.lists(st.tuples(calls, happening), max_size=6)):
        events.setdefault(at, []).append(each)
    return Run(
        {at: tuple(group) for at, group in events.items()},
        draw(st.dictionaries(calls, st.sampled_from(TROUBLES), max_size=3)),
        draw(kills if dies else st.none() | kills),
        draw(st.sampled_from((100, 100, 60, 30))),
        draw(st.booleans()),
        draw(st.sampled_from((0, 1, 60, DAY))),
    )


@st.composite
def cases(
    draw: st.DrawFn, pages: Sequence[int] = (2, 3, 5, 500), workers: Sequence[int] = (1, 2, 20), dies: bool = False
) -> Case:
    """One to three streams with rows of their own, perhaps one below deals or persons.

    ``pages``: rows of a page. ``dies``: every run is killed.
    """
    streams = draw(st.lists(st.sampled_from(sorted(TITLES)), min_size=1, max_size=3, unique=True))
    streams += draw(st.lists(st.sampled_from(CHILDREN), max_size=1))
    return Case(
        tuple(streams),
        draw(st.sampled_from(pages)),
        draw(st.sampled_from(workers)),
        draw(st.sampled_from(("reported", "compare", "ignore"))),
        draw(st.sampled_from(("excluded", "coalesced"))),
        tuple(draw(st.lists(runs(streams, dies), min_size=1, max_size=4))),
    )


class Trial:
    """Carries a case out and holds the warehouse against the server."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case, self.folder = case, folder
        self.sandbox = Sandbox(seed=1, scale=0.15)
        self.sandbox.change_settings(unstamped_rows=case.unstamped)
        self.people, self.wire = People(self.sandbox), Wire(self.sandbox, case.page)

    def run(self) -> None:
        """All runs, then one that nothing disturbs. Raises AssertionError where the warehouse is not the account."""
        with wired(self.wire), early_lanes():
            catalog = self._catalog()
            warehouse = Warehouse(catalog)
            for run in self.case.runs:
                self.sandbox.advance(run.seconds_before)
                code = self._read(catalog, warehouse, _plan(run, self.people))
                lines = self.wire.lines[: len(self.wire.lines) * run.kept // 100] if run.kill else self.wire.lines
                warehouse.load(lines, run.loses_tail)
                assert code in (0, 1)
            self.sandbox.advance(DAY)
            assert self._read(catalog, warehouse, Plan()) == 0, self.wire.lines[-3:]
            warehouse.load(self.wire.lines, False)
            fresh = Warehouse(catalog)
            assert self._read(catalog, fresh, Plan()) == 0
            fresh.load(self.wire.lines, False)
        for stream in self.case.streams:
            self._hold(stream, warehouse, fresh)

    def _hold(self, stream: str, warehouse: Warehouse, fresh: Warehouse) -> None:
        got, there = _live(warehouse.rows(stream)), _live(fresh.rows(stream))
        if stream in TITLES:
            assert {str(row["id"]) for row in self.people.live(stream)} == {key[0] for key in _ids(there)}
            if self.case.deletions == "compare":
                extra = {key: row for key, row in got.items() if key not in there}
                sure = [key for key, row in extra.items() if (stream, str(row["id"])) not in warehouse.unsure]
                assert not sure, f"{stream}: {sure} not reported as gone"
        for key, row in there.items():
            was_hidden = stream in TITLES and (stream, str(row["id"])) in self.people.hidden
            if was_hidden and self.case.deletions != "compare":
                continue
            assert key in got, f"{stream}: {key} is missing, or was reported as gone"
            expected = _plain(row)
            if was_hidden and got[key]["update_time"] > row["update_time"]:
                # It was reported as gone and is back as it was: its own time would lose against the report.
                expected["update_time"] = got[key]["update_time"]
            assert _plain(got[key]) == expected, f"{stream}: {key} is not in its last version"

    def _read(self, catalog: Mapping[str, Any], warehouse: Warehouse, plan: Plan) -> int:
        self.wire.begin(plan)
        config = {
            "credentials": {"auth_type": "api_token", "api_token": "sandbox"},
            "api_url": HOST,
            "num_workers": self.case.workers,
            "deletions": self.case.deletions,
            "max_deleted_share": 1,
        }
        files: dict[str, Any] = {"config": config, "catalog": catalog, "state": list(warehouse.states.values())}
        arguments = ["read"]
        for name, content in files.items():
            path = self.folder / f"{name}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        return main(arguments, self.wire.print)

    def _catalog(self) -> dict[str, Any]:
        if not _CATALOG:
            self.wire.begin(Plan())
            config = {"credentials": {"auth_type": "api_token", "api_token": "sandbox"}, "api_url": HOST}
            path = self.folder / "config.json"
            path.write_text(json.dumps(config), encoding="utf-8")
            assert main(["discover", "--config", str(path)], self.wire.print) == 0
            found = (json.loads(line) for line in self.wire.lines)
            _CATALOG.update(next(each["catalog"] for each in found if each["type"] == "CATALOG"))
        return configured(_CATALOG, self.case.streams)


#: Discovered once: all accounts have the same fields.
_CATALOG: dict[str, Any] = {}


@contextmanager
def early_lanes() -> Iterator[None]:
    """Cut lists into lanes after their first pages, as often as there are spare workers, whatever that costs."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"UNCUT_PAGES": 2, "WORTH_CUTTING": 0.01, "MOST_WASTE": 100}.items():
            patch.setattr(lanes, name, value)
        # A wire without a socket is never waited for.
        patch.setattr(lane_reader, "WORTH_WAITING", 0.0)
        yield


def attempt(case: Case) -> None:
    """Carry out one case."""
    with tempfile.TemporaryDirectory() as folder:
        Trial(case, Path(folder)).run()


def _plan(run: Run, people: People) -> Plan:
    events = {
        at: [lambda each=each: people.do(each) for each in group]  # type: ignore[misc]
        for at, group in run.happenings.items()
    }
    return Plan(events, run.troubles, run.kill)


def _live(rows: Iterable[Row]) -> dict[str, Row]:
    """Rows that are not gone, by key. Rows below a parent have keys of several columns."""
    live = (row for row in rows if not row.get("is_deleted") and row.get("active_flag", True) is not False)
    keys = ("id", "deal_id", "user_id", "person_id", "organization_id", "time", "change_number")
    return {
        json.dumps([row.get(key) for key in keys] if "parent_update_time" in row else [row["id"]]): row for row in live
    }


def _ids(live: Mapping[str, Row]) -> list[tuple[str]]:
    return [(str(json.loads(key)[0]),) for key in live]


def _plain(row: Row) -> Row:
    return {
        key: value for key, value in row.items() if key not in LOOSE and not key.endswith(("_count", "_activity_id"))
    }
