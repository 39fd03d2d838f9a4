"""What a read says while it goes on, for people on call: how far each stream is, and how each of them ended."""

import logging
import threading
import time
from collections.abc import Callable

from pipedrive_client.ticker import aligned, span
from pipedrive_client.token_budget import Usage
from source_pipedrive.sync.run_context import RunContext

Clock = Callable[[], float]


class Progress:
    """Follows the streams of one run. Safe to use from several threads."""

    def __init__(self, account: RunContext, logger: logging.Logger, clock: Clock = time.monotonic) -> None:
        """``clock``: seconds that never go back."""
        self._account = account
        self._logger = logger
        self._clock = clock
        self._started: dict[str, float] = {}
        self._lock = threading.Lock()

    def status(self, name: str, status: str) -> None:
        """A stream has this status of the protocol now; one that ended is told with what it came to."""
        with self._lock:
            if status == "STARTED":
                self._started[name] = self._clock()
            started = self._started.pop(name, None) if status in ("COMPLETE", "INCOMPLETE") else None
        if started is not None:
            how = "is complete" if status == "COMPLETE" else "is not complete"
            took = span(self._clock() - started)
            self._logger.info(f"Stream `{name}` {how}: {self._rows(name)}, {self._tokens(name)}, {took}.")

    def tell(self) -> None:
        """One line for each stream under way."""
        with self._lock:
            under_way = list(self._started.items())
        for name, started in under_way:
            self._logger.info(self._line(name, self._clock() - started))

    def _line(self, name: str, passed: float) -> str:
        parts = [self._rows(name)]
        done, known = self._account.parents_done[name], self._account.parents_known.get(name)
        if known:
            parts.append(f"{done:,} of {known:,} parents done")
        parts += [self._tokens(name), span(passed)]
        if known and done:
            parts.append(f"about {span(passed / done * max(known - done, 0))} left")
        return f"Stream `{name}`: {', '.join(parts)}."

    def _rows(self, name: str) -> str:
        count = self._account.records[name]
        return f"{count:,} row{'s' * (count != 1)}"

    def _tokens(self, name: str) -> str:
        return f"{self._account.client.meter.by_label.get(name, Usage()).tokens:,} tokens"


def table(account: RunContext, names: list[str]) -> str:
    """What every stream came to, in columns."""
    rows: list[tuple[str, ...]] = [("STREAM", "ROWS", "REQUESTS", "TOKENS", "SKIPPED PARENTS")]
    for name in names:
        usage = account.client.meter.by_label.get(name, Usage())
        counts = (account.records[name], usage.requests, usage.tokens, account.skipped_parents[name])
        rows.append((name, *(f"{count:,}" for count in counts)))
    total = account.client.meter.total
    sums = (sum(account.records[name] for name in names), total.requests, total.tokens)
    rows.append(("in all", *(f"{count:,}" for count in sums), f"{sum(account.skipped_parents.values()):,}"))
    return aligned(rows)
