"""Windows, daily pool, own budget, reserve, meter."""

from __future__ import annotations

import threading
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import requests_mock

from pipedrive_client import clock
from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import Endpoint, endpoint
from pipedrive_client.errors import BudgetExhausted, OutcomeUnknown, PipedriveError
from pipedrive_client.token_budget import Limits, PipedriveBudget
from pipedrive_sandbox import Sandbox

from .conftest import DEAL, DEALS, Compared, FakeClock, answer, headers, new_client, outcomes, sandbox_client

LIST = endpoint("GET", "api/v2/deals")
SEARCH = endpoint("GET", "api/v2/persons/search")


def new_budget(**limits: Any) -> PipedriveBudget:
    """A budget whose day is the 24th of November 2026."""
    return PipedriveBudget(Limits(**limits), now=lambda: datetime(2026, 11, 24, 10, tzinfo=UTC))


def calls_without_wait(budget: PipedriveBudget, row: Endpoint, fake_clock: FakeClock) -> int:
    """How many calls start before one has to wait."""
    count = 0
    while not fake_clock.sleeps:
        budget.acquire(row)
        count += 1
    return count - 1


@pytest.mark.parametrize(
    ("plan", "oauth", "limit"),
    [
        ("auto", False, 20),
        ("lite", False, 20),
        ("growth", False, 40),
        ("premium", False, 100),
        ("ultimate", False, 120),
        ("auto", True, 80),
        ("lite", True, 80),
        ("growth", True, 160),
        ("premium", True, 400),
        ("ultimate", True, 480),
    ],
)
def test_plan_limits(fake_clock: FakeClock, plan: str, oauth: bool, limit: int) -> None:
    """Each plan has its window, an OAuth app four times that of a token."""
    assert calls_without_wait(new_budget(plan=plan, oauth=oauth), LIST, fake_clock) == limit


@pytest.mark.parametrize(
    ("plan", "told", "limit"),
    [
        pytest.param("auto", 100, 100, id="auto goes up"),
        pytest.param("auto", 7, 7, id="auto goes down"),
        pytest.param("auto", 0, 20, id="zero is no limit"),
        pytest.param("auto", -3, 20, id="negative is no limit"),
        pytest.param("auto", "many", 20, id="no number"),
        pytest.param("auto", "inf", 20, id="endless is no number"),
        pytest.param("auto", "nan", 20, id="not a number"),
        pytest.param("auto", "1e15", 20, id="more than anybody has"),
        pytest.param("growth", 100, 40, id="a named plan stays"),
    ],
)
def test_auto_follows_the_header(fake_clock: FakeClock, plan: str, told: object, limit: int) -> None:
    """The plan `auto` takes the window's size from the answers."""
    budget = new_budget(plan=plan)
    budget.answered(budget.acquire(LIST), headers(x_ratelimit_limit=told))
    fake_clock.now += 10

    assert calls_without_wait(budget, LIST, fake_clock) == limit


def test_a_plan_that_changes_in_mid_run(fake_clock: FakeClock) -> None:
    """The window shrinks and grows with the answers, and the pool falls and is filled again, while calls go on."""
    budget = new_budget()
    for told, pool in ((120, 90_000), (20, 1_000), (100, 30_000), (40, 30_000)):
        answer_headers = headers(x_ratelimit_limit=told, x_daily_ratelimit_token_remaining=pool)
        budget.answered(budget.acquire(LIST), answer_headers)
        fake_clock.now += 10
        calls, before = 0, len(fake_clock.sleeps)
        while len(fake_clock.sleeps) == before:
            budget.answered(budget.acquire(LIST), answer_headers)
            calls += 1
        fake_clock.now += 10

        assert calls - 1 == told
        assert budget.tokens_left == pool


def test_search_window(fake_clock: FakeClock) -> None:
    """Searches have a window of ten of their own."""
    assert calls_without_wait(new_budget(plan="ultimate"), SEARCH, fake_clock) == 10


def test_search_window_leaves_others_alone(fake_clock: FakeClock) -> None:
    """A full search window does not hold back a list."""
    budget = new_budget(plan="ultimate")
    for _ in range(10):
        budget.acquire(SEARCH)
    budget.acquire(LIST)

    assert fake_clock.sleeps == []


def test_search_header_is_not_the_plan(fake_clock: FakeClock) -> None:
    """The window that a search answer tells is not taken for the account's."""
    budget = new_budget()
    budget.answered(budget.acquire(SEARCH), headers(x_ratelimit_limit=10))
    fake_clock.now += 10

    assert calls_without_wait(budget, LIST, fake_clock) == 20


def test_token_budget(api: requests_mock.Mocker) -> None:
    """A run spends at most its budget and says what to do."""
    asked = api.get(DEALS, **answer([]))
    client = new_client(token_budget=25)
    client.request("GET", "api/v2/deals")
    client.request("GET", "api/v2/deals")
    with pytest.raises(BudgetExhausted) as caught:
        client.request("GET", "api/v2/deals")
    assert caught.value.message == (
        "The run stopped at your own limit: `token_budget` allows 25 tokens per run, 20 are spent, and the next "
        "request costs 10. What was read or written so far is kept, and the next run resumes from there. Start the "
        "next run when you like, or raise `token_budget`."
    )
    assert (caught.value.failure_type, asked.call_count) == ("config_error", 2)


def test_token_budget_can_be_spent_to_the_last(api: requests_mock.Mocker) -> None:
    """A request that costs exactly what is left is sent."""
    api.get(DEALS, **answer([]))
    new_client(token_budget=10).request("GET", "api/v2/deals")


def test_cheap_request_after_the_budget(api: requests_mock.Mocker) -> None:
    """Once the budget refused a request, a cheaper one that would fit does not start either."""
    other = api.get(DEAL, **answer({}))
    client = new_client(token_budget=5)
    for path, arguments in (("api/v2/deals", {}), ("api/v2/deals/{id}", {"id": 1})):
        with pytest.raises(BudgetExhausted):
            client.request("GET", path, **arguments)
    assert not other.called


def test_token_budget_under_threads(api: requests_mock.Mocker) -> None:
    """Threads together never spend more than the budget."""
    asked = api.get(DEALS, **answer([]))
    client = new_client(token_budget=95, plan="ultimate")

    found = outcomes(lambda: client.request("GET", "api/v2/deals"), 20)
    assert asked.call_count == 9
    assert sum(isinstance(each, BudgetExhausted) for each in found) == 11
    assert client.meter.total.tokens == 90


def test_last_tokens_under_threads() -> None:
    """Of two threads that want the last tokens at the same time one is refused."""
    budget = new_budget(token_budget=Compared(15))
    found = outcomes(lambda: budget.acquire(LIST), 2)

    assert sorted(type(each).__name__ for each in found) == ["BudgetExhausted", "Flight"]


def test_stopped_run_does_not_wait(fake_clock: FakeClock) -> None:
    """A request of a stopped run is refused at once, not after a wait for its place in the window."""
    budget = new_budget()
    budget.pause(60)
    budget.day_over()
    with pytest.raises(BudgetExhausted):
        budget.acquire(LIST)
    assert fake_clock.sleeps == []


def test_reserve(sandbox: Sandbox) -> None:
    """The account's daily tokens never fall below the reserve; the message says whose they are."""
    sandbox.change_settings(daily_limit=100)
    client = sandbox_client(daily_token_reserve=55)
    for _ in range(4):
        client.request("GET", "api/v2/deals")

    with pytest.raises(
        BudgetExhausted, match="`daily_token_reserve` keeps 55 of them for other integrations"
    ) as caught:
        client.request("GET", "api/v2/deals")
    assert caught.value.failure_type == "config_error"
    assert "Rate limit" not in str(caught.value.message)
    assert sandbox.meter()["remaining"] == 60


def test_an_empty_day_under_a_reserve(api: requests_mock.Mocker) -> None:
    """Where the next request would not fit without the reserve either, the day is over, not the reserve reached."""
    api.get(DEALS, **answer([], headers={"x-daily-ratelimit-token-remaining": "9"}))
    client = new_client(daily_token_reserve=5)
    client.request("GET", "api/v2/deals")

    with pytest.raises(BudgetExhausted, match="Rate limit exceeded: 9 of the account's daily API tokens are left"):
        client.request("GET", "api/v2/deals")


def test_reserve_counts_what_is_in_flight() -> None:
    """Requests that are not answered yet count against the reserve."""
    budget = new_budget(daily_token_reserve=50)
    budget.answered(budget.acquire(LIST), headers(x_daily_ratelimit_token_remaining=75))
    budget.acquire(LIST)
    budget.acquire(LIST)

    with pytest.raises(BudgetExhausted, match="`daily_token_reserve` keeps 50 of them"):
        budget.acquire(LIST)


def test_unanswered_request_leaves_the_air(api: requests_mock.Mocker) -> None:
    """A request that ended without an answer no longer counts against the reserve."""
    left = {"x-daily-ratelimit-token-remaining": "60"}
    api.get(DEALS, [answer([], headers=left), {"exc": requests.ReadTimeout("x")}, answer([], headers=left)])
    client = new_client(daily_token_reserve=45)

    for _ in range(2):
        client.request("GET", "api/v2/deals")


def test_reserve_waits_for_the_first_answer() -> None:
    """With a reserve nobody starts before the first answer told how many tokens are left, so none goes below it."""
    budget = new_budget(daily_token_reserve=50)
    first = budget.acquire(LIST)
    second: list[Any] = []
    thread = threading.Thread(target=lambda: second.extend(outcomes(lambda: budget.acquire(LIST), 1)))
    thread.start()
    thread.join(timeout=0.05)
    assert second == []

    budget.answered(first, headers(x_daily_ratelimit_token_remaining=55))
    thread.join(timeout=10)
    assert [type(each) for each in second] == [BudgetExhausted]


def test_an_overtaken_answer_does_not_fill_the_pool() -> None:
    """Answers of parallel requests may come in any order; only a refill makes the pool larger."""
    budget = new_budget()
    told = []
    for left in (500, 480, 490, 30_000):
        budget.answered(budget.acquire(LIST), headers(x_daily_ratelimit_token_remaining=left))
        told.append(budget.tokens_left)

    assert told == [500, 480, 480, 30_000]


def test_reserve_needs_the_header(api: requests_mock.Mocker) -> None:
    """Without the daily headers the reserve cannot be kept and stops nothing."""
    api.get(DEALS, **answer([]))
    client = new_client(daily_token_reserve=1_000_000)

    for _ in range(3):
        client.request("GET", "api/v2/deals")


def test_come_back() -> None:
    """The message of an empty day names the latest moment at which tokens are back."""
    message = new_budget().day_over().message

    assert "Try again after midnight, Pipedrive's time (at the latest 2026-11-25 10:00 UTC)" in message


def test_first_reason_stays() -> None:
    """The reason that stopped a run is the one that later requests are given."""
    budget = new_budget()
    first = budget.day_over("first.")

    assert budget.day_over("second.").message == first.message
    with pytest.raises(BudgetExhausted) as caught:
        budget.acquire(LIST)
    assert caught.value.message == first.message


def test_a_stop_is_never_raised_twice(api: requests_mock.Mocker) -> None:
    """Each refused request raises an exception of its own, so that none grows by the way of all the others."""
    client = new_client(token_budget=5)
    found = [outcomes(lambda: client.request("GET", "api/v2/deals"), 2) for _ in range(50)]

    errors = [error for both in found for error in both]
    assert len({id(error) for error in errors}) == 100
    assert max(len(traceback.extract_tb(error.__traceback__)) for error in errors) < 20


def test_a_waiting_request_is_woken_by_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that waits for its turn ends when the run is stopped, not when its turn comes."""
    clock.skip_waits(False)
    budget = new_budget()
    budget.pause(60)
    waiting: list[Any] = []
    thread = threading.Thread(target=lambda: waiting.extend(outcomes(lambda: budget.acquire(LIST), 1)))
    thread.start()
    budget.day_over()
    thread.join(timeout=30)

    assert [type(each) for each in waiting] == [BudgetExhausted]


def test_waiting_is_counted(fake_clock: FakeClock) -> None:
    """Requests that wait for the window are counted and told in one sentence; nothing is told where none waited."""
    budget = new_budget()
    assert budget.pacing.sentence() == ""
    for _ in range(21):
        budget.acquire(LIST)

    assert budget.pacing.sentence() == (
        "Burst window: requests that waited for their turn: 1 (3.1 s on average); refused (429) and sent again: 0."
    )


def test_meter_by_label(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """Requests and tokens are counted in total and under the label of who asked."""
    api.get(DEALS, **answer([]))
    api.get(DEAL, **answer({}))
    client.labelled("deals").request("GET", "api/v2/deals")
    for _ in range(2):
        client.labelled("children").request("GET", "api/v2/deals/{id}", id=1)

    by_label = {label: (usage.requests, usage.tokens) for label, usage in client.meter.by_label.items()}
    assert by_label == {"deals": (1, 10), "children": (2, 2)}
    assert (client.meter.total.requests, client.meter.total.tokens) == (3, 12)


@pytest.mark.parametrize(
    ("failure", "tokens"),
    [
        pytest.param({"status_code": 429}, 10, id="a 429 costs nothing"),
        pytest.param({"exc": requests.ConnectTimeout("x")}, 10, id="an unsent request costs nothing"),
        pytest.param({"exc": requests.ReadTimeout("x")}, 20, id="a lost answer may have cost"),
        pytest.param({"status_code": 500}, 20, id="a server error costs"),
    ],
)
def test_what_a_failure_costs(
    api: requests_mock.Mocker, client: PipedriveClient, failure: dict[str, Any], tokens: int
) -> None:
    """The meter counts every try and the tokens that Pipedrive may have charged for it."""
    api.get(DEALS, [failure, answer([])])
    client.request("GET", "api/v2/deals")

    assert (client.meter.total.requests, client.meter.total.tokens) == (2, tokens)


@pytest.mark.parametrize(
    "failure", [{"status_code": 429}, {"exc": requests.ConnectTimeout("x")}], ids=["429", "unsent"]
)
def test_refund(api: requests_mock.Mocker, failure: dict[str, Any]) -> None:
    """What a refused or unsent request did not cost can be spent by another one."""
    api.get(DEALS, [failure, failure, answer([])])

    new_client(token_budget=10).request("GET", "api/v2/deals")


def test_lost_answer_is_not_refunded(api: requests_mock.Mocker) -> None:
    """A request whose answer was lost stays charged against the budget."""
    api.post(DEALS, exc=requests.ReadTimeout("x"))
    client = new_client(token_budget=9)
    for expected in (OutcomeUnknown, BudgetExhausted):
        with pytest.raises(PipedriveError) as caught:
            client.request("POST", "api/v2/deals", json={"title": "x"})
        assert type(caught.value) is expected


def test_meter_matches_the_sandbox(sandbox: Sandbox) -> None:
    """The client's count of requests and tokens is the server's."""
    sandbox.set_faults({"kind": "status", "status": 429, "times": 2}, {"kind": "apply_then_drop", "path": "users"})
    client = sandbox_client()
    for _ in range(3):
        client.request("GET", "api/v2/deals")
        client.request("GET", "v1/users/me")

    assert client.meter.total.tokens == sandbox.meter()["tokens"]
