"""What a dry run would write, and its price: gathered while it runs, then one finished plan that a renderer shows."""

import random
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from destination_pipedrive.flow import Outcome
from destination_pipedrive.mapping.stream_sync import InFlightRecord, StreamSync
from destination_pipedrive.results.result_log import columns_of, sent_key
from pipedrive_client.endpoints import endpoint

Action = Literal["create", "update", "delete", "leave", "reject"]
#: How many lines of a plan are shown; of more, a sample. All are counted.
MOST_LISTED = 1000
#: How many different warnings are kept.
MOST_WARNINGS = 200
#: The first lines of a group that are always among those shown.
FIRST_LISTED = 100
#: Longest value that a line shows in a terminal, and on a page.
LONGEST_VALUE, LONGEST_ON_PAGE = 40, 200


@dataclass(frozen=True)
class FieldChange:
    """A field with its value before and after, as people read them; ``before`` is empty for a new row."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One write, or one record that is left or rejected; ``what`` says it to people.

    ``stream`` and ``number`` tell which record was left or rejected, ``code`` why, ``key`` its match key as it was sent
    and ``columns`` the columns that are at fault, as the user named them. ``is_besides``: it is a field, an option or a
    parent that records need, and no record itself. ``title``: what people call the row, where it is known; ``values``:
    its fields one by one, those of a write.
    """

    action: Action
    object_name: str
    row: str
    what: str
    stream: str = ""
    number: int = 0
    code: str = ""
    key: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    is_besides: bool = False
    title: str = ""
    values: tuple[FieldChange, ...] = ()

    @property
    def group(self) -> "Group":
        """What it is counted with."""
        return self.action, self.object_name, self.code


#: Action, object and code of lines that are counted together.
Group = tuple[Action, str, str]


@dataclass(frozen=True)
class Plan:
    """A finished plan. ``lines`` is all or, where ``unlisted`` counts more, a sample with lines of every action.

    ``objects``: object -> outcome -> records, parents included; ``besides``: object -> what would be created for the
    sake of records; ``left_out``: a sentence for each column; ``spent`` and ``planned`` are tokens, ``tokens_left``
    those that the account has today of ``tokens_limit``, None where Pipedrive did not say. ``groups``: lines, listed or
    not, by what they are counted with.
    """

    lines: tuple[Line, ...]
    unlisted: int
    objects: Mapping[str, Mapping[str, int]]
    besides: Mapping[str, int]
    left_out: tuple[str, ...]
    warnings: tuple[str, ...]
    spent: int
    planned: int
    tokens_left: int | None
    tokens_limit: int | None = None
    groups: Mapping[Group, int] = field(default_factory=dict)


@dataclass
class PlanReport:
    """Gathers what would be written, its ``tokens`` and what a run would warn of. Safe to share between threads."""

    tokens: int = 0
    left_out: list[str] = field(default_factory=list)
    besides: Counter[str] = field(default_factory=Counter)
    _warnings: dict[str, None] = field(default_factory=dict)
    _kept: dict[Group, list[tuple[int, Line]]] = field(default_factory=dict)
    _counts: Counter[Group] = field(default_factory=Counter)
    _random: random.Random = field(default_factory=lambda: random.Random(0))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, line: Line, method: str = "", path: str = "") -> None:
        """Add a line, and the price of the request that it stands for."""
        with self._lock:
            self.tokens += endpoint(method, path).cost if method else 0
            self.besides[line.object_name] += line.is_besides
            self._keep(line)

    def add_outcome(self, record: InFlightRecord, outcome: Outcome) -> None:
        """Add a line for a record that is rejected or left."""
        if outcome.kind not in ("rejected", "skipped"):
            return
        line = Line(
            action="reject" if outcome.kind == "rejected" else "leave",
            object_name=record.sync.spec.name,
            row=f"#{record.number}",
            what=outcome.sentence,
            stream=record.sync.stream.full_name,
            number=record.number,
            code=outcome.code,
            key=sent_key(record)[1],
            columns=tuple(columns_of(record, outcome)),
        )
        self.add(line)

    def add_besides(self, object_name: str) -> None:
        """Count a row that is created for the sake of records; its line is there already."""
        with self._lock:
            self.besides[object_name] += 1

    def pay(self, method: str, path: str) -> None:
        """Add the price of a request that only the run itself can send, such as reading a row that it created."""
        with self._lock:
            self.tokens += endpoint(method, path).cost

    def warn(self, sentence: str) -> None:
        """Add what a run would warn of; a sentence that comes again is told once."""
        with self._lock:
            if len(self._warnings) < MOST_WARNINGS:
                self._warnings[sentence] = None

    @property
    def lines(self) -> list[Line]:
        """The lines in their order; of more than ``MOST_LISTED`` a sample in which no action is missing."""
        found: list[tuple[int, Line]] = []
        left = MOST_LISTED
        by_size = sorted(self._kept.values(), key=len)
        for index, kept in enumerate(by_size):
            share = min(len(kept), left // (len(by_size) - index))
            found += kept[:share]
            left -= share
        return [line for _, line in sorted(found, key=_number)]

    @property
    def unlisted(self) -> int:
        """How many lines are not among ``lines``."""
        return self._counts.total() - len(self.lines)

    def finished(
        self,
        objects: Mapping[str, Mapping[str, int]],
        spent: int,
        tokens_left: int | None,
        tokens_limit: int | None = None,
    ) -> Plan:
        """The whole plan; ``objects`` counts records by outcome, ``spent`` are the tokens of the look-ups."""
        return Plan(
            lines=tuple(self.lines),
            unlisted=self.unlisted,
            objects=objects,
            besides={name: count for name, count in self.besides.items() if count},
            left_out=tuple(self.left_out),
            warnings=tuple(each for each in self._warnings if each not in self.left_out),
            spent=spent,
            planned=self.tokens,
            tokens_left=tokens_left,
            tokens_limit=tokens_limit,
            groups=dict(self._counts),
        )

    def _keep(self, line: Line) -> None:
        """Behind its first lines each of a group has the same chance to be kept; the list is in no order then."""
        number, kept = self._counts.total(), self._kept.setdefault(line.group, [])
        self._counts[line.group] += 1
        if len(kept) < MOST_LISTED:
            kept.append((number, line))
            return
        place = self._random.randrange(FIRST_LISTED, self._counts[line.group])
        if place < MOST_LISTED:
            kept[place] = (number, line)


def shown(value: Any, longest: int = LONGEST_VALUE) -> str:
    """A value for people, cut where it is long."""
    if isinstance(value, list):
        return ", ".join(shown(each, longest) for each in value) or "nothing"
    if isinstance(value, Mapping):
        parts = (value.get("value", value.get("amount", value.get("id"))), value.get("currency"))
        return " ".join(shown(part, longest) for part in parts if part is not None)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "nothing" if value is None else str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def left_out(sync: StreamSync) -> Iterator[str]:
    """A sentence for each column that matches no field, and for each with values that Pipedrive does not take."""
    stream, left = f"(stream `{sync.stream.full_name}`)", Counter(sync.columns.left_out)
    if sync.deletes:
        left.update(sync.deletes.columns.left_out)
    for column, count in left.items():
        yield f"Column `{column}`: {_values(count)} not accepted by Pipedrive and skipped {stream}."
    for column, count in sync.columns.unmapped.items():
        if count:
            what = f"matches no field on {sync.spec.name}; {_values(count)} skipped {stream}"
            yield f"Column `{column}` {what}. Map it in `fields`, or set its mode to `ignore` there."


def _values(count: int) -> str:
    return f"{count} value{'s' * (count != 1)}"


def _number(pair: tuple[int, Line]) -> int:
    return pair[0]
