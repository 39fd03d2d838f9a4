"""Calls that fail for one row or parent while others are answered: which failures those are, and when to give up."""

from typing import Final

from pipedrive_client.errors import PipedriveError, Refused, TransientError

#: ParentErrorPolicy without an answer in between after which it is not about single rows: Pipedrive has trouble.
TOO_MANY: Final = 10
#: How often a call is tried that is likely to fail: the one before it did.
FEW_TRIES: Final = 3
_LIMITED = 429


def is_about_one(error: PipedriveError) -> bool:
    """Whether a failure may be about the one thing that was asked for: Pipedrive answered, but not as it should.

    No answer at all and rate limits are about all that is asked for.
    """
    if isinstance(error, Refused):
        return True
    return isinstance(error, TransientError) and error.status is not None and error.status != _LIMITED


class ParentErrorPolicy:
    """Counts calls that failed for good, to tell one bad row from an outage."""

    def __init__(self) -> None:
        self.failed = 0
        self.answers = 0
        self.in_a_row = 0
        self.last: PipedriveError | None = None

    def answered(self) -> None:
        """A call was answered."""
        self.answers += 1
        self.in_a_row = 0

    def add(self, error: PipedriveError) -> None:
        """A call failed. Raises ``error`` when too many did so, one after the other."""
        self.failed += 1
        self.in_a_row += 1
        self.last = error
        if self.in_a_row >= TOO_MANY:
            raise error

    def finish(self) -> None:
        """Nothing more is asked for. Raises the last error when every call failed."""
        if self.last is not None and not self.answers:
            raise self.last
