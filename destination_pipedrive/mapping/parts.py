"""The columns of a record to the parts of fields: which column gives what, and what several of them give together."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from destination_pipedrive.fields.field import Field, FieldPart
from destination_pipedrive.fields.parsing import BadValue, from_json, is_nothing
from destination_pipedrive.flow import Rejected
from destination_pipedrive.mapping.columns import Binding, Bindings

Record = Mapping[str, Any]
#: Body key -> part -> value.
AllParts = dict[str, dict[str, Any]]


def rejected(field: Field, error: BadValue) -> Rejected:
    """The rejection of a record for a value."""
    return Rejected(error.code, f"{error.about(field.name)}.", field.name)


class ColumnReader:
    """Reads the columns of one stream. ``left_out`` counts values that a rule lets be left out, by column.

    Used by one thread.
    """

    def __init__(self, bindings: Bindings) -> None:
        self.left_out: Counter[str] = Counter()
        self._of_record: dict[str, None] = {}
        self._bindings = bindings

    def parts(self, record: Record) -> AllParts:
        """What a record gives to each field. Raises Rejected for a value that is not of its rule's format."""
        parts: AllParts = {}
        bindings = self._bindings
        for binding, value in bindings.constants:
            parts.setdefault(binding.key, {})[binding.part] = value
        constants = {(key, part) for key, given in parts.items() for part in given}
        for column, value in self._in_order(record) if bindings.has_order else record.items():
            bound = bindings.columns[column]
            if bound is None:
                bindings.unmapped[column] += not is_nothing(value)
                continue
            for binding in bound:
                if binding.read is None and binding.key not in parts:
                    parts[binding.key] = {binding.part: value}
                else:
                    self._add(parts, constants, column, binding, value)
            if column == "custom_fields":
                for binding, held in self._from_object(from_json(value)):
                    self._add(parts, constants, column, binding, held)
        if bindings.owner:
            parts.setdefault(bindings.owner.key, {})[""] = self._owner(record)
        return parts

    def givers(self, key: str, record: Record) -> dict[str, Any]:
        """The columns of a record that give something to a field, with their values, as the record spells both."""
        return {
            column: value
            for column, value in record.items()
            if not is_nothing(value) and any(each.key == key for each in self._bindings.columns[column] or ())
        }

    def is_lenient(self, column: str, key: str) -> bool:
        """True when the rule of a column lets invalid values be left out."""
        return any(each.key == key and each.on_invalid != "reject" for each in self._bindings.columns[column] or ())

    def leave_out(self, columns: Iterable[str]) -> None:
        """Note that a record's values of some columns are left out."""
        self._of_record.update(dict.fromkeys(columns))

    def count(self) -> list[str]:
        """The columns of the record at hand that are left out; each counts once."""
        columns = list(self._of_record)
        self._of_record.clear()
        self.left_out.update(columns)
        return columns

    def _add(self, parts: AllParts, constants: set[tuple[str, str]], column: str, binding: Binding, value: Any) -> None:
        """Put a column's value beside what other columns gave to the field. Raises Rejected."""
        try:
            held = binding.read(value) if binding.read else value
        except BadValue as error:
            if binding.on_invalid == "reject":
                raise rejected(binding.place.field, error) from None
            self.leave_out([column])
            return
        into, place = parts.setdefault(binding.key, {}), (binding.key, binding.part)
        if binding.part not in into or (held is not None and place in constants):
            into[binding.part] = held
            constants.discard(place)
        elif held is not None:
            into[binding.part] = _both(into[binding.part], held) if binding.gathers else held

    def _in_order(self, record: Record) -> Iterable[tuple[str, Any]]:
        """The columns in the order of the rules that share a field: the first of several emails is primary."""
        return sorted(record.items(), key=lambda pair: self._bindings.rank(pair[0]))

    def _from_object(self, values: Any) -> Iterator[tuple[Binding, Any]]:
        """The API's own ``custom_fields`` object, as the source emits it on request."""
        for key, value in values.items() if isinstance(values, Mapping) else ():
            field = self._bindings.directory.custom(key)
            if field:
                yield self._bindings.use(Binding(FieldPart(field))), value
            else:
                self._bindings.unmapped[f"custom_fields.{key}"] += not is_nothing(value)

    def _owner(self, record: Record) -> Any:
        """Who `owner` names: the value of that column, or without one it says who by itself."""
        owner = self._bindings.rules.owner
        return self._bindings.value(record, owner) if self._bindings.has_seen(owner) else owner


def _both(first: Any, second: Any) -> list[Any]:
    """Email addresses, phone numbers or people of two columns that go to the same field."""
    held = (from_json(first), from_json(second))
    return [each for given in held for each in (given if isinstance(given, list) else [given])]
