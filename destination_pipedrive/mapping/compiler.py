"""From an incoming stream to the object it is written to: which row of the table, operation, keys and columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.directory import FieldDirectory, directory_of
from destination_pipedrive.mapping.checks import check_columns, check_links, check_owner, warnings
from destination_pipedrive.mapping.columns import Fallbacks
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.matching.keys import MatchKey, match_keys
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.session import Session
from destination_pipedrive.writing.new_fields import NewChoices, with_new_fields
from pipedrive_client.expression import Context
from pipedrive_client.problems import Problems, nearest
from pipedrive_client.settings import ConfigError


class RecordFilter:
    """Decides about the records of one stream in their order."""

    def __init__(self, rules: Rules, context: Context) -> None:
        self._rules = rules
        self._context = context
        self._taken = 0

    def refusal(self, record: Mapping[str, Any]) -> str:
        """Why a record is left out; empty for one that is taken."""
        rules = self._rules
        if rules.filter and not rules.filter.matches(record, self._context):
            return f"it does not meet `filter` ({rules.filter.text})."
        if rules.max_records is not None and self._taken >= rules.max_records:
            return f"`max_records` is {rules.max_records}."
        self._taken += 1
        return ""


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


def plan_keys(stream: ConfiguredStream, rules: Rules, targets: FieldDirectory, operation: str) -> KnownBy:
    """The keys of a stream. Raises ConfigError with every problem."""
    spec, problems = targets.spec, Problems()
    names = rules.match_on or spec.match_on
    if stream.object_name and stream.primary_key:
        names = stream.primary_key
    outside = (rules.external_id_field,) if rules.external_id_field else ()
    external = tuple(
        replace(key, exact=True) for key in _keys(problems, outside, targets, at(rules, "external_id_field"))
    )
    is_keyless = bool(spec.fingerprint) and not names and not outside and operation == "upsert"
    names = (spec.fingerprint,) if is_keyless else names
    where = at(rules, "match_on")
    if not names and not outside and operation in ("update", "delete"):
        raise ConfigError(f"{where}: {operation} of {spec.name} needs `match_on`, for instance `id`.")
    own = () if operation == "insert" else _keys(problems, names, targets, where)
    problems.check()
    keys = (*external, *_without_narrowing(own, spec))
    return KnownBy(keys, tuple(dict.fromkeys(key.name for key in keys)) or names, is_keyless)


def _keys(problems: Problems, names: tuple[str, ...], targets: FieldDirectory, where: str) -> tuple[MatchKey, ...]:
    """The keys of their names; those that only narrow others are of any type."""
    narrow = targets.spec.narrowed_by
    found = problems.each(lambda name: match_keys((name,), targets, where, narrow), names)
    return tuple(key for keys in found for key in keys)


def _without_narrowing(keys: tuple[MatchKey, ...], spec: ObjectSpec) -> tuple[MatchKey, ...]:
    """The keys without the fields that narrow them, which a composite primary key names too."""
    return tuple(key for key in keys if key.key not in spec.narrowed_by) or keys


#: Sync mode -> operation. ``overwrite`` is not here: nothing is deleted by accident.
OPERATION_OF_MODE = {"append": "insert", "append_dedup": "upsert", "update": "update", "soft_delete": "delete"}


def compile_syncs(
    session: Session, streams: Iterable[ConfiguredStream], quiet: bool = False
) -> dict[tuple[str, str], StreamSync]:
    """(namespace, name) -> route of every stream in the catalog. Raises ConfigError before anything is written."""
    streams = tuple(streams)
    problems = Problems()
    planned = problems.each(partial(_planned, session), streams)
    if not quiet:
        problems.check()
        _report_unused(session, streams)
    syncs = problems.each(lambda pair: _sync(session, *pair, quiet), planned)
    problems.check()
    return {(sync.stream.namespace, sync.stream.name): sync for sync in syncs}


def _planned(session: Session, stream: ConfiguredStream) -> tuple[ConfiguredStream, Rules]:
    """A stream with its mapping. Raises ConfigError when it goes nowhere."""
    rules, problems = rules_of(session.config.mappings, stream), Problems()
    problems.attempt(partial(object_of, stream, rules), None)
    problems.attempt(partial(operation_of, stream, rules), None)
    problems.check()
    return stream, rules


def rules_of(mappings: Iterable[Rules], stream: ConfiguredStream) -> Rules:
    """The mapping of a stream by its full name, else by its name; without one, the defaults."""
    by_name = {rules.stream: rules for rules in mappings}
    return by_name.get(stream.full_name) or by_name.get(stream.name) or Rules(stream.name, "")


def object_of(stream: ConfiguredStream, rules: Rules) -> ObjectSpec:
    """The object that a stream is written to. Raises ConfigError."""
    name = stream.object_name or rules.object_name or stream.name
    if name in OBJECTS:
        return OBJECTS[name]
    raise ConfigError(
        f"{at(rules, 'object')}: `{name}` is no object that can be written; objects are {', '.join(OBJECTS)}."
        f"{nearest(name, OBJECTS)} Set `object` in a `mappings` entry of this stream."
    )


def operation_of(stream: ConfiguredStream, rules: Rules) -> str:
    """What a stream's records do. Raises ConfigError for `overwrite` alone."""
    if rules.operation:
        return rules.operation
    mode = stream.destination_sync_mode
    if mode not in OPERATION_OF_MODE:
        raise ConfigError(
            f"Stream `{stream.name}`: the sync mode `{mode}` would replace what is in Pipedrive, so it is not done by "
            "accident; choose append_dedup, or set `operation` in a `mappings` entry of this stream."
        )
    return OPERATION_OF_MODE[mode]


def _sync(session: Session, stream: ConfiguredStream, rules: Rules, quiet: bool) -> StreamSync:
    """Raises ConfigError with every problem of the mapping."""
    spec, problems, policy = object_of(stream, rules), Problems(), session.config.conflict_policy
    find = partial(directory_of, session.fields, spec)
    targets = problems.attempt(partial(find, rules.domain_field, at(rules, "domain_field")), None) or find("", "")
    unknown = rules.on_unknown_option or ("create" if session.config.auto_create_options else "reject")
    rules = replace(rules, on_unknown_option=unknown)
    if session.config.auto_create_fields:
        targets = with_new_fields(session, rules, stream.schemas, targets, quiet)
    asked = operation_of(stream, rules)
    plain = "upsert" if asked == "mirror" else asked
    operation = problems.attempt(partial(possible, spec, plain, at(rules, "operation")), "upsert")
    known_by = problems.attempt(partial(plan_keys, stream, rules, targets, operation), NO_KEYS)
    rules = replace(rules, match_on=known_by.names)
    problems.attempt(partial(check_columns, rules, stream.columns), None)
    problems.attempt(partial(check_links, session, rules, spec), None)
    problems.attempt(partial(check_owner, rules, stream.columns, session.account), None)
    if policy == "newest_wins" and operation in ("upsert", "update"):
        problems.attempt(partial(_require_change_time, rules), None)
    add = None if quiet or operation == "delete" else partial(session.new_options.add, spec.name)
    new_choices = None if quiet else NewChoices(session, spec.name).make
    fallbacks = Fallbacks(add, session.config.default_owner is not None, new_choices)
    make = partial(RecordMapper, rules, targets, session.account, known_by.by_id, fallbacks)
    columns = problems.attempt(make, None)
    problems.check()
    assert columns is not None
    columns.needed = _telling(spec, known_by) if operation == "delete" else None
    columns.compile(stream.columns)
    for sentence in () if quiet else warnings(stream, rules, columns):
        session.logger.warning(sentence)
    mirrors = asked == "mirror"
    return StreamSync(stream, spec, operation, rules, known_by.keys, columns, mirrors, policy, known_by.is_keyless)


def _telling(spec: ObjectSpec, known_by: KnownBy) -> frozenset[str]:
    """The body keys that tell which row a record is about."""
    below = (spec.below.key,) if spec.below else ()
    beside = (spec.parents or {}).values() if spec.fingerprint else ()
    return frozenset((*(key.key for key in known_by.keys), *spec.narrowed_by, *below, *beside))


def _require_change_time(rules: Rules) -> None:
    if not rules.updated_at_field:
        where = at(rules, "updated_at_field")
        raise ConfigError(f"{where}: `conflict_policy` newest_wins needs `updated_at_field` in its `mappings` entry.")


def _report_unused(session: Session, streams: tuple[ConfiguredStream, ...]) -> None:
    names = {name for stream in streams for name in (stream.name, stream.full_name)}
    for rules in session.config.mappings:
        if rules.stream not in names:
            session.logger.warning(f"`{rules.where}` maps stream `{rules.stream}`, which is not in the catalog.")
