"""What a dry run would write, and its price."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from destination_pipedrive.flow import Outcome
from destination_pipedrive.mapping.stream_sync import StreamSync
from pipedrive_client.endpoints import endpoint

#: How many lines of a plan are kept; the rest is only counted.
MOST_LISTED = 1000
#: Longest value that a line shows.
LONGEST_VALUE = 40


@dataclass(frozen=True)
class Line:
    """One write, or one record that is left or rejected."""

    action: str
    object_name: str
    row: str
    what: str


@dataclass
class PlanReport:
    """What would be written. Safe to share between threads."""

    tokens: int = 0
    unlisted: int = 0
    lines: list[Line] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, line: Line, method: str = "", path: str = "") -> None:
        """Add a line, and the price of the request that it stands for."""
        with self._lock:
            self.tokens += endpoint(method, path).cost if method else 0
            self.unlisted += len(self.lines) >= MOST_LISTED
            if len(self.lines) < MOST_LISTED:
                self.lines.append(line)

    def add_outcome(self, object_name: str, number: int, outcome: Outcome) -> None:
        """Add a line for a record that is rejected or left."""
        if outcome.kind in ("rejected", "skipped"):
            action = "reject" if outcome.kind == "rejected" else "leave"
            self.add(Line(action, object_name, f"#{number}", outcome.sentence))

    def pay(self, method: str, path: str) -> None:
        """Add the price of a request that only the run itself can send, such as reading a row that it created."""
        with self._lock:
            self.tokens += endpoint(method, path).cost


def shown(value: Any) -> str:
    """A value for people, cut where it is long."""
    if isinstance(value, list):
        return ", ".join(shown(each) for each in value) or "nothing"
    if isinstance(value, Mapping):
        parts = (value.get("value", value.get("amount", value.get("id"))), value.get("currency"))
        return " ".join(shown(part) for part in parts if part is not None)
    text = "nothing" if value is None else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def table(plan: PlanReport, objects: Mapping[str, Mapping[str, int]], spent: int) -> str:
    """The plan as text: its lines in columns, the counts, the price."""
    rows = [("ACTION", "OBJECT", "ROW", "WHAT"), *((x.action, x.object_name, x.row, x.what) for x in plan.lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]) for row in rows
    ]
    if plan.unlisted:
        lines.append(f"… and {plan.unlisted} more")
    for name, counts in objects.items():
        lines.append(f"{name}: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count))
    lines.append(f"Price: {spent + plan.tokens} tokens ({spent} to look up, {plan.tokens} to write).")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def unmapped(sync: StreamSync) -> Iterator[str]:
    """A sentence for each column that was left out, and for each field whose unknown values were."""
    for column, count in sync.columns.left_out.items():
        where = f"Column `{column}` of stream `{sync.stream.name}`"
        yield f"{where}: Pipedrive does not take {count} of its values, which were left out."
    for column, count in sync.columns.unmapped.items():
        if count:
            where = f"stream `{sync.stream.name}` is no field of {sync.spec.name} and was left out"
            yield f"Column `{column}` of {where} ({count} values). Map it in `fields`, or ignore it there."
