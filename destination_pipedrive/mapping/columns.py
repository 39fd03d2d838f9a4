"""How the columns of one stream go to fields of one object, compiled column by column as they turn up."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

from destination_pipedrive.config.located_yaml import escaped
from destination_pipedrive.config.mappings import FieldRule, Rules
from destination_pipedrive.fields.directory import FieldDirectory, is_platform_column
from destination_pipedrive.fields.field import NO_OPTIONS, Field, FieldOptions, FieldPart, Reader, UnknownField
from destination_pipedrive.fields.parsing import Lookups
from destination_pipedrive.mapping.names import MAIN_PARTS, Translation, require_known
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import Problems, nearest
from pipedrive_client.field_definitions import Option


def field_options(rule: FieldRule) -> FieldOptions:
    """What a rule says of the field's values besides mode and null."""
    return FieldOptions(rule.merge or "", rule.primary, rule.on_invalid, rule.format)


@dataclass(frozen=True)
class Fallbacks:
    """What is done about unknown names: who creates an option, whether created rows have a default owner, and who
    creates a field with its first choices.
    """

    new_option: Callable[[Field, str], Option] | None = None
    has_owner: bool = False
    new_choices: Callable[[Field, list[str]], Field] | None = None


NO_FALLBACKS = Fallbacks()


@dataclass(frozen=True)
class Binding:
    """Where one column goes, and how.

    ``read`` changes its values first, as the rule says; ``rank`` is the place of the rule, -1 without one.
    """

    place: FieldPart
    mode: str = "overwrite"
    null: str = "ignore"
    on_invalid: str = "reject"
    read: Reader | None = None
    rank: int = -1

    @cached_property
    def key(self) -> str:
        """The body key."""
        return self.place.field.key

    @cached_property
    def part(self) -> str:
        """The part of the field."""
        return self.place.part

    @cached_property
    def gathers(self) -> bool:
        """True when several columns go to one list of the field."""
        return self.place.field.type.gathers


class _Compiled(dict[str, tuple[Binding, ...] | None]):
    """Columns with where they go, each compiled when it is first asked for."""

    def __init__(self, compile_: Callable[[str], tuple[Binding, ...] | None]) -> None:
        super().__init__()
        self._compile = compile_

    def __missing__(self, column: str) -> tuple[Binding, ...] | None:
        self[column] = found = self._compile(column)
        return found


class Bindings:
    """Reads the rules of a mapping. Raises ConfigError with every problem, and what the client raises."""

    def __init__(self, rules: Rules, directory: FieldDirectory, lookups: Lookups, id_column: str = "") -> None:
        self.rules = rules
        self.directory = directory
        self.fields: dict[str, Field] = {}
        #: These, and all other built-in ones.
        self.known = dict(directory.built_in)
        self.modes: dict[str, str] = {}
        self.nulls: dict[str, str] = {}
        self.lenient: set[str] = set()
        self.unmapped: Counter[str] = Counter()
        self.waiting: set[str] = set()
        self._lookups = lookups
        self._links = {rule.source for rule in rules.links}
        #: Where a column goes: None when it is no field, empty when it is to be left alone.
        self.columns = _Compiled(self._compile)
        self._explicit: dict[str, tuple[Binding, ...]] = {}
        problems = Problems()
        problems.each(self._add_rule, rules.fields)
        found = (each for bindings in self._explicit.values() for each in bindings)
        bound = [(each.key, each.part) for each in found]
        self._taken = set(bound)
        #: True when several rules go to one field, so that their order counts.
        self.has_order = len({key for key, _ in bound}) < len(bound)
        self.constants = problems.each(lambda pair: self._constant(*pair), rules.constants.items())
        self.min_change = dict(problems.each(lambda pair: self._min_change(*pair), rules.min_change.items()))
        self.translations = dict(problems.each(lambda pair: self._translation(*pair), rules.value_maps.items()))
        self.owner = problems.attempt(partial(self.bind, "owner", "owner"), None) if rules.owner else None
        problems.check()
        named = (*self._explicit, *self._links, rules.owner, rules.updated_at_field, *rules.condition_columns)
        #: Columns that the config names, by their name in lower case: records may spell them in another case.
        self._named = {name.lower(): name for name in (*named, id_column) if name}
        #: Such a column as the records spell it.
        self.spelled: dict[str, str] = {}

    def takers(self, column: str) -> Iterator[Field]:
        """The fields that take the values of a column as they are."""
        for binding in self.columns[column] or ():
            if binding.part in MAIN_PARTS and binding.key not in self.translations and binding.read is None:
                yield binding.place.field

    def rank(self, column: str) -> int:
        """The place of the rule of a column, -1 without one."""
        return max((each.rank for each in self.columns[column] or ()), default=-1)

    def has_seen(self, column: str) -> bool:
        """True for a column of the stream, in any case."""
        return column in self.columns or column in self.spelled

    def value(self, record: Mapping[str, Any], column: str) -> Any:
        """What a record holds in a column that the config names, whatever its case."""
        return record.get(column) if column in record else record.get(self.spelled.get(column, ""))

    def see(self, record: Mapping[str, Any]) -> None:
        """Compile the columns of a record that are new."""
        for column in record:
            self.columns[column]

    def bind(self, name: str, where: str, options: FieldOptions = NO_OPTIONS) -> Binding:
        """The field of a name. Raises ConfigError naming ``where``, a pointer below the mapping."""
        where = f"`{self.rules.where}/{where}`" if self.rules.where else f"Stream `{self.rules.stream}`"
        try:
            place = self.directory.find(name)
        except UnknownField as error:
            raise ConfigError(f"{where}: {error}.") from None
        if place is None:
            spec = self.directory.spec
            why = "is read-only" if self.directory.is_read_only(name) else "is unknown"
            raise ConfigError(f"{where}: the field `{name}` of {spec.name} {why}.{nearest(name, self.directory.names)}")
        misuse = place.field.type.misuse(options)
        if misuse:
            raise ConfigError(f"{where}: `{place.field.name}` {misuse}.")
        if options != NO_OPTIONS:
            rule = replace(options, default_country=place.field.rule.default_country)
            place = replace(place, field=replace(place.field, rule=rule))
        return self.use(Binding(place, on_invalid=options.on_invalid, read=place.field.type.reader(options)))

    def use(self, binding: Binding) -> Binding:
        """The binding, its field noted as written."""
        self.use_field(binding.place.field)
        if binding.mode != "overwrite":
            self.modes[binding.key] = binding.mode
        if binding.null != "ignore":
            self.nulls[binding.key] = binding.null
        if binding.on_invalid != "reject":
            self.lenient.add(binding.key)
        return binding

    def use_field(self, field: Field) -> None:
        """Note a field as written."""
        # A company's `domain` and `website` share a body key; where both come, the whole address is what is compared.
        known = self.fields.get(field.key)
        if known is None or not field.type.yields:
            # Of two rules for one field the first that says how its lists are merged counts.
            kept = known.rule if known and known.rule.merge else field.rule
            self.set_field(field if kept == field.rule else replace(field, rule=kept))
            self.waiting.update([field.key] * field.is_put_off)

    def set_field(self, field: Field) -> None:
        """Put a field into the place of what was known of it."""
        self.fields[field.key] = self.known[field.key] = field

    def replace_field(self, key: str, made: Field) -> None:
        """Put a field that was created with its first choices in the place of the one that waited for them."""

        made = replace(made, rule=self.fields[key].rule)

        def replaced(binding: Binding) -> Binding:
            return replace(binding, place=replace(binding.place, field=made)) if binding.key == key else binding

        del self.fields[key], self.known[key]
        self.waiting.discard(key)
        self.use_field(made)
        for held in (self.columns, self._explicit):
            held.update({column: tuple(map(replaced, bound)) for column, bound in held.items() if bound})
        self.constants = [(replaced(binding), value) for binding, value in self.constants]
        self.modes.update({made.key: self.modes.pop(key)} if key in self.modes else {})
        self.nulls.update({made.key: self.nulls.pop(key)} if key in self.nulls else {})
        self.lenient.update({made.key} if key in self.lenient else ())
        self.translations.update({made.key: self.translations.pop(key)} if key in self.translations else {})

    def _compile(self, column: str) -> tuple[Binding, ...] | None:
        name = self._named.get(column.lower(), column)
        if name != column and column in self._named.values():
            name = column
        if name != column:
            self.spelled.setdefault(name, column)
        explicit = self._explicit.get(name)
        if explicit is not None:
            return explicit
        if is_platform_column(column) or name in self._links or name == self.rules.owner:
            return ()
        try:
            place = self.directory.find(column)
        except UnknownField:
            return None
        if place is None:
            is_known = self.directory.is_read_only(column) or name in self.rules.condition_columns
            return () if is_known or name == self.rules.updated_at_field else None
        if (place.field.key, place.part) in self._taken:
            return ()
        return (self.use(Binding(place)),)

    def _add_rule(self, rule: FieldRule) -> None:
        bindings = self._explicit.setdefault(rule.source, ())
        if rule.mode != "ignore" and rule.target != "id":
            self._explicit[rule.source] = (*bindings, self._explicit_binding(rule, f"fields/{rule.number}/target"))

    def _explicit_binding(self, rule: FieldRule, where: str) -> Binding:
        binding = self.bind(rule.target, where, field_options(rule))
        if rule.null == "clear" and not binding.place.field.may_clear:
            name = binding.place.field.name
            raise ConfigError(f"`{self.rules.where}/{where}`: Pipedrive's API cannot empty `{name}`.")
        return self.use(replace(binding, mode=rule.mode, null=rule.null, rank=rule.number))

    def _min_change(self, name: str, size: float) -> tuple[str, float]:
        where = f"min_change/{escaped(name)}"
        field = self.bind(name, where).place.field
        if not field.type.has_size:
            raise ConfigError(f"`{self.rules.where}/{where}`: `{field.name}` is no number.")
        return field.key, size

    def _translation(self, name: str, pairs: Mapping[str, str]) -> tuple[str, Translation]:
        """A map whose right side the account has: what was renamed or deleted is named. Raises ConfigError."""
        where = f"value_maps/{escaped(name)}"
        field = self.bind(name, where).place.field
        problems = Problems()
        problems.each(lambda pair: self._known(field, {"": pair[1]}, f"{where}/{escaped(pair[0])}"), pairs.items())
        problems.check()
        return field.key, Translation.of(pairs)

    def _constant(self, name: str, value: object) -> tuple[Binding, object]:
        where = f"constants/{escaped(name)}"
        binding = self.bind(name, where)
        self._known(binding.place.field, {binding.part: value}, where)
        return binding, value

    def _known(self, field: Field, parts: Mapping[str, Any], where: str) -> None:
        creates = self.rules.on_unknown_option == "create"
        require_known(field, parts, self._lookups, f"{self.rules.where}/{where}", creates)
