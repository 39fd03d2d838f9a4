"""States on their way out: each waits until every record before it is settled, and carries their counts."""

from collections import Counter, deque
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.flow import Tally
from destination_pipedrive.protocol.messages import Message
from destination_pipedrive.protocol.output import Output
from destination_pipedrive.results.ledger import Ledger


@dataclass(frozen=True)
class Held:
    """A state with the tallies of its records; ``after`` is the sequence number of the last record before it,
    ``arrived`` when it came, on the run's clock.
    """

    message: Message
    tallies: list[Tally]
    after: int
    arrived: float


class StateBarrier:
    """Hands states on in the order in which they came. A dry run keeps them: its records are still to be written."""

    def __init__(self, ledger: Ledger, output: Output, dry_run: bool = False) -> None:
        self._ledger = ledger
        self._output = output
        self._dry_run = dry_run
        self._held: deque[Held] = deque()

    def take(self, message: Message, after: int, now: float) -> None:
        """Accept a state that follows record ``after``; ``now`` is the time of the run's clock."""
        self._held.append(Held(message, self._ledger.close(_streams(message["state"])), after, now))

    def is_older(self, time: float) -> bool:
        """True when a state has been held since before a time."""
        return bool(self._held) and self._held[0].arrived <= time

    def release(self, oldest_open: int | None) -> None:
        """Print the states before record ``oldest_open`` (None: all)."""
        while self._held and (oldest_open is None or self._held[0].after < oldest_open):
            held = self._held.popleft()
            held.message["state"]["destinationStats"] = _stats(held.tallies)
            if not self._dry_run:
                self._output.send(held.message)


def _stats(tallies: list[Tally]) -> dict[str, Any]:
    """Counts in the protocol's form: what was rejected apart from the rest, and the rest by outcome."""
    counts: Counter[str] = Counter()
    for tally in tallies:
        counts.update(tally.counts)
    rejected = counts.pop("rejected", 0)
    return {
        "recordCount": float(counts.total()),
        "rejectedRecordCount": float(rejected),
        "additionalStats": {kind: float(count) for kind, count in sorted(counts.items())},
    }


def _streams(state: Message) -> list[str] | None:
    """The full name of a STREAM state's stream; None for a state of all streams."""
    descriptor = (state.get("stream") or {}).get("stream_descriptor") if state.get("type") == "STREAM" else None
    if not isinstance(descriptor, dict):
        return None
    namespace, name = descriptor.get("namespace"), str(descriptor.get("name"))
    return [f"{namespace}.{name}" if namespace else name]
