"""A record to the values of one object: names to keys, labels to ids, types. Asks the account for names only."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import Field
from destination_pipedrive.fields.lists import choices_in
from destination_pipedrive.fields.parsing import PIPELINE, BadValue, Lookups, identifier, is_nothing, text
from destination_pipedrive.flow import MappedRecord, Rejected
from destination_pipedrive.mapping.columns import NO_FALLBACKS, Bindings, Fallbacks
from destination_pipedrive.mapping.links import LinkReader
from destination_pipedrive.mapping.parts import AllParts, ColumnReader, Record, rejected

Parts = dict[str, Any]
#: What reading a value raises that is not of its type, also in a way that nobody thought of.
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError)


class RecordMapper:
    """How the records of one stream become values of one object."""

    def __init__(
        self,
        rules: Rules,
        directory: FieldDirectory,
        lookups: Lookups,
        uses_id: bool,
        fallbacks: Fallbacks = NO_FALLBACKS,
        ignored_domains: frozenset[str] = frozenset(),
    ) -> None:
        """Raises ConfigError with every problem of the rules."""
        self.rules = rules
        self.directory = directory
        #: Body keys that tell which row a record is about; None where all fields are written.
        self.needed: frozenset[str] | None = None
        self._id_column = _id_column(rules, uses_id)
        self._bindings = Bindings(rules, directory, lookups, self._id_column)
        self._columns = ColumnReader(self._bindings)
        self._links = LinkReader(self._bindings, ignored_domains)
        self._lookups = lookups
        self._fallbacks = fallbacks
        self._unavailable = frozenset(
            spec.key for spec in directory.spec.fields if spec.contact_sync and spec.key not in directory.defined
        )

    @property
    def fields(self) -> dict[str, Field]:
        """The fields that are written, by body key; it grows with the columns seen."""
        return self._bindings.fields

    @property
    def known(self) -> dict[str, Field]:
        """These, and all other built-in fields of the object."""
        return self._bindings.known

    @property
    def unread(self) -> tuple[str, ...]:
        """The body keys that a row may have been read without."""
        return tuple(key for key, field in self.fields.items() if field.may_be_unread)

    @property
    def modes(self) -> Mapping[str, str]:
        """Body key -> mode, where it is not `overwrite`."""
        return self._bindings.modes

    @property
    def min_change(self) -> Mapping[str, float]:
        """Body key -> the smallest change that is written."""
        return self._bindings.min_change

    @property
    def unmapped(self) -> Counter[str]:
        """Column -> how many values were left out because it is no field."""
        return self._bindings.unmapped

    @property
    def left_out(self) -> Counter[str]:
        """Column -> how many values were left out because Pipedrive does not take them."""
        return self._columns.left_out

    def compile(self, columns: tuple[str, ...]) -> None:
        """Look at the columns of a schema before the first record."""
        for column in columns:
            self._bindings.columns[column]

    def takers(self, column: str) -> Iterator[Field]:
        """The fields that take the values of a column as they are."""
        return self._bindings.takers(column)

    def spelled(self, record: Record) -> Record:
        """The record with its columns as the config spells them, for conditions on it."""
        if not record.keys() <= self._bindings.columns.keys():
            self._bindings.see(record)
        if not self._bindings.spelled:
            return record
        found = {name: record[column] for name, column in self._bindings.spelled.items() if column in record}
        return {**found, **record} if found else record

    def map(self, record: Record) -> MappedRecord:
        """The values of a record. Raises Rejected with the field and the reason."""
        mapped = MappedRecord({})
        try:
            self._fill(mapped, record)
        finally:
            mapped.left_out = self._columns.count()
        return mapped

    def columns_of(self, name: str, record: Record) -> dict[str, Any]:
        """The columns of a record, with their values, that give a field or a parent; named as messages name it."""
        fields = [key for key, field in self.fields.items() if name in (key, field.name)]
        found = {name: value for key in fields for name, value in self._columns.givers(key, record).items()}
        named = [rule.source for rule in self.rules.links if rule.parent == name]
        named += [self._id_column] if name == "id" and self._id_column else []
        found |= {column: self._bindings.value(record, column) for column in named}
        return {column: value for column, value in found.items() if not is_nothing(value)}

    def _fill(self, mapped: MappedRecord, record: Record) -> None:
        given = self._columns.parts(record)
        if self._bindings.waiting:
            self._make_waiting(given)
        if "stage_id" in given:
            self._place_stage(given)
        values, needed = mapped.values, self.needed
        for key, parts in given.items():
            try:
                value = self._value(key, parts, record)
            except Rejected:
                # A field that says nothing about which row is to be deleted does not matter.
                if needed is None or key in needed:
                    raise
                continue
            if value is not None or self._clears(key, parts):
                values[key] = value
        if self._id_column:
            self._set_id(mapped, self._bindings.value(record, self._id_column))
        mapped.references.extend(self._links.read(values, record))
        if self.rules.updated_at_field:
            mapped.changed_at = self._bindings.value(record, self.rules.updated_at_field)

    def _value(self, key: str, parts: Parts, record: Record) -> Any:
        field = self._bindings.fields[key]
        try:
            given = self._translated(field, parts) if self._bindings.translations else parts
            value = field.parse(given, self._lookups)
        except UNREADABLE as error:
            value = self._otherwise(field, parts, record, error)
        if value is not None and key in self._unavailable:
            raise Rejected("feature_limit", f"`{key}` exists only with Pipedrive's contact sync, which is off.", key)
        return value

    def _translated(self, field: Field, parts: Parts) -> Parts:
        translation = self._bindings.translations.get(field.key)
        return translation.translate(field, parts) if translation else parts

    def _otherwise(self, field: Field, parts: Parts, record: Record, error: Exception) -> Any:
        """What becomes of a value that cannot be read: an option is created, it is left out, or Rejected is raised."""
        try:
            return self._with_new_options(field, parts, error)
        except BadValue as bad:
            if self._may_be_empty(field, bad):
                self._columns.leave_out(self._columns.givers(field.key, record) or {field.name: None})
                return None
            if field.key in self._bindings.lenient:
                return self._without_invalid(field, record)
            raise rejected(field, bad) from None
        except UNREADABLE:
            reason = f"`{field.name}` cannot be read as {field.type.name}."
            raise Rejected("invalid_value", reason, field.name) from None

    def _with_new_options(self, field: Field, parts: Parts, error: Exception) -> Any:
        """The value with options that are missing created, where that is wanted. Raises the error where it is not."""
        while True:
            missing = error.missing if isinstance(error, BadValue) and field.type.makes_options else ""
            creates = self.rules.on_unknown_option == "create" and field.key not in self._bindings.waiting
            if not missing or not creates or not self._fallbacks.new_option:
                raise error
            option = self._fallbacks.new_option(field, missing)
            field = replace(field, options=(*field.options, option))
            self._bindings.set_field(field)
            try:
                return field.parse(self._translated(field, parts), self._lookups)
            except UNREADABLE as another:
                error = another

    def _may_be_empty(self, field: Field, error: BadValue) -> bool:
        """An unknown option when the option says so; an unknown owner when another one is the default."""
        if error.code == "unknown_option":
            return self.rules.on_unknown_option == "null"
        return self._fallbacks.has_owner and field.type.has_default and not field.custom

    def _without_invalid(self, field: Field, record: Record) -> Any:
        """The value without the columns that spoil it and whose rules let them be left out. Raises Rejected."""
        given = self._columns.givers(field.key, record)
        lenient = [column for column in given if self._columns.is_lenient(column, field.key)]
        spoilt = [column for column in lenient if not self._is_readable(field, {column: given[column]})] or lenient
        self._columns.leave_out(spoilt)
        left = {column: value for column, value in given.items() if column not in spoilt}
        try:
            return self._read_alone(field, left)
        except BadValue as error:
            raise rejected(field, error) from None

    def _is_readable(self, field: Field, given: Record) -> bool:
        try:
            self._read_alone(field, given)
        except BadValue:
            return False
        return True

    def _read_alone(self, field: Field, given: Record) -> Any:
        """The value from some columns only."""
        parts = self._columns.parts(given).get(field.key, {})
        return field.parse(self._translated(field, parts), self._lookups)

    def _make_waiting(self, given: AllParts) -> None:
        """Create fields that wait for their first choices with those that the record names."""
        for key in self._bindings.waiting & given.keys():
            labels = self._choices(self.fields[key], given[key])
            if labels and self._fallbacks.new_choices:
                made = self._fallbacks.new_choices(self.fields[key], labels)
                self._bindings.replace_field(key, made)
                given[made.key] = given.pop(key)

    def _choices(self, field: Field, parts: Parts) -> list[str]:
        with suppress(BadValue):
            return choices_in(field, self._translated(field, parts))
        return []

    def _place_stage(self, given: AllParts) -> None:
        """A stage that is named is looked for in the pipeline that the record names."""
        stage, pipeline = given.get("stage_id"), given.get("pipeline_id")
        if stage and pipeline and not all(is_nothing(value) for value in stage.values()):
            with suppress(Rejected):  # the pipeline itself says so later
                stage[PIPELINE] = self._value("pipeline_id", pipeline, {})

    def _clears(self, key: str, parts: Parts) -> bool:
        return self._bindings.nulls.get(key) == "clear" and all(is_nothing(value) for value in parts.values())

    def _set_id(self, mapped: MappedRecord, value: Any) -> None:
        if is_nothing(value):
            return
        try:
            mapped.row_id = text(value) if self.directory.spec.text_ids else identifier(value)
        except BadValue as error:
            raise Rejected("invalid_value", f"`id` {error}.", "id") from None


def _id_column(rules: Rules, uses_id: bool) -> str:
    """The column that holds Pipedrive's id; a column `id` that is mapped to another field holds something else."""
    named = next((rule.source for rule in rules.fields if rule.target == "id"), "")
    is_taken = any(rule.source.lower() == "id" for rule in rules.fields)
    return named or ("id" if uses_id and not is_taken else "")
