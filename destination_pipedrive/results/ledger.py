"""What became of each record: one outcome a record, counted by object for the summary and by stream for the states."""

import logging
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from destination_pipedrive.flow import OUTCOMES, Outcome, OutcomeKind, Tally

#: How many rejected or skipped records of one stream are logged one by one; the rest are only counted.
MOST_LOGGED = 1000
#: How many rejected records of one code are named at the end.
MOST_EXAMPLES = 3
#: Attribute of log records that tell of one rejected or skipped record.
OF_RECORD = "of_record"


@dataclass
class RejectionGroup:
    """Records of an object rejected with one code; ``examples``: stream, number and sentence of the first."""

    count: int = 0
    examples: list[tuple[str, int, str]] = field(default_factory=list)


@dataclass
class Ledger:
    """All outcomes of a run. Safe to share between threads."""

    logger: logging.Logger
    by_object: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    actions: Counter[str] = field(default_factory=Counter)
    #: Lines of the input that may have been records.
    unreadable: int = 0
    #: By object and code.
    rejections: dict[tuple[str, str], RejectionGroup] = field(default_factory=dict)
    _tallies: dict[str, Tally] = field(default_factory=dict)
    _logged: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tally(self, stream: str) -> Tally:
        """Where the records of a stream are counted until its next state."""
        found = self._tallies.get(stream)
        if found is None:
            found = self._tallies[stream] = Tally()
        return found

    def add(self, tally: Tally, stream: str, object_name: str, number: int, outcome: Outcome) -> None:
        """Count the outcome of record ``number`` (from 1) of a stream."""
        with self._lock:
            self.by_object[object_name][outcome.kind] += 1
            tally.counts[outcome.kind] += 1
            if outcome.kind == "rejected":
                group = self.rejections.setdefault((object_name, outcome.code), RejectionGroup())
                group.count += 1
                if group.count <= MOST_EXAMPLES:
                    group.examples.append((stream, number, outcome.sentence))
        if outcome.kind in ("rejected", "skipped"):
            self._log(stream, number, outcome)

    def add_other(self, object_name: str, kind: OutcomeKind) -> None:
        """Count a row that was written for the sake of others: no record of its own stands behind it."""
        with self._lock:
            self.by_object[object_name][kind] += 1

    def add_action(self, kind: str, stream: str, number: int, failure: Outcome | None = None) -> None:
        """Count an action that a record triggered; with why it could not be done."""
        with self._lock:
            self.actions["failed" if failure else "done"] += 1
        if failure:
            what = f"`{kind}` of record {number} of stream `{stream}` was not done"
            self.logger.warning(f"{what} [{failure.code}]: {failure.sentence}")

    def close(self, streams: list[str] | None) -> list[Tally]:
        """The tallies of some streams (None: all) since their last state; records from now on count into new ones."""
        names = list(self._tallies) if streams is None else streams
        return [self._tallies.pop(name, Tally()) for name in names]

    def total(self, *kinds: OutcomeKind) -> int:
        """How many records ended so."""
        return sum(counts[kind] for counts in self.by_object.values() for kind in kinds)

    def objects(self) -> dict[str, dict[str, int]]:
        """Counts of every outcome by object."""
        with self._lock:
            return {name: {kind: counts[kind] for kind in OUTCOMES} for name, counts in self.by_object.items()}

    def _log(self, stream: str, number: int, outcome: Outcome) -> None:
        with self._lock:
            self._logged[stream] += 1
            count = self._logged[stream]
        if count <= MOST_LOGGED:
            field_name = f", field `{outcome.field}`" if outcome.field else ""
            where = f" [{outcome.code}{field_name}]" if outcome.code else ""
            text = f"Record {number} of stream `{stream}` {outcome.kind}{where}: {outcome.sentence}"
            level = logging.WARNING if outcome.kind == "rejected" else logging.INFO
            self.logger.log(level, text, extra={OF_RECORD: True})
        elif count == MOST_LOGGED + 1:
            text = f"Stream `{stream}`: further rejected and skipped records are only counted."
            self.logger.warning(text, extra={OF_RECORD: True})

    def summary(self, failed: bool, requests: int, tokens: int, tokens_left: int | None) -> dict[str, Any]:
        """The content of the run's SUMMARY line."""
        is_odd = self.unreadable or self.total("skipped", "rejected") or self.actions["failed"]
        actions = {"actions": {key: self.actions[key] for key in ("done", "failed")}} if self.actions else {}
        return {
            "status": "Error" if failed else "Warning" if is_odd else "Success",
            "objects": self.objects(),
            **actions,
            "requests": requests,
            "tokens": tokens,
            "tokens_left": tokens_left,
        }
