"""429: a full burst window is waited out, an empty day ends the run."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import requests_mock

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import BudgetExhausted, TransientError
from pipedrive_client.transport import MAX_TRIES
from pipedrive_sandbox import Request, Response, Sandbox

from .conftest import DEAL, DEALS, FakeClock, answer, outcomes, sandbox_client

NOON = "Wed, 25 Nov 2026 12:00:00 GMT"
LEFT, ALL = "x-daily-ratelimit-token-remaining", "x-daily-ratelimit-token-limit"


def limited(**headers: str) -> dict[str, Any]:
    """A 429 with headers; underscores stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status_code": 429, "json": {"success": False, "error": "request over limit"}, "headers": named}


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        pytest.param({"x_ratelimit_reset": "2"}, 2.0, id="reset"),
        pytest.param({"x_ratelimit_reset": "1.5"}, 1.5, id="reset with a fraction"),
        pytest.param({"retry_after": "3"}, 3.0, id="retry-after"),
        pytest.param({"x_ratelimit_reset": "2", "retry_after": "9"}, 2.0, id="reset wins"),
        pytest.param({"x_ratelimit_reset": "0"}, 1.0, id="reset within this second"),
        pytest.param({"retry_after": "0"}, 1.0, id="retry-after now"),
        pytest.param({"x_ratelimit_reset": "-4", "retry_after": "3"}, 3.0, id="negative reset"),
        pytest.param({"x_ratelimit_reset": "nan", "retry_after": "3"}, 3.0, id="not a number"),
        pytest.param({"x_ratelimit_reset": "1e400", "retry_after": "3"}, 3.0, id="endless reset"),
        pytest.param({"x_ratelimit_reset": "9" * 400, "retry_after": "3"}, 3.0, id="400 digits"),
        pytest.param({"x_ratelimit_reset": "", "retry_after": "3"}, 3.0, id="empty reset"),
        pytest.param({"date": NOON, "retry_after": "Wed, 25 Nov 2026 12:00:05 GMT"}, 5.0, id="date"),
        pytest.param({"date": NOON, "retry_after": "Wed, 25 Nov 2026 11:00:00 GMT"}, 1.0, id="date that is past"),
        pytest.param({"date": NOON, "retry_after": "Wed, 25 Nov 2099 12:00:00 GMT"}, 60.0, id="far date is capped"),
        pytest.param({"x_ratelimit_reset": "soon", "retry_after": "3"}, 3.0, id="reset that is no number"),
        pytest.param({"x_ratelimit_reset": "1790000000"}, 60.0, id="an epoch is capped"),
        pytest.param({"x_ratelimit_reset": "2", LEFT: "500"}, 2.0, id="tokens left today"),
    ],
)
def test_headers_say_how_long(
    api: requests_mock.Mocker, client: PipedriveClient, fake_clock: FakeClock, headers: dict[str, str], wait: float
) -> None:
    """The wait is what the answer's headers say."""
    api.get(DEALS, [limited(**headers), answer([])])
    client.request("GET", "api/v2/deals")

    assert sum(fake_clock.sleeps) == pytest.approx(wait, abs=0.1)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="bare"),
        pytest.param({"retry_after": "later"}, id="text"),
        pytest.param({"x_ratelimit_reset": "nan"}, id="not a number"),
        pytest.param({"retry_after": "Fri, 31 Dec 9999 23:59:59 -1200"}, id="date beyond all"),
        pytest.param({"date": "Fri, 31 Dec 9999 23:59:59 -1200"}, id="server with a date beyond all"),
    ],
)
def test_no_usable_header(
    api: requests_mock.Mocker, client: PipedriveClient, fake_clock: FakeClock, headers: dict[str, str]
) -> None:
    """Without a number in the headers waits grow from about a second."""
    api.get(DEALS, [limited(**headers), limited(**headers), answer([])])
    client.request("GET", "api/v2/deals")

    assert 3 <= sum(fake_clock.sleeps) <= 4


def test_everybody_waits(api: requests_mock.Mocker, client: PipedriveClient, fake_clock: FakeClock) -> None:
    """While one request waits out a 429 no other one starts."""
    client.budget.pause(2.0)
    api.get(DEAL, **answer({}))
    client.labelled("other").request("GET", "api/v2/deals/{id}", id=1)

    assert fake_clock.sleeps == [pytest.approx(2.0)]


def test_429_pauses_the_window(api: requests_mock.Mocker, client: PipedriveClient, fake_clock: FakeClock) -> None:
    """A 429 holds back other requests, not only its own repetition."""
    paused: list[float] = []
    pause = client.budget.pause
    client.budget.pause = lambda seconds: (paused.append(seconds), pause(seconds))[1]  # type: ignore[method-assign]
    api.get(DEALS, [limited(x_ratelimit_reset="2"), answer([])])
    client.request("GET", "api/v2/deals")

    assert paused == [2.0]


def test_empty_day(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A 429 that says no tokens are left today ends the run at once, as a config error that says when to come back."""
    asked = api.get(DEALS, **limited(**{LEFT: "0", ALL: "30000"}))
    with pytest.raises(BudgetExhausted) as caught:
        client.request("GET", "api/v2/deals")
    message = caught.value.message
    assert message.startswith(
        "Rate limit exceeded: the account's daily API tokens are used up (0 of 30000 left). What was read or written "
        "so far is kept, and the next run resumes from there. Try again after midnight, Pipedrive's time"
    )
    assert message.endswith(", or buy more tokens.")
    assert (caught.value.failure_type, caught.value.status) == ("config_error", 429)
    assert asked.call_count == 1


def test_too_few_tokens_left(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """A 429 with fewer tokens left than the request costs is an empty day too."""
    api.get(DEALS, **limited(**{LEFT: "9"}))

    with pytest.raises(BudgetExhausted, match=r"used up \(9 left\)"):
        client.request("GET", "api/v2/deals")


def test_nothing_starts_after_an_empty_day(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """After the first refusal no request starts, of whatever kind, label and thread."""
    api.get(DEALS, **limited(**{LEFT: "0"}))
    other = api.get(DEAL, **answer({}))
    with pytest.raises(BudgetExhausted):
        client.request("GET", "api/v2/deals")

    found = outcomes(lambda: client.labelled("x").request("GET", "api/v2/deals/{id}", id=1), 4)
    assert [type(each) for each in found] == [BudgetExhausted] * 4
    assert not other.called


def test_waiting_request_does_not_start(
    api: requests_mock.Mocker, client: PipedriveClient, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that waits to be repeated when the day ends is not sent again."""
    asked = api.get(DEALS, [limited(x_ratelimit_reset="2"), answer([])])

    def end_of_day(*_: object) -> None:
        client.budget.day_over()

    monkeypatch.setattr("pipedrive_client.clock.sleep", end_of_day)
    with pytest.raises(BudgetExhausted):
        client.request("GET", "api/v2/deals")
    assert asked.call_count == 1


def test_bare_429_for_ever(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """429s without headers that outlast all tries mean an empty day: a config error, and nothing starts any more."""
    asked = api.get(DEALS, **limited())
    with pytest.raises(BudgetExhausted, match="Rate limit exceeded: Pipedrive kept refusing") as caught:
        client.request("GET", "api/v2/deals")
    assert (caught.value.failure_type, asked.call_count) == ("config_error", MAX_TRIES)
    assert client.budget.stopped
    assert client.budget.stopped.message == caught.value.message


def test_a_window_that_is_always_about_to_end(
    api: requests_mock.Mocker, client: PipedriveClient, fake_clock: FakeClock
) -> None:
    """429s that go on although each says "now" are waited out for longer and longer, for more than a minute."""
    api.get(DEALS, [*[limited(x_ratelimit_reset="0")] * (MAX_TRIES - 1), answer([])])
    client.request("GET", "api/v2/deals")

    assert sum(fake_clock.sleeps) > 60


def test_a_full_window_is_no_log_line(
    api: requests_mock.Mocker, client: PipedriveClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Waiting for the burst window is pacing: no line a call, but counted."""
    caplog.set_level("INFO")
    api.get(DEALS, [limited(x_ratelimit_reset="1"), limited(x_ratelimit_reset="1"), answer([])])
    client.request("GET", "api/v2/deals")

    assert not caplog.records
    assert client.budget.pacing.refused == 2


def test_burst_429_for_ever(api: requests_mock.Mocker, client: PipedriveClient) -> None:
    """429s that say tokens are left today are transient when tries run out."""
    api.get(DEALS, **limited(**{LEFT: "500"}))
    with pytest.raises(TransientError, match="Rate limit exceeded: too many calls in two seconds") as caught:
        client.request("GET", "api/v2/deals")
    assert caught.value.failure_type == "transient_error"


def test_sandbox_day(sandbox: Sandbox) -> None:
    """Against a pool of 45 tokens four lists are read, the fifth is refused by the connector before Pipedrive."""
    sandbox.change_settings(daily_limit=45)
    client = sandbox_client()
    for _ in range(4):
        client.request("GET", "api/v2/deals")

    with pytest.raises(
        BudgetExhausted, match="5 of the account's daily API tokens are left and the next request costs 10"
    ):
        client.request("GET", "api/v2/deals")
    assert [entry["status"] for entry in sandbox.requests()] == [200] * 4


@pytest.mark.parametrize("plan", ["auto", "lite", "premium"])
def test_sandbox_burst(sandbox: Sandbox, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch, plan: str) -> None:
    """Hundreds of calls in a row never run into the burst limit of the account's plan."""
    sandbox.set_clock("2026-11-24T10:00:00Z", freeze=True)
    sandbox.change_settings(burst=True, plan="lite" if plan == "auto" else plan)
    monkeypatch.setattr(
        "pipedrive_client.clock.sleep", lambda seconds, _: (fake_clock.sleep(seconds), sandbox.advance(seconds))
    )
    client = sandbox_client(plan=plan)
    for _ in range(250):
        client.request("GET", "api/v2/deals")

    assert {entry["status"] for entry in sandbox.requests()} == {200}
    assert len(sandbox.requests()) == 250


@pytest.mark.parametrize("seed", range(3))
def test_sandbox_burst_however_long_calls_travel(
    sandbox: Sandbox, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """The server counts arrivals: calls that take longer on their way than later ones run into no limit either."""
    random, handle = Random(seed), sandbox.handle
    sandbox.set_clock("2026-11-24T10:00:00Z", freeze=True)
    sandbox.change_settings(burst=True, plan="lite")

    def pass_by(seconds: float, _: object = None) -> None:
        fake_clock.sleep(seconds)
        sandbox.advance(seconds)

    def travel(request: Request) -> Response:
        pass_by(random.choice((0.01, 0.06)))
        return handle(request)

    monkeypatch.setattr("pipedrive_client.clock.sleep", pass_by)
    monkeypatch.setattr(sandbox, "handle", travel)
    client = sandbox_client(plan="lite")
    for _ in range(400):
        client.request("GET", "api/v2/deals")

    assert [entry["status"] for entry in sandbox.requests()] == [200] * 400
