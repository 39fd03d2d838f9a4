"""Changes of one object as requests: POST, PATCH, DELETE."""

import time
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.v1_custom_fields import write_flat
from destination_pipedrive.flow import Rejected, Row
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.results.refusals import KeepsFailing, RefusedFields, rejected
from destination_pipedrive.writing.idempotent_post import CLOCK_SKEW, LostRow, NewestRows, post_once
from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import NotFound, Refused, TransientError
from pipedrive_client.pagination import readable_id

Fields = Mapping[str, Field]
#: An id that no row has: the largest that fits.
NO_ROW = 2**31 - 1
#: How often it is asked whether writes are taken.
PROBE_TRIES = 2


class Executor(Protocol):
    """Carries out changes of one object. Rows in answers are as the API has them, or flat where ``is_flat`` says so."""

    def create(self, values: Mapping[str, Any], fields: Fields) -> tuple[Row, bool]:
        """A new row, and whether it is flat. Raises Rejected when it is refused."""

    def update(self, row_id: Any, changed: Mapping[str, Any], fields: Fields, before: Mapping[str, Any]) -> Row:
        """Changed fields; the row as answered. Raises NotFound when it does not exist, Rejected when refused."""

    def delete(self, row_id: Any) -> bool:
        """Delete a row; False when it was gone already. Raises Rejected when it is refused."""


class HttpExecutor:
    """Sends the changes to Pipedrive. Safe to share between threads. What keeps failing raises KeepsFailing."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, rows: NewestRows, under_way: deque[Any]) -> None:
        """``rows`` is where a row is looked for whose answer was lost; ``under_way`` holds an entry for each write
        whose answer is awaited.
        """
        self._under_way = under_way
        self._client = client.labelled(spec.name)
        self._spec = spec
        self._rows = rows
        self._refused = RefusedFields(spec)

    def create(self, values: Mapping[str, Any], fields: Fields) -> tuple[Row, bool]:
        """POST."""
        spec, floor, begun = self._spec, self._rows.floor, time.monotonic()
        if self._refused.reasons:
            self._refused.check(values)

        def result(answer: Mapping[str, Any]) -> tuple[Row, bool] | None:
            row = {**values, **row_in(spec, answer)}
            return (row, False) if readable_id(row.get(spec.item_id), spec.text_ids) is not None else None

        def look_for() -> tuple[Row, bool] | None:
            since = self._client.server_clock.at(begun) - CLOCK_SKEW
            found = LostRow(spec, self._rows, floor, since).find(values, fields)
            return (found, True) if found else None

        sent = spec.new_body(dict(values)) if spec.new_body else values
        path_args = {"id": values[spec.below.key]} if spec.is_nested and spec.below else {}
        self._under_way.append(None)
        try:
            body = request_body(spec, sent, fields)
            made: tuple[Row, bool] = post_once(self._client, spec.path, body, result, look_for, **path_args)
        except Refused as error:
            self._refused.learn(error, values)
            raise self._refusal(error) from None
        finally:
            self._under_way.pop()
        return made

    def update(self, row_id: Any, changed: Mapping[str, Any], fields: Fields, before: Mapping[str, Any]) -> Row:
        """PATCH or PUT. An archived row takes no change but its own restoring, which goes first."""
        if self._refused.reasons:
            self._refused.check(changed)
        if before.get("is_archived") and "is_archived" in changed:
            restored = self._patch(row_id, {"is_archived": changed["is_archived"]}, fields)
            changed = {key: value for key, value in changed.items() if key != "is_archived"}
            if not changed:
                return restored
        along = {key: before.get(key) for key in self._spec.sent_along}
        return self._patch(row_id, {**along, **changed}, fields)

    def delete(self, row_id: Any) -> bool:
        """DELETE."""
        self._under_way.append(None)
        try:
            self._client.request("DELETE", self._spec.item_path, **item_args(self._spec, row_id))
        except NotFound:
            return False
        except TransientError as error:
            raise KeepsFailing("DELETE", error) from None
        except Refused as error:
            raise rejected(error, "DELETE") from None
        finally:
            self._under_way.pop()
        return True

    def _patch(self, row_id: Any, changed: Mapping[str, Any], fields: Fields) -> Row:
        body, method = request_body(self._spec, changed, fields), self._spec.update_method
        content: dict[str, Any] = {"form": body} if self._spec.sends_form else {"json": body}
        self._under_way.append(None)
        try:
            answer = self._client.request(method, self._spec.item_path, **content, **item_args(self._spec, row_id))
        except NotFound:
            raise
        except TransientError as error:
            raise KeepsFailing(method, error) from None
        except Refused as error:
            self._refused.learn(error, changed)
            raise rejected(error, method) from None
        finally:
            self._under_way.pop()
        return row_in(self._spec, answer)

    def _refusal(self, error: Refused) -> Rejected:
        """A refusal of a new row; where the path names its parent, 404 is about that."""
        below = self._spec.below
        if isinstance(error, NotFound) and self._spec.is_nested and below:
            said = (error.said or "not found").rstrip(".")
            return Rejected("parent_not_found", f"Pipedrive said: {said}.", below.key)
        return rejected(error, "POST")


def takes_writes(client: PipedriveClient, specs: Iterable[ObjectSpec], error: TransientError) -> bool:
    """Whether Pipedrive takes writes of the kind that failed, as far as one shows that changes nothing: of a row that
    does not exist (5 tokens). Where there is none, whether it answers (2 tokens).
    """
    client, path = client.patient(PROBE_TRIES), f"{error.path}/"
    alike = (each for each in specs if path.startswith(f"{each.path}/") and not (each.is_nested or each.text_ids))
    spec = next((each for each in alike if each.update_method == "PATCH"), None)
    try:
        if spec:
            client.request("PATCH", spec.item_path, json={}, id=NO_ROW)
        else:
            client.request("GET", "v1/users/me")
    except Refused:
        return True
    except TransientError:
        return False
    return True


def row_in(spec: ObjectSpec, answer: Mapping[str, Any]) -> Row:
    """The row that an answer holds, as far as it does."""
    data = answer.get("data")
    data = data.get(spec.inside) if spec.inside and isinstance(data, dict) else data
    return data if isinstance(data, dict) else {}


def request_body(spec: ObjectSpec, values: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """The body of a POST or PATCH: custom fields under ``custom_fields``, or where v1 has them, beside the others."""
    if spec.is_nested and spec.below:
        values = {key: value for key, value in values.items() if key != spec.below.key}
    if spec.flat_custom:
        return write_flat(values, fields)
    body = {key: value for key, value in values.items() if not fields[key].custom}
    custom = {key: value for key, value in values.items() if fields[key].custom}
    return {**body, "custom_fields": custom} if custom else body


def item_args(spec: ObjectSpec, row_id: Any) -> dict[str, Any]:
    """What fills the path of one row: its id, or its parent's and its own."""
    if not spec.is_nested:
        return {"id": row_id}
    parent, own = str(row_id).split("/", 1)
    return {"id": parent, spec.item_path.rsplit("{", 1)[1].rstrip("}"): own}


def own_id(spec: ObjectSpec, row_id: Any) -> dict[str, Any]:
    """The id of a row as the API shows it."""
    return {spec.item_id: str(row_id).split("/", 1)[1] if spec.is_nested else row_id}
