"""How the custom fields of a stream appear in this run: their columns' names, and what writes them into records."""

import logging
from collections.abc import Iterator, Mapping

from pipedrive_client.errors import Refused
from pipedrive_client.field_definitions import FIELD_PATHS, Field, column_names
from pipedrive_client.once import OncePerKey
from source_pipedrive.config.column_names import ColumnName
from source_pipedrive.config.config import WITH_OBJECT, CustomFieldsMode
from source_pipedrive.records.custom_fields import CUSTOM_FIELDS, Names, compile_plan
from source_pipedrive.records.customs import ColumnCustoms, Customs, NoCustoms, ObjectCustoms
from source_pipedrive.records.pinned_columns import check_pinned, pinned
from source_pipedrive.records.reference_data import ReferenceData
from source_pipedrive.streams.schemas import built_in_columns
from source_pipedrive.streams.spec import StreamSpec

#: Objects that have custom fields. Leads have those of deals, activities none.
OBJECTS = ("deals", "persons", "organizations", "products", "projects")


class CustomColumns:
    """The custom fields of all streams. Safe to use from several threads.

    ``known``: stream -> field key -> column name, as the platform's schema has them.
    """

    def __init__(
        self, reference: ReferenceData, mode: CustomFieldsMode, entries: tuple[ColumnName, ...], logger: logging.Logger
    ) -> None:
        """``entries``: the config's `column_names`."""
        self._reference = reference
        self._mode = mode
        self._entries = entries
        self._logger = logger
        self._checked = OncePerKey[str, None]()
        self._told = OncePerKey[str, None]()
        self.known: Mapping[str, Mapping[str, str]] = {}

    @property
    def are_columns(self) -> bool:
        """Whether custom fields have columns of their own."""
        return self._mode != "object"

    def of(self, spec: StreamSpec) -> Customs:
        """How a stream's custom fields appear, by the definitions of now. Raises what the client raises."""
        if spec.fields is None:
            return NoCustoms()
        if self._mode == "object" and not spec.flat_fields:
            return ObjectCustoms()
        keys = (field.key for field in self._reference.fields.custom(spec.fields))
        whole = ObjectCustoms(frozenset(keys) if spec.flat_fields else frozenset())
        if self._mode == "object":
            return whole
        return self._columns(spec, whole if self._mode in WITH_OBJECT else None)

    def _columns(self, spec: StreamSpec, whole: ObjectCustoms | None, is_fresh: bool = False) -> ColumnCustoms:
        assert spec.fields is not None
        fields, names = self._reference.fields.custom(spec.fields), self.names(spec)
        users = self._reference.user_names() if any(field.type == "user" for field in fields) else {}
        again = None if is_fresh else lambda: self._fresh(spec, whole)
        return ColumnCustoms(fields, names, compile_plan(fields, names, Names(users)), spec.flat_fields, again, whole)

    def _fresh(self, spec: StreamSpec, whole: ObjectCustoms | None) -> ColumnCustoms:
        """The columns by the definitions of now, which are read again."""
        assert spec.fields is not None
        self._reference.refresh_fields(spec.fields)
        return self._columns(spec, whole, is_fresh=True)

    def names(self, spec: StreamSpec) -> dict[str, str]:
        """Field key -> column name of a stream's custom fields.

        Raises what the client raises, and ConfigError when the names are new and `column_names` does not fit.
        """
        assert spec.fields is not None
        known = self.known.get(spec.name)
        if not known:
            self.check()
        fields = self._reference.fields.custom(spec.fields)
        now = self._names_of_now(spec.fields, fields)
        return self._settled(spec.name, known, now) if known else now

    def _names_of_now(self, object_name: str, fields: tuple[Field, ...]) -> dict[str, str]:
        names = pinned(self._entries, fields)
        if self._mode == "columns_by_key":
            return {field.key: names.get(field.key, field.key) for field in fields}
        return column_names(fields, self._taken(object_name), names)

    def _taken(self, object_name: str) -> set[str]:
        return built_in_columns(object_name) | ({CUSTOM_FIELDS} if self._mode in WITH_OBJECT else set())

    def check(self) -> None:
        """Hold `column_names` against the account, once a run. Raises ConfigError, and what the client raises."""
        if self._entries:
            self._checked.get("", self._check)

    def _check(self) -> None:
        objects = {name: self._reference.fields.custom(name) for name in OBJECTS if self._is_readable(name)}
        check_pinned(self._entries, objects, {name: self._taken(name) for name in objects})

    def _is_readable(self, object_name: str) -> bool:
        """Whether the token may see the definitions; without the feature or the scope an object has no fields here."""
        try:
            self._reference.rows(FIELD_PATHS[object_name])
        except Refused:
            return False
        return True

    def _settled(self, stream: str, known: Mapping[str, str], now: dict[str, str]) -> dict[str, str]:
        """Names as the platform's schema has them: a column means the same, and none is new, until it is refreshed."""
        self._told.get(stream, lambda: self._tell(stream, known, now))
        return {key: known[key] for key in now if key in known}

    def _tell(self, stream: str, known: Mapping[str, str], now: Mapping[str, str]) -> None:
        """What differs. A field without a column may be new; it may also be deselected, which is no cause to warn."""
        absent = [name for key, name in now.items() if key not in known]
        if absent:
            self._logger.info(
                f"Stream `{stream}`: custom fields that the schema has no column for, deselected or newer than it, are "
                f"left out: {', '.join(absent)}."
            )
        changes = "; ".join(_changes(known, now))
        if changes:
            self._logger.warning(
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
