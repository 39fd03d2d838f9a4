"""Daily tokens, burst windows and their headers."""

from __future__ import annotations

import pytest

from pipedrive_sandbox import Request, Sandbox

from .conftest import Api


def limited(**settings: object) -> Api:
    """An empty account with a burst limit and a clock that stands still."""
    sandbox = Sandbox(settings={"burst": True, **settings})
    sandbox.set_clock("2026-11-24T10:00:00Z", freeze=True)
    return Api(sandbox)


@pytest.mark.parametrize(
    ("method", "path", "cost"),
    [
        ("GET", "/api/v2/deals", 10),
        ("GET", "/api/v2/deals/archived", 20),
        ("GET", "/api/v2/stages", 5),
        ("GET", "/api/v2/deals/search", 20),
        ("GET", "/v1/leads", 20),
        ("GET", "/v1/users/me", 2),
        ("POST", "/api/v2/deals", 5),
    ],
)
def test_cost(api: Api, method: str, path: str, cost: int) -> None:
    """Every call costs what its operation costs, a refused one too."""
    api.call(method, path)

    assert api.sandbox.meter()["tokens"] == cost
    assert api.sandbox.requests()[-1]["tokens"] == cost


def test_daily_headers(api: Api) -> None:
    """The daily pool is told in headers, which may be switched off."""
    headers = api.get("/api/v2/deals").headers
    assert headers["x-daily-ratelimit-token-limit"] == "1050000"
    assert headers["x-daily-ratelimit-token-remaining"] == "1049990"

    api.sandbox.change_settings(daily_headers=False)
    assert not any(name.startswith("x-daily") for name in api.get("/api/v2/deals").headers)


def test_empty_pool_refuses_until_midnight(api: Api) -> None:
    """An empty pool answers 429 with nothing left, and is full on the next day."""
    api.sandbox.change_settings(daily_limit=15)
    assert api.get("/api/v2/deals").status == 200

    response = api.get("/api/v2/deals")
    assert (response.status, response.headers["x-daily-ratelimit-token-remaining"]) == (429, "0")
    assert api.get("/api/v2/deals/1").status == 429

    api.sandbox.advance(86_400)
    assert api.get("/api/v2/deals").status == 200


def test_refused_call_costs_nothing(api: Api) -> None:
    """A 429 takes no tokens."""
    api.sandbox.change_settings(daily_limit=5)
    api.get("/api/v2/deals")

    assert api.sandbox.meter()["tokens"] == 0


@pytest.mark.parametrize(("plan", "limit"), [("lite", 20), ("growth", 40), ("premium", 100), ("ultimate", 120)])
def test_burst_window_by_plan(plan: str, limit: int) -> None:
    """The plan says how many requests two seconds hold."""
    api = limited(plan=plan)
    statuses = [api.get("/v1/users/me").status for _ in range(limit + 1)]

    assert statuses == [200] * limit + [429]


def test_burst_headers_and_recovery() -> None:
    """Headers tell the window; it rolls on with the clock."""
    api = limited(plan="lite", retry_after=3)
    for _ in range(20):
        api.get("/v1/users/me")
    response = api.get("/v1/users/me")

    assert response.headers["x-ratelimit-limit"] == "20"
    assert response.headers["x-ratelimit-remaining"] == "0"
    assert response.headers["x-ratelimit-reset"] == "2"
    assert response.headers["retry-after"] == "3"
    assert int(response.headers["x-daily-ratelimit-token-remaining"]) > 0
    api.sandbox.advance(2.1)
    assert api.get("/v1/users/me").status == 200


def test_oauth_has_a_larger_window() -> None:
    """An access token may send four times as many."""
    api = limited(plan="lite")
    token = api.sandbox.state.access_tokens.issue(api.sandbox.state.clock.now(), 60)
    request = Request("GET", "/v1/users/me", (), {"authorization": f"Bearer {token}"})

    assert [api.sandbox.handle(request).status for _ in range(81)] == [200] * 80 + [429]


def test_search_window_is_10() -> None:
    """Searches have a window of their own on every plan."""
    api = limited(plan="ultimate")
    statuses = [api.get("/api/v2/persons/search", term="ann").status for _ in range(11)]

    assert statuses == [200] * 10 + [429]
    assert api.get("/v1/users/me").status == 200


def test_ignoring_429_leads_to_html_403() -> None:
    """Who goes on through many 429s gets the gateway's page."""
    api = limited(plan="lite", abuse_after=30)
    responses = [api.get("/v1/users/me") for _ in range(20 + 30 + 1)]

    assert responses[-2].status == 429
    assert responses[-1].status == 403
    assert responses[-1].body.startswith(b"<!DOCTYPE html>")


def test_abuse_page_can_be_switched_off() -> None:
    """Without the switch it stays at 429."""
    api = limited(plan="lite", abuse_after=None)

    assert [api.get("/v1/users/me") for _ in range(60)][-1].status == 429


def test_burst_is_off_by_default(api: Api) -> None:
    """In Python no burst limit holds until switched on."""
    assert {api.get("/v1/users/me").status for _ in range(300)} == {200}
