"""Writes of one object: POST, PATCH, DELETE. A POST whose answer was lost is looked for before it is sent again."""

from collections.abc import Callable, Mapping
from typing import Any

from destination_pipedrive.fields.v1_custom_fields import write_flat
from destination_pipedrive.flow import Rejected
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.results.refusals import RefusedFields, rejected
from destination_pipedrive.writing.idempotent_post import (
    CLOCK_SKEW,
    MAX_POSTS,
    SETTLE_SECONDS,
    FieldDirectory,
    Row,
    _Born,
    _is_telling,
    _is_written,
)
from pipedrive_client import clock
from pipedrive_client.errors import AnswerLost, Gone, Refused, TryLater
from pipedrive_client.http import PipedriveClient

Wrote = Callable[[str, Row], None]


def _nothing(_path: str, _row: Mapping[str, Any]) -> None:
    return None


class Executor:
    """Sends operations of one object and keeps its index true. Safe to share between threads."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, matcher: Matcher, wrote: Wrote = _nothing) -> None:
        """``wrote`` is told the path of the object's list, and the row, after every write."""
        self._client = client.labelled(spec.name)
        self._wrote = wrote
        self._spec = spec
        self._matcher = matcher
        self._refused = RefusedFields(spec)

    def create(self, values: Mapping[str, Any], targets: FieldDirectory) -> Row:
        """Create a row and enter it into the index. Raises Rejected when Pipedrive refuses it."""
        self._refused.check(values)
        body = self._body(self._spec.as_sent(dict(values)), targets)
        born = _Born(self._matcher.floor, self._client.server_clock.now() - CLOCK_SKEW, "add_time" in values)
        for _ in range(MAX_POSTS):
            try:
                answer = self._client.request("POST", self._spec.path, json=body, **self._parent_args(values))
            except AnswerLost:
                answer = {}
            except Refused as error:
                self._refused.learn(error, values)
                raise self._refusal(error) from None
            row = {**values, **self._row_in(answer)}
            if answer and self._spec.item_id in row:
                self._wrote(self._spec.path, row)
                return self._matcher.add(row)
            # No answer, or one that does not hold the row.
            found = self._look_for(values, targets, born)
            if found:
                self._wrote(self._spec.path, found)
                return self._matcher.add_flat(found)
            if answer:
                break
        raise TryLater(
            f"Pipedrive's answers to POST /{self._spec.path} hold no row, and its list shows none. Try again later.",
            path=self._spec.path,
        )

    def _refusal(self, error: Refused) -> Rejected:
        """A refusal of a new row; where the path names its parent, 404 is about that."""
        below = self._spec.below
        if isinstance(error, Gone) and self._spec.is_nested and below:
            return Rejected(
                "parent_not_found", f"Pipedrive said: {(error.said or 'not found').rstrip('.')}.", below.key
            )
        return rejected(error)

    def update(self, row_id: int, changed: Mapping[str, Any], targets: FieldDirectory) -> None:
        """Send changed fields only. Raises Gone when the row was deleted meanwhile, Rejected when it is refused."""
        self._refused.check(changed)
        body = self._body(changed, targets)
        content = {"form": body} if self._spec.sends_form else {"json": body}
        try:
            answer = self._client.request(
                self._spec.update_method, self._spec.item_path, **content, **self._item_args(row_id)
            )
        except Gone:
            self._matcher.drop(row_id)
            raise
        except Refused as error:
            self._refused.learn(error, changed)
            raise rejected(error) from None
        # Some answers hold only the id.
        known = {**self._matcher.row(row_id), **changed} if self._matcher.knows(row_id) else changed
        built_in = {key: value for key, value in known.items() if not (key in targets and targets[key].custom)}
        row = {**built_in, **self._own_id(row_id), **self._row_in(answer)}
        self._wrote(self._spec.path, row)
        self._matcher.put(row)

    def _body(self, values: Mapping[str, Any], targets: FieldDirectory) -> dict[str, Any]:
        below = self._spec.below
        if self._spec.is_nested and below:
            values = {key: value for key, value in values.items() if key != below.key}
        return write_flat(values, targets) if self._spec.flat_custom else nested(values, targets)

    def _row_in(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """The row that an answer holds, as far as it does."""
        data = answer.get("data")
        data = data.get(self._spec.inside) if self._spec.inside and isinstance(data, dict) else data
        return data if isinstance(data, dict) else {}

    def _parent_args(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {"id": values[self._spec.below.key]} if self._spec.is_nested and self._spec.below else {}

    def _item_args(self, row_id: Any) -> dict[str, Any]:
        """What fills the path of one row: its id, or its parent's and its own."""
        if not self._spec.is_nested:
            return {"id": row_id}
        parent, own = str(row_id).split("/", 1)
        return {"id": parent, self._spec.item_path.rsplit("{", 1)[1].rstrip("}"): own}

    def _own_id(self, row_id: Any) -> dict[str, Any]:
        return {self._spec.item_id: str(row_id).split("/", 1)[1] if self._spec.is_nested else row_id}

    def delete(self, row_id: int) -> bool:
        """Delete a row; False when it was gone already. Raises Rejected when it is refused."""
        try:
            self._client.request("DELETE", self._spec.item_path, **self._item_args(row_id))
        except Gone:
            self._matcher.drop(row_id)
            return False
        except Refused as error:
            raise rejected(error) from None
        self._matcher.drop(row_id)
        self._wrote(self._spec.path, {"id": row_id, "is_deleted": True})
        return True

    def _look_for(self, values: Mapping[str, Any], targets: FieldDirectory, born: "_Born") -> Row | None:
        """The row that a lost POST created, or None. Newest ids first, back to what was there before."""
        self._client.logger.info(f"The answer to POST /{self._spec.path} was lost; looking for the row in the list.")
        clock.sleep(SETTLE_SECONDS)
        told = {key: value for key, value in values.items() if _is_telling(targets[key])}
        for row in self._matcher.newest(values):
            if not self._spec.is_read_whole and born.is_past(row) and self._spec.newest_first:
                return None
            is_new = self._spec.is_read_whole or born.may_be(row)
            if is_new and not self._matcher.is_own(row["id"]) and _is_written(row, told, targets):
                return row
        return None


def nested(values: Mapping[str, Any], targets: FieldDirectory) -> dict[str, Any]:
    """A request body: custom fields under ``custom_fields``."""
    body = {key: value for key, value in values.items() if not targets[key].custom}
    custom = {key: value for key, value in values.items() if targets[key].custom}
    return {**body, "custom_fields": custom} if custom else body
