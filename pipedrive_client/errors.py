"""What an answer of Pipedrive means and what happens next.

The exception tree, grouped by what happens next::

    PipedriveError                 worded for people, typed for the platform
    ├── RunStopped                 nothing further is sent in this run
    │   ├── BudgetExhausted        daily pool, reserve or token_budget is used up (config: try later)
    │   ├── AbuseBlock             403 with an HTML page: the network in front of the API blocks us
    │   ├── CannotSend             certificates or a proxy of this machine are not as they are set
    │   └── InvalidCredentials     401: token wrong, revoked or expired beyond refresh
    ├── Refused                    this request was refused for good: 400, 402, 403, 404, 410, 415, 422, 423 …
    │   └── NotFound               404 or 410: the one thing asked for does not exist (any more)
    ├── TransientError             still failing after every repetition (transient for the platform)
    ├── Interrupted                the run was told to end before it was done
    └── OutcomeUnknown             a non-idempotent request whose outcome is unknown: look before sending again

Status codes: https://pipedrive.readme.io/docs/core-api-concepts-http-status-codes
"""

from dataclasses import dataclass
from typing import Any, Literal

from pipedrive_client.secrets import filter_secrets

#: What a platform does about a failure: ask its user, report it, or start again by itself.
FailureType = Literal["config_error", "system_error", "transient_error"]


class WordedError(Exception):
    """A failure whose ``message`` is for people. The connectors tell it to the platform as a TRACE."""

    def __init__(self, message: str, failure_type: FailureType) -> None:
        super().__init__(message)
        self.message = message
        self.failure_type = failure_type


class PipedriveError(WordedError):
    """Base of all errors of the client. ``message``: what was said, what it means, what to do."""

    default_type: FailureType = "system_error"

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        path: str = "",
        said: str = "",
        failure_type: FailureType | None = None,
    ) -> None:
        super().__init__(message, failure_type or type(self).default_type)
        self.status = status
        self.path = path
        self.said = said


class RunStopped(PipedriveError):
    """Nothing further is sent in this run."""

    default_type: FailureType = "config_error"

    def again(self) -> "RunStopped":
        """The same error, to be raised once more: a raised exception grows by its way through the code each time."""
        return type(self)(
            self.message, status=self.status, path=self.path, said=self.said, failure_type=self.failure_type
        )


class BudgetExhausted(RunStopped):
    """The daily pool, the reserve or ``token_budget`` is used up; the message says when to come back."""


class AbuseBlock(RunStopped):
    """403 with an HTML page, sent after rate limits were ignored."""


class CannotSend(RunStopped):
    """This machine cannot send requests: a certificate file is missing, a proxy's address is none."""


class InvalidCredentials(RunStopped):
    """The token is wrong, revoked, could not be refreshed, or came with a host to which it must not be sent."""


class Refused(PipedriveError):
    """The request was refused for good; repeating it cannot help."""


class NotFound(Refused):
    """404 or 410: the thing asked for does not exist, was deleted or merged, or is not visible."""


class TransientError(PipedriveError):
    """Still failing after every repetition."""

    default_type: FailureType = "transient_error"


class Interrupted(PipedriveError):
    """The run was told to end before it was done; what is printed stays, and the next run resumes from there."""

    default_type: FailureType = "transient_error"

    @classmethod
    def by(cls, cause: str) -> "Interrupted":
        """The error of a run that was told to end by ``cause``, such as SIGTERM."""
        return cls(f"The run was asked to stop ({cause}). The next run resumes from the last state.")


class OutcomeUnknown(PipedriveError):
    """A POST was sent and its outcome is unknown; it must be looked for before it is sent again."""

    default_type: FailureType = "transient_error"


@dataclass(frozen=True)
class Meaning:
    """One row of the table: which error, what it means, what to do."""

    error: type[PipedriveError]
    means: str
    do: str
    failure_type: FailureType | None = None


#: Status -> meaning, for answers that are final. 408, 429 and 5xx are repeated before they become final.
MEANINGS: dict[int, Meaning] = {
    400: Meaning(Refused, "Pipedrive does not accept this request", "Check the values named in the message"),
    401: Meaning(
        InvalidCredentials,
        "Invalid API key: the token is wrong, was replaced, or API access is switched off for its user",
        "Copy the token again from Pipedrive (Personal preferences > API), or reconnect with OAuth",
    ),
    402: Meaning(
        Refused,
        "the account is unpaid or closed, or an add-on is missing",
        "Check the subscription in Pipedrive (Billing)",
        "config_error",
    ),
    403: Meaning(
        Refused,
        "the token's user may not do this, the OAuth scope is missing, or the plan does not include it",
        "Give the user the permission, or use the token of a user who has it",
        "config_error",
    ),
    404: Meaning(NotFound, "it does not exist or is not visible to the token's user", "Check that it still exists"),
    405: Meaning(Refused, "Pipedrive does not offer this operation", "Update the connector"),
    410: Meaning(NotFound, "it was removed for good or merged into another record", "Use the record that survived"),
    415: Meaning(
        Refused,
        "the feature is not switched on for this account",
        "Switch it on in Pipedrive",
        "config_error",
    ),
    422: Meaning(Refused, "Pipedrive cannot process these values", "Check the values named in the message"),
    423: Meaning(Refused, "the record is locked at the moment", "Try again later", "transient_error"),
    501: Meaning(Refused, "Pipedrive does not offer this operation", "Update the connector"),
}
_OTHER = Meaning(Refused, "the answer is not one that Pipedrive documents", "Try again, or update the connector")
_REDIRECT = Meaning(
    Refused,
    "the address redirects, and the token is never sent to another address",
    "Set `api_url` to your company's own address, https://yourcompany.pipedrive.com",
    "config_error",
)

ABUSE_MESSAGE = (
    "Pipedrive's network refused the request with a web page (403). It blocks clients that keep calling through rate "
    "limits. The run stopped at once; wait some minutes, and lower `num_workers` or set `plan` to your plan."
)


#: What every stop for want of tokens leaves behind.
KEPT = "What was read or written so far is kept, and the next run resumes from there."


def said_by(body: Any) -> str:
    """Pipedrive's own sentence from an answer's body, at most 300 characters; empty when there is none."""
    if not isinstance(body, dict):
        return ""
    said = body.get("error_description") or body.get("error") or body.get("message") or body.get("errors") or ""
    # An answer may quote what was sent, and goes from here into logs, traces and files of rejected records.
    return filter_secrets(str(said))[:300]


def quoted(body: Any) -> str:
    """Pipedrive's own sentence, to stand behind one of ours; empty when there is none."""
    said = said_by(body)
    return f" Pipedrive said: {said.rstrip('.')}." if said else ""


def error_for(method: str, path: str, status: int, body: Any, is_page: bool = False) -> PipedriveError:
    """The worded error of a final answer. ``body`` is the decoded JSON or None; ``is_page`` tells a web page."""
    if status == 403 and is_page:
        return AbuseBlock(ABUSE_MESSAGE, status=status, path=path)
    meaning = _REDIRECT if 300 <= status < 400 else MEANINGS.get(status, _OTHER)
    said = said_by(body)
    quoted = f"Pipedrive said: {said}" if said else "Pipedrive gave no reason"
    means = meaning.means[0].upper() + meaning.means[1:]
    message = f"{means} ({method} /{path}, status {status}). {quoted.rstrip('.')}. {meaning.do}."
    return meaning.error(message, status=status, path=path, said=said, failure_type=meaning.failure_type)


def daily_budget_message(detail: str, back_at: str) -> str:
    """The sentence for an empty daily pool; ``back_at`` says when to come back."""
    return f"Rate limit exceeded: {detail} {KEPT} {back_at}"


def own_limit_message(detail: str, back_at: str) -> str:
    """The sentence for a limit that the user set; ``back_at`` says when to come back."""
    return f"The run stopped at your own limit: {detail} {KEPT} {back_at}"
