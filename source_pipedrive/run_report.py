"""How a read ends: its failures, worded and in order, and its summary."""

import json
import logging
from collections.abc import Iterator
from typing import Any

from airbyte_cdk.models import AirbyteErrorTraceMessage, AirbyteMessage, FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from pipedrive_client.errors import RunStopped, WordedError
from pipedrive_client.token_budget import Usage
from source_pipedrive.sync.progress import table
from source_pipedrive.sync.run_context import RunContext

#: The summary of a read that could not start.
NOTHING_READ = {"status": "Error", "streams": {}, "requests": 0, "tokens": 0, "tokens_left": None}


#: How the CDK begins the line that repeats all errors of a read.
_REPEATED = "During the sync, the following streams did not sync successfully"


def quiet(logger: logging.Logger) -> logging.Logger:
    """A logger for the CDK's machinery in one run: worded errors in one line, and what stops the run once."""
    child = logger.getChild("read")
    child.filters = [_WordedErrors()]
    return child


class _WordedErrors(logging.Filter):
    def __init__(self) -> None:
        super().__init__()
        self._has_stopped = False

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        error = error.__cause__ if isinstance(error, AirbyteTracedException) and error.__cause__ else error
        if isinstance(error, RunStopped):
            is_first, self._has_stopped = not self._has_stopped, True
            record.msg, record.args, record.exc_info = error.message, (), None
            return is_first
        if isinstance(error, AirbyteTracedException | WordedError):
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error.message}", (), None
        return not str(record.msg).startswith(_REPEATED)


def as_exception(error: AirbyteErrorTraceMessage) -> AirbyteTracedException:
    """A trace of the CDK as the exception that it was."""
    return AirbyteTracedException(
        message=error.message,
        internal_message=error.internal_message,
        failure_type=error.failure_type or FailureType.system_error,
        stream_descriptor=error.stream_descriptor,
    )


def raise_failures(failures: list[AirbyteTracedException]) -> Iterator[AirbyteMessage]:
    """Yield every distinct failure but one as a trace, and raise that one.

    One that can be tried again comes last: a platform that looks at the last trace then does try again.
    """
    distinct = {failure.message: failure for failure in failures}
    ordered = sorted(distinct.values(), key=_is_worth_a_retry)
    for failure in ordered[:-1]:
        yield failure.as_airbyte_message()
    raise ordered[-1]


def _is_worth_a_retry(failure: AirbyteTracedException) -> bool:
    return failure.failure_type is not FailureType.config_error


def tell(logger: logging.Logger, account: RunContext, names: list[str], failed: bool) -> None:
    """The last lines of a read: how it was paced, and its summary."""
    paced = account.client.budget.pacing.sentence()
    if paced:
        logger.info(paced)
    if names:
        logger.info(f"What was read:\n{table(account, names)}")
    logger.info(f"SUMMARY {json.dumps(_summary(account, names, failed))}")


def _summary(account: RunContext, names: list[str], failed: bool) -> dict[str, Any]:
    """The content of the SUMMARY line."""
    meter = account.client.meter
    streams = {}
    for name in names:
        usage = meter.by_label.get(name, Usage())
        streams[name] = {
            "records": account.records[name],
            "requests": usage.requests,
            "tokens": usage.tokens,
            "skipped_parents": account.skipped_parents[name],
        }
    return {
        "status": "Error" if failed else "Success",
        "streams": streams,
        "requests": meter.total.requests,
        "tokens": meter.total.tokens,
        "tokens_left": account.client.budget.tokens_left,
    }
