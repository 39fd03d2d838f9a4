"""Where a column goes: the body key, how its value is read, and which part of the value the column holds. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from destination_pipedrive.object_spec import FieldSpec, ObjectSpec
from pipedrive_client.fields import Field, Option, column_names, snake_case

#: Custom field type -> kind. Types that are not here cannot be written.
CUSTOM_KINDS = {
    "varchar": "text",
    "varchar_auto": "text",
    "text": "text",
    "phone": "text",
    "double": "number",
    "int": "integer",
    "monetary": "monetary",
    "enum": "enum",
    "set": "set",
    "user": "user",
    "org": "reference",
    "people": "reference",
    "date": "date",
    "daterange": "daterange",
    "time": "time",
    "timerange": "timerange",
    "address": "address",
}
#: Custom field type -> the object that it refers to.
REFERENCES = {"org": "organizations", "people": "persons"}
#: Longest text of the short custom types. Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
LONGEST_VARCHAR = 255
#: The part of a target that another name of it (``email``, ``owner``, ``labels``) fills.
ALIAS = "alias"


@dataclass(frozen=True)
class Target:
    """One field of an object. ``key`` is its body key; custom fields go under ``custom_fields``."""

    key: str
    name: str
    kind: str
    custom: bool = False
    may_clear: bool = True
    create_only: bool = False
    update_only: bool = False
    longest: int | None = None
    choices: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    refers: str = ""
    on_request: bool = False
    detail: bool = False
    hidden: bool = False

    @property
    def may_be_unread(self) -> bool:
        """True when a row that was read before may lack this field although it has a value."""
        return self.custom or self.on_request or self.detail

    @property
    def is_asked_for(self) -> bool:
        """True when lists hold this field only if they are asked for it."""
        return self.custom or self.on_request

    @classmethod
    def of_built_in(cls, spec: FieldSpec, options: tuple[Option, ...] = ()) -> "Target":
        """The target of a row's field."""
        return cls(
            spec.key,
            spec.key,
            spec.kind,
            may_clear=spec.may_clear,
            create_only=spec.create_only,
            update_only=spec.update_only,
            longest=spec.longest,
            choices=spec.choices,
            options=options,
            refers=spec.refers,
            on_request=spec.on_request,
            detail=spec.detail,
            hidden=spec.hidden,
        )

    @classmethod
    def of_custom(cls, definition: Field) -> "Target":
        """The target of a custom field whose type can be written."""
        return cls(
            definition.key,
            definition.label,
            CUSTOM_KINDS[definition.type],
            custom=True,
            longest=LONGEST_VARCHAR if definition.type.startswith("varchar") else None,
            options=definition.options,
            refers=REFERENCES.get(definition.type, ""),
        )


@dataclass(frozen=True)
class Place:
    """A target and the part of it that a column holds: "" the value itself, ``_id``, ``_currency`` …, or an alias."""

    target: Target
    part: str = ""


class UnknownTarget(ValueError):
    """No field of that name, or more than one; the message says which."""


@dataclass
class Targets:
    """All places of one object by name; ``domain_field`` is the custom field that holds a company's domain."""

    spec: ObjectSpec
    definitions: tuple[Field, ...]
    domain_field: str = ""
    built_in: dict[str, Target] = field(default_factory=dict)
    _places: dict[str, Place] = field(default_factory=dict)
    _several: dict[str, list[str]] = field(default_factory=dict)
    _customs: dict[str, Target] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._add_built_ins()
        self._built_in_names = frozenset(self._places)
        self._add_customs([each for each in self.definitions if each.is_custom])
        self._add_domain()
        self._add_other_names()

    def find(self, name: str) -> Place | None:
        """The place of a column or target name, or None. Raises UnknownTarget when several fields have the name."""
        name = name.strip()
        for spelling in (name.lower(), snake_case(name)):
            if spelling in self._built_in_names:
                return self._places[spelling]
        for spelling in (name, name.lower(), snake_case(name)):
            if spelling in self._several:
                keys = ", ".join(f"`{key}`" for key in self._several[spelling])
                raise UnknownTarget(f"`{name}` is the label of several fields; name one by its key: {keys}")
            if spelling in self._places:
                return self._places[spelling]
        return None

    def is_read_only(self, name: str) -> bool:
        """True for a column that the source emits and nobody can write."""
        return name.lower() in self.spec.read_only or name in self._unwritable

    def custom(self, key: str) -> Target | None:
        """The custom field of a 40-character key."""
        return self._customs.get(key)

    def by_key(self, key: str) -> Target | None:
        """The field of a body key."""
        return self.built_in.get(key) or self._customs.get(key)

    def labelled(self) -> list[tuple[str, Target]]:
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
            target = self.built_in[spec.key] = Target.of_built_in(spec, options.get(spec.key, ()))
            self._places[spec.key] = Place(target)
        for alias, key in (self.spec.aliases or {}).items():
            self._places[alias] = replace(self._places[key], part=ALIAS)
        for column, (key, part) in (self.spec.parts or {}).items():
            self._places[column] = replace(self._places[key], part=part)

    def _add_customs(self, definitions: list[Field]) -> None:
        columns = column_names(definitions, self.spec.columns)
        self._unwritable: set[str] = set()
        for each in definitions:
            names = [columns[each.key] + suffix for suffix in each.suffixes]
            if each.type not in CUSTOM_KINDS:
                self._unwritable.update((*names, each.key))
                continue
            target = self._customs[each.key] = Target.of_custom(each)
            for suffix, name in zip(each.suffixes, names, strict=True):
                self._places.setdefault(name, Place(target, suffix))
                self._places[each.key + suffix] = Place(target, suffix)
        self._add_labels(definitions)

    def _add_labels(self, definitions: Iterable[Field]) -> None:
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
                self._places[label] = Place(self._customs[keys[0]])

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
            self._places.setdefault(name, Place(self.built_in[key], "" if part == key else part))

    def _add_domain(self) -> None:
        holder = self.find(self.domain_field) if self.domain_field else self._places.get("website")
        if self.domain_field and (holder is None or holder.target.kind != "text"):
            raise UnknownTarget(f"`domain_field` names `{self.domain_field}`, which is not a text field")
        if holder and self.spec.name == "organizations":
            self._places["domain"] = Place(replace(holder.target, kind="domain"), ALIAS)


def nearest(name: str, known: Mapping[str, object] | Iterable[str], most: int = 3) -> str:
    """Names like this one, worded for the end of a sentence; empty when nothing is alike."""
    from difflib import get_close_matches

    spelled = {each.lower(): each for each in sorted(map(str, known), reverse=True)}
    close = [spelled[each] for each in get_close_matches(name.lower(), spelled, n=most, cutoff=0.6)]
    return f" Did you mean {' or '.join(f'`{each}`' for each in close)}?" if close else ""
