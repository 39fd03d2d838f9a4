"""Daily tokens, burst windows and their headers.

Source: https://pipedrive.readme.io/docs/core-api-concepts-rate-limiting.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from pipedrive_sandbox.limits.auth import Caller
from pipedrive_sandbox.limits.settings import PLANS, Settings
from pipedrive_sandbox.messages import CLOUDFLARE_PAGE, SHORT_HELP, Refusal, html_response, refuse

WINDOW_SECONDS = 2.0
DAY_SECONDS = 86_400
TOKENS_A_SEAT = 30_000
PLAN_FACTOR = dict(zip(PLANS, (1, 2, 5, 7), strict=True))
API_TOKEN_BURST = dict(zip(PLANS, (20, 40, 100, 120), strict=True))
OAUTH_BURST = dict(zip(PLANS, (80, 160, 400, 480), strict=True))
SEARCH_BURST = 10
#: After so long without a call the daily headers may be missing for some.
PAUSE_SECONDS = 60.0


@dataclass
class Budget:
    """What was spent. `ignored` counts the refusals in a row that the caller went on after."""

    tokens: int = 0
    requests: int = 0
    today: int = 0
    day: int = 0
    ignored: int = 0
    last_call: float = 0.0
    since_pause: int = 0
    windows: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def clear(self) -> None:
        """Start anew, with full pools."""
        self.tokens = self.requests = self.today = self.ignored = 0
        self.windows.clear()


def daily_limit(settings: Settings) -> int:
    """Tokens of the whole account a day."""
    if settings.daily_limit is not None:
        return settings.daily_limit
    return TOKENS_A_SEAT * PLAN_FACTOR[settings.plan] * settings.seats


def burst_limit(settings: Settings, caller: Caller) -> int:
    """Requests a token may send in two seconds."""
    return (OAUTH_BURST if caller.kind == "oauth" else API_TOKEN_BURST)[settings.plan]


def charge(budget: Budget, settings: Settings, now: float, caller: Caller, cost: int, is_search: bool) -> None:
    """Take the tokens of one call. Raises 429, or 403 HTML after too many ignored 429s."""
    _start_day(budget, now)
    is_burst = _exceeds_burst(budget, settings, now, caller, is_search)
    if is_burst or budget.today + cost > daily_limit(settings):
        raise _too_many(budget, settings, caller, is_burst)
    budget.since_pause = 1 if now - budget.last_call > PAUSE_SECONDS else budget.since_pause + 1
    budget.last_call = now
    budget.ignored = 0
    budget.tokens += cost
    budget.today += cost
    budget.requests += 1


def rate_headers(budget: Budget, settings: Settings, now: float, caller: Caller) -> dict[str, str]:
    """Headers that tell what is left; a reset is in relative seconds."""
    headers = {}
    if settings.burst_headers:
        window, limit = _window(budget, now, caller.token), burst_limit(settings, caller)
        reset = max(window[0] + WINDOW_SECONDS - now, 0.0) if window else WINDOW_SECONDS
        headers["x-ratelimit-limit"] = str(limit)
        headers["x-ratelimit-remaining"] = str(max(limit - len(window), 0))
        headers["x-ratelimit-reset"] = str(math.ceil(reset))
    if settings.daily_headers and budget.since_pause > settings.daily_headers_late:
        limit = daily_limit(settings)
        headers["x-daily-ratelimit-token-limit"] = str(limit)
        headers["x-daily-ratelimit-token-remaining"] = str(max(limit - budget.today, 0))
    return headers


def _start_day(budget: Budget, now: float) -> None:
    day = int(now // DAY_SECONDS)
    if day != budget.day:
        budget.day, budget.today = day, 0


def _window(budget: Budget, now: float, name: str) -> deque[float]:
    window = budget.windows[name]
    while window and window[0] <= now - WINDOW_SECONDS:
        window.popleft()
    return window


def _exceeds_burst(budget: Budget, settings: Settings, now: float, caller: Caller, is_search: bool) -> bool:
    limits = [(caller.token, burst_limit(settings, caller))]
    if is_search:
        limits.append((caller.token + " search", SEARCH_BURST))
    windows = [(_window(budget, now, name), limit) for name, limit in limits]
    if settings.burst and any(len(window) >= limit for window, limit in windows):
        return True
    for window, _ in windows:
        window.append(now)
    return False


def _too_many(budget: Budget, settings: Settings, caller: Caller, is_burst: bool) -> Refusal:
    budget.ignored += 1
    after = settings.abuse_after
    if after is not None and caller.kind == "api_token" and budget.ignored > after:
        return Refusal(html_response(CLOUDFLARE_PAGE, 403))
    if not is_burst:
        budget.today = daily_limit(settings)
    body = {"success": False, "error": "request over limit", "errorCode": 429, "error_info": SHORT_HELP}
    wait = {} if settings.retry_after is None else {"retry-after": str(settings.retry_after)}
    return refuse(429, body, wait)
