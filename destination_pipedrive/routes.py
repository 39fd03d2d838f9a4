"""From an incoming stream to the object it is written to: which row of the table, operation, keys and columns."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from destination_pipedrive.activity_names import check_types
from destination_pipedrive.configured import ConfiguredStream
from destination_pipedrive.fallbacks import Fallbacks
from destination_pipedrive.intake import check_columns
from destination_pipedrive.keys import MatchKey
from destination_pipedrive.mapping import ColumnMap
from destination_pipedrive.new_choices import NewChoices
from destination_pipedrive.new_fields import with_new_fields
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.object_targets import targets_of
from destination_pipedrive.objects import OBJECTS
from destination_pipedrive.owners import check_owner
from destination_pipedrive.parents import check_links
from destination_pipedrive.route_keys import NO_KEYS, KnownBy, at, plan_keys, possible
from destination_pipedrive.rules import Rules
from destination_pipedrive.schema_check import warnings
from destination_pipedrive.services import Services
from destination_pipedrive.targets import nearest
from pipedrive_client.problems import Problems
from pipedrive_client.settings import ConfigError

#: Sync mode -> operation. ``overwrite`` is not here: nothing is deleted by accident.
OPERATION_OF_MODE = {"append": "insert", "append_dedup": "upsert", "update": "update", "soft_delete": "delete"}


@dataclass(frozen=True)
class Route:
    """One incoming stream on its way. A mirror is an upsert that also deletes in the end.

    ``rules`` have the keys resolved; ``columns`` grows with the columns seen.
    """

    stream: ConfiguredStream
    spec: ObjectSpec
    operation: str
    rules: Rules
    keys: tuple[MatchKey, ...]
    columns: ColumnMap
    mirrors: bool = False
    policy: str = "source_wins"
    is_keyless: bool = False

    @property
    def is_narrowed(self) -> bool:
        """True when a key such as a subject tells rows apart only below one person, deal or organization."""
        is_apart = bool(self.spec.fingerprint or self.spec.narrowed_by)
        is_keyed = is_apart and any(not key.is_id for key in self.keys)
        return is_keyed and self.operation != "insert" and not self.by_fingerprint

    @property
    def is_newest_wins(self) -> bool:
        """True when the later change wins."""
        return self.policy == "newest_wins"

    @property
    def is_destination_wins(self) -> bool:
        """True when only empty fields are written."""
        return self.policy == "destination_wins"

    @property
    def by_fingerprint(self) -> bool:
        """True when rows have no key: equal in all that is mapped is the same row."""
        return self.is_keyless


def build_routes(
    services: Services, streams: Iterable[ConfiguredStream], quiet: bool = False
) -> dict[tuple[str, str], Route]:
    """(namespace, name) -> route of every stream in the catalog. Raises ConfigError before anything is written."""
    streams = tuple(streams)
    problems = Problems()
    planned = problems.each(partial(_planned, services), streams)
    if not quiet:
        problems.check()
        _report_unused(services, streams)
    routes = problems.each(lambda pair: _route(services, *pair, quiet), planned)
    problems.check()
    return {(route.stream.namespace, route.stream.name): route for route in routes}


def _planned(services: Services, stream: ConfiguredStream) -> tuple[ConfiguredStream, Rules]:
    """A stream with its mapping. Raises ConfigError when it goes nowhere."""
    rules, problems = rules_of(services.config.mappings, stream), Problems()
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


def _route(services: Services, stream: ConfiguredStream, rules: Rules, quiet: bool) -> Route:
    """Raises ConfigError with every problem of the mapping."""
    spec, problems, policy = object_of(stream, rules), Problems(), services.config.conflict_policy
    find = partial(targets_of, services, spec)
    targets = problems.attempt(partial(find, rules.domain_field, at(rules, "domain_field")), None) or find("", "")
    unknown = rules.on_unknown_option or ("create" if services.config.auto_create_options else "reject")
    rules = replace(rules, on_unknown_option=unknown)
    if services.config.auto_create_fields:
        targets = with_new_fields(services, rules, stream.schemas, targets, quiet)
    asked = operation_of(stream, rules)
    plain = "upsert" if asked == "mirror" else asked
    operation = problems.attempt(partial(possible, spec, plain, at(rules, "operation")), "upsert")
    known_by = problems.attempt(partial(plan_keys, stream, rules, targets, operation), NO_KEYS)
    rules = replace(rules, match_on=known_by.names)
    problems.attempt(partial(check_columns, rules, stream.columns), None)
    problems.attempt(partial(check_links, services, rules, spec), None)
    problems.attempt(partial(check_owner, rules, stream.columns, services.account), None)
    problems.attempt(partial(check_types, services, rules, spec), None)
    if policy == "newest_wins" and operation in ("upsert", "update"):
        problems.attempt(partial(_require_change_time, rules), None)
    add = None if quiet or operation == "delete" else partial(services.new_options.add, spec.name)
    new_choices = None if quiet else NewChoices(services, spec.name).make
    fallbacks = Fallbacks(add, services.config.default_owner is not None, new_choices)
    make = partial(ColumnMap, rules, targets, services.account, known_by.by_id, fallbacks)
    columns = problems.attempt(make, None)
    problems.check()
    assert columns is not None
    columns.needed = _telling(spec, known_by) if operation == "delete" else None
    columns.compile(stream.columns)
    for sentence in () if quiet else warnings(stream, rules, columns):
        services.logger.warning(sentence)
    mirrors = asked == "mirror"
    return Route(stream, spec, operation, rules, known_by.keys, columns, mirrors, policy, known_by.is_keyless)


def _telling(spec: ObjectSpec, known_by: KnownBy) -> frozenset[str]:
    """The body keys that tell which row a record is about."""
    below = (spec.below.key,) if spec.below else ()
    beside = (spec.parents or {}).values() if spec.fingerprint else ()
    return frozenset((*(key.key for key in known_by.keys), *spec.narrowed_by, *below, *beside))


def _require_change_time(rules: Rules) -> None:
    if not rules.updated_at_field:
        where = at(rules, "updated_at_field")
        raise ConfigError(f"{where}: `conflict_policy` newest_wins needs `updated_at_field` in its `mappings` entry.")


def _report_unused(services: Services, streams: tuple[ConfiguredStream, ...]) -> None:
    names = {name for stream in streams for name in (stream.name, stream.full_name)}
    for rules in services.config.mappings:
        if rules.stream not in names:
            services.logger.warning(f"`{rules.where}` maps stream `{rules.stream}`, which is not in the catalog.")
