"""By what the rows of a stream are known, and what can be done with them: operation, match keys, external id. Pure."""

from dataclasses import dataclass

from destination_pipedrive.configured import ConfiguredStream
from destination_pipedrive.keys import MatchKey, match_keys
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.rules import Rules
from destination_pipedrive.targets import Targets
from pipedrive_client.problems import Problems
from pipedrive_client.settings import ConfigError


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


def plan_keys(stream: ConfiguredStream, rules: Rules, targets: Targets, operation: str) -> KnownBy:
    """The keys of a stream. Raises ConfigError with every problem."""
    spec, problems = targets.spec, Problems()
    names = rules.match_on or spec.match_on
    if stream.object_name and stream.primary_key:
        names = stream.primary_key
    outside = (rules.external_id_field,) if rules.external_id_field else ()
    external = _keys(problems, outside, targets, at(rules, "external_id_field"))
    is_keyless = bool(spec.fingerprint) and not names and not outside and operation == "upsert"
    names = (spec.fingerprint,) if is_keyless else names
    where = at(rules, "match_on")
    if not names and not outside and operation in ("update", "delete"):
        raise ConfigError(f"{where}: {operation} of {spec.name} needs `match_on`, for instance `id`.")
    own = () if operation == "insert" else _keys(problems, names, targets, where)
    problems.check()
    keys = (*external, *_without_narrowing(own, spec))
    return KnownBy(keys, tuple(dict.fromkeys(key.name for key in keys)) or names, is_keyless)


def _keys(problems: Problems, names: tuple[str, ...], targets: Targets, where: str) -> tuple[MatchKey, ...]:
    """The keys of their names; those that only narrow others are of any type."""
    narrow = targets.spec.narrowed_by
    found = problems.each(lambda name: match_keys((name,), targets, where, narrow), names)
    return tuple(key for keys in found for key in keys)


def _without_narrowing(keys: tuple[MatchKey, ...], spec: ObjectSpec) -> tuple[MatchKey, ...]:
    """The keys without the fields that narrow them, which a composite primary key names too."""
    return tuple(key for key in keys if key.key not in spec.narrowed_by) or keys
