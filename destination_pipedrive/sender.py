"""Writes of one object: POST, PATCH, DELETE. A POST whose answer was lost is looked for before it is sent again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from destination_pipedrive.diff import is_same
from destination_pipedrive.match import Finder
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.objects_extra.leads import write_flat
from destination_pipedrive.refused_fields import NOT_BOUGHT, RefusedFields
from destination_pipedrive.results import Rejected
from destination_pipedrive.targets import Target
from destination_pipedrive.values import is_nothing
from pipedrive_client import clock
from pipedrive_client.errors import AnswerLost, Gone, Refused, TryLater
from pipedrive_client.http import PipedriveClient

Targets = Mapping[str, Target]
Row = dict[str, Any]
Wrote = Callable[[str, Row], None]

#: How often one POST is sent in all when its answers keep getting lost.
MAX_POSTS = 4
#: Seconds before a lost POST is looked for: the server may still be at work on it.
SETTLE_SECONDS = 2.0
#: How far apart the clocks of Pipedrive's own machines may be; its answers tell in whole seconds what time it has.
CLOCK_SKEW = timedelta(seconds=5)
#: Kinds that the server may rewrite, so they say nothing about who a row is.
REWRITTEN = frozenset({"address", "time", "timerange"})


def _nothing(_path: str, _row: Mapping[str, Any]) -> None:
    return None


class Sender:
    """Sends operations of one object and keeps its index true. Safe to share between threads."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, finder: Finder, wrote: Wrote = _nothing) -> None:
        """``wrote`` is told the path of the object's list, and the row, after every write."""
        self._client = client.labelled(spec.name)
        self._wrote = wrote
        self._spec = spec
        self._finder = finder
        self._refused = RefusedFields(spec)

    def create(self, values: Mapping[str, Any], targets: Targets) -> Row:
        """Create a row and enter it into the index. Raises Rejected when Pipedrive refuses it."""
        self._refused.check(values)
        body = self._body(values, targets)
        born = _Born(self._finder.floor, self._client.server_clock.now() - CLOCK_SKEW, "add_time" in values)
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
                return self._finder.add(row)
            # No answer, or one that does not hold the row.
            found = self._look_for(values, targets, born)
            if found:
                self._wrote(self._spec.path, found)
                return self._finder.add_flat(found)
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

    def update(self, row_id: int, changed: Mapping[str, Any], targets: Targets) -> None:
        """Send changed fields only. Raises Gone when the row was deleted meanwhile, Rejected when it is refused."""
        self._refused.check(changed)
        body = self._body(changed, targets)
        content = {"form": body} if self._spec.sends_form else {"json": body}
        try:
            answer = self._client.request(
                self._spec.update_method, self._spec.item_path, **content, **self._item_args(row_id)
            )
        except Gone:
            self._finder.drop(row_id)
            raise
        except Refused as error:
            self._refused.learn(error, changed)
            raise rejected(error) from None
        # Some answers hold only the id.
        known = {**self._finder.row(row_id), **changed} if self._finder.knows(row_id) else changed
        built_in = {key: value for key, value in known.items() if not (key in targets and targets[key].custom)}
        row = {**built_in, **self._own_id(row_id), **self._row_in(answer)}
        self._wrote(self._spec.path, row)
        self._finder.put(row)

    def _body(self, values: Mapping[str, Any], targets: Targets) -> dict[str, Any]:
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
            self._finder.drop(row_id)
            return False
        except Refused as error:
            raise rejected(error) from None
        self._finder.drop(row_id)
        self._wrote(self._spec.path, {"id": row_id, "is_deleted": True})
        return True

    def _look_for(self, values: Mapping[str, Any], targets: Targets, born: "_Born") -> Row | None:
        """The row that a lost POST created, or None. Newest ids first, back to what was there before."""
        self._client.logger.info(f"The answer to POST /{self._spec.path} was lost; looking for the row in the list.")
        clock.sleep(SETTLE_SECONDS)
        told = {key: value for key, value in values.items() if _is_telling(targets[key])}
        for row in self._finder.newest(values):
            if not self._spec.is_read_whole and born.is_past(row) and self._spec.newest_first:
                return None
            is_new = self._spec.is_read_whole or born.may_be(row)
            if is_new and not self._finder.is_own(row["id"]) and _is_written(row, told, targets):
                return row
        return None


@dataclass(frozen=True)
class _Born:
    """Which rows can be new: those above an id, or where none is known those younger than the server's time."""

    floor: int | None
    since: datetime
    tells_add_time: bool

    def is_past(self, row: Row) -> bool:
        """True when this row, and so all that follow in a list of the newest rows, existed before."""
        if self.floor is not None:
            return bool(row["id"] <= self.floor)
        return self._is_older(row.get("update_time") or row.get("add_time"))

    def may_be(self, row: Row) -> bool:
        """False for an old row that was changed lately. A time of creation that the sender gave says nothing."""
        return self.floor is not None or self.tells_add_time or not self._is_older(row.get("add_time"))

    def _is_older(self, time: Any) -> bool:
        """Times come as UTC in three spellings; of all of them the first 19 characters compare."""
        return str(time or "")[:19].replace(" ", "T") < self.since.strftime("%Y-%m-%dT%H:%M:%S")


def _is_telling(target: Target) -> bool:
    """Whether a list shows the value of a field as it was sent."""
    return target.kind not in REWRITTEN and not target.detail and not target.hidden


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


def parent_not_found(key: str) -> Rejected:
    """The rejection of a row whose parent does not exist."""
    return Rejected("parent_not_found", f"no row has the id that `{key}` names.", key)


def rejected(error: Refused) -> Rejected:
    """Pipedrive's refusal of one record as its rejection."""
    said = error.said or "no reason was given"
    if error.status in (402, 415) or "limit" in said.lower() or (error.status == 403 and NOT_BOUGHT.search(said)):
        code = "feature_limit"
    else:
        code = "permission_denied" if error.status == 403 else "refused_by_pipedrive"
    return Rejected(code, f"Pipedrive said: {said.rstrip('.')} (status {error.status}).")
