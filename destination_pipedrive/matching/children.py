"""Finds rows that belong to one row of another object, such as a deal's products: listed by parent, when first needed.

Every row of a parent is read before one is created below it, so a row whose answer was lost is one that is new there.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.fields.parsing import BadValue, identifier
from destination_pipedrive.flow import MappedRecord, Match, Rejected, Row, is_planned
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.matching.retrieval import gone
from destination_pipedrive.matching.rows import nested_id
from destination_pipedrive.objects.spec import Below, ObjectSpec
from destination_pipedrive.results.refusals import parent_not_found, rejected
from pipedrive_client.endpoints import MAX_IDS
from pipedrive_client.errors import Gone, Refused
from pipedrive_client.http import PipedriveClient
from pipedrive_client.paging import rows

#: How many parents' rows are kept; beyond that all are let go of, so that memory stays flat.
MOST_PARENTS = 5_000
#: From this many parents on, asking how many rows each has (one call) may cost less than listing each.
FEWEST_COUNTED = 2


class ChildMatcher(Matcher):
    """Finds rows of one object that has parents. Safe to share between threads."""

    def __init__(self, client: PipedriveClient, spec: ObjectSpec, below: Below) -> None:
        super().__init__(client, spec)
        self._below = below
        self._refused: dict[int, Refused | None] = {}

    def prepare(self, drafts: Iterable[MappedRecord], keys: tuple[MatchKey, ...]) -> None:  # noqa: ARG002
        """Read the rows of the parents that these drafts name; ``keys`` do not matter."""
        parents = dict.fromkeys(parent for draft in drafts if (parent := self._parent(draft)) is not None)
        with self._lock:
            self._load([parent for parent in parents if parent not in self._refused])

    def find(self, draft: MappedRecord, keys: tuple[MatchKey, ...]) -> Match:
        """The rows that have the key; those of other parents among them are for the caller to tell apart."""
        parent = self._parent(draft)
        with self._lock:
            if parent is not None and parent not in self._refused:
                self._load([parent])
        return super().find(draft, keys)

    def refusal(self, draft: MappedRecord) -> Rejected | None:
        """Why the parent's rows could not be read; None when they could."""
        parent = self._parent(draft)
        error = self._refused.get(parent) if parent is not None else None
        if isinstance(error, Gone):
            return parent_not_found(self._below.key)
        return rejected(error) if error else None

    def read(self, row_id: Any) -> Row:
        """One row, by its own path or with the others of its parent. Raises Gone when it was deleted meanwhile."""
        if self.spec.reads_one and not self.spec.is_nested:
            return super().read(row_id)
        with self._lock:
            parent = identifier(self._index.rows[row_id][self._below.key])
            for each in [row["id"] for row in self._index.rows.values() if self._is_of(row, parent)]:
                if not is_planned(each):
                    self._index.drop(each)
            self._load([parent])
            if row_id not in self._index.rows:
                raise gone(self.spec)
            return self._index.rows[row_id]

    def newest(self, values: Mapping[str, Any]) -> Iterator[Row]:
        """The parent's rows as they are now, flat."""
        for row in self._rows_of([identifier(values[self._below.key])]):
            yield self._flattener.flat(row, every=True)

    def forget_fetched(self) -> None:
        """Let go of the rows when they are many."""
        with self._lock:
            if len(self._refused) > MOST_PARENTS:
                self._refused.clear()
                self._index.clear()

    def _load(self, parents: list[int]) -> None:
        """Read the rows of parents. One that is planned only has none; a refusal is remembered."""
        self._refused |= dict.fromkeys(parents)
        asked = self._with_rows(parents)
        for start in range(0, len(asked), self._below.at_once):
            some = asked[start : start + self._below.at_once]
            try:
                self._enter(self._rows_of(some))
            except Refused as error:
                if len(some) == 1:
                    self._refused[some[0]] = error
                else:
                    for parent in some:
                        self._load([parent])

    def _with_rows(self, parents: list[int]) -> list[int]:
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
            empty.update(row["id"] for row in found if row.get(self._below.counter) == 0)
        return [parent for parent in parents if parent not in empty]

    def _rows_of(self, parents: list[int]) -> Iterator[dict[str, Any]]:
        below, real = self._below, self._real(parents, self._below.list_path)
        if not real:
            return
        params, path = ({below.param: ",".join(map(str, real))}, {}) if below.param else ({}, {"id": real[0]})
        for row in rows(self._client, below.list_path, params, **path):
            yield row if row.get(below.key) is not None else {**row, below.key: real[0]}

    def _real(self, parents: list[int], path: str) -> list[int]:
        """The parents that exist; where all of them are planned, the list that the run itself asks for is priced."""
        real = [parent for parent in parents if not is_planned(parent)]
        if not real:
            self.pay_planned("GET", path)
        return real

    def _own_id(self, draft: MappedRecord) -> Any:
        """The id of the row together with that of its parent, where the API needs both."""
        if draft.row_id is None or not self.spec.is_nested:
            return draft.row_id
        parent = self._parent(draft)
        return nested_id(parent, draft.row_id) if parent is not None else None

    def _parent(self, draft: MappedRecord) -> int | None:
        """The parent's id; of one that exists in a dry run only it is below zero."""
        try:
            value = draft.values[self._below.key]
            return value if isinstance(value, int) else identifier(value)
        except (KeyError, BadValue):
            return None

    def _is_of(self, row: Row, parent: int) -> bool:
        return identifier(row[self._below.key]) == parent
