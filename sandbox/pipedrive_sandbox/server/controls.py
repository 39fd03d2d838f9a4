"""What a test or demo may do to a sandbox besides calling its API."""

import functools
import pickle
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from pipedrive_sandbox.limits.budget import daily_limit
from pipedrive_sandbox.limits.faults import Fault
from pipedrive_sandbox.limits.settings import Settings
from pipedrive_sandbox.model.registry import blank_row
from pipedrive_sandbox.seeds.account import add_account
from pipedrive_sandbox.seeds.seed import seed_rows
from pipedrive_sandbox.store.collection import Row, RowId
from pipedrive_sandbox.store.state import State


def _new_state(rows: tuple[int, float] | None, counts: Mapping[str, int]) -> State:
    state = State(Settings())
    add_account(state)
    if rows is not None:
        seed_rows(state, *rows, counts)
    return state


@functools.lru_cache(maxsize=8)
def example(rows: tuple[int, float] | None) -> bytes:
    """An account as it starts, packed: to unpack one takes an eighth of the time that its rows take."""
    return pickle.dumps(_new_state(rows, {}), pickle.HIGHEST_PROTOCOL)


class Controls:
    """A Pipedrive account in memory. Without `seed`, `scale` and counts it holds only what a new account has.

    `settings` are switches of `Settings` by name. Every method may be called from any thread.
    """

    def __init__(
        self,
        *,
        seed: int | None = None,
        scale: float | None = None,
        settings: Mapping[str, Any] | None = None,
        **counts: int,
    ) -> None:
        self._lock = threading.RLock()
        self._first_settings = Settings().changed(settings or {})
        self.reset(seed=seed, scale=scale, **counts)

    def reset(self, *, seed: int | None = None, scale: float | None = None, **counts: int) -> None:
        """Forget everything, settings, clock, faults and meter included; then seed when anything is given."""
        is_seeded = seed is not None or scale is not None or counts
        rows = (1 if seed is None else seed, 1 if scale is None else scale) if is_seeded else None
        with self._lock:
            if counts:
                self.state = _new_state(rows, counts)
            else:
                self.state = pickle.loads(example(rows))
            self.state.settings = self._first_settings

    def seed(self, *, seed: int = 1, scale: float = 1, **counts: int) -> None:
        """Add example rows: `scale` 1 is about 100 deals; exact counts such as `deals=10_000` win over it."""
        with self._lock:
            seed_rows(self.state, seed, scale, counts)

    @property
    def settings(self) -> Settings:
        """The switches in force."""
        return self.state.settings

    def change_settings(self, **changes: Any) -> Settings:
        """Change some switches. Raises ValueError for unknown ones."""
        with self._lock:
            self.state.settings = self.state.settings.changed(changes)
            return self.state.settings

    def now(self) -> str:
        """The sandbox's time, `YYYY-MM-DDTHH:MM:SSZ`."""
        return self.state.clock.text()

    def advance(self, seconds: float) -> str:
        """Move the clock; returns the new time."""
        self.state.clock.advance(seconds)
        return self.now()

    def set_clock(self, moment: str, freeze: bool = False) -> str:
        """Set the clock to an RFC 3339 moment, standing still with `freeze`; returns the new time."""
        self.state.clock.set(moment, freeze)
        return self.now()

    def log_in(self, user_id: int) -> None:
        """A user signs in to Pipedrive: `last_login` moves, and `modified` with it."""
        with self._lock:
            now = self.now()
            self._put_row("users", {"id": user_id, "last_login": now, "modified": now})

    def set_faults(self, *rules: Mapping[str, Any] | Fault) -> None:
        """Replace the fault rules; none clears them."""
        with self._lock:
            self.state.faults.set(rules)

    def requests(self) -> list[dict[str, Any]]:
        """Log of API calls: method, path, query, body, status, tokens, auth, fault, time."""
        with self._lock:
            return list(self.state.log)

    def clear_requests(self) -> None:
        """Forget the log and what was spent, today's tokens included."""
        with self._lock:
            self.state.log.clear()
            self.state.budget.clear()

    def meter(self) -> dict[str, int]:
        """Tokens and requests spent since the start, and today's tokens against the daily limit."""
        budget, limit = self.state.budget, daily_limit(self.state.settings)
        spent = {"tokens": budget.tokens, "requests": budget.requests, "today": budget.today}
        return {**spent, "daily_limit": limit, "remaining": max(limit - budget.today, 0)}

    def rows(self, resource: str) -> list[Row]:
        """Copies of all stored rows of a collection in order of id, deleted, archived and hidden ones included."""
        with self._lock:
            collection = self.state.store[resource]
            return [dict(collection.rows[key[2]]) for key in collection.view("id")]

    def put_rows(self, resource: str, rows: Iterable[Row]) -> list[Row]:
        """Store rows as given: known ids are changed, others added over a blank row; `invisible` hides one."""
        with self._lock:
            return [self._put_row(resource, row) for row in rows]

    def purge(self, resource: str, row_id: RowId) -> bool:
        """Remove a row without a trace; False when there is none."""
        with self._lock:
            return self.state.store[resource].remove(row_id)

    def _put_row(self, resource: str, row: Row) -> Row:
        collection = self.state.store[resource]
        row_id = row["id"] if "id" in row else collection.next_id()
        before = collection.rows.get(row_id, blank_row(resource))
        return self.state.put(resource, {**before, **row, "id": row_id})
