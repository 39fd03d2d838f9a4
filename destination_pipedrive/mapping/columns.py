"""How the columns of one stream go to fields of one object, compiled column by column as they turn up."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from destination_pipedrive.config.located_yaml import escaped
from destination_pipedrive.config.mappings import FieldRule, Rules
from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import ALIAS, SIZED, Field, FieldPart, UnknownField
from destination_pipedrive.fields.lists import is_put_off
from destination_pipedrive.fields.parsing import BadValue, Lookups, Parts
from destination_pipedrive.fields.scalars import coerce
from pipedrive_client.fields import Option
from pipedrive_client.problems import Problems, nearest, others
from pipedrive_client.settings import ConfigError

#: Kinds whose value may be several names in one text.
LISTS = frozenset({"set", "labels", "lead_labels"})


@dataclass(frozen=True)
class Translation:
    """The map of one field, by values in lower case."""

    names: dict[str, str]
    kind: str

    @classmethod
    def of(cls, value_map: Mapping[str, str], kind: str) -> "Translation":
        """The translation that an entry says."""
        return cls({theirs.lower(): ours for theirs, ours in value_map.items()}, kind)

    def translate(self, parts: Parts) -> Parts:
        """The parts with Pipedrive's names. Raises BadValue for a name that another value is mapped to."""
        return {name: self._value(value) if name in ("", ALIAS) else value for name, value in parts.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if isinstance(value, str) and self.kind in LISTS and "," in value and value.strip().lower() not in self.names:
            return [self._value(each) for each in value.split(",")]
        if not isinstance(value, str | int):
            return value
        found = self.names.get(str(value).strip().lower())
        if found is None and str(value).strip().lower() in {ours.lower() for ours in self.names.values()}:
            raise BadValue("is a name that `value_maps` gives to another value", "unknown_option")
        return value if found is None else found


@dataclass(frozen=True)
class Fallbacks:
    """What is done about unknown names: who creates an option, whether created rows have a default owner, and who
    creates a field with its first choices.
    """

    new_option: Callable[[Field, str], Option] | None = None
    has_owner: bool = False
    new_choices: Callable[[Field, list[str]], Field] | None = None


NO_FALLBACKS = Fallbacks()


def require_known(target: Field, parts: Parts, lookups: Lookups, where: str, creates: bool) -> None:
    """Raises ConfigError, with the nearest names, for a value of the config that the account does not have.

    An option that will be created may be missing; a stage may be that of several pipelines, a record tells which.
    """
    value = str(parts.get("", parts.get(ALIAS, "")))
    try:
        found = coerce(target, parts, lookups)
        if isinstance(found, int) and not lookups.knows(target.kind, found):
            raise BadValue(f"is the id of no {target.kind} of the account")
    except BadValue as error:
        if (creates and error.missing) or (target.kind == "stage" and lookups.stage_ids(value)):
            return
        labels = [option.label for option in target.options]
        said = lookups.user_trouble(value) if target.kind == "user" else error
        hint = others(value, labels or target.choices or lookups.names(target.kind))
        raise ConfigError(f"`{where}`: `{value}` {said}.{hint}") from None
    except (ValueError, TypeError, KeyError, OverflowError):
        raise ConfigError(f"`{where}`: `{target.name}` cannot be read as {target.kind}.") from None


#: Columns that the platform adds.
PLATFORM_PREFIXES = ("_airbyte_", "_ab_")


@dataclass(frozen=True)
class Binding:
    """Where one column goes, and how."""

    place: FieldPart
    mode: str = "overwrite"
    null: str = "ignore"


class Bindings:
    """Reads the rules of a mapping. Raises ConfigError with every problem, and what the client raises."""

    def __init__(self, rules: Rules, object_targets: FieldDirectory, lookups: Lookups) -> None:
        self.rules = rules
        self.object_targets = object_targets
        self.targets: dict[str, Field] = {}
        self.modes: dict[str, str] = {}
        self.nulls: dict[str, str] = {}
        self.unmapped: Counter[str] = Counter()
        self.waiting: set[str] = set()
        self._lookups = lookups
        self._links = {rule.source for rule in rules.links}
        self._columns: dict[str, tuple[Binding, ...] | None] = {}
        self._explicit: dict[str, tuple[Binding, ...]] = {}
        problems = Problems()
        problems.each(self._add_rule, rules.fields)
        found = (each for bindings in self._explicit.values() for each in bindings)
        self._taken = {(each.place.target.key, each.place.part) for each in found}
        self.constants = problems.each(lambda pair: self._constant(*pair), rules.constants.items())
        self.least = dict(problems.each(lambda pair: self._least(*pair), rules.min_change.items()))
        self.translations = dict(problems.each(lambda pair: self._translation(*pair), rules.value_maps.items()))
        self.owner = problems.attempt(partial(self.bind, "owner", "owner"), None) if rules.owner else None
        problems.check()

    def of(self, column: str) -> tuple[Binding, ...] | None:
        """Where a column goes; None when it is no field, empty when it is to be left alone."""
        if column not in self._columns:
            self._columns[column] = self._compile(column)
        return self._columns[column]

    def takers(self, column: str) -> Iterator[tuple[str, str]]:
        """Name and kind of the fields that take the values of a column as they are."""
        for binding in self.of(column) or ():
            target = binding.place.target
            if binding.place.part in ("", ALIAS) and target.key not in self.translations:
                yield target.name, target.kind

    def has_seen(self, column: str) -> bool:
        """True for a column of the stream."""
        return column in self._columns

    def bind(self, name: str, where: str) -> Binding:
        """The field of a name. Raises ConfigError naming ``where``, a pointer below the mapping."""
        where = f"`{self.rules.where}/{where}`" if self.rules.where else f"Stream `{self.rules.stream}`"
        try:
            place = self.object_targets.find(name)
        except UnknownField as error:
            raise ConfigError(f"{where}: {error}.") from None
        if place is None:
            spec = self.object_targets.spec
            why = "is read-only" if self.object_targets.is_read_only(name) else "is unknown"
            raise ConfigError(
                f"{where}: the field `{name}` of {spec.name} {why}.{nearest(name, self.object_targets.names)}"
            )
        return self.use(Binding(place))

    def use(self, binding: Binding) -> Binding:
        """The binding, its field noted as written."""
        target = binding.place.target
        self.use_target(target)
        if binding.mode != "overwrite":
            self.modes[target.key] = binding.mode
        if binding.null != "ignore":
            self.nulls[target.key] = binding.null
        return binding

    def use_target(self, target: Field) -> None:
        """Note a field as written."""
        # A company's `domain` and `website` share a body key; where both come, the whole address is what is compared.
        if target.key not in self.targets or target.kind != "domain":
            self.targets[target.key] = target
            self.waiting.update([target.key] * is_put_off(target))

    def settle(self, key: str, made: Field) -> None:
        """Put a field that was created with its first choices in the place of the one that waited for them."""

        def settled(binding: Binding) -> Binding:
            is_it = binding.place.target.key == key
            return replace(binding, place=replace(binding.place, target=made)) if is_it else binding

        del self.targets[key]
        self.waiting.discard(key)
        self.use_target(made)
        for held in (self._columns, self._explicit):
            held.update({column: tuple(map(settled, bound)) for column, bound in held.items() if bound})
        self.constants = [(settled(binding), value) for binding, value in self.constants]
        self.modes.update({made.key: self.modes.pop(key)} if key in self.modes else {})
        self.nulls.update({made.key: self.nulls.pop(key)} if key in self.nulls else {})
        self.translations.update({made.key: self.translations.pop(key)} if key in self.translations else {})

    def _compile(self, column: str) -> tuple[Binding, ...] | None:
        explicit = self._explicit.get(column)
        if explicit is not None:
            return explicit
        if column.startswith(PLATFORM_PREFIXES) or column in self._links or column == self.rules.owner:
            return ()
        try:
            place = self.object_targets.find(column)
        except UnknownField:
            return None
        if place is None:
            is_known = self.object_targets.is_read_only(column) or column in self.rules.condition_columns
            return () if is_known or column == self.rules.updated_at_field else None
        if (place.target.key, place.part) in self._taken:
            return ()
        return (self.use(Binding(place)),)

    def _add_rule(self, rule: FieldRule) -> None:
        bindings = self._explicit.setdefault(rule.source, ())
        if rule.mode != "ignore" and rule.target != "id":
            self._explicit[rule.source] = (*bindings, self._explicit_binding(rule, f"fields/{rule.number}/target"))

    def _explicit_binding(self, rule: FieldRule, where: str) -> Binding:
        binding = self.bind(rule.target, where)
        target = binding.place.target
        if rule.null == "clear" and not target.may_clear:
            raise ConfigError(f"`{self.rules.where}/{where}`: Pipedrive's API cannot empty `{target.name}`.")
        return self.use(Binding(binding.place, rule.mode, rule.null))

    def _least(self, name: str, least: float) -> tuple[str, float]:
        where = f"min_change/{escaped(name)}"
        target = self.bind(name, where).place.target
        if target.kind not in SIZED:
            raise ConfigError(f"`{self.rules.where}/{where}`: `{target.name}` is no number.")
        return target.key, least

    def _translation(self, name: str, pairs: Mapping[str, str]) -> tuple[str, Translation]:
        """A map whose right side the account has: what was renamed or deleted is named. Raises ConfigError."""
        where = f"value_maps/{escaped(name)}"
        target = self.bind(name, where).place.target
        problems = Problems()
        problems.each(lambda pair: self._known(target, {"": pair[1]}, f"{where}/{escaped(pair[0])}"), pairs.items())
        problems.check()
        return target.key, Translation.of(pairs, target.kind)

    def _constant(self, name: str, value: object) -> tuple[Binding, object]:
        where = f"constants/{escaped(name)}"
        binding = self.bind(name, where)
        self._known(binding.place.target, {binding.place.part: value}, where)
        return binding, value

    def _known(self, target: Field, parts: Mapping[str, Any], where: str) -> None:
        creates = self.rules.on_unknown_option == "create"
        require_known(target, parts, self._lookups, f"{self.rules.where}/{where}", creates)
