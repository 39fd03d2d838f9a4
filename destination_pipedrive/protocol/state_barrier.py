"""States on their way out: each waits until every record before it is settled, and carries their counts."""

from collections import deque
from dataclasses import dataclass

from destination_pipedrive.flow import Tally
from destination_pipedrive.protocol.messages import Message
from destination_pipedrive.protocol.output import Output
from destination_pipedrive.results.ledger import Results


@dataclass(frozen=True)
class Held:
    """A state with the tallies of its records; ``after`` is the sequence number of the last record before it."""

    message: Message
    tallies: list[Tally]
    after: int


class StateBarrier:
    """Hands states on in the order in which they came. A dry run keeps them: its records are still to be written."""

    def __init__(self, results: Results, output: Output, dry_run: bool = False) -> None:
        self._results = results
        self._output = output
        self._dry_run = dry_run
        self._held: deque[Held] = deque()

    def take(self, message: Message, after: int) -> None:
        """Accept a state that follows record ``after``."""
        self._held.append(Held(message, self._results.close(_streams(message["state"])), after))

    def release(self, oldest_open: int | None) -> None:
        """Print the states before record ``oldest_open`` (None: all)."""
        while self._held and (oldest_open is None or self._held[0].after < oldest_open):
            held = self._held.popleft()
            held.message["state"]["destinationStats"] = {
                "recordCount": float(sum(tally.kept for tally in held.tallies)),
                "rejectedRecordCount": float(sum(tally.rejected for tally in held.tallies)),
            }
            if not self._dry_run:
                self._output.send(held.message)


def _streams(state: Message) -> list[str] | None:
    """The full name of a STREAM state's stream; None for a state of all streams."""
    descriptor = (state.get("stream") or {}).get("stream_descriptor") if state.get("type") == "STREAM" else None
    if not isinstance(descriptor, dict):
        return None
    namespace, name = descriptor.get("namespace"), str(descriptor.get("name"))
    return [f"{namespace}.{name}" if namespace else name]
