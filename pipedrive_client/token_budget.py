"""Limits: the burst windows, the daily token pool, and the meter that every request passes.

Source of every number: https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from pipedrive_client import clock, headers
from pipedrive_client.endpoints import SEARCH_CALLS_PER_WINDOW, Endpoint
from pipedrive_client.errors import BudgetExhausted, RunStopped, daily_budget_message, own_limit_message
from pipedrive_client.rate_limit import MovingWindow, Pacing, Place, RoundTrips

#: Longest that requests wait for the first answer of a run under a reserve, in seconds.
FIRST_ANSWER_SECONDS = 150.0
#: Calls per window by plan, for an API token and for an OAuth app.
BURST_LIMITS = {
    "lite": (20, 80),
    "growth": (40, 160),
    "premium": (100, 400),
    "ultimate": (120, 480),
}
#: Most tokens that requests under way at the same time may cost: 20 of the dearest ones. A pool that is told to be
#: larger by less is old news; by more, it was filled again.
MOST_IN_FLIGHT = 20 * 80
#: More calls in a window, and more tokens, than any account can have: a header that says so is damaged.
MOST_CALLS, MOST_TOKENS = 10 * 480, 10**12

TOKENS_LEFT_HEADER = "x-daily-ratelimit-token-remaining"
TOKENS_LIMIT_HEADER = "x-daily-ratelimit-token-limit"


@dataclass
class Usage:
    """What one stream or object spent."""

    requests: int = 0
    tokens: int = 0


@dataclass
class Limits:
    """What the user set: ``plan``, ``token_budget`` (tokens), ``daily_token_reserve`` (tokens)."""

    plan: str = "auto"
    token_budget: int | None = None
    daily_token_reserve: int = 0
    oauth: bool = False

    @property
    def burst(self) -> int:
        """Calls per window to start with; `auto` starts at the lowest plan."""
        return BURST_LIMITS["lite" if self.plan == "auto" else self.plan][int(self.oauth)]


@dataclass
class Meter:
    """Requests and tokens, in total and by label (stream or object name)."""

    total: Usage = field(default_factory=Usage)
    by_label: dict[str, Usage] = field(default_factory=dict)


@dataclass(eq=False)
class Flight:
    """A request between its start and its end, and its places in the windows."""

    row: Endpoint
    places: list[Place] = field(default_factory=list)


class PipedriveBudget:
    """Windows, daily pool, own budget, reserve and meter of one account. Safe to share between threads."""

    def __init__(self, limits: Limits, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.limits = limits
        self.meter = Meter()
        self.pacing = Pacing()
        self.tokens_left: int | None = None
        self.tokens_limit: int | None = None
        self._spent = 0
        self._in_flight = 0
        self._stopped: RunStopped | None = None
        self._is_over = threading.Event()
        self._now = now
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._is_answered = False
        self._window = MovingWindow(limits.burst)
        self._search_window = MovingWindow(SEARCH_CALLS_PER_WINDOW)
        self._trips = RoundTrips()

    def acquire(self, row: Endpoint) -> Flight:
        """Wait for the burst window, then charge a request; ``answered`` or ``not_answered`` ends it.

        Raises RunStopped when no request may start.
        """
        if self._stopped:
            self.check()
        flight = Flight(row)
        windows = (self._search_window, self._window) if row.is_search else (self._window,)
        try:
            for window in windows:
                found = window.take()
                flight.places.append(self._wait_for(window, found) if isinstance(found, float) else found)
            self._charge(row.cost)
        except RunStopped:
            self._leave(flight, was_sent=False)
            raise
        if len(windows) > 1 or self.limits.daily_token_reserve:
            # Something may have been waited for since the first place was free.
            for place in flight.places:
                place.sent = clock.monotonic()
        return flight

    def answered(self, flight: Flight, told: Mapping[str, str]) -> None:
        """Learn the window's size and the tokens left today from the headers of an answer."""
        self._leave(flight, was_sent=True)
        with self._settled:
            self._in_flight -= flight.row.cost
            self._is_answered = True
            self._settled.notify_all()
            # An answer may be overtaken by another one that knew of more requests.
            left, known = _number(told.get(TOKENS_LEFT_HEADER)), self.tokens_left
            if left is not None and (known is None or not known < left <= known + MOST_IN_FLIGHT):
                self.tokens_left = left
            limit = _number(told.get(TOKENS_LIMIT_HEADER))
            self.tokens_limit = self.tokens_limit if limit is None else limit
        if self.limits.plan == "auto" and not flight.row.is_search:
            calls = _number(told.get("x-ratelimit-limit")) or 0
            self._window.limit = calls if 0 < calls <= MOST_CALLS else self._window.limit

    def not_answered(self, flight: Flight, was_sent: bool) -> None:
        """The request ended without an answer; ``was_sent``: it may have arrived."""
        self._leave(flight, was_sent)
        with self._settled:
            self._in_flight -= flight.row.cost
            self._settled.notify_all()

    def check(self) -> None:
        """Raises RunStopped once no request may start any more."""
        if self._stopped:
            raise self._stopped.again()

    def affordable(self) -> int | None:
        """Tokens that this run may still spend, without those of requests under way; None as long as nobody knows."""
        with self._lock:
            budget, left = self.limits.token_budget, self.tokens_left
            own = [] if budget is None else [budget - self._spent]
            pool = [] if left is None else [left - self._in_flight - self.limits.daily_token_reserve]
            return max(0, min(own + pool)) if own or pool else None

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the end of the run."""
        clock.sleep(seconds, self._is_over)

    def count(self, label: str, cost: int, charged: bool) -> None:
        """Meter one finished request; a refused or unsent one (``charged`` False) gives its tokens back."""
        with self._lock:
            for usage in (self.meter.total, self.meter.by_label.setdefault(label, Usage())):
                usage.requests += 1
                usage.tokens += cost if charged else 0
            self._spent -= 0 if charged else cost

    def pause(self, seconds: float) -> None:
        """Keep every request waiting: a burst limit was hit."""
        self.pacing.refuse()
        self._window.pause(seconds)

    def stop(self, error: RunStopped) -> RunStopped:
        """Let no further request start in this run; answers the first reason, as an exception to be raised."""
        with self._settled:
            self._stopped = self._stopped or error.again()
            self._is_over.set()
            self._settled.notify_all()
            return self._stopped.again()

    @property
    def stopped(self) -> RunStopped | None:
        """Why no request may start any more, or None. To be raised through ``check``, never itself."""
        return self._stopped

    def is_day_over(self, cost: int, told: Any) -> bool:
        """True when the headers of a 429 for a request of ``cost`` tokens tell an empty daily pool."""
        left = _number(told.get(TOKENS_LEFT_HEADER))
        return left is not None and left < cost

    def day_over(self, detail: str = "") -> RunStopped:
        """The error of an exhausted daily pool; stops the run."""
        return self.stop(self._exhausted(detail or self._used_up()))

    def _exhausted(self, detail: str) -> BudgetExhausted:
        return BudgetExhausted(daily_budget_message(detail, self._come_back()), status=429)

    def _used_up(self) -> str:
        pool = f" of {self.tokens_limit}" if self.tokens_limit else ""
        return f"the account's daily API tokens are used up ({self.tokens_left or 0}{pool} left)."

    def _come_back(self) -> str:
        # Pipedrive documents midnight without naming its timezone, so only the latest moment is certain.
        latest = (self._now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M UTC")
        return f"Try again after midnight, Pipedrive's time (at the latest {latest}), or buy more tokens."

    # windows

    def _wait_for(self, window: MovingWindow, found: Place | float) -> Place:
        waited = 0.0
        while isinstance(found, float):
            self.sleep(found)
            waited += found
            self.check()
            found = window.take()
        self.pacing.add(waited)
        return found

    def _leave(self, flight: Flight, was_sent: bool) -> None:
        now = clock.monotonic()
        for place in flight.places:
            if was_sent:
                place.answered(now, self._trips.note(flight.row, now - place.sent))
            else:
                place.never_sent()

    # tokens

    def _charge(self, cost: int) -> None:
        with self._settled:
            while self.limits.daily_token_reserve and self._knows_too_little():
                if not self._settled.wait(FIRST_ANSWER_SECONDS):
                    self._is_answered = True
            error = None if self._stopped else self._shortage(cost)
            if not self._stopped and error is None:
                self._spent += cost
                self._in_flight += cost
                return
        if error:
            self.stop(error)
        self.check()

    def _knows_too_little(self) -> bool:
        # How many tokens are left is known from the first answer on; until then a reserve allows one request.
        return bool(self._in_flight and not self._is_answered and not self._stopped)

    def _shortage(self, cost: int) -> RunStopped | None:
        budget, reserve = self.limits.token_budget, self.limits.daily_token_reserve
        if budget is not None and self._spent + cost > budget:
            detail = f"`token_budget` allows {budget} tokens per run, {self._spent} are spent"
            return _own_limit(detail, cost, "Start the next run when you like, or raise `token_budget`.")
        if self.tokens_left is None or self.tokens_left - self._in_flight - cost >= reserve:
            return None
        free = self.tokens_left - self._in_flight
        left = f"{free} of the account's daily API tokens are left"
        if free < cost:
            return self._exhausted(f"{left} and the next request costs {cost}.")
        keeps = f"`daily_token_reserve` keeps {reserve} of them for other integrations"
        return _own_limit(f"{left}, {keeps}", cost, self._come_back())


def _own_limit(detail: str, cost: int, back: str) -> RunStopped:
    return BudgetExhausted(own_limit_message(f"{detail}, and the next request costs {cost}.", back))


@lru_cache(headers.REMEMBERED)
def _number(text: str | None) -> int | None:
    """A header that holds a count; None for one that is absent or holds something else."""
    found = headers.number(text)
    return None if found is None or found > MOST_TOKENS else max(int(found), 0)
