"""Everything that a sandbox remembers between two calls."""

from __future__ import annotations

from collections import deque
from typing import Any

from pipedrive_sandbox.limits.auth import AccessTokens
from pipedrive_sandbox.limits.budget import Budget
from pipedrive_sandbox.limits.faults import Faults
from pipedrive_sandbox.limits.settings import Settings
from pipedrive_sandbox.store.clock import Clock
from pipedrive_sandbox.store.collection import Row, Store

LOG_LENGTH = 200_000


class State:
    """Rows, settings, clock, spent tokens, OAuth tokens, faults and the request log."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = Store()
        self.clock = Clock()
        self.budget = Budget()
        self.access_tokens = AccessTokens()
        self.faults = Faults()
        self.search_texts: dict[str, dict[Any, Any]] = {}
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)

    def put(self, collection: str, row: Row) -> Row:
        """Store a row and remember when, for a search index that lags."""
        return self.store[collection].put(row, self.clock.now())
