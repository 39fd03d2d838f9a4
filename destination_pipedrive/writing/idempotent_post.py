"""The only place that sends a POST: one whose answer was lost is looked for in a listing before it is sent again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import Row
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.results.refusals import KeepsFailing
from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import OutcomeUnknown, Refused, RunStopped, TransientError

Fields = Mapping[str, Field]
Answer = Mapping[str, Any]

#: How often one POST is sent in all when its answers keep getting lost.
MAX_POSTS = 4
#: Seconds before a lost POST is looked for: the server may still be at work on it.
SETTLE_SECONDS = 2.0
#: How far apart the clocks of Pipedrive's own machines may be; its answers tell in whole seconds what time it has.
CLOCK_SKEW = timedelta(seconds=5)


def post_once(
    client: PipedriveClient,
    path: str,
    body: Any,
    result: Callable[[Answer], Any],
    look_for: Callable[[], Any],
    **path_args: Any,
) -> Any:
    """Send a POST until what it makes is known: by its answer, or because it is found.

    ``result`` takes what was made from an answer, or None; ``look_for`` finds it, or None. Raises KeepsFailing when it
    stays unknown, and what the client raises.
    """
    lost: OutcomeUnknown | None = None
    for _ in range(MAX_POSTS):
        try:
            answer = client.request("POST", path, json=body, **path_args)
        except OutcomeUnknown as error:
            answer, lost = None, error
        except TransientError as error:
            raise KeepsFailing("POST", error) from None
        made = result(answer) if answer else None
        if made is None:
            # No answer, or one that does not hold what was made.
            client.logger.info(f"The answer to POST /{path} was lost; looking for what it made.")
            client.budget.sleep(SETTLE_SECONDS)
            made = _found(client, look_for, path)
        if made is not None:
            return made
        if answer:
            break
    raise KeepsFailing("POST", lost or TransientError("Its answer does not show what was made.", path=path))


def _found(client: PipedriveClient, look_for: Callable[[], Any], path: str) -> Any:
    """What a lost POST made, or None. A look-up that fails says nothing about the POST, and ends the run.

    Rejected, the record might be there, and a later one of the same key would be created beside it.
    """
    try:
        return look_for()
    except (Refused, TransientError) as error:
        said = (
            f"The answer to POST /{path} was lost, and what it made cannot be looked for. {error.message} The next run "
            "resumes from the last state."
        )
        stopped = RunStopped(said, status=error.status, path=path, failure_type="transient_error")
        raise client.budget.stop(stopped) from None


class NewestRows(Protocol):
    """The rows of one object, as far as a lost POST is looked for among them."""

    @property
    def floor(self) -> int | None:
        """An id below those of all rows that are created from now on."""

    def newest(self, values: Mapping[str, Any]) -> Iterator[Row]:
        """Live rows, flat and the newest first."""

    def is_own(self, row_id: Any) -> bool:
        """True for a row that was there before, or that this run created a moment ago."""


@dataclass(frozen=True)
class LostRow:
    """A row that a lost POST may have made. ``since`` is the server's time before it was sent."""

    spec: ObjectSpec
    rows: NewestRows
    floor: int | None
    since: datetime

    def find(self, values: Mapping[str, Any], fields: Fields) -> Row | None:
        """The flat row, or None. Newest ids first, back to what was there before."""
        expected = {key: value for key, value in values.items() if _is_telling(fields[key])}
        for row in self.rows.newest(values):
            if not self.spec.is_read_whole and self._is_past(row) and self.spec.newest_first:
                return None
            is_new = self.spec.is_read_whole or self._may_be_new(row, "add_time" in values)
            if is_new and not self.rows.is_own(row["id"]) and _is_written(row, expected, fields):
                return row
        return None

    def _is_past(self, row: Row) -> bool:
        """True when this row, and so all that follow in a list of the newest rows, existed before."""
        if self.floor is not None:
            return bool(row["id"] <= self.floor)
        return self._is_older(row.get("update_time") or row.get("add_time"))

    def _may_be_new(self, row: Row, tells_add_time: bool) -> bool:
        """False for an old row that was changed lately. A time of creation that the sender gave says nothing."""
        return self.floor is not None or tells_add_time or not self._is_older(row.get("add_time"))

    def _is_older(self, time: Any) -> bool:
        """Times come as UTC in three spellings; of all of them the first 19 characters compare."""
        return str(time or "")[:19].replace(" ", "T") < self.since.strftime("%Y-%m-%dT%H:%M:%S")


def _is_telling(field: Field) -> bool:
    """Whether a list shows the value of a field as it was sent."""
    return not field.type.is_rewritten and not field.detail and not field.hidden


def _is_written(row: Row, expected: Mapping[str, Any], fields: Fields) -> bool:
    return all(fields[key].holds(row.get(key), value) for key, value in expected.items())
