"""Writes of one object: POST, PATCH, DELETE. A POST whose answer was lost is looked for before it is sent again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from destination_pipedrive.diff import is_same
from destination_pipedrive.match import Finder
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.objects_extra.leads import write_flat
from destination_pipedrive.results import Rejected
from destination_pipedrive.targets import Target
from destination_pipedrive.values import is_nothing
from pipedrive_client import clock
from pipedrive_client.errors import AnswerLost, Gone, Refused, TryLater
from pipedrive_client.http import PipedriveClient

Targets = Mapping[str, Target]
Row = dict[str, Any]

#: How often one POST is sent in all when its answers keep getting lost.
MAX_POSTS = 4
#: Seconds before a lost POST is looked for: the server may still be at work on it.
SETTLE_SECONDS = 2.0
#: How far the server's clock may be behind ours when nothing but time tells which rows are new.
CLOCK_SKEW = timedelta(minutes=5)
#: Kinds that the server may rewrite, so they say nothing about who a row is.
REWRITTEN = frozenset({"address", "time", "timerange"})


class Sender:
    """Sends operations of one object and keeps its index true. Safe to share between threads."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, finder: Finder) -> None:
        self._client = client.labelled(spec.name)
        self._spec = spec
        self._finder = finder

    def create(self, values: Mapping[str, Any], targets: Targets) -> Row:
        """Create a row and enter it into the index. Raises Rejected when Pipedrive refuses it."""
        body = self._body(values, targets)
        started, floor = datetime.now(UTC), self._finder.highest_id
        for _ in range(MAX_POSTS):
            try:
                answer = self._client.request("POST", self._spec.path, json=body)
            except AnswerLost:
                found = self._look_for(values, targets, floor, started)
                if found:
                    return self._finder.put_flat(found)
            except Refused as error:
                raise rejected(error) from None
            else:
                return self._finder.put(answer["data"])
        raise TryLater(
            f"Pipedrive lost its answer to POST /{self._spec.path} {MAX_POSTS} times. Try again later.",
            path=self._spec.path,
        )

    def update(self, row_id: int, changed: Mapping[str, Any], targets: Targets) -> None:
        """Send changed fields only. Raises Gone when the row was deleted meanwhile, Rejected when it is refused."""
        try:
            answer = self._client.request(
                self._spec.update_method, self._spec.path + "/{id}", json=self._body(changed, targets), id=row_id
            )
        except Gone:
            self._finder.drop(row_id)
            raise
        except Refused as error:
            raise rejected(error) from None
        self._finder.put(answer["data"])

    def _body(self, values: Mapping[str, Any], targets: Targets) -> dict[str, Any]:
        return write_flat(values, targets) if self._spec.flat_custom else nested(values, targets)

    def delete(self, row_id: int) -> bool:
        """Delete a row; False when it was gone already. Raises Rejected when it is refused."""
        try:
            self._client.request("DELETE", self._spec.path + "/{id}", id=row_id)
        except Gone:
            return False
        except Refused as error:
            raise rejected(error) from None
        finally:
            self._finder.drop(row_id)
        return True

    def _look_for(self, values: Mapping[str, Any], targets: Targets, floor: int, started: datetime) -> Row | None:
        """The row that a lost POST created, or None. Newest ids first, back to what was there before."""
        self._client.logger.info(f"The answer to POST /{self._spec.path} was lost; looking for the row in the list.")
        clock.sleep(SETTLE_SECONDS)
        oldest = (started - CLOCK_SKEW).strftime("%Y-%m-%dT%H:%M:%S")
        told = {key: value for key, value in values.items() if targets[key].kind not in REWRITTEN}
        for row in self._finder.newest():
            if (floor and row["id"] <= floor) or (not floor and _changed_at(row) < oldest):
                return None
            if not self._finder.knows(row["id"]) and _is_written(row, told, targets):
                return row
        return None


def _changed_at(row: Row) -> str:
    """When a row was last changed, UTC without its zone, whatever the API's version."""
    return str(row.get("update_time") or "").replace(" ", "T")


def _is_written(row: Row, told: Mapping[str, Any], targets: Targets) -> bool:
    return all(is_same(targets[key], row.get(key), value) for key, value in told.items())


def nested(values: Mapping[str, Any], targets: Targets) -> dict[str, Any]:
    """A request body: custom fields under ``custom_fields``."""
    body = {key: value for key, value in values.items() if not targets[key].custom}
    custom = {key: value for key, value in values.items() if targets[key].custom}
    return {**body, "custom_fields": custom} if custom else body


def complete_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a POST sends: nothing empty."""
    return {key: value for key, value in values.items() if not is_nothing(value)}


def rejected(error: Refused) -> Rejected:
    """Pipedrive's refusal of one record as its rejection."""
    said = error.said or "no reason was given"
    if error.status in (402, 415) or "limit" in said.lower():
        code = "feature_limit"
    else:
        code = "permission_denied" if error.status == 403 else "refused_by_pipedrive"
    return Rejected(code, f"Pipedrive said: {said.rstrip('.')} (status {error.status}).")
