"""From an incoming stream to the object it is written to: which row of the table, operation, keys and columns."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from destination_pipedrive.account.directory import Account
from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.config import Config
from destination_pipedrive.config.mappings import EVERY_STREAM, Rules
from destination_pipedrive.fields.directory import FieldDirectory, directory_of
from destination_pipedrive.fields.field import Field
from destination_pipedrive.mapping.checks import check_columns, check_links, check_owner, warnings
from destination_pipedrive.mapping.columns import Fallbacks
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.matching.keys import KeyName, MatchKey, composite, label, match_keys
from destination_pipedrive.matching.normal_forms import Form
from destination_pipedrive.matching.parents import ParentKeys
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import Problems, nearest
from pipedrive_client.expressions.nodes import Context
from pipedrive_client.field_definitions import FieldCatalog, Option

#: Column that Airbyte's CDC sources fill when a row was deleted.
#: Source: https://docs.airbyte.com/understanding-airbyte/cdc
CDC_DELETED_AT = "_ab_cdc_deleted_at"


class RecordFilter:
    """Decides about the records of one stream in their order."""

    def __init__(self, sync: StreamSync, context: Context) -> None:
        self._sync = sync
        self._rules = sync.rules
        self._context = context
        self._taken = 0

    def refusal(self, record: Mapping[str, Any]) -> str:
        """Why a record is left out; empty for one that is taken."""
        rules = self._rules
        if rules.filter and not rules.filter.matches(record, self._context):
            return f"it does not meet `filter` ({rules.filter.text})."
        is_gone = record.get(CDC_DELETED_AT) or record.get(CDC_DELETED_AT.upper())
        if is_gone and self._sync.deletes is None and self._sync.operation != "delete":
            return f"its row was deleted at the source (`{CDC_DELETED_AT}`); `delete_when` can delete it here."
        if rules.max_records is not None and self._taken >= rules.max_records:
            return f"`max_records` is {rules.max_records}."
        self._taken += 1
        return ""

    def sync_of(self, record: Mapping[str, Any]) -> StreamSync:
        """What becomes of a record that is taken."""
        condition = self._rules.delete_when
        is_deletion = condition is not None and condition.matches(record, self._context)
        return self._sync.deletes if is_deletion and self._sync.deletes else self._sync


class FieldMaker(Protocol):
    """Creates custom fields for columns that no field takes."""

    def added_to(self, known: FieldDirectory, rules: Rules, columns: Mapping[str, Any], quiet: bool) -> FieldDirectory:
        """The fields, with those that the columns need; ``quiet``: nothing is created."""

    def first_choices(self, object_name: str) -> Callable[[Field, list[str]], Field]:
        """What creates a field of choices once a record names the first of them."""


@dataclass(frozen=True)
class KnownBy:
    """The keys of a stream in the order in which they are tried; ``names`` as the user wrote them.

    ``is_keyless``: rows are the same when all that is mapped is.
    """

    keys: tuple[MatchKey, ...] = ()
    names: tuple[str, ...] = ()
    is_keyless: bool = False

    @property
    def by_id(self) -> bool:
        """True when Pipedrive's own id is one of the keys."""
        return any(key.is_id for key in self.keys)


NO_KEYS = KnownBy()


def at(rules: Rules, key: str) -> str:
    """Where a key of a mapping stands, as a JSON pointer; for a stream without a mapping, the stream."""
    return f"`{rules.where}/{key}`" if rules.where else f"Stream `{rules.stream}`"


def possible(spec: ObjectSpec, operation: str, where: str) -> str:
    """The operation as Pipedrive can do it. Raises ConfigError when it cannot.

    A relation is there or not, so inserting it again is no second one; what only Pipedrive creates is updated.
    """
    if operation == "insert" and spec.is_relation:
        return "upsert"
    if operation == "upsert" and "insert" not in spec.operations:
        return "update"
    if operation != "upsert" and operation not in spec.operations:
        can = " and ".join(sorted(spec.operations))
        raise ConfigError(f"{where}: Pipedrive's API has no {operation} of {spec.name}, only {can}.")
    return operation


def plan_keys(
    stream: ConfiguredStream, rules: Rules, targets: FieldDirectory, operation: str, ignored: frozenset[str]
) -> KnownBy:
    """The keys of a stream; ``ignored`` are domains that are none. Raises ConfigError with every problem."""
    spec, problems = targets.spec, Problems()
    names: tuple[KeyName, ...] = rules.match_on or spec.match_on
    if stream.object_name and stream.primary_key:
        # The columns of a primary key count together; an id among them decides alone.
        by_id = any(name.lower() == "id" for name in stream.primary_key)
        names = ("id",) if by_id else (stream.primary_key,)
    outside = (rules.external_id_field,) if rules.external_id_field else ()
    external = _keys(problems, outside, targets, at(rules, "external_id_field"), form="external_id")
    is_keyless = bool(spec.fingerprint) and not names and not outside and operation == "upsert"
    names = (spec.fingerprint,) if is_keyless else names
    where = at(rules, "match_on")
    if not names and not outside and operation in ("update", "delete"):
        raise ConfigError(f"{where}: {operation} of {spec.name} needs `match_on`, for instance `id`.")
    form: Form = "content" if is_keyless or rules.copies else "key"
    own = () if operation == "insert" else _keys(problems, names, targets, where, form=form, ignored=ignored)
    problems.check()
    taken = {key.key for key in external}
    keys = (*external, *(key for key in _without_narrowing(own, spec) if key.key not in taken))
    return KnownBy(keys, tuple(dict.fromkeys(key.name for key in keys)) or tuple(map(label, names)), is_keyless)


def _keys(
    problems: Problems, names: tuple[KeyName, ...], targets: FieldDirectory, where: str, **how: Any
) -> tuple[MatchKey, ...]:
    """The keys of their names; those that only narrow others are of any type."""
    narrow = targets.spec.narrowed_by
    found = problems.each(lambda name: match_keys((name,), targets, where, narrow, **how), names)
    return tuple(key for keys in found for key in keys)


def _without_narrowing(keys: tuple[MatchKey, ...], spec: ObjectSpec) -> tuple[MatchKey, ...]:
    """The keys without the fields that narrow them, which a key of several fields may name too."""
    left = [[part for part in key.fields if part.key not in spec.narrowed_by] for key in keys]
    return tuple(composite(parts) for parts in left if parts) or keys


#: Sync mode -> operation. ``overwrite`` is not here: nothing is deleted by accident.
OPERATION_OF_MODE = {"append": "insert", "append_dedup": "upsert", "update": "update", "soft_delete": "delete"}


@dataclass(frozen=True)
class SyncCompiler:
    """Makes the syncs of the streams of a catalog. ``option``: plans an option of an object's field by its label."""

    config: Config
    fields: FieldCatalog
    account: Account
    new_fields: FieldMaker
    option: Callable[[str, Field, str], Option]
    logger: logging.Logger

    def compile(self, streams: Iterable[ConfiguredStream], quiet: bool = False) -> dict[tuple[str, str], StreamSync]:
        """(namespace, name) -> sync of every stream. Raises ConfigError before anything is written.

        ``quiet``: nothing is created or logged.
        """
        streams = tuple(streams)
        problems = Problems()
        planned = problems.each(self._planned, streams)
        if not quiet:
            problems.check()
            self._report_unused(streams)
        syncs = problems.each(lambda pair: self._with_deletions(*pair, quiet), planned)
        problems.check()
        return {(sync.stream.namespace, sync.stream.name): sync for sync in syncs}

    def _planned(self, stream: ConfiguredStream) -> tuple[ConfiguredStream, Rules]:
        """A stream with its mapping. Raises ConfigError when it goes nowhere."""
        rules, problems = rules_of(self.config.mappings, stream), Problems()
        problems.attempt(partial(object_of, stream, rules), None)
        problems.attempt(partial(operation_of, stream, rules), None)
        problems.check()
        return stream, rules

    def _with_deletions(self, stream: ConfiguredStream, rules: Rules, quiet: bool) -> StreamSync:
        """Raises ConfigError with every problem of the mapping."""
        sync = self._sync(stream, rules, quiet)
        if rules.delete_when is None or sync.operation == "delete":
            return sync
        possible(sync.spec, "delete", at(rules, "delete_when"))
        deleting = rules.model_copy(update={"operation": "delete", "delete_when": None, "actions": ()})
        return replace(sync, deletes=self._sync(stream, deleting, True))

    def _sync(self, stream: ConfiguredStream, rules: Rules, quiet: bool) -> StreamSync:
        """Raises ConfigError with every problem of the mapping."""
        spec, problems, policy = object_of(stream, rules), Problems(), self.config.conflict_policy
        find = partial(directory_of, self.fields, spec, country=self.config.default_country)
        targets = problems.attempt(partial(find, rules.domain_field, at(rules, "domain_field")), None) or find("", "")
        unknown = rules.on_unknown_option or ("create" if self.config.auto_create_options else "reject")
        rules = rules.model_copy(update={"on_unknown_option": unknown})
        if self.config.auto_create_fields:
            targets = self.new_fields.added_to(targets, rules, stream.schemas, quiet)
        asked = operation_of(stream, rules)
        plain = "upsert" if asked == "mirror" else asked
        ignored = self.config.ignored_domains
        operation = problems.attempt(partial(possible, spec, plain, at(rules, "operation")), "upsert")
        known_by = problems.attempt(partial(plan_keys, stream, rules, targets, operation, ignored), NO_KEYS)
        rules = rules.model_copy(update={"match_on": known_by.names})
        problems.attempt(partial(check_columns, rules, stream.columns), None)
        problems.attempt(partial(check_links, ParentKeys(self.fields, {}, ignored), rules, spec), None)
        problems.attempt(partial(check_owner, rules, stream.columns, self.account), None)
        if policy == "newest_wins" and operation in ("upsert", "update"):
            problems.attempt(partial(_require_change_time, rules), None)
        add = None if quiet or operation == "delete" else partial(self.option, spec.name)
        new_choices = None if quiet else self.new_fields.first_choices(spec.name)
        fallbacks = Fallbacks(add, self.config.default_owner is not None, new_choices)
        make = partial(RecordMapper, rules, targets, self.account, known_by.by_id, fallbacks, ignored)
        columns = problems.attempt(make, None)
        problems.check()
        assert columns is not None
        columns.needed = _telling(spec, known_by) if operation == "delete" else None
        columns.compile(stream.columns)
        for sentence in () if quiet else warnings(stream, rules, columns):
            self.logger.warning(sentence)
        mirrors = asked == "mirror"
        return StreamSync(stream, spec, operation, rules, known_by.keys, columns, mirrors, policy, known_by.is_keyless)

    def _report_unused(self, streams: tuple[ConfiguredStream, ...]) -> None:
        names = {name for stream in streams for name in (stream.name, stream.full_name)}
        for rules in self.config.mappings:
            if rules.stream not in names and rules.stream != EVERY_STREAM:
                self.logger.warning(f"`{rules.where}` maps stream `{rules.stream}`, which is not in the catalog.")


def rules_of(mappings: Iterable[Rules], stream: ConfiguredStream) -> Rules:
    """The mapping of a stream by its full name, else by its name; without one, the defaults."""
    by_name = {rules.stream: rules for rules in mappings}
    found = by_name.get(stream.full_name) or by_name.get(stream.name) or by_name.get(EVERY_STREAM)
    if found and found.copies:
        return found.model_copy(update={"stream": stream.full_name, "operation": found.operation or "upsert"})
    return found or Rules(stream=stream.name)


def object_of(stream: ConfiguredStream, rules: Rules) -> ObjectSpec:
    """The object that a stream is written to. Raises ConfigError."""
    name = stream.object_name or rules.object_name or stream.name
    if name in OBJECTS:
        return OBJECTS[name]
    raise ConfigError(
        f"{at(rules, 'object')}: `{name}` is not a supported object; objects are {', '.join(OBJECTS)}."
        f"{nearest(name, OBJECTS)} Set `object` in a `mappings` entry of this stream."
    )


def operation_of(stream: ConfiguredStream, rules: Rules) -> str:
    """What a stream's records do. Raises ConfigError for `overwrite` alone."""
    if rules.operation:
        return rules.operation
    mode = stream.destination_sync_mode
    if mode not in OPERATION_OF_MODE:
        raise ConfigError(_replaces(stream))
    return OPERATION_OF_MODE[mode]


def refusal_to_replace(mappings: Iterable[Rules], stream: ConfiguredStream) -> str:
    """Why no record of a stream may come; empty when the config or the catalog says what its records do."""
    is_said = bool(rules_of(mappings, stream).operation) or stream.destination_sync_mode in OPERATION_OF_MODE
    return "" if is_said else _replaces(stream)


def _replaces(stream: ConfiguredStream) -> str:
    return (
        f"Stream `{stream.name}`: the sync mode `{stream.destination_sync_mode}` would replace what is in Pipedrive, "
        "so it is not done by accident; choose append_dedup, or set `operation` in a `mappings` entry of this stream."
    )


def _telling(spec: ObjectSpec, known_by: KnownBy) -> frozenset[str]:
    """The body keys that tell which row a record is about."""
    below = (spec.below.key,) if spec.below else ()
    beside = (spec.parents or {}).values() if spec.fingerprint else ()
    return frozenset((*(part.key for key in known_by.keys for part in key.fields), *spec.narrowed_by, *below, *beside))


def _require_change_time(rules: Rules) -> None:
    if not rules.updated_at_field:
        where = at(rules, "updated_at_field")
        raise ConfigError(f"{where}: `conflict_policy` newest_wins needs `updated_at_field` in its `mappings` entry.")
