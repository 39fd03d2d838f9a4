"""A drawn schedule of a destination: records in any order, calls that fail, processes that die, and a run at the end.

The rows in Pipedrive must be those of a run that nothing disturbed.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from destination_pipedrive import pipeline, session
from destination_pipedrive.run import main
from integration_tests.destination.account import catalog_of, record, stream_state
from integration_tests.harness import stream_status
from integration_tests.schedules.source_case import TROUBLES
from integration_tests.schedules.wire import HOST, WRITES, Kill, Plan, Printer, Trouble, Wire, wired
from pipedrive_sandbox import Sandbox

Row = dict[str, Any]
Message = dict[str, Any]
COLLECTIONS = ("organizations", "persons", "deals", "notes", "products", "activities")
MADE_BY_THE_SERVER = frozenset({"id", "add_time", "update_time", "stage_change_time", "person", "organization", "deal"})
LINKED = {"person_id": "persons", "org_id": "organizations", "deal_id": "deals"}
NAMED_BY = {"persons": "name", "organizations": "name", "deals": "title"}
EXTERNAL = "Contract number"


@dataclass(frozen=True)
class Run:
    """One disturbed run."""

    troubles: Mapping[int, Trouble]
    kill: Kill
    counts_writes: bool
    kept: int


@dataclass(frozen=True)
class Case:
    """Mappings by stream, records with numbers for their values, and the runs."""

    mappings: tuple[tuple[str, str], ...]
    records: tuple[tuple[str, int, int, int], ...]
    state_every: int
    #: How many records are planned together, and how many changes may be held back: small, so that states leave early.
    batch: int
    held: int
    workers_plan: str
    search_lag: float
    runs: tuple[Run, ...]


#: Ways to map a stream, by name.
WAYS: dict[str, dict[str, dict[str, Any]]] = {
    "organizations": {
        "by name": {},
        "mirror": {"operation": "mirror", "external_id_field": EXTERNAL, "max_delete_share": 1},
        "by external id": {"external_id_field": EXTERNAL},
    },
    "persons": {
        "with new organizations": {
            "links": {"organization": {"by": "name", "from": "company", "create_if_missing": True}}
        },
        "with known organizations": {"links": {"organization": {"by": "name", "from": "company"}}},
        "skipped when found": {"on_duplicate": "skip"},
        "filled": {"fields": [{"source": "phone", "target": "phone", "mode": "fill"}]},
        "not created": {"create": False},
    },
    "deals": {
        "with known persons": {"match_on": ["title"], "links": {"person": {"by": "email", "from": "mail"}}},
        "with new persons": {
            "match_on": ["title"],
            "links": {"organization": {"by": "name", "from": "company", "create_if_missing": True}},
        },
        "without a person": {
            "match_on": ["title"],
            "on_missing_parent": "null",
            "links": {"person": {"by": "email", "from": "mail"},
                      "organization": {"by": "name", "from": "company", "create_if_missing": True}},
        },
    },
    "notes": {"below organizations": {"links": {"organization": {"by": "name", "from": "company"}}}},
    "products": {"by code": {}, "small changes left": {"min_change": {"tax": 2}}},
    "activities": {"below deals": {"links": {"deal": {"by": "title", "from": "deal_title"}}}},
}  # fmt: skip

#: Answers that are lost after the server acted are what a destination has to fear most.
LOST = (Trouble("lost_answer"), Trouble("cut_answer")) * 2
WAYS_BY_STREAM = {name: tuple(ways) for name, ways in WAYS.items()}


@st.composite
def runs(draw: st.DrawFn, calls: int) -> Run:
    """A run that dies, at the latest after so many calls or writes."""
    return Run(
        draw(st.dictionaries(st.integers(1, 8), st.sampled_from((*TROUBLES, *LOST)), max_size=4)),
        Kill(draw(st.integers(2, calls)), draw(st.booleans())),
        draw(st.sampled_from((True, True, False))),
        draw(st.sampled_from((100, 100, 60, 30))),
    )


@st.composite
def cases(draw: st.DrawFn, ways: Mapping[str, Sequence[str]] = WAYS_BY_STREAM, least: int = 0, calls: int = 25) -> Case:
    """Up to thirty records of one to four streams, few keys, so that they meet. ``ways``: those to choose from.

    ``least``: disturbed runs at the least; ``calls``: how far they get at most.
    """
    streams = draw(st.lists(st.sampled_from(sorted(ways)), min_size=min(2, len(ways)), max_size=4, unique=True))
    small = st.integers(0, 5)
    drawn = st.lists(st.tuples(st.sampled_from(streams), small, small, small), min_size=1, max_size=30)
    return Case(
        tuple((name, draw(st.sampled_from(sorted(ways[name])))) for name in streams),
        tuple(draw(drawn)),
        draw(st.sampled_from((1, 1, 3, 100))),
        draw(st.sampled_from((1, 3, 100))),
        draw(st.sampled_from((0, 0, 2, 10_000))),
        draw(st.sampled_from(("lite", "auto", "ultimate"))),
        draw(st.sampled_from((0.0, 5.0))),
        tuple(draw(st.lists(runs(calls), min_size=least, max_size=4))),
    )


def data(stream: str, way: str, key: int, value: int, parent: int) -> Row:
    """One record's columns. A key of 0 is a record that cannot be written.

    What only looks for a company gets one that was always there: whether it finds one that another record has made
    meanwhile depends on when it comes, and comes again.
    """
    links = WAYS[stream][way].get("links", {}).get("organization", {})
    company = f"Company {parent if links.get('create_if_missing') else parent % 2 + 1}"
    mail, title = f"p{parent}@acme.test", f"Deal {parent}"
    rows: dict[str, Row] = {
        "organizations": {"name": f"Company {key}", EXTERNAL: f"K-{key}", "address": f"Street {value}"},
        "persons": {
            "email": f"p{key}@acme.test",
            "name": f"P {value}",
            "phone": f"+372 555 000{value}",
            "company": company,
        },
        "deals": {"title": f"Deal {key}", "value": value, "mail": mail, "company": company},
        "notes": {"content": f"Note {key} {value}", "company": company},
        "products": {"code": f"C{key}", "name": f"Product {value}", "tax": value},
        "activities": {"subject": f"Call {key}", "type": "call", "deal_title": title, "note": f"about {value}"},
    }
    lame = {
        "organizations": "name",
        "persons": "name",
        "deals": "title",
        "notes": "content",
        "products": "name",
        "activities": "subject",
    }
    return rows[stream] if key else {**rows[stream], lame[stream]: ""}


class Trial:
    """Carries a case out."""

    def __init__(self, case: Case, folder: Path) -> None:
        self.case, self.folder = case, folder
        self.names = [name for name, _ in case.mappings]
        self.mirrored = {name for name, way in case.mappings if way == "mirror"}
        self.given = self._messages()

    def run(self) -> None:
        """The undisturbed run, then the disturbed ones on a new account. Raises AssertionError where they differ."""
        calm, wire = self._account(), None
        with wired(calm):
            assert self._write(calm, self.given, Plan()) == 0, calm.lines[-3:]
            self._count(calm.lines, self.given)
            expected = rows(calm.sandbox)
            calm.sandbox.clear_requests()
            assert self._write(calm, self.given, Plan()) == 0
            wrote = [each for each in calm.sandbox.requests() if each["method"] in WRITES]
            # Where few changes may be held back, those of one row are written one after the other, in every run.
            assert not wrote or self.case.held < len(self.given), "the second run wrote"
        wire = self._account()
        with wired(wire):
            rest = self.given
            for run in self.case.runs:
                methods = WRITES if run.counts_writes else Plan().methods
                self._write(wire, rest, Plan({}, run.troubles, run.kill, methods))
                lines = wire.lines[: len(wire.lines) * run.kept // 100] if wire.is_dead else wire.lines
                rest = self._after(rest, lines)
            assert self._write(wire, rest, Plan()) == 0, wire.lines[-3:]
            self._count(wire.lines, rest)
        found = rows(wire.sandbox)
        differ = {
            name: (sorted(set(found[name]) ^ set(expected[name]))) for name in found if found[name] != expected[name]
        }
        assert found == expected, f"other rows than in the undisturbed run: {differ}"

    def _account(self) -> Wire:
        sandbox = Sandbox(seed=1, scale=0)
        sandbox.change_settings(search_lag=self.case.search_lag)
        sandbox.put_rows("organizations", [{"name": "Company 1"}, {"name": "Company 2"}])
        sandbox.put_rows(
            "persons", [{"name": "Old", "emails": [{"value": "p1@acme.test", "primary": True, "label": "work"}]}]
        )
        # What was there before is in the search index.
        sandbox.advance(60)
        return Wire(sandbox)

    def _messages(self) -> list[Message]:
        found: list[Message] = []
        ways = dict(self.case.mappings)
        for number, (stream, *numbers) in enumerate(self.case.records):
            found.append(record(stream, **data(stream, ways[stream], *numbers)))
            if number % self.case.state_every == 0:
                found += [stream_state(name, number + 1) for name in self.names]
        found += [stream_state(name, 1_000) for name in self.names]
        return found + [stream_status(name) for name in self.names]

    def _write(self, wire: Wire, messages: Sequence[Message], plan: Plan) -> int:
        wire.begin(plan)
        mappings = [{"stream": name, **WAYS[name][way]} for name, way in self.case.mappings]
        catalog = catalog_of(*self.names)
        for each in catalog["streams"]:
            if each["stream"]["name"] in self.mirrored:
                each["sync_mode"] = "full_refresh"
        config = {
            "credentials": {"auth_type": "api_token", "api_token": "sandbox"},
            "api_url": HOST,
            "plan": self.case.workers_plan,
            "auto_create_fields": True,
            "mappings": mappings,
        }
        arguments = ["write"]
        for name, content in {"config": config, "catalog": catalog}.items():
            path = self.folder / f"{name}.json"
            path.write_text(json.dumps(content), encoding="utf-8")
            arguments += [f"--{name}", str(path)]
        text = "".join(f"{json.dumps(each)}\n" for each in messages)
        return main(arguments, io.BytesIO(text.encode()), Printer(wire))

    def _count(self, lines: Sequence[str], given: Sequence[Message]) -> None:
        texts = [each["log"]["message"] for each in map(json.loads, lines) if each["type"] == "LOG"]
        [summary] = [json.loads(text.removeprefix("SUMMARY ")) for text in texts if text.startswith("SUMMARY ")]
        sent = Counter(each["record"]["stream"] for each in given if each["type"] == "RECORD")
        for name in self.names:
            counted = {key: n for key, n in summary["objects"].get(name, {}).items() if key in OUTCOMES}
            if name in self.mirrored:
                counted.pop("deleted", None)
            # Parents that were created for other records are counted below their object, too.
            assert sum(counted.values()) == sent[name] or (name == "organizations" and len(self.names) > 1), counted

    def _after(self, given: Sequence[Message], lines: Sequence[str]) -> list[Message]:
        """What a sender gives again: of each stream all behind its last printed state."""
        states = [each for each in map(json.loads, lines) if each["type"] == "STATE"]
        done = {_stream(each): each["state"]["id"] for each in states}
        last = {name: _position(given, name, number) for name, number in done.items()}
        return [each for position, each in enumerate(given) if position > last.get(_stream(each), -1)]


OUTCOMES = ("created", "updated", "unchanged", "deleted", "skipped", "rejected")


def rows(sandbox: Sandbox) -> dict[str, list[str]]:
    """What the server holds without what it made itself; links by what they point to."""
    names = {(key, row["id"]): row[NAMED_BY[name]] for key, name in LINKED.items() for row in sandbox.rows(name)}
    found: dict[str, list[str]] = {}
    for collection in COLLECTIONS:
        live = [row for row in sandbox.rows(collection) if not row.get("is_deleted") and row.get("active_flag", True)]
        found[collection] = sorted(json.dumps(_plain(row, names), sort_keys=True) for row in live)
    return found


def _plain(row: Row, names: Mapping[tuple[str, int], str]) -> Row:
    kept = {key: value for key, value in row.items() if key not in MADE_BY_THE_SERVER}
    if "prices" in kept:
        # Each price names its product, which has the id that the order of arrival gave it.
        kept["prices"] = [
            {key: value for key, value in price.items() if key != "product_id"} for price in row["prices"]
        ]
    return kept | {key: names.get((key, row.get(key) or 0)) for key in LINKED if key in row}


def _stream(message: Message) -> str:
    if message["type"] == "RECORD":
        return str(message["record"]["stream"])
    if message["type"] == "STATE":
        return str(message["state"]["stream"]["stream_descriptor"]["name"])
    return str(message["trace"]["stream_status"]["stream_descriptor"]["name"])


def _position(given: Sequence[Message], stream: str, number: int) -> int:
    states = (n for n, each in enumerate(given) if each["type"] == "STATE" and _stream(each) == stream)
    return next(n for n in states if given[n]["state"]["id"] == number)


def attempt(case: Case) -> None:
    """Carry out one case."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "BATCH", case.batch)
        patch.setattr(session, "MOST_HELD", case.held)
        Trial(case, Path(folder)).run()
