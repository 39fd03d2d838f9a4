"""Small lists that several streams need (users, labels, field definitions): read once a run, when a row needs one."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import Refused
from pipedrive_client.expressions.comparison import Named
from pipedrive_client.field_definitions import FIELD_PATHS, FieldCatalog, column_names
from source_pipedrive.config.config import WITH_OBJECT, CustomFieldsMode
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS, Names, compile_plan
from source_pipedrive.records.optional_fields import Extras
from source_pipedrive.records.transformer import (
    ColumnCustoms,
    Customs,
    Lookups,
    NoCustoms,
    ObjectAndColumns,
    ObjectCustoms,
)
from source_pipedrive.streams.schemas import built_in_columns
from source_pipedrive.streams.spec import ListSpec, StreamSpec

Row = dict[str, Any]


class Reference:
    """Shared, lazily read knowledge about the account. Safe to use from several threads."""

    def __init__(self, client: PipedriveClient, extras: Extras, shared: Iterable[ListSpec]) -> None:
        self._client = client
        self._extras = extras
        self._shared = {part.path: part for part in shared}
        self._rows: dict[str, list[Row]] = {}
        self._me: Named | None = None
        self._lock = threading.RLock()
        self._local = threading.local()
        self.fields = FieldCatalog(client, self.rows)
        self.known: Mapping[str, Mapping[str, str]] = {}
        self._told: set[str] = set()

    def meter_under(self, label: str) -> None:
        """Count what this thread reads from now on under ``label``."""
        self._local.label = label

    @property
    def label(self) -> str:
        """What this thread's reading counts under."""
        return str(getattr(self._local, "label", ""))

    def me(self) -> Named:
        """The user whose token is used; asked once a run. Raises what the client raises."""
        with self._lock:
            if self._me is None:
                me = self._client.labelled(self.label).request("GET", "v1/users/me").get("data")
                me = me if isinstance(me, dict) else {}
                self._me = Named(me.get("id"), me.get("name"), me.get("email"))
            return self._me

    def rows(self, path: str) -> list[Row]:
        """All rows of a small list, read once a run. Raises what the client raises."""
        with self._lock:
            if path not in self._rows:
                part, is_optional = self._shared[path], path not in FIELD_PATHS.values()
                client = self._client.labelled(self.label)
                # Definitions that are missing by mistake would take columns out of the schema.
                pages = self._extras.pages(client, part, dict(part.params), null_is_empty=is_optional)
                self._rows[path] = [row for page in pages for row in page.rows]
            return self._rows[path]

    def _rows_or_none(self, path: str, lost: str) -> list[Row]:
        try:
            return self.rows(path)
        except Refused as error:
            with self._lock:
                self._rows[path] = []
            self._client.logger.warning(f"{lost} are null: {error.message}")
            return []

    def user_emails(self) -> Mapping[int, str | None]:
        """User id -> e-mail; empty (with one warning) when the token may not list users."""
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

    def customs(self, spec: StreamSpec, mode: CustomFieldsMode) -> Customs:
        """How a stream's custom fields appear, by the definitions of now."""
        if spec.fields is None:
            return NoCustoms()
        if mode == "object" and not spec.flat_fields:
            return ObjectCustoms()
        fields = self.fields.custom(spec.fields)
        whole = ObjectCustoms(frozenset(field.key for field in fields) if spec.flat_fields else frozenset())
        if mode == "object":
            return whole
        columns = self._columns(spec, mode)
        return ObjectAndColumns(whole, columns) if mode in WITH_OBJECT else columns

    def _columns(self, spec: StreamSpec, mode: CustomFieldsMode, is_fresh: bool = False) -> ColumnCustoms:
        assert spec.fields is not None
        fields, names = self.fields.custom(spec.fields), self.column_names(spec, mode)
        users = self.user_names() if any(field.type == "user" for field in fields) else {}
        again = None if is_fresh else lambda: self._fresh(spec, mode)
        return ColumnCustoms(fields, names, compile_plan(fields, names, Names(users)), spec.flat_fields, again)

    def _fresh(self, spec: StreamSpec, mode: CustomFieldsMode) -> ColumnCustoms:
        """The columns by the definitions of now, which are read again."""
        assert spec.fields is not None
        self._rows.pop(FIELD_PATHS[spec.fields], None)
        self.fields.refresh(spec.fields)
        return self._columns(spec, mode, is_fresh=True)

    def column_names(self, spec: StreamSpec, mode: CustomFieldsMode) -> dict[str, str]:
        """Field key -> column name of a stream's custom fields."""
        assert spec.fields is not None
        fields = self.fields.custom(spec.fields)
        if mode == "columns_by_key":
            return {field.key: field.key for field in fields}
        taken = built_in_columns(spec.fields) | ({CUSTOM_FIELDS} if mode in WITH_OBJECT else set())
        return self._settled(spec, column_names(fields, taken))

    def _settled(self, spec: StreamSpec, now: dict[str, str]) -> dict[str, str]:
        """Names as the platform's schema has them: a column means the same, and none is new, until it is refreshed."""
        known = self.known.get(spec.name) or {}
        if not known:
            return now
        names = {key: known[key] for key in now if key in known}
        if spec.name not in self._told:
            self._told.add(spec.name)
            self._tell(spec.name, known, now)
        return names

    def _tell(self, stream: str, known: Mapping[str, str], now: Mapping[str, str]) -> None:
        """What differs. A field without a column may be new; it may also be deselected, which is no cause to warn."""
        absent = [name for key, name in now.items() if key not in known]
        if absent:
            self._client.logger.info(
                f"Stream `{stream}`: custom fields that the schema has no column for, deselected or newer than it, are "
                f"left out: {', '.join(absent)}."
            )
        changes = "; ".join(_changes(known, now))
        if changes:
            self._client.logger.warning(
                f"Stream `{stream}`: its custom fields changed since the schema was discovered ({changes}). Until you "
                "refresh the schema columns keep their names."
            )


def _changes(known: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    """Fields of the platform's schema that the account has no more, or under another name."""
    gone = [name for key, name in known.items() if key not in now]
    moved = [f"{name} (now {now[key]})" for key, name in known.items() if key in now and now[key] != name]
    for kind, columns in (("deleted", gone), ("renamed", moved)):
        if columns:
            yield f"{kind}: {', '.join(columns)}"


def _texts(rows: Iterable[Row], name: str) -> dict[Any, str | None]:
    """Id -> text of a column, of rows that have an id."""
    texts = ((row.get("id"), row.get(name)) for row in rows)
    return {one: text if isinstance(text, str) else None for one, text in texts if isinstance(one, int | str)}


def _once(read: Callable[[], Mapping[Any, Any]]) -> Callable[[], Mapping[Any, Any]]:
    known: list[Mapping[Any, Any]] = []

    def get() -> Mapping[Any, Any]:
        if not known:
            known.append(read())
        return known[0]

    return get
