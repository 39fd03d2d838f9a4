"""Small lists that several streams need (users, labels, field definitions): read once a run, when a row needs one."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused
from pipedrive_client.expressions.comparison import Named
from pipedrive_client.field_definitions import FIELD_PATHS, FieldCatalog
from pipedrive_client.once import OncePerKey
from pipedrive_client.pagination import one_row
from source_pipedrive.records.optional_fields import OptionalFields
from source_pipedrive.records.transformer import Lookups
from source_pipedrive.streams.spec import ListSpec, StreamSpec

Row = dict[str, Any]


class ReferenceData:
    """Shared, lazily read knowledge about the account. Safe to use from several threads; each list by itself."""

    def __init__(self, client: PipedriveClient, extras: OptionalFields, shared: Iterable[ListSpec]) -> None:
        self._client = client
        self._extras = extras
        self._shared = {part.path: part for part in shared}
        self._rows = OncePerKey[str, list[Row]]()
        self._me = OncePerKey[str, Named]()
        self._local = threading.local()
        self.fields = FieldCatalog(client, self.rows)

    def meter_under(self, label: str) -> None:
        """Count what this thread reads from now on under ``label``."""
        self._local.label = label

    @property
    def label(self) -> str:
        """What this thread's reading counts under."""
        return str(getattr(self._local, "label", ""))

    def me(self) -> Named:
        """The user whose token is used; asked once a run. Raises what the client raises."""
        return self._me.get("", self._read_me)

    def _read_me(self) -> Named:
        me = one_row(self._client.labelled(self.label), "v1/users/me")
        return Named(me.get("id"), me.get("name"), me.get("email"))

    def rows(self, path: str) -> list[Row]:
        """All rows of a small list, read once a run. Raises what the client raises."""
        return self._rows.get(path, lambda: self._read(path))

    def _read(self, path: str) -> list[Row]:
        part, is_optional = self._shared[path], path not in FIELD_PATHS.values()
        client = self._client.labelled(self.label)
        # Definitions that are missing by mistake would take columns out of the schema.
        pages = self._extras.pages(client, part, dict(part.params), null_is_empty=is_optional)
        return [row for page in pages for row in page.rows]

    def refresh_fields(self, object_name: str) -> None:
        """Read an object's field definitions again. Raises what the client raises."""
        path = FIELD_PATHS[object_name]
        self._rows.renew(path, lambda: self._read(path))
        self.fields.refresh(object_name)

    def _rows_or_none(self, path: str, lost: str) -> list[Row]:
        def read() -> list[Row]:
            try:
                return self._read(path)
            except Refused as error:
                self._client.logger.warning(f"{lost} are null: {error.message}")
                return []

        return self._rows.get(path, read)

    def user_emails(self) -> Mapping[int, str | None]:
        """User id -> email; empty (with one warning) when the token may not list users."""
        return _texts(self._rows_or_none("v1/users", "`owner_email` columns"), "email")

    def user_names(self) -> Mapping[int, str | None]:
        """User id -> name; empty (with one warning) when the token may not list users."""
        return _texts(self._rows_or_none("v1/users", "Names of users"), "name")

    def labels(self, spec: StreamSpec) -> Mapping[Any, str | None]:
        """Label id -> name for the ``label_ids`` of a stream."""
        if spec.label_list:
            return _texts(self._rows_or_none(spec.label_list, "`labels` columns"), "name")
        return self.fields.options(spec.fields, "label_ids") if spec.fields else {}

    def lookups(self, spec: StreamSpec) -> Lookups:
        """What the derived columns of a stream need, read when first asked for."""
        return Lookups(_once(self.user_emails), _once(lambda: self.labels(spec)))


def _texts(rows: Iterable[Row], name: str) -> dict[Any, str | None]:
    """Id -> text of a column, of rows that have an id."""
    texts = ((row.get("id"), row.get(name)) for row in rows)
    return {one: text if isinstance(text, str) else None for one, text in texts if isinstance(one, int | str)}


def _once(read: Callable[[], Mapping[Any, Any]]) -> Callable[[], Mapping[Any, Any]]:
    """The mapping that ``read`` gives, kept. Two threads may make it at once: both make the same."""
    known: list[Mapping[Any, Any]] = []

    def get() -> Mapping[Any, Any]:
        if not known:
            known.append(read())
        return known[0]

    return get
