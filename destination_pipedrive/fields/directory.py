"""Where a column goes: the body key, how its value is read, and which part of the value the column holds. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from destination_pipedrive.fields.field import LONGEST_VARCHAR, NO_OPTIONS, Field, FieldOptions, FieldPart, UnknownField
from destination_pipedrive.fields.parsing import ALIAS, DOMAIN
from destination_pipedrive.fields.types import CUSTOM_TYPES, DOMAIN_TYPE, field_type
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import FieldSpec, ObjectSpec
from pipedrive_client.config import ConfigError
from pipedrive_client.field_definitions import FIELD_PATHS, FieldCatalog, Option, column_names, snake_case
from pipedrive_client.field_definitions import Field as FieldDefinition
from pipedrive_client.field_types import api_field_type

#: Columns that the platform adds.
PLATFORM_PREFIXES = ("_airbyte_", "_ab_")
#: Custom field type -> the object that it refers to.
REFERENCES = {"org": "organizations", "people": "persons"}


def is_platform_column(name: str) -> bool:
    """True for a column that the platform adds, in any case: it is no field."""
    return name.lower().startswith(PLATFORM_PREFIXES)


def built_in_field(spec: FieldSpec, options: tuple[Option, ...] = (), rule: FieldOptions = NO_OPTIONS) -> Field:
    """The field of a row of the table of objects. Raises ValueError for a type that is not in the table of types."""
    kind = field_type(spec.kind)
    return Field(
        spec.key,
        spec.key,
        kind,
        may_clear=spec.nullable or kind.cleared is not None,
        create_only=spec.create_only,
        update_only=spec.update_only,
        longest=spec.longest,
        choices=spec.choices,
        options=() if kind.has_own_list else options,
        refers=spec.refers,
        on_request=spec.on_request,
        detail=spec.detail,
        hidden=spec.hidden,
        rule=rule,
    )


def custom_field(definition: FieldDefinition, rule: FieldOptions = NO_OPTIONS) -> Field:
    """The field of a definition whose type can be written."""
    return Field(
        definition.key,
        definition.label,
        CUSTOM_TYPES[definition.type],
        custom=True,
        longest=LONGEST_VARCHAR if definition.type.startswith("varchar") else None,
        options=definition.options,
        refers=REFERENCES.get(definition.type, ""),
        siblings=api_field_type(definition.type).siblings,
        rule=rule,
    )


@dataclass
class FieldDirectory:
    """All places of one object by name; ``domain_field`` is the custom field that holds a company's domain.

    ``country``: the ISO code of phone numbers that come without one.
    """

    spec: ObjectSpec
    definitions: tuple[FieldDefinition, ...]
    domain_field: str = ""
    country: str = ""
    built_in: dict[str, Field] = field(default_factory=dict)
    _places: dict[str, FieldPart] = field(default_factory=dict)
    _several: dict[str, list[str]] = field(default_factory=dict)
    _customs: dict[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rule = FieldOptions(default_country=self.country)
        self._add_built_ins()
        self._built_in_names = frozenset(self._places)
        self._add_customs([each for each in self.definitions if each.is_custom])
        self._add_domain()
        self._add_other_names()

    def find(self, name: str) -> FieldPart | None:
        """The place of a column, or of a name in a config, or None. Raises UnknownField for the name of several."""
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
        return bool({name, name.lower()} & {*self.spec.read_only, *self._unwritable})

    def custom(self, key: str) -> Field | None:
        """The custom field of a 40-character key."""
        return self._customs.get(key)

    def by_key(self, key: str) -> Field | None:
        """The field of a body key."""
        return self.built_in.get(key) or self._customs.get(key)

    def labelled(self) -> list[tuple[str, Field]]:
        """Custom fields by the name that a person would use: the label, or the column name where that is taken."""
        columns = self._column_names([each for each in self.definitions if each.is_custom])
        found = []
        for each in self.definitions:
            if each.key in self._customs:
                label = each.label.strip()
                is_own = label not in self._several and self._is(label, each.key)
                found.append((label if is_own else columns[each.key], self._customs[each.key]))
        return found

    def _is(self, name: str, key: str) -> bool:
        place = self.find(name) if name else None
        return place is not None and place.field.key == key

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
            made = self.built_in[spec.key] = built_in_field(spec, options.get(spec.key, ()), self._rule)
            self._places[spec.key] = FieldPart(made)
        for alias, key in (self.spec.aliases or {}).items():
            self._places[alias] = replace(self._places[key], part=ALIAS)
        for column, (key, part) in (self.spec.parts or {}).items():
            self._places[column] = replace(self._places[key], part=part)

    def _add_customs(self, definitions: list[FieldDefinition]) -> None:
        columns = self._column_names(definitions)
        self._unwritable: set[str] = set()
        for each in definitions:
            names = [columns[each.key] + suffix for suffix in each.suffixes]
            if each.type not in CUSTOM_TYPES:
                self._unwritable.update((*names, each.key))
                continue
            made = self._customs[each.key] = custom_field(each, self._rule)
            for suffix, name in zip(each.suffixes, names, strict=True):
                self._places.setdefault(name, FieldPart(made, suffix))
                self._places[each.key + suffix] = FieldPart(made, suffix)
        self._add_labels(definitions)

    def _column_names(self, definitions: Iterable[FieldDefinition]) -> dict[str, str]:
        """Names of columns as the source gives them: one name in every stream that carries the same fields."""
        path = FIELD_PATHS.get(self.spec.name)
        beside = (each for each in OBJECTS.values() if FIELD_PATHS.get(each.name, each.name) == path)
        return column_names(definitions, {name for spec in (self.spec, *beside) for name in spec.columns})

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
            spec = self.spec.field(key)
            if spec and (not spec.contact_sync or key in self.defined):
                self._name_built_in(name, key, part or ALIAS)

    def _name_built_in(self, name: str, key: str, part: str) -> None:
        if name not in self._several and name not in self.spec.columns:
            self._places.setdefault(name, FieldPart(self.built_in[key], "" if part == key else part))

    def _add_domain(self) -> None:
        holder = self.find(self.domain_field) if self.domain_field else self._places.get("website")
        if self.domain_field and (holder is None or not holder.field.type.is_text):
            raise UnknownField(f"`domain_field` names `{self.domain_field}`, which is not a text field")
        if holder and self.spec.name == "organizations":
            self._places["domain"] = FieldPart(replace(holder.field, type=DOMAIN_TYPE), DOMAIN)


#: The directories of an account, by object, domain field and country: each mapping, and each parent of one, needs some.
_KNOWN: WeakKeyDictionary[FieldCatalog, dict[tuple[str, str, str], FieldDirectory]] = WeakKeyDictionary()


def directory_of(
    fields: FieldCatalog, spec: ObjectSpec, domain_field: str, where: str, country: str = ""
) -> FieldDirectory:
    """The fields of an object in this account. Raises ConfigError, and what the client raises."""
    definitions = fields.fields(spec.name) if spec.name in FIELD_PATHS else ()
    directories = _KNOWN.setdefault(fields, {})
    known = directories.get((spec.name, domain_field, country))
    if known is not None and known.spec is spec and known.definitions is definitions:
        return known
    try:
        made = FieldDirectory(spec, definitions, domain_field, country)
    except UnknownField as error:
        raise ConfigError(f"{where}: {error}.") from None
    directories[spec.name, domain_field, country] = made
    return made
