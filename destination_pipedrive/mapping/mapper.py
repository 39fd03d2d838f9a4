"""A record to a draft of one object's values: names to keys, labels to ids, types. Asks the account for names only."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from destination_pipedrive.config.mappings import LinkRule, Rules
from destination_pipedrive.fields.directory import FieldDirectory
from destination_pipedrive.fields.field import KINDS, Field, FieldPart
from destination_pipedrive.fields.lists import choices_in
from destination_pipedrive.fields.parsing import PIPELINE, BadValue, Lookups, Named, identifier, is_nothing, text
from destination_pipedrive.fields.scalars import coerce
from destination_pipedrive.flow import MappedRecord, Reference, Rejected
from destination_pipedrive.mapping.columns import NO_FALLBACKS, Binding, Bindings, Fallbacks
from destination_pipedrive.matching.keys import tells_nothing


class RecordMapper:
    """How the records of one stream become values of one object."""

    def __init__(
        self,
        rules: Rules,
        targets: FieldDirectory,
        lookups: Lookups,
        uses_id: bool,
        fallbacks: Fallbacks = NO_FALLBACKS,
        ignored_domains: frozenset[str] = frozenset(),
    ) -> None:
        """Raises ConfigError with every problem of the rules."""
        self._ignored_domains = ignored_domains
        self.rules = rules
        self.object_targets = targets
        self.emptied: Counter[str] = Counter()
        #: Body keys that tell which row a record is about; None where all fields are written.
        self.needed: frozenset[str] | None = None
        self._bindings = Bindings(rules, targets, lookups)
        self._ranks = {rule.source: rank for rank, rule in reversed([*enumerate(rules.fields)])}
        self._lookups = lookups
        self._id_column = self._find_id_column(uses_id)
        self._fallbacks = fallbacks

    @property
    def targets(self) -> dict[str, Field]:
        """The fields that are written, by body key; it grows with the columns seen."""
        return self._bindings.targets

    @property
    def modes(self) -> Mapping[str, str]:
        """Body key -> mode, where it is not `overwrite`."""
        return self._bindings.modes

    @property
    def least(self) -> Mapping[str, float]:
        """Body key -> the smallest change that is written."""
        return self._bindings.least

    @property
    def unmapped(self) -> Counter[str]:
        """Column -> how many values were left out because it is no field."""
        return self._bindings.unmapped

    def compile(self, columns: tuple[str, ...]) -> None:
        """Look at the columns of a schema before the first record."""
        for column in columns:
            self._bindings.of(column)

    def takers(self, column: str) -> Iterator[tuple[str, str]]:
        """Name and kind of the fields that take the values of a column as they are."""
        return self._bindings.takers(column)

    def draft(self, record: Mapping[str, Any]) -> MappedRecord:
        """The values of a record. Raises Rejected with the field and the reason."""
        draft = MappedRecord({})
        given = self._with_new_choices(self._parts(record))
        self._place_stage(given)
        for key, parts in given.items():
            try:
                value = self._value(self.targets[key], parts)
                self._refuse_unavailable(key, value)
            except Rejected:
                if self._is_needed(key):
                    raise
                continue
            if value is not None or self._clears(key, parts):
                draft.values[key] = value
        self._set_id(draft, record)
        self._set_links(draft, record)
        draft.changed_at = record.get(self.rules.updated_at_field)
        return draft

    def _is_needed(self, key: str) -> bool:
        """False for a field that says nothing about which row is to be deleted."""
        return self.needed is None or key in self.needed

    def _parts(self, record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        parts: dict[str, dict[str, Any]] = {}
        for binding, value in self._bindings.constants:
            parts.setdefault(binding.place.target.key, {})[binding.place.part] = value
        filled: set[tuple[str, str]] = set()
        for column, value in self._in_order(record):
            for binding, held in self._held(column, value):
                key, part = binding.place.target.key, binding.place.part
                into = parts.setdefault(key, {})
                is_more = binding.place.target.kind == "contacts" and (key, part) in filled
                if held is not None or part not in into:
                    into[part] = _both(into[part], held) if is_more else held
                    filled.update([(key, part)] * (not is_nothing(held)))
        owner = self._bindings.owner
        if owner:
            parts.setdefault(owner.place.target.key, {})[""] = record.get(self.rules.owner, self._owner_constant)
        return parts

    def _with_new_choices(self, given: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """The parts; a field that waits for its first choices is created with those that the record names."""
        for key in self._bindings.waiting & given.keys():
            labels = self._choices(key, given[key])
            if labels and self._fallbacks.new_choices:
                made = self._fallbacks.new_choices(self.targets[key], labels)
                self._bindings.settle(key, made)
                given[made.key] = given.pop(key)
        return given

    def _choices(self, key: str, parts: Mapping[str, Any]) -> list[str]:
        with suppress(BadValue):
            maps = self._bindings.translations
            return choices_in(maps[key].translate(parts) if key in maps else parts)
        return []

    def _in_order(self, record: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
        """The columns; those of rules in the order of the rules, so that the first of several e-mails is primary."""
        if len(self._ranks) < 2:
            return record.items()
        return sorted(record.items(), key=lambda pair: self._ranks.get(pair[0], -1))

    @property
    def _owner_constant(self) -> str | None:
        """Without a column of that name, `owner` itself says who."""
        return None if self._bindings.has_seen(self.rules.owner) else self.rules.owner

    def _place_stage(self, given: dict[str, dict[str, Any]]) -> None:
        """A stage that is named is looked for in the pipeline that the record names."""
        stage, pipeline = given.get("stage_id"), given.get("pipeline_id")
        if stage and pipeline and not all(is_nothing(value) for value in stage.values()):
            stage[PIPELINE] = self._value(self.targets["pipeline_id"], pipeline)

    def _held(self, column: str, value: Any) -> Iterator[tuple[Binding, Any]]:
        bindings = self._bindings.of(column)
        if bindings is None:
            self.unmapped[column] += not is_nothing(value)
            return
        for binding in bindings:
            yield binding, value
        if column == "custom_fields" and isinstance(value, Mapping):
            yield from self._from_object(value)

    def _from_object(self, values: Mapping[str, Any]) -> Iterator[tuple[Binding, Any]]:
        """The API's own ``custom_fields`` object, as the source emits it on request."""
        for key, value in values.items():
            target = self.object_targets.custom(key)
            if target:
                yield self._bindings.use(Binding(FieldPart(target))), value
            else:
                self.unmapped[f"custom_fields.{key}"] += not is_nothing(value)

    def _value(self, target: Field, parts: Mapping[str, Any]) -> Any:
        maps = self._bindings.translations
        try:
            parts = maps[target.key].translate(parts) if target.key in maps else parts
            return self._coerced(target, parts)
        except BadValue as error:
            if self._may_be_empty(target, error):
                self.emptied[target.name] += 1
                return None
            raise Rejected(error.code, f"{error.about(target.name)}.", target.name) from None
        except (ValueError, TypeError, KeyError, OverflowError):
            reason = f"`{target.name}` cannot be read as {target.kind}."
            raise Rejected("invalid_value", reason, target.name) from None

    def _coerced(self, target: Field, parts: Mapping[str, Any]) -> Any:
        """The API's value; options that are missing are created where that is wanted."""
        while True:
            try:
                return coerce(target, parts, self._lookups)
            except BadValue as error:
                creates = self.rules.on_unknown_option == "create" and error.missing and target.kind in KINDS
                if not creates or not self._fallbacks.new_option or target.key in self._bindings.waiting:
                    raise
                option = self._fallbacks.new_option(target, error.missing)
                target = self.targets[target.key] = replace(target, options=(*target.options, option))

    def _may_be_empty(self, target: Field, error: BadValue) -> bool:
        """An unknown option when the option says so; an unknown owner when another one is the default."""
        if error.code == "unknown_option":
            return self.rules.on_unknown_option == "null"
        return self._fallbacks.has_owner and target.kind == "user" and not target.custom

    def _refuse_unavailable(self, key: str, value: Any) -> None:
        """Raises Rejected for a value of a field that only accounts with contact sync have."""
        spec = self.object_targets.spec.field(key)
        if value is not None and spec and spec.contact_sync and key not in self.object_targets.defined:
            raise Rejected("feature_limit", f"`{key}` exists only with Pipedrive's contact sync, which is off.", key)

    def _clears(self, key: str, parts: Mapping[str, Any]) -> bool:
        return self._bindings.nulls.get(key) == "clear" and all(is_nothing(value) for value in parts.values())

    def _set_id(self, draft: MappedRecord, record: Mapping[str, Any]) -> None:
        value = record.get(self._id_column) if self._id_column else None
        if is_nothing(value):
            return
        try:
            draft.row_id = text(value) if self.object_targets.spec.text_ids else identifier(value)
        except BadValue as error:
            raise Rejected("invalid_value", f"`id` {error}.", "id") from None

    def _find_id_column(self, uses_id: bool) -> str:
        """The column that holds Pipedrive's id; a column `id` that is mapped to another field holds something else."""
        named = next((rule.source for rule in self.rules.fields if rule.target == "id"), "")
        is_taken = any(rule.source == "id" for rule in self.rules.fields)
        return named or ("id" if uses_id and not is_taken else "")

    def _set_links(self, draft: MappedRecord, record: Mapping[str, Any]) -> None:
        for parent, key in (self.object_targets.spec.parents or {}).items():
            named = draft.values.get(key)
            rules = [rule for rule in self.rules.links if rule.parent == parent]
            if named is not None and not isinstance(named, Named):
                continue
            draft.values.pop(key, None) if isinstance(named, Named) else None
            self._add_link(draft, parent, key, rules, named, record)

    def _add_link(
        self,
        draft: MappedRecord,
        parent: str,
        key: str,
        rules: list[LinkRule],
        named: Named | None,
        record: Mapping[str, Any],
    ) -> None:
        by: dict[str, str] = {}
        for rule in rules:
            value = record.get(rule.source)
            if is_nothing(value) or tells_nothing(rule.by, value, self._ignored_domains):
                continue
            by[rule.by] = str(self._link_id(rule, value)) if rule.by == "id" else text(value)
        if named and not tells_nothing("name", named.text):
            by.setdefault("name", named.text)
        if by:
            self._bindings.use_target(self._bindings.bind(key, f"links/{parent}").place.target)
            create = self.rules.on_missing_parent == "create" or any(rule.create_if_missing for rule in rules)
            draft.references.append(Reference(parent, key, tuple(by.items()), create))

    def _link_id(self, rule: LinkRule, value: Any) -> int:
        try:
            return identifier(value)
        except BadValue as error:
            raise Rejected("invalid_value", f"{error.about(rule.source)}.", rule.source) from None


def _both(first: Any, second: Any) -> list[Any]:
    """E-mails or phones of two columns that go to the same field."""
    return [each for given in (first, second) for each in (given if isinstance(given, list) else [given])]
