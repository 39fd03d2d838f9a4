"""Rows by their ids: in batches where the list takes ids, else one by one."""

from collections.abc import Iterator, Sequence
from typing import Any

from destination_pipedrive.flow import Row
from destination_pipedrive.matching.rows import RowFlattener
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import MAX_IDS
from pipedrive_client.errors import NotFound, Refused
from pipedrive_client.pagination import one_row, rows

#: Up to this many rows a GET each (1 token) costs no more than one archived page (20 tokens).
MOST_SINGLE_READS = 20


class RowReader:
    """Reads rows by their ids. What the client raises ends the run, but for a row that is gone or alone is refused."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, flattener: RowFlattener) -> None:
        self.refused: dict[Any, Refused] = {}
        self._client = client
        self._spec = spec
        self._flattener = flattener

    def one(self, row_id: Any) -> Row:
        """One row, flat. Raises NotFound when it does not exist, TransientError when no answer holds it."""
        params = self._flattener.includes
        answer = one_row(self._client, self._spec.item_path, params, id=row_id)
        if self._flattener.is_gone(answer):
            raise gone(self._spec)
        return self._flattener.flat(self._flattener.completed(answer), every=True)

    def some(self, ids: Sequence[Any]) -> Iterator[Row]:
        """Those of these rows that exist, flat."""
        if not self._spec.reads_ids:
            yield from self._singly(ids)
            return
        for start in range(0, len(ids), MAX_IDS):
            yield from self._batch(ids[start : start + MAX_IDS])

    def _batch(self, ids: Sequence[Any]) -> Iterator[Row]:
        found = list(self._rows_at(self._spec.path, ids))
        yield from found
        missing = sorted(set(ids) - {row["id"] for row in found})
        if missing and self._spec.archived_path:
            many = len(missing) > MOST_SINGLE_READS
            yield from self._rows_at(self._spec.archived_path, missing) if many else self._singly(missing)

    def _singly(self, ids: Sequence[Any]) -> Iterator[Row]:
        for row_id in ids:
            try:
                yield self.one(row_id)
            except NotFound:
                continue
            except Refused as error:
                self.refused[row_id] = error

    def _rows_at(self, path: str, ids: Sequence[Any]) -> Iterator[Row]:
        params = {"ids": ",".join(map(str, ids)), **self._flattener.params}
        return iter(self._flattener.live(rows(self._client, path, params)))


def gone(spec: ObjectSpec) -> NotFound:
    """What is raised for a row that does not exist any more."""
    return NotFound(f"The {spec.noun} was deleted.", status=404, path=spec.path)
