"""States on their way out: each waits until every record before it is settled, and carries their counts.

Those of a mirrored stream wait longer: none of them leaves before the stream was seen whole. A platform that starts a
run again from the last state would otherwise hand over the rest of the stream only, and the mirror would take all that
came before for missing.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.flow import Tally
from destination_pipedrive.protocol.json_lines import Message, OddMessage, with_key
from destination_pipedrive.protocol.messages import stream_of
from destination_pipedrive.protocol.output import Output
from destination_pipedrive.results.ledger import Ledger

Stream = tuple[str, str]
#: Whether the states of some streams (None: all) are to be kept back.
Keeps = Callable[[Collection[Stream] | None], bool]


@dataclass(frozen=True)
class Held:
    """A state with the tallies of its records; ``after`` is the sequence number of the last record before it,
    ``arrived`` when it came, on the run's clock.
    """

    message: Message
    tallies: list[Tally]
    after: int
    arrived: float

    @property
    def is_of_one_stream(self) -> bool:
        """False for a state of several streams, GLOBAL or of the old form."""
        return bool(self.message["state"].get("type") == "STREAM")


def _none(_streams: Collection[Stream] | None) -> bool:
    return False


class StateBarrier:
    """Hands states on in the order in which they came. A dry run keeps them: its records are still to be written."""

    def __init__(self, ledger: Ledger, output: Output, dry_run: bool = False, keeps: Keeps = _none) -> None:
        """``keeps``: whether the position of some streams (namespace and name) must not leave yet."""
        self._ledger = ledger
        self._output = output
        self._dry_run = dry_run
        self._keeps = keeps
        self._held: deque[Held] = deque()
        self._kept: list[Held] = []

    def add(self, message: Message, after: int, now: float) -> None:
        """Accept a state that follows record ``after``; ``now`` is the time of the run's clock."""
        self._held.append(Held(message, self._ledger.close(_counted(message["state"])), after, now))

    def is_older(self, time: float) -> bool:
        """True when a state that may leave has waited for its records since before a time."""
        return bool(self._held) and self._held[0].arrived <= time

    def release(self, oldest_open: int | None) -> None:
        """Print the states before record ``oldest_open`` (None: all), but for those that are kept back."""
        while self._held and (oldest_open is None or self._held[0].after < oldest_open):
            self._pass(self._held.popleft())

    def free(self) -> None:
        """Print what was kept back for streams that were seen whole meanwhile."""
        kept, self._kept = self._kept, []
        for held in kept:
            self._pass(held)

    @property
    def kept(self) -> int:
        """How many states are kept back."""
        return len(self._kept)

    def _pass(self, held: Held) -> None:
        """Print a state, or keep it back; states of several streams stay in their order."""
        is_behind = not held.is_of_one_stream and any(not each.is_of_one_stream for each in self._kept)
        if is_behind or self._keeps(_carried(held.message["state"])):
            self._kept.append(held)
        elif not self._dry_run:
            self._send(held)

    def _send(self, held: Held) -> None:
        message, stats = held.message, _stats(held.tallies)
        if isinstance(message, OddMessage):
            self._output.text(with_key(message.line, "destinationStats", stats, inside="state"))
        else:
            message["state"]["destinationStats"] = stats
            self._output.send(message)


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


def _counted(state: Message) -> list[str] | None:
    """The full names of the streams whose records a state counts; None for a state of all streams."""
    if state.get("type") != "STREAM":
        return None
    stream = stream_of(state.get("stream"))
    return [".".join(filter(None, stream))] if stream else []


def _carried(state: Message) -> list[Stream] | None:
    """The streams whose position a state holds; None when that may be all of them."""
    if state.get("type") == "STREAM":
        stream = stream_of(state.get("stream"))
        return [stream] if stream else None
    content = state.get("global")
    each_state = content.get("stream_states") if isinstance(content, dict) else None
    streams = [stream_of(each) for each in each_state] if isinstance(each_state, list) else [None]
    return None if None in streams else [stream for stream in streams if stream]
