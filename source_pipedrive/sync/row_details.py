"""What a list leaves out of its rows, asked for row by row."""

from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused, TransientError
from pipedrive_client.repairs import some
from source_pipedrive.streams.spec import Detail, StreamSpec
from source_pipedrive.sync.failures import FEW_TRIES, ParentErrorPolicy, is_about_one
from source_pipedrive.sync.run_context import RunContext
from source_pipedrive.sync.tombstones import GONE

Row = dict[str, Any]


class RowDetails:
    """One call a row. Used by one thread."""

    def __init__(self, spec: StreamSpec, account: RunContext, client: PipedriveClient) -> None:
        self._stream = spec.name
        self._detail = spec.detail
        self._account = account
        self._client = client
        self._failures = ParentErrorPolicy()

    def of(self, row: Row) -> Row:
        """What the list leaves out of a row; nothing when it cannot be had for this row, which is counted.

        Raises what is not about single rows.
        """
        assert self._detail is not None
        client = self._client.patient(FEW_TRIES) if self._failures.in_a_row else self._client
        try:
            answer = client.request("GET", self._detail.path, id=row["id"])
        except (Refused, TransientError) as error:
            self._pass_over(error)
            return {}
        self._failures.answered()
        return _taken(self._detail, answer)

    def _pass_over(self, error: Refused | TransientError) -> None:
        is_gone = isinstance(error, Refused) and error.status in GONE
        if not is_gone:
            if isinstance(error, Refused) or not is_about_one(error):
                raise error
            self._failures.add(error)
        self._account.skipped_parents[self._stream] += 1

    def finish(self) -> None:
        """Say how many details are missing. Raises the last failure when there were no others."""
        self._failures.finish()
        if self._failures.last:
            self._account.logger.warning(
                f"Stream `{self._stream}`: the details of {some(self._failures.failed, 'row')} could not be read and "
                f"are left out. {self._failures.last.message}"
            )


def _taken(detail: Detail, answer: Row) -> Row:
    found = answer.get("data")
    if detail.beside:
        extra = answer.get("additional_data")
        found = extra.get(detail.beside) if isinstance(extra, dict) else None
    whole = found[0] if isinstance(found, list) and found else found
    return {key: whole.get(key) for key in detail.take} if isinstance(whole, dict) else {}
