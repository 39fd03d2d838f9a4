"""What a write says while it goes on and at its end, for people on call: counts by object, rejections by reason."""

import logging
import time
from collections.abc import Callable, Iterator

from destination_pipedrive.flow import CODES, OUTCOMES
from destination_pipedrive.results.ledger import Ledger, RejectionGroup
from pipedrive_client.ticker import aligned, span
from pipedrive_client.token_budget import Meter, Usage

Clock = Callable[[], float]
#: Where rejected records are kept that the log only shows the first of.
KEPT, NOT_KEPT = "All of them are kept by `object_storage_config`.", "Set `object_storage_config` to keep all of them."


class Progress:
    """Follows one write. Safe to use from several threads."""

    def __init__(self, ledger: Ledger, meter: Meter, logger: logging.Logger, clock: Clock = time.monotonic) -> None:
        """``clock``: seconds that never go back."""
        self._ledger = ledger
        self._meter = meter
        self._logger = logger
        self._clock = clock
        self._started = clock()

    def tell(self) -> None:
        """One line for each object that has records."""
        took = span(self._clock() - self._started)
        for name, counts in self._ledger.objects().items():
            done = sum(counts.values())
            parts = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
            tokens = self._meter.by_label.get(name, Usage()).tokens
            self._logger.info(f"Object `{name}`: {done:,} records done ({parts}), {tokens:,} tokens, {took}.")

    def rejections(self, are_kept: bool) -> Iterator[str]:
        """A sentence for each reason for which records of an object were rejected, the most frequent first."""
        groups = sorted(self._ledger.rejections.items(), key=lambda each: (-each[1].count, each[0]))
        for (name, code), group in groups:
            why = f"{code} ({CODES.get(code, code)})"
            yield f"{group.count:,} of {name} rejected as {why}. {_examples(group, are_kept)}"

    def table(self) -> str:
        """Every object with its outcomes and tokens, in columns."""
        rows: list[tuple[str, ...]] = [("OBJECT", *(kind.upper() for kind in OUTCOMES), "TOKENS")]
        for name, counts in self._ledger.objects().items():
            tokens = self._meter.by_label.get(name, Usage()).tokens
            rows.append((name, *(f"{counts[kind]:,}" for kind in OUTCOMES), f"{tokens:,}"))
        sums = (f"{self._ledger.total(kind):,}" for kind in OUTCOMES)
        rows.append(("in all", *sums, f"{self._meter.total.tokens:,}"))
        return aligned(rows)


def _examples(group: RejectionGroup, are_kept: bool) -> str:
    shown = " ".join(f"Record {number} of stream `{stream}`: {sentence}" for stream, number, sentence in group.examples)
    more = "" if group.count == len(group.examples) else f" {KEPT if are_kept else NOT_KEPT}"
    return f"First: {shown}{more}"
