"""Rows that belong to one row of another object, such as a deal's products: listed by parent, when first needed.

Every row of a parent is read before one is created below it, so a row whose answer was lost is one that is new there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from destination_pipedrive.fields.parsing import identifier
from destination_pipedrive.flow import MappedRecord, Rejected, Row, is_planned
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.matching.retrieval import Pay
from destination_pipedrive.matching.row_reader import RowReader, gone
from destination_pipedrive.matching.row_store import RowStore
from destination_pipedrive.matching.rows import RowFlattener, parent_id, parent_of
from destination_pipedrive.objects.spec import Below, ObjectSpec
from destination_pipedrive.results.refusals import parent_not_found, rejected
from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import MAX_IDS
from pipedrive_client.errors import NotFound, Refused
from pipedrive_client.pagination import readable_id, rows

#: How many parents' rows are kept; beyond that all are let go of, so that memory stays flat.
MOST_PARENTS = 5_000
#: From this many parents on, asking how many rows each has (one call) may cost less than listing each.
FEWEST_COUNTED = 2


class ChildLoader:
    """Rows below parents. Only ``read`` and ``newest`` may be called by several threads."""

    def __init__(
        self,
        client: PipedriveClient,
        spec: ObjectSpec,
        below: Below,
        flattener: RowFlattener,
        store: RowStore,
        pay: Pay,
    ) -> None:
        self._client = client
        self._spec = spec
        self._below = below
        self._flattener = flattener
        self._store = store
        self._pay = pay
        self._reader = RowReader(client, spec, flattener)
        self._parent_key = MatchKey(below.key, below.key, "reference")
        #: Parents that were asked, with what Pipedrive said where it refused.
        self._answers: dict[int, Refused | None] = {}

    def prepare(self, records: Sequence[MappedRecord], keys: Sequence[MatchKey]) -> None:  # noqa: ARG002
        """Read the rows of the parents that these records name; ``keys`` do not matter."""
        parents = dict.fromkeys(parent for record in records if (parent := parent_of(self._below, record)) is not None)
        self._load([parent for parent in parents if parent not in self._answers])

    def has_asked(self, record: MappedRecord, key: MatchKey, values: Iterable[Any]) -> bool:  # noqa: ARG002
        """Whether the rows of the record's parent are in the store."""
        return parent_of(self._below, record) in self._answers

    def refusal(self, record: MappedRecord) -> Rejected | None:
        """Why the parent's rows could not be read; None when they could."""
        parent = parent_of(self._below, record)
        error = self._answers.get(parent) if parent is not None else None
        if isinstance(error, NotFound):
            return parent_not_found(self._below.key)
        return rejected(error) if error else None

    def read_all(self) -> None:
        """Nothing: there is no list of all rows, only of those below one parent."""

    def release(self) -> None:
        """Let go of the rows when they are many."""
        if len(self._answers) > MOST_PARENTS:
            self.forget()

    def forget(self) -> None:
        """Read everything anew from now on."""
        self._answers.clear()
        with self._store.lock:
            self._store.clear()

    def read(self, row_id: Any) -> Row:
        """One row, by its own path or with the others of its parent. Raises NotFound when it was deleted since."""
        if self._spec.reads_one and not self._spec.is_nested:
            return self._read_one(row_id)
        with self._store.lock:
            row = self._store.get(row_id)
        if row is None:
            raise gone(self._spec)
        parent = parent_id(row[self._below.key])
        found = self._flattener.live(self._fresh(parent))
        with self._store.lock:
            self._store.release(
                [each for each in self._store.ids(self._parent_key, [str(parent)]) if not is_planned(each)]
            )
            for row in found:
                self._store.put(row)
            if row_id not in self._store.rows:
                raise gone(self._spec)
            return self._store.rows[row_id]

    def newest(self, values: Mapping[str, Any]) -> Iterator[Row]:
        """The rows of the parent that ``values`` name."""
        for row in self._rows_of([identifier(values[self._below.key])]):
            yield self._flattener.flat(row, every=True)

    def _read_one(self, row_id: Any) -> Row:
        if is_planned(row_id):
            self._pay("GET", self._spec.item_path)
            with self._store.lock:
                return self._store.rows[row_id]
        row = self._reader.one(row_id)
        with self._store.lock:
            return self._store.put(row)

    def _fresh(self, parent: int) -> list[Row]:
        """The rows of a parent now; none where it is gone, or hidden, meanwhile."""
        try:
            return list(self._rows_of([parent]))
        except Refused:
            return []

    def _load(self, parents: Sequence[int]) -> None:
        """Read the rows of parents. One that is planned only has none; a refusal is remembered."""
        asked = self._with_rows(parents)
        for start in range(0, len(asked), self._below.at_once):
            self._load_together(asked[start : start + self._below.at_once])
        self._answers |= dict.fromkeys(parent for parent in parents if parent not in self._answers)

    def _load_together(self, parents: Sequence[int]) -> None:
        """Read the rows of parents in one call; where one of them spoils it, in a call each."""
        try:
            found = self._flattener.live(self._rows_of(parents))
        except Refused as error:
            if len(parents) == 1:
                self._answers[parents[0]] = error
            else:
                for parent in parents:
                    self._load([parent])
            return
        with self._store.lock:
            for row in found:
                self._store.put(row)

    def _with_rows(self, parents: Sequence[int]) -> Sequence[int]:
        """The parents without those that say that they have no rows: 100 of them in one call."""
        if not self._below.counter or len(parents) < FEWEST_COUNTED:
            return parents
        empty: set[int] = set()
        for start in range(0, len(parents), MAX_IDS):
            some = parents[start : start + MAX_IDS]
            ids = self._real(some, self._below.parents)
            empty.update(parent for parent in some if is_planned(parent))
            params = {"ids": ",".join(map(str, ids)), "include_fields": self._below.counter}
            found = rows(self._client, self._below.parents, params) if ids else ()
            empty.update(readable_id(row.get("id")) or 0 for row in found if row.get(self._below.counter) == 0)
        return [parent for parent in parents if parent not in empty]

    def _rows_of(self, parents: Sequence[int]) -> Iterator[dict[str, Any]]:
        below, real = self._below, self._real(parents, self._below.list_path)
        if not real:
            return
        params, path = ({below.param: ",".join(map(str, real))}, {}) if below.param else ({}, {"id": real[0]})
        for row in rows(self._client, below.list_path, params, **path):
            yield row if row.get(below.key) is not None else {**row, below.key: real[0]}

    def _real(self, parents: Iterable[int], path: str) -> list[int]:
        """The parents that exist; where all of them are planned, the list that the run itself asks for is priced."""
        real = [parent for parent in parents if not is_planned(parent)]
        if not real:
            self._pay("GET", path)
        return real
