"""A record to a draft of one object's values: names to keys, labels to ids, types. Asks the account for names only."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from destination_pipedrive.coercers import coerce
from destination_pipedrive.draft import Draft, Link
from destination_pipedrive.fallbacks import NO_FALLBACKS, Fallbacks, require_known
from destination_pipedrive.new_options import KINDS
from destination_pipedrive.parts import PIPELINE, Lookups, Named
from destination_pipedrive.results import Rejected
from destination_pipedrive.rules import FieldRule, LinkRule, Rules, ValueMap
from destination_pipedrive.targets import Place, Target, Targets, UnknownTarget, nearest
from destination_pipedrive.thresholds import SIZED
from destination_pipedrive.value_maps import Translation
from destination_pipedrive.values import BadValue, identifier, is_nothing, text
from pipedrive_client.settings import ConfigError

#: Columns that the platform adds.
PLATFORM_PREFIXES = ("_airbyte_", "_ab_")


@dataclass(frozen=True)
class Binding:
    """Where one column goes, and how."""

    place: Place
    mode: str = "overwrite"
    null: str = "ignore"


class ColumnMap:
    """How the columns of one stream become values of one object. Compiled column by column as they turn up."""

    def __init__(
        self, rules: Rules, targets: Targets, lookups: Lookups, uses_id: bool, fallbacks: Fallbacks = NO_FALLBACKS
    ) -> None:
        self.rules = rules
        self.object_targets = targets
        self.targets: dict[str, Target] = {}
        self.modes: dict[str, str] = {}
        self.unmapped: Counter[str] = Counter()
        self._lookups = lookups
        self._id_column = self._find_id_column(uses_id)
        self._nulls: dict[str, str] = {}
        self._explicit = self._compile_rules()
        self._taken = {(each.place.target.key, each.place.part) for found in self._explicit.values() for each in found}
        self._constants = [self._constant(*each) for each in rules.constants]
        self.emptied: Counter[str] = Counter()
        self.least = dict(self._least(*each) for each in rules.min_change)
        self._fallbacks = fallbacks
        self._maps = dict(self._translation(each) for each in rules.value_maps)
        self._owner = self._bind("owner", "owner") if rules.owner else None
        self._links = {rule.source: rule for rule in rules.links}
        self._bindings: dict[str, tuple[Binding, ...] | None] = {}

    def compile(self, columns: tuple[str, ...]) -> None:
        """Look at the columns of a schema before the first record."""
        for column in columns:
            self._binding(column)

    def draft(self, record: Mapping[str, Any]) -> Draft:
        """The values of a record. Raises Rejected with the field and the reason."""
        draft = Draft({})
        given = self._parts(record)
        self._place_stage(given)
        for key, parts in given.items():
            value = self._value(self.targets[key], parts)
            self._refuse_unavailable(key, value)
            if value is not None or self._clears(key, parts):
                draft.values[key] = value
        self._set_id(draft, record)
        self._set_links(draft, record)
        draft.changed_at = record.get(self.rules.updated_at_field)
        return draft

    def _parts(self, record: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        parts: dict[str, dict[str, Any]] = {}
        for binding, value in self._constants:
            parts.setdefault(binding.place.target.key, {})[binding.place.part] = value
        for column, value in record.items():
            for binding, held in self._held(column, value):
                into = parts.setdefault(binding.place.target.key, {})
                if held is not None or binding.place.part not in into:
                    into[binding.place.part] = held
        if self._owner:
            parts.setdefault(self._owner.place.target.key, {})[""] = record.get(self.rules.owner, self._owner_constant)
        return parts

    @property
    def _owner_constant(self) -> str | None:
        """Without a column of that name, `owner` itself says who."""
        return None if self.rules.owner in self._bindings else self.rules.owner

    def _place_stage(self, given: dict[str, dict[str, Any]]) -> None:
        """A stage that is named is looked for in the pipeline that the record names."""
        stage, pipeline = given.get("stage_id"), given.get("pipeline_id")
        if stage and pipeline and not all(is_nothing(value) for value in stage.values()):
            stage[PIPELINE] = self._value(self.targets["pipeline_id"], pipeline)

    def _held(self, column: str, value: Any) -> Iterator[tuple[Binding, Any]]:
        bindings = self._binding(column)
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
                yield self._use(Binding(Place(target))), value
            else:
                self.unmapped[f"custom_fields.{key}"] += not is_nothing(value)

    def _value(self, target: Target, parts: Mapping[str, Any]) -> Any:
        try:
            parts = self._maps[target.key].translate(parts) if target.key in self._maps else parts
            return self._coerced(target, parts)
        except BadValue as error:
            if self._may_be_empty(target, error):
                self.emptied[target.name] += 1
                return None
            raise Rejected(error.code, f"`{target.name}` {error}.", target.name) from None
        except (ValueError, TypeError, KeyError, OverflowError):
            reason = f"`{target.name}` cannot be read as {target.kind}."
            raise Rejected("invalid_value", reason, target.name) from None

    def _coerced(self, target: Target, parts: Mapping[str, Any]) -> Any:
        """The API's value; options that are missing are created where that is wanted."""
        while True:
            try:
                return coerce(target, parts, self._lookups)
            except BadValue as error:
                creates = self.rules.on_unknown_option == "create" and error.missing and target.kind in KINDS
                if not creates or not self._fallbacks.new_option:
                    raise
                option = self._fallbacks.new_option(target, error.missing)
                target = self.targets[target.key] = replace(target, options=(*target.options, option))

    def _may_be_empty(self, target: Target, error: BadValue) -> bool:
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
        return self._nulls.get(key) == "clear" and all(is_nothing(value) for value in parts.values())

    def _set_id(self, draft: Draft, record: Mapping[str, Any]) -> None:
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

    def _set_links(self, draft: Draft, record: Mapping[str, Any]) -> None:
        for parent, key in (self.object_targets.spec.parents or {}).items():
            named = draft.values.get(key)
            rules = [rule for rule in self.rules.links if rule.parent == parent]
            if named is not None and not isinstance(named, Named):
                continue
            draft.values.pop(key, None) if isinstance(named, Named) else None
            self._add_link(draft, parent, key, rules, named, record)

    def _add_link(
        self, draft: Draft, parent: str, key: str, rules: list[LinkRule], named: Named | None, record: Mapping[str, Any]
    ) -> None:
        by: dict[str, str] = {}
        for rule in rules:
            value = record.get(rule.source)
            if is_nothing(value):
                continue
            if rule.by == "id":
                draft.values[key] = self._link_id(rule, value)
                return
            by[rule.by] = text(value)
        if named:
            by.setdefault("name", named.text)
        if by:
            self._use_target(self._bind(key, f"links/{parent}").place.target)
            create = self.rules.on_missing_parent == "create" or any(rule.create_if_missing for rule in rules)
            draft.links.append(Link(parent, key, tuple(by.items()), create))

    def _link_id(self, rule: LinkRule, value: Any) -> int:
        try:
            return identifier(value)
        except BadValue as error:
            raise Rejected("invalid_value", f"`{rule.source}` {error}.", rule.source) from None

    # columns to bindings

    def _binding(self, column: str) -> tuple[Binding, ...] | None:
        if column not in self._bindings:
            self._bindings[column] = self._compile(column)
        return self._bindings[column]

    def _compile(self, column: str) -> tuple[Binding, ...] | None:
        explicit = self._explicit.get(column)
        if explicit is not None:
            return explicit
        if column.startswith(PLATFORM_PREFIXES) or column in self._links or column == self.rules.owner:
            return ()
        if column == self.rules.updated_at_field and self.object_targets.find(column) is None:
            return ()
        try:
            place = self.object_targets.find(column)
        except UnknownTarget:
            return None
        if place is None:
            is_known = self.object_targets.is_read_only(column) or column in self.rules.condition_columns
            return () if is_known else None
        if (place.target.key, place.part) in self._taken:
            return ()
        return (self._use(Binding(place)),)

    def _compile_rules(self) -> dict[str, tuple[Binding, ...]]:
        found: dict[str, tuple[Binding, ...]] = {}
        for index, rule in enumerate(self.rules.fields):
            bindings = found.setdefault(rule.source, ())
            if rule.mode != "ignore" and rule.target != "id":
                found[rule.source] = (*bindings, self._explicit_binding(rule, f"fields/{index}/target"))
        return found

    def _explicit_binding(self, rule: FieldRule, where: str) -> Binding:
        binding = self._bind(rule.target, where)
        target = binding.place.target
        if rule.null == "clear" and not target.may_clear:
            raise ConfigError(f"`{self.rules.where}/{where}`: Pipedrive's API cannot empty `{target.name}`.")
        return self._use(Binding(binding.place, rule.mode, rule.null))

    def _least(self, name: str, least: float) -> tuple[str, float]:
        target = self._bind(name, f"min_change/{name}").place.target
        if target.kind not in SIZED:
            raise ConfigError(f"`{self.rules.where}/min_change/{name}`: `{target.name}` is no number.")
        return target.key, least

    def _translation(self, each: ValueMap) -> tuple[str, Translation]:
        """A map whose right side the account has: what was renamed or deleted is named. Raises ConfigError."""
        where = f"value_maps/{each.target}"
        target = self._bind(each.target, where).place.target
        for theirs, ours in each.pairs:
            self._known(target, {"": ours}, f"{where}/{theirs}")
        return target.key, Translation.of(each, target.kind)

    def _constant(self, name: str, value: object) -> tuple[Binding, object]:
        binding = self._bind(name, f"constants/{name}")
        self._known(binding.place.target, {binding.place.part: value}, f"constants/{name}")
        return binding, value

    def _known(self, target: Target, parts: Mapping[str, Any], where: str) -> None:
        creates = self.rules.on_unknown_option == "create"
        require_known(target, parts, self._lookups, f"{self.rules.where}/{where}", creates)

    def _bind(self, name: str, where: str) -> Binding:
        where = f"`{self.rules.where}/{where}`" if self.rules.where else f"Stream `{self.rules.stream}`"
        try:
            place = self.object_targets.find(name)
        except UnknownTarget as error:
            raise ConfigError(f"{where}: {error}.") from None
        if place is None:
            spec = self.object_targets.spec
            why = "is read-only" if self.object_targets.is_read_only(name) else "is unknown"
            raise ConfigError(
                f"{where}: the field `{name}` of {spec.name} {why}.{nearest(name, self.object_targets.names)}"
            )
        return self._use(Binding(place))

    def _use(self, binding: Binding) -> Binding:
        target = binding.place.target
        self._use_target(target)
        if binding.mode != "overwrite":
            self.modes[target.key] = binding.mode
        if binding.null != "ignore":
            self._nulls[target.key] = binding.null
        return binding

    def _use_target(self, target: Target) -> None:
        # A company's `domain` and `website` share a body key; where both come, the whole address is what is compared.
        if target.key not in self.targets or target.kind != "domain":
            self.targets[target.key] = target
