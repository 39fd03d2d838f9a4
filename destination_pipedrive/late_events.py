"""Events that moved no deal because its stage changed after them: counted, and told once at the end of a run."""

import threading
from collections import Counter
from typing import Any

#: How many deals are named one by one.
MOST_NAMED = 10


class LateEvents:
    """The late events of one stream by deal. Safe to share between threads."""

    def __init__(self) -> None:
        self._by_deal: Counter[Any] = Counter()
        self._lock = threading.Lock()

    def add(self, deal_id: Any) -> None:
        """Count one event of a deal."""
        with self._lock:
            self._by_deal[deal_id] += 1

    def sentence(self, where: str) -> str:
        """How many there were, and of which deals; empty without any."""
        count, deals = self._by_deal.total(), sorted(self._by_deal, key=str)
        if not count:
            return ""
        named = ", ".join(map(str, deals[:MOST_NAMED])) + (", …" if deals[MOST_NAMED:] else "")
        noun = "event is" if count == 1 else "events are"
        return (
            f"`{where}/actions`: {count} {noun} not newer than the last stage change of the deal, and moved nothing "
            f"(deals: {named}). Either they were applied by an earlier run, or they came late."
        )
