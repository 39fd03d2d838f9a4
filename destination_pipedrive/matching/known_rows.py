"""What a run knows of one object's rows: those that were read, and those that it writes or plans itself."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.fields.field import Field
from destination_pipedrive.flow import Row
from destination_pipedrive.matching.keys import MatchKey
from destination_pipedrive.matching.retrieval import Loader
from destination_pipedrive.matching.row_store import RowStore
from destination_pipedrive.matching.rows import RowFlattener
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.errors import NotFound


class KnownRows:
    """Rows of one object. What reads lists, or lets go of rows, is called by the thread of the batch alone."""

    def __init__(self, spec: ObjectSpec, flattener: RowFlattener, store: RowStore, loader: Loader) -> None:
        self._spec = spec
        self._flattener = flattener
        self._store = store
        self._loader = loader

    @property
    def floor(self) -> int | None:
        """An id below those of all rows that are created from now on; None as long as none is known."""
        with self._store.lock:
            return self._store.floor

    def require_fields(self, targets: Iterable[Field], keys: Iterable[MatchKey] = ()) -> None:
        """Remember which fields are compared and which keys are looked up; rows without these keys are read anew."""
        keys = tuple(keys)
        self._flattener.require_fields(targets, keys)
        if self._flattener.lacks(keys):
            self._loader.forget()
        with self._store.lock:
            self._store.add_keys(keys)

    def knows(self, row_id: Any) -> bool:
        """True for a row that was read or written in this run."""
        with self._store.lock:
            return self._store.knows(row_id)

    def is_own(self, row_id: Any) -> bool:
        """True for a row that was there before, or that this run created a moment ago."""
        with self._store.lock:
            return self._store.is_own(row_id)

    def peek(self, row_id: Any) -> Row | None:
        """A row as far as it is known without a call; None where it is not."""
        with self._store.lock:
            return self._store.get(row_id)

    def row(self, row_id: Any, needed: Collection[str] = ()) -> Row:
        """A row as it is on the server, read again (1 token) when it was read without these fields, or is not here."""
        with self._store.lock:
            row = self._store.get(row_id)
        return row if row is not None and (not needed or all(key in row for key in needed)) else self.read(row_id)

    def read(self, row_id: Any) -> Row:
        """Read one row now (1 token). Raises NotFound when it was deleted in the meantime."""
        return self._loader.read(row_id)

    def read_all(self) -> None:
        """Read every row, at the price of what was not listed yet."""
        self._loader.read_all()

    def all_rows(self) -> dict[Any, Row]:
        """Every row by id, read as far as they were not."""
        self.read_all()
        with self._store.lock:
            return self._store.all_rows()

    def newest(self, values: Mapping[str, Any]) -> Iterator[Row]:
        """Rows as they are now, flat and the newest first: where a row is looked for whose answer was lost."""
        return self._loader.newest(values)

    def put(self, row: Mapping[str, Any]) -> Row:
        """Enter a row that the API answered, new or changed."""
        flat = self._flattener.flat(row, every=True)
        with self._store.lock:
            return self._store.put(flat)

    def replace_planned(self, planned_id: Any, row: Mapping[str, Any], is_flat: bool) -> Row:
        """Enter a row that this run created in the place of the planned one; ``is_flat``: not as the API shows it."""
        flat = dict(row) if is_flat else self._flattener.flat(row, every=True)
        with self._store.lock:
            return self._store.replace_planned(planned_id, flat, self._spec.has_floor)

    def add_planned(self, flat: Row) -> Row:
        """Enter a flat row that exists in a plan only; like an answer it holds every custom field."""
        with self._store.lock:
            return self._store.add_planned({**self._flattener.no_custom_values, **flat})

    def plan(self, row_id: Any, changed: Mapping[str, Any]) -> None:
        """Enter what a plan changes of a row."""
        with self._store.lock:
            self._store.plan(row_id, changed)

    def keep(self, row_id: Any) -> None:
        """What is planned of a row stays, as nothing will take its place: a dry run never writes it."""
        with self._store.lock:
            self._store.keep(row_id)

    def unplan(self, row_id: Any) -> None:
        """Take back what was planned of a row, or a row that was only planned."""
        with self._store.lock:
            self._store.unplan(row_id)

    def undelete(self, row: Row) -> None:
        """A row whose deletion was planned stays."""
        with self._store.lock:
            self._store.undelete(row)

    def lacks(self, row_id: Any, needed: Iterable[str]) -> bool:
        """True when a row was read without one of these fields, or is not here."""
        with self._store.lock:
            row = self._store.get(row_id)
        return row is None or not all(key in row for key in needed)

    def row_or_none(self, row_id: Any, needed: Collection[str]) -> Row | None:
        """A row with these fields, read again when it was read without; None when it is gone."""
        try:
            return self.row(row_id, needed)
        except NotFound:
            self.drop(row_id)
            return None

    def drop(self, row_id: Any) -> None:
        """Forget a row that is gone."""
        with self._store.lock:
            self._store.bury(row_id)

    def release(self) -> None:
        """Let go of rows that only the last batch needed, so that memory stays flat."""
        self._loader.release()
        with self._store.lock:
            self._store.move_to_disk()
