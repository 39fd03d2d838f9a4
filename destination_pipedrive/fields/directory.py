"""Where a column goes: the body key, how its value is read, and which part of the value the column holds. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from destination_pipedrive.fields.field import ALIAS, CUSTOM_KINDS, Field, FieldPart, UnknownField
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.fields import FIELD_PATHS, FieldCatalog, column_names, snake_case
from pipedrive_client.fields import Field as FieldDefinition
from pipedrive_client.settings import ConfigError


@dataclass
class FieldDirectory:
    """All places of one object by name; ``domain_field`` is the custom field that holds a company's domain."""

    spec: ObjectSpec
    definitions: tuple[FieldDefinition, ...]
    domain_field: str = ""
    built_in: dict[str, Field] = field(default_factory=dict)
    _places: dict[str, FieldPart] = field(default_factory=dict)
    _several: dict[str, list[str]] = field(default_factory=dict)
    _customs: dict[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._add_built_ins()
        self._built_in_names = frozenset(self._places)
        self._add_customs([each for each in self.definitions if each.is_custom])
        self._add_domain()
        self._add_other_names()

    def find(self, name: str) -> FieldPart | None:
        """The place of a column or target name, or None. Raises UnknownTarget when several fields have the name."""
        name = name.strip()
        for spelling in (name.lower(), snake_case(name)):
            if spelling in self._built_in_names:
                return self._places[spelling]
        for spelling in (name, name.lower(), snake_case(name)):
            if spelling in self._several:
                keys = ", ".join(f"`{key}`" for key in self._several[spelling])
                raise UnknownField(f"`{name}` is the label of several fields; name one by its key: {keys}")
            if spelling in self._places:
                return self._places[spelling]
        return None

    def is_read_only(self, name: str) -> bool:
        """True for a column that the source emits and nobody can write."""
        return name.lower() in self.spec.read_only or name in self._unwritable

    def custom(self, key: str) -> Field | None:
        """The custom field of a 40-character key."""
        return self._customs.get(key)

    def by_key(self, key: str) -> Field | None:
        """The field of a body key."""
        return self.built_in.get(key) or self._customs.get(key)

    def labelled(self) -> list[tuple[str, Field]]:
        """Custom fields by the name that a person would use: the label, or the column name where that is taken."""
        columns = column_names([each for each in self.definitions if each.is_custom], self.spec.columns)
        found = []
        for each in self.definitions:
            if each.key in self._customs:
                label = each.label.strip()
                is_own = label not in self._several and self._is(label, each.key)
                found.append((label if is_own else columns[each.key], self._customs[each.key]))
        return found

    def _is(self, name: str, key: str) -> bool:
        place = self.find(name) if name else None
        return place is not None and place.target.key == key

    @property
    def defined(self) -> frozenset[str]:
        """Keys of the fields that the account has."""
        return frozenset(each.key for each in self.definitions)

    @property
    def names(self) -> list[str]:
        """Every name that a person can use, for messages."""
        return sorted(self._places)

    def _add_built_ins(self) -> None:
        options = {each.key: each.options for each in self.definitions if not each.is_custom}
        for spec in self.spec.fields:
            target = self.built_in[spec.key] = Field.of_built_in(spec, options.get(spec.key, ()))
            self._places[spec.key] = FieldPart(target)
        for alias, key in (self.spec.aliases or {}).items():
            self._places[alias] = replace(self._places[key], part=ALIAS)
        for column, (key, part) in (self.spec.parts or {}).items():
            self._places[column] = replace(self._places[key], part=part)

    def _add_customs(self, definitions: list[FieldDefinition]) -> None:
        columns = column_names(definitions, self.spec.columns)
        self._unwritable: set[str] = set()
        for each in definitions:
            names = [columns[each.key] + suffix for suffix in each.suffixes]
            if each.type not in CUSTOM_KINDS:
                self._unwritable.update((*names, each.key))
                continue
            target = self._customs[each.key] = Field.of_custom(each)
            for suffix, name in zip(each.suffixes, names, strict=True):
                self._places.setdefault(name, FieldPart(target, suffix))
                self._places[each.key + suffix] = FieldPart(target, suffix)
        self._add_labels(definitions)

    def _add_labels(self, definitions: Iterable[FieldDefinition]) -> None:
        """Labels as they are written; one that a built-in field or two custom fields have is not a name."""
        by_label: dict[str, list[str]] = {}
        for each in definitions:
            if each.key in self._customs:
                for spelling in {each.label.strip(), each.label.strip().lower(), snake_case(each.label)}:
                    by_label.setdefault(spelling, []).append(each.key)
        for label, keys in by_label.items():
            if label in self._places or label in self.spec.columns:
                continue
            if len(keys) > 1:
                self._several[label] = keys
            else:
                self._places[label] = FieldPart(self._customs[keys[0]])

    def _add_other_names(self) -> None:
        """What Pipedrive's own form calls a built-in field, and what other products do; custom fields go first."""
        for each in self.definitions:
            if not each.is_custom and each.key in self.built_in:
                self._name_built_in(snake_case(each.label), each.key, each.key)
        for name, place in (self.spec.also or {}).items():
            key, _, part = place.partition(".")
            field = self.spec.field(key)
            if field and (not field.contact_sync or key in self.defined):
                self._name_built_in(name, key, part or ALIAS)

    def _name_built_in(self, name: str, key: str, part: str) -> None:
        if name not in self._several and name not in self.spec.columns:
            self._places.setdefault(name, FieldPart(self.built_in[key], "" if part == key else part))

    def _add_domain(self) -> None:
        holder = self.find(self.domain_field) if self.domain_field else self._places.get("website")
        if self.domain_field and (holder is None or holder.target.kind != "text"):
            raise UnknownField(f"`domain_field` names `{self.domain_field}`, which is not a text field")
        if holder and self.spec.name == "organizations":
            self._places["domain"] = FieldPart(replace(holder.target, kind="domain"), ALIAS)


def targets_of(fields: FieldCatalog, spec: ObjectSpec, domain_field: str, where: str) -> FieldDirectory:
    """The fields of an object in this account. Raises ConfigError, and what the client raises."""
    try:
        definitions = fields.fields(spec.name) if spec.name in FIELD_PATHS else ()
        return FieldDirectory(spec, definitions, domain_field)
    except UnknownField as error:
        raise ConfigError(f"{where}: {error}.") from None
