"""What became of each record, counted by object for the summary and by stream for the states."""

import logging
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from destination_pipedrive.flow import OUTCOMES, Outcome, Result, Tally

#: How many rejected or skipped records of one stream are logged one by one; the rest are only counted.
MOST_LOGGED = 1000


@dataclass
class Results:
    """All results of a run. Safe to share between threads."""

    logger: logging.Logger
    by_object: dict[str, Counter[str]] = field(default_factory=dict)
    _tallies: dict[str, Tally] = field(default_factory=dict)
    _logged: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tally(self, stream: str) -> Tally:
        """Where the records of a stream are counted until its next state."""
        return self._tallies.setdefault(stream, Tally())

    def add(self, tally: Tally, stream: str, object_name: str, number: int, result: Result) -> None:
        """Count the result of record ``number`` (from 1) of a stream."""
        with self._lock:
            self.by_object.setdefault(object_name, Counter())[result.outcome] += 1
            if result.outcome == "rejected":
                tally.rejected += 1
            else:
                tally.kept += 1
        if result.outcome in ("rejected", "skipped"):
            self._log(stream, number, result)

    def add_parent(self, object_name: str, outcome: Outcome) -> None:
        """Count a row that was written for the sake of others: no record of its own stands behind it."""
        with self._lock:
            self.by_object.setdefault(object_name, Counter())[outcome] += 1

    def close(self, streams: list[str] | None) -> list[Tally]:
        """The tallies of some streams (None: all) since their last state; records from now on count into new ones."""
        names = list(self._tallies) if streams is None else streams
        return [self._tallies.pop(name, Tally()) for name in names]

    def total(self, *outcomes: Outcome) -> int:
        """How many records ended so."""
        return sum(counts[outcome] for counts in self.by_object.values() for outcome in outcomes)

    def objects(self) -> dict[str, dict[str, int]]:
        """Counts of every outcome by object."""
        return {name: {outcome: counts[outcome] for outcome in OUTCOMES} for name, counts in self.by_object.items()}

    def _log(self, stream: str, number: int, result: Result) -> None:
        with self._lock:
            self._logged[stream] += 1
            count = self._logged[stream]
        if count <= MOST_LOGGED:
            where = f" [{result.code}{f', field `{result.field}`' if result.field else ''}]" if result.code else ""
            text = f"Record {number} of stream `{stream}` {result.outcome}{where}: {result.sentence}"
            self.logger.log(logging.WARNING if result.outcome == "rejected" else logging.INFO, text)
        elif count == MOST_LOGGED + 1:
            self.logger.warning(f"Stream `{stream}`: further rejected and skipped records are only counted.")

    def summary(self, failed: bool, requests: int, tokens: int, tokens_left: int | None) -> dict[str, Any]:
        """The content of the run's SUMMARY line."""
        status = "Error" if failed else "Warning" if self.total("skipped", "rejected") else "Success"
        return {
            "status": status,
            "objects": self.objects(),
            "requests": requests,
            "tokens": tokens,
            "tokens_left": tokens_left,
        }
