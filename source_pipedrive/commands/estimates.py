"""What an estimate says, stream by stream: as JSON for machines, as a table for people. Pure."""

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from pipedrive_client.endpoints import endpoint
from pipedrive_client.ticker import aligned
from source_pipedrive.commands.sizes import ABOUT, AT_LEAST, EXACT

_SURE = (EXACT, ABOUT, AT_LEAST)
_WORDS = (
    "`about`: from a page of the list and a sample of its older ids. `at least`: Pipedrive gives no count for such a "
    "list, or the estimate ran out of its own tokens. `?`: only the sync itself can tell the rows."
)


@dataclass
class StreamEstimate:
    """One stream. ``rows`` is None where nothing tells them; ``sure``: `exact`, `about` or `at least`."""

    stream: str
    rows: int | None = 0
    requests: int = 0
    tokens: int = 0
    unchanged_requests: int = 0
    unchanged_tokens: int = 0
    sure: str = EXACT

    def pay(self, path: str, calls: float, unchanged_calls: float = 0) -> None:
        """Add calls of an endpoint to a first and to an unchanged sync."""
        cost, first, again = endpoint("GET", path).cost, ceil(calls), ceil(unchanged_calls)
        self.requests += first
        self.tokens += first * cost
        self.unchanged_requests += again
        self.unchanged_tokens += again * cost

    def doubt(self, sure: str) -> None:
        """It is not surer than this."""
        self.sure = max(self.sure, sure, key=_SURE.index)


@dataclass(frozen=True)
class Estimate:
    """All streams, and what estimating them took in tokens."""

    streams: tuple[StreamEstimate, ...]
    spent: int
    tokens_left: int | None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        names = ("requests", "tokens", "unchanged_requests", "unchanged_tokens")
        total = {name: sum(getattr(each, name) for each in self.streams) for name in names}
        return {
            "streams": {each.stream: {key: value for key, value in asdict(each).items() if key != "stream"}
                        for each in self.streams},
            "total": total | {"sure": max((each.sure for each in self.streams), key=_SURE.index, default=EXACT)},
            "spent": self.spent,
            "tokens_left": self.tokens_left,
        }  # fmt: skip

    def table(self) -> str:
        """For people."""
        rows: list[tuple[str, ...]] = [("STREAM", "ROWS", "REQUESTS", "TOKENS", "UNCHANGED SYNC", "")]
        for each in self.streams:
            count = "?" if each.rows is None else f"{each.rows:,}"
            rows.append((each.stream, count, f"{each.requests:,}", f"{each.tokens:,}", f"{each.unchanged_tokens:,}",
                         each.sure))  # fmt: skip
        total = self.as_json()["total"]
        rows.append(("in all", "", *(f"{total[key]:,}" for key in ("requests", "tokens", "unchanged_tokens")),
                     total["sure"]))  # fmt: skip
        left = "" if self.tokens_left is None else f" {self.tokens_left:,} are left in today's pool."
        return f"{aligned(rows)}\n\n{_WORDS}\nThe estimate took {self.spent} tokens.{left}\n"
