"""Limits: the burst windows, the daily token pool, and the meter that every request passes.

Source of every number: https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from airbyte_cdk.sources.streams.call_rate import APIBudget

from pipedrive_client import clock
from pipedrive_client.endpoints import SEARCH_CALLS_PER_WINDOW, endpoint_of_url
from pipedrive_client.errors import BudgetExhausted, Stop, daily_budget_message

#: Length of the rolling burst window in seconds.
WINDOW_SECONDS = 2.0
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
#: Charged for an operation that no endpoint row describes: the price of a v1 list.
UNKNOWN_COST = 20

TOKENS_LEFT_HEADER = "x-daily-ratelimit-token-remaining"
TOKENS_LIMIT_HEADER = "x-daily-ratelimit-token-limit"


@dataclass
class Usage:
    """What one stream or object spent."""

    requests: int = 0
    tokens: int = 0


class MovingWindow:
    """At most ``limit`` calls in any ``WINDOW_SECONDS``; ``pause`` keeps everybody waiting for a while."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._calls: deque[float] = deque()
        self._resume_at = 0.0
        self._lock = threading.Lock()

    def pause(self, seconds: float) -> None:
        """Let no call start for ``seconds``."""
        with self._lock:
            self._resume_at = max(self._resume_at, clock.monotonic() + seconds)

    def acquire(self) -> None:
        """Wait until one more call fits, then count it."""
        while (wait := self._try()) > 0:
            clock.sleep(wait)

    def _try(self) -> float:
        with self._lock:
            now = clock.monotonic()
            if now < self._resume_at:
                return self._resume_at - now
            while self._calls and now - self._calls[0] >= WINDOW_SECONDS:
                self._calls.popleft()
            if len(self._calls) < self.limit:
                self._calls.append(now)
                return 0.0
            return self._calls[0] + WINDOW_SECONDS - now


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

    def add(self, label: str, tokens: int) -> None:
        """Count one request that cost ``tokens``."""
        for usage in (self.total, self.by_label.setdefault(label, Usage())):
            usage.requests += 1
            usage.tokens += tokens


class PipedriveBudget(APIBudget):
    """The API budget handed to the CDK's HTTP session: windows, daily pool, own budget, reserve, meter."""

    def __init__(self, limits: Limits, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(policies=[])
        self.limits = limits
        self.meter = Meter()
        self.tokens_left: int | None = None
        self._tokens_limit: int | None = None
        self._spent = 0
        self._in_flight = 0
        self._stopped: Stop | None = None
        self._now = now
        self._lock = threading.Lock()
        self._settled = threading.Condition(self._lock)
        self._is_answered = False
        self._window = MovingWindow(limits.burst)
        self._search_window = MovingWindow(SEARCH_CALLS_PER_WINDOW)

    # the CDK's interface

    def acquire_call(self, request: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002
        """Wait for the burst window, then charge the request. Raises Stop when no request may start."""
        if self._stopped:
            raise self._stopped
        if _is_search(request):
            self._search_window.acquire()
        self._window.acquire()
        self._charge(_cost(request))

    def update_from_response(self, request: Any, response: Any) -> None:
        """Learn the window's size, the calls left in it and the tokens left today from the answer's headers."""
        headers = response.headers
        with self._settled:
            self._in_flight -= _cost(request)
            self._is_answered = True
            self._settled.notify_all()
            self._learn_tokens_left(_number(headers.get(TOKENS_LEFT_HEADER), None))
            self._tokens_limit = _number(headers.get(TOKENS_LIMIT_HEADER), self._tokens_limit)
        if self.limits.plan == "auto" and not _is_search(request):
            told = _number(headers.get("x-ratelimit-limit"), None) or 0
            self._window.limit = told if told > 0 else self._window.limit

    # ours

    def _learn_tokens_left(self, told: int | None) -> None:
        """Take what an answer says, unless it was overtaken by an answer that knew of more requests."""
        known = self.tokens_left
        if told is not None and (known is None or not known < told <= known + MOST_IN_FLIGHT):
            self.tokens_left = told

    def not_answered(self, cost: int) -> None:
        """A request ended without an answer; it is no longer in flight."""
        with self._settled:
            self._in_flight -= cost
            self._settled.notify_all()

    def count(self, label: str, cost: int, charged: bool) -> None:
        """Meter one finished request; a refused or unsent one (``charged`` False) gives its tokens back."""
        with self._lock:
            self.meter.add(label, cost if charged else 0)
            self._spent -= 0 if charged else cost

    def pause(self, seconds: float) -> None:
        """Keep every request waiting: a burst limit was hit."""
        self._window.pause(seconds)

    def stop(self, error: Stop) -> Stop:
        """Let no further request start in this run; the first reason stays."""
        with self._lock:
            self._stopped = self._stopped or error
            return self._stopped

    @property
    def stopped(self) -> Stop | None:
        """Why no request may start any more, or None."""
        return self._stopped

    def is_day_over(self, cost: int, headers: Any) -> bool:
        """True when a 429 for a request of ``cost`` tokens means an empty daily pool, not a full burst window."""
        left = _number(headers.get(TOKENS_LEFT_HEADER), None)
        return left is not None and left < cost

    def day_over(self, detail: str = "") -> Stop:
        """The error of an exhausted daily pool; stops the run."""
        pool = f" of {self._tokens_limit}" if self._tokens_limit else ""
        detail = detail or f"the account's daily API tokens are used up ({self.tokens_left or 0}{pool} left)."
        return self.stop(BudgetExhausted(daily_budget_message(detail, self._come_back()), status=429))

    def _come_back(self) -> str:
        # Pipedrive documents midnight without naming its timezone, so only the latest moment is certain.
        latest = (self._now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M UTC")
        return f"Come back after midnight of Pipedrive's server (at the latest {latest}), or buy more tokens."

    def _charge(self, cost: int) -> None:
        with self._settled:
            while self._knows_too_little():
                if not self._settled.wait(FIRST_ANSWER_SECONDS):
                    self._is_answered = True
            error = self._stopped or self._shortage(cost)
            if error is None:
                self._spent += cost
                self._in_flight += cost
                return
            self._stopped = error
        raise error

    def _knows_too_little(self) -> bool:
        # How many tokens are left is known from the first answer on; until then a reserve allows one request.
        return bool(self.limits.daily_token_reserve and not self._is_answered and self._in_flight)

    def _shortage(self, cost: int) -> Stop | None:
        budget = self.limits.token_budget
        if budget is not None and self._spent + cost > budget:
            detail = (
                f"`token_budget` allows {budget} tokens a run, {self._spent} are spent, the next request costs {cost}."
            )
            back = "Start the next run when you like, or raise `token_budget`."
            return BudgetExhausted(daily_budget_message(detail, back))
        reserve = self.limits.daily_token_reserve
        if self.tokens_left is None or self.tokens_left - self._in_flight - cost >= reserve:
            return None
        free = self.tokens_left - self._in_flight
        detail = f"{free} of the account's daily API tokens are left and the next request costs {cost}."
        if reserve:
            detail += f" `daily_token_reserve` keeps {reserve} of them for other integrations."
        return BudgetExhausted(daily_budget_message(detail, self._come_back()), status=429)


def _cost(request: Any) -> int:
    row = endpoint_of_url(request.method, request.path_url)
    return row.cost if row else UNKNOWN_COST


def _is_search(request: Any) -> bool:
    row = endpoint_of_url(request.method, request.path_url)
    return bool(row and row.is_search)


def _number(text: str | None, default: int | None) -> int | None:
    try:
        return int(float(text)) if text is not None else default
    except (ValueError, OverflowError):
        return default
