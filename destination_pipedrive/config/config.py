"""A config to one frozen Config. Every problem is one sentence that names the key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from destination_pipedrive.config.mappings import Rules, read_count, read_list, read_rules, read_texts, read_word
from destination_pipedrive.fields.parsing import VISIBILITIES
from destination_pipedrive.results.dead_letters import Store, store_of
from pipedrive_client.normal import domain_of
from pipedrive_client.problems import Problems
from pipedrive_client.settings import ConfigError, Settings

#: Whose value stays when both sides changed, the default first.
POLICIES = ("source_wins", "destination_wins", "newest_wins")


@dataclass(frozen=True)
class Config:
    """Everything that a user can set. ``reject_threshold`` counts records, None is no limit; ``rejects`` keeps them."""

    settings: Settings
    mappings: tuple[Rules, ...] = ()
    default_owner: int | str | None = None
    visible_to: int | None = None
    auto_create_options: bool = False
    auto_create_fields: bool = False
    dry_run: bool = False
    reject_threshold: int | None = None
    rejects: Store | None = None
    conflict_policy: str = POLICIES[0]
    ignored_domains: frozenset[str] = frozenset()
    problems: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> "Config":
        """Read a config. Raises ConfigError with every problem."""
        found = cls.as_far_as_readable(config)
        if found.problems:
            raise ConfigError(" ".join(found.problems))
        return found

    @classmethod
    def as_far_as_readable(cls, config: Mapping[str, Any]) -> "Config":
        """What is right in a config, with the ``problems`` of the rest, so that the account can tell of more.

        Raises ConfigError with every problem when no request could be sent with it.
        """
        problems = Problems()
        take = problems.attempt
        settings = take(partial(Settings.from_config, config, root="/"), None)
        rest = (
            _mappings(config.get("mappings"), problems),
            take(partial(_owner, config.get("default_owner")), None),
            take(partial(_visible_to, config.get("visible_to")), None),
            take(partial(_switch, config, "auto_create_options"), False),
            take(partial(_switch, config, "auto_create_fields"), False),
            take(partial(_switch, config, "dry_run"), False),
            take(partial(_threshold, config), None),
            take(partial(store_of, config.get("object_storage_config")), None),
            take(partial(read_word, config, "conflict_policy", POLICIES, ""), POLICIES[0]),
            take(partial(_domains, config), frozenset()),
        )
        if settings is None:
            raise ConfigError(" ".join(problems.sentences))
        return cls(settings, *rest, problems.sentences)


def _threshold(config: Mapping[str, Any]) -> int | None:
    return read_count(config, "reject_threshold", "", 0)


def _domains(config: Mapping[str, Any]) -> frozenset[str]:
    """Domains in the form in which they are compared."""
    return frozenset(domain_of(each) or each.lower() for each in read_texts(config, "ignored_domains", ""))


def _owner(value: Any) -> int | str | None:
    if value is None or (isinstance(value, int | str) and not isinstance(value, bool)):
        return value or None
    raise ConfigError("`/default_owner` must be a user's id, e-mail or name.")


def _visible_to(value: Any) -> int | None:
    if value is None:
        return None
    if value not in VISIBILITIES or isinstance(value, bool):
        raise ConfigError("`/visible_to` must be 1, 3, 5 or 7.")
    return int(value)


def _switch(config: Mapping[str, Any], key: str) -> bool:
    value = config.get(key)
    if value is not None and not isinstance(value, bool):
        raise ConfigError(f"`/{key}` must be true or false.")
    return bool(value)


def _mappings(value: Any, problems: Problems) -> tuple[Rules, ...]:
    """The mappings as far as they can be read; those of no stream, and second ones, are left out."""
    entries: Sequence[Any] = problems.attempt(partial(read_list, value, "/mappings"), ())
    rules = [read_rules(entry, f"/mappings/{index}", problems) for index, entry in enumerate(entries)]
    first: dict[str, Rules] = {}
    problems.each(lambda rule: _refuse_twice(rule, first), (rule for rule in rules if rule.stream))
    return tuple(first.values())


def _refuse_twice(rule: Rules, first: dict[str, Rules]) -> None:
    if first.setdefault(rule.stream, rule) is not rule:
        raise ConfigError(f"`{rule.where}`: stream `{rule.stream}` is mapped twice; one entry a stream.")
