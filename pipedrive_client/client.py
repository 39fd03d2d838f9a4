"""One door to the API: spends budget, authenticates, repeats what may be repeated, words what may not.

What a call costs is known here, from the row of its endpoint, and the budget is asked for that row.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from pipedrive_client import clock, headers, transport
from pipedrive_client.auth import OAuth
from pipedrive_client.base_urls import api_path
from pipedrive_client.config import Settings
from pipedrive_client.downloads import Download, broken_off
from pipedrive_client.endpoints import Endpoint, endpoint
from pipedrive_client.errors import OutcomeUnknown, PipedriveError, RunStopped, TransientError, error_for, quoted
from pipedrive_client.repairs import Repairs
from pipedrive_client.token_budget import TOKENS_LEFT_HEADER, Meter, PipedriveBudget
from pipedrive_client.transport import RUN, Body, Patience

#: How often one request has its OAuth token refreshed before the token counts as refused for good.
MAX_REFRESHES = 3
#: Longest wait between two tries, in seconds.
MAX_WAIT = 60.0
#: Requests whose repetition changes nothing; a repeated POST would create a second record.
IDEMPOTENT = frozenset({"GET", "PUT", "PATCH", "DELETE"})


class _Again(Exception):
    """Try once more after ``wait`` seconds (None: exponential); ``final`` is the error when tries run out."""

    def __init__(self, final: PipedriveError, wait: float | None = None) -> None:
        super().__init__(final.message)
        self.final = final
        self.wait = wait
        self.tells_tokens = False

    @property
    def is_limited(self) -> bool:
        """Whether the burst window was full."""
        return self.final.status == 429


@dataclass
class _Call:
    row: Endpoint
    path: str
    params: Mapping[str, Any] | None
    json: Any
    form: Mapping[str, Any] | None
    download: Download | None = None
    refreshes: int = 0

    @property
    def method(self) -> str:
        return self.row.method

    @property
    def may_repeat(self) -> bool:
        return self.method in IDEMPOTENT


class PipedriveClient:
    """Sends requests for one account. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        logger: logging.Logger | None = None,
        patience: Patience = RUN,
        keeps_nan: bool = False,
    ) -> None:
        """``patience``: ``transport.CHECK`` where a person waits for the answer.

        ``keeps_nan``: numbers that are none stay in answers, for a reader that tells of which row they were.
        """
        self.settings = settings
        self.budget = PipedriveBudget(settings.limits)
        self.logger = logger or logging.getLogger("airbyte")
        self.label = ""
        self.server_clock = clock.ServerClock()
        self.repairs = Repairs()
        self._keeps_nan = keeps_nan
        self._decode: Callable[[bytes], Body | None] | None = None
        self._tries = patience.tries
        self._timeout = patience.timeout
        self._http = transport.new_session(settings.auth)

    def labelled(self, label: str) -> "PipedriveClient":
        """The same client, metering under ``label`` (a stream or object name)."""
        other = object.__new__(PipedriveClient)
        other.__dict__.update(self.__dict__, label=label)
        return other

    def patient(self, tries: int) -> "PipedriveClient":
        """The same client, which tries a request ``tries`` times in all."""
        other = object.__new__(PipedriveClient)
        other.__dict__.update(self.__dict__, _tries=tries)
        return other

    def reading(self, decode: Callable[[bytes], Body | None]) -> "PipedriveClient":
        """The same client, whose answers are read by ``decode``, and as usual where it answers None."""
        other = object.__new__(PipedriveClient)
        other.__dict__.update(self.__dict__, _decode=decode)
        return other

    @property
    def meter(self) -> Meter:
        """Requests and tokens so far."""
        return self.budget.meter

    @property
    def base_url(self) -> str:
        """The host in use: ``api_url``, or with OAuth the company's own host."""
        auth = self.settings.auth
        if not isinstance(auth, OAuth):
            return self.settings.api_url
        auth.token()
        return auth.api_url

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        download: Download | None = None,
        **path_args: Any,
    ) -> Body:
        """Send one request and return the decoded body of a successful answer.

        ``path`` is a template of the endpoint table, ``path_args`` fill it; a body is ``json`` or a ``form``.
        ``download`` takes an answer that is a file, and then the body is empty.
        GET, PUT, PATCH and DELETE are repeated on transient failures; a POST only when it was certainly not applied.
        Raises RunStopped, Refused (NotFound), TransientError or OutcomeUnknown.
        """
        filled = _filled(path, path_args) if path_args else path
        call = _Call(endpoint(method, path), filled, params, json, form, download)
        try:
            return self._retrying(call)(self._send, call)
        except _Again as again:
            raise self._given_up(again) from None
        except RunStopped as error:
            raise self.budget.stop(error) from None

    def download(self, path: str, download: Download, **path_args: Any) -> int:
        """Save what a GET of ``path`` answers with, and return its size in bytes; repeated on transient failures.

        Raises what ``request`` raises; Refused also for content that is larger than the download allows.
        """
        self.request("GET", path, download=download, **path_args)
        if download.size is None:
            filled = _filled(path, path_args)
            raise TransientError("Pipedrive answered without the file. Try again later.", status=200, path=filled)
        return download.size

    def _retrying(self, call: _Call) -> Retrying:
        def announce(state: RetryCallState) -> None:
            again = state.outcome.exception() if state.outcome else None
            wait = state.upcoming_sleep
            if isinstance(again, _Again) and again.is_limited:
                # Pacing, not news: it is counted, and told at the end of the run.
                self.budget.pause(wait)
                return
            count = f"{state.attempt_number} of {self._tries}"
            self.logger.info(f"{call.method} /{call.path}: {again} Next try in {wait:.0f} s ({count}).")

        return Retrying(
            retry=retry_if_exception_type(_Again),
            stop=stop_after_attempt(self._tries),
            wait=_wait,
            sleep=self.budget.sleep,
            before_sleep=announce,
            reraise=True,
        )

    def _given_up(self, again: _Again) -> PipedriveError:
        # A burst window is over in two seconds. When 429s go on for all tries and do not tell how many tokens are
        # left, the day is over; saying "transient" would make the platform start again at once.
        if again.is_limited and not again.tells_tokens:
            return self.budget.day_over(
                "Pipedrive kept refusing; most likely the account's daily API tokens are used up."
            )
        return again.final

    def _send(self, call: _Call) -> Body:
        self.budget.check()
        response = self._answer(call)
        self.server_clock.hear(response.headers.get("date"))
        limited = response.status_code == 429
        self.budget.count(self.label, call.row.cost, charged=not limited)
        if limited:
            raise self._limited(call, response)
        return self._body(call, response)

    def _answer(self, call: _Call) -> requests.Response:
        """The answer to one try. Raises what ``_unanswered`` makes of it when there is none."""
        try:
            url = api_path(self.base_url, call.path)
            send = transport.prepared(self._http, call.row.method, url, call.params, call.json, call.form)
        except OSError as error:
            raise transport.cannot_send(error) from None
        flight = self.budget.acquire(call.row)
        if call.download:
            call.download.is_paid.set()
        try:
            response = send(timeout=self._timeout)
            if not (call.download and call.download.is_content(response)):
                transport.read(response)
        except Exception as error:
            sent = isinstance(error, requests.RequestException) and not transport.never_sent(error)
            self.budget.not_answered(flight, sent)
            raise self._unanswered(call, error, sent) from None
        self.budget.answered(flight, response.headers)
        return response

    def _unanswered(self, call: _Call, error: Exception, sent: bool) -> Exception:
        if not isinstance(error, requests.RequestException) or transport.is_ours(error):
            return transport.cannot_send(error) if isinstance(error, OSError) else error
        self.budget.count(self.label, call.row.cost, charged=sent)
        if isinstance(error, transport.TooLarge) and call.may_repeat:
            # Asked again it would be as long.
            text = f"{error} This response is not from Pipedrive; something in between answered. Try again later."
            return TransientError(text, status=200, path=call.path)
        text = f"Pipedrive did not answer ({type(error).__name__})."
        if call.may_repeat or not sent:
            return _Again(TransientError(f"{text} Check the network, then try again.", path=call.path))
        return OutcomeUnknown(f"{text} Whether the record was written is unknown.", path=call.path)

    def _limited(self, call: _Call, response: requests.Response) -> Exception:
        """A 429: the day is over, or the burst window is full and everybody waits."""
        if self.budget.is_day_over(call.row.cost, response.headers):
            return self.budget.day_over()
        now = self.server_clock.now()
        wait = headers.wait(response.headers, now)
        if response.headers.get("x-ratelimit-remaining") == "0":
            clock.catch_up(wait or 0.0)
        text = "Rate limit exceeded: too many calls in two seconds."
        again = _Again(TransientError(text, status=429, path=call.path), wait)
        again.tells_tokens = TOKENS_LEFT_HEADER in response.headers
        return again

    def _body(self, call: _Call, response: requests.Response) -> Body:
        if call.download and call.download.is_content(response):
            try:
                call.download.save(response, self.base_url, self._timeout)
            except requests.RequestException as error:
                raise _Again(broken_off(error, call.path)) from None
            return {}
        note = partial(self.repairs.note, self.label)
        status, body = response.status_code, self._decode(response.content) if self._decode else None
        if body is None:
            body = transport.decode(response, note, self._keeps_nan)
        if status == 401 and self._refreshed(call, response):
            # A token may be refused that another program has just replaced, or that not all of Pipedrive knows yet.
            wait = 2.0 ** (call.refreshes - 1) if call.refreshes > 1 else 0.0
            raise _Again(error_for(call.method, call.path, status, body), wait)
        if status == 408:
            raise self._failed(call, f"Pipedrive waited too long for the request (status {status}).", status)
        if status >= 500 and status != 501:
            raise self._failed(call, f"Pipedrive failed (status {status}).{quoted(body)}", status)
        if not 200 <= status < 300:
            raise error_for(call.method, call.path, status, body, is_page=transport.is_page(response))
        if body is None:
            raise self._failed(call, transport.unreadable(response), status)
        if not body.get("success", True):
            raise self._failed(call, f"Pipedrive reported a failure (status {status}).{quoted(body)}", status)
        return body

    def _refreshed(self, call: _Call, response: requests.Response) -> bool:
        """Refresh the OAuth token; False when there is none to refresh, or this request had it done too often."""
        auth = self.settings.auth
        if call.refreshes == MAX_REFRESHES or not isinstance(auth, OAuth):
            return False
        call.refreshes += 1
        auth.refused(response.request.headers.get("Authorization"))
        return True

    def _failed(self, call: _Call, text: str, status: int) -> Exception:
        if call.may_repeat:
            return _Again(TransientError(f"{text} Try again later.", status=status, path=call.path))
        return OutcomeUnknown(f"{text} Whether the record was written is unknown.", status=status, path=call.path)


def _filled(path: str, values: Mapping[str, Any]) -> str:
    return path.format(**{name: quote(str(value), safe="") for name, value in values.items()})


_exponential = wait_exponential_jitter(initial=1.0, max=MAX_WAIT, jitter=0.5)


def _wait(state: RetryCallState) -> float:
    again = state.outcome.exception() if state.outcome else None
    if not isinstance(again, _Again) or again.wait is None:
        return float(_exponential(state))
    # The header holds whole seconds, so 0 may be most of one; one that keeps saying so is not believed.
    least = 2.0 ** (state.attempt_number - 1) if again.is_limited else 0.0
    return min(max(again.wait, least), MAX_WAIT)
