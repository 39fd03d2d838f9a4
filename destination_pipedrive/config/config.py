"""A config to one frozen Config. Every problem is one sentence that names the key."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from destination_pipedrive.config.mapping_reader import Mappings, read_mappings
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.fields.parsing import VISIBILITIES
from destination_pipedrive.results.dead_letters import Store, has_no_place, store_of
from pipedrive_client.config import ConfigError, Settings, whole_number
from pipedrive_client.config_errors import Problems, together
from pipedrive_client.normalization import domain_of, is_country

#: Whose value stays when both sides changed, the default first.
POLICIES = ("source_wins", "destination_wins", "newest_wins")


@dataclass(frozen=True)
class Config:
    """Everything that a user can set. ``reject_threshold`` counts records, None is no limit; ``rejects`` keeps them,
    and with ``result_log`` a line for every record.
    """

    settings: Settings
    default_owner: int | str | None = None
    visible_to: int | None = None
    auto_create_options: bool = False
    auto_create_fields: bool = False
    dry_run: bool = False
    reject_threshold: int | None = None
    rejects: Store | None = None
    conflict_policy: str = POLICIES[0]
    default_country: str = ""
    ignored_domains: frozenset[str] = frozenset()
    result_log: bool = False
    as_read: Mappings = field(default_factory=Mappings)
    problems: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> "Config":
        """Read a config. Raises ConfigError with every problem."""
        found = cls.as_far_as_readable(config)
        if found.problems:
            raise ConfigError(together(found.problems))
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
            take(partial(_owner, config.get("default_owner")), None),
            take(partial(_visible_to, config.get("visible_to")), None),
            take(partial(_switch, config, "auto_create_options"), False),
            take(partial(_switch, config, "auto_create_fields"), False),
            take(partial(_switch, config, "dry_run"), False),
            take(partial(_threshold, config), None),
            take(partial(store_of, config.get("object_storage_config")), None),
            take(partial(_policy, config.get("conflict_policy")), POLICIES[0]),
            take(partial(_country, config.get("default_country")), ""),
            take(partial(_domains, config.get("ignored_domains")), frozenset()),
            take(partial(_result_log, config), False),
        )
        mappings = read_mappings(config.get("mappings"))
        problems.add(mappings.problems)
        if settings is None:
            raise ConfigError(together(problems.sentences))
        return cls(settings, *rest, mappings, problems.sentences)

    @property
    def mappings(self) -> tuple[Rules, ...]:
        """The mappings, one per stream."""
        return self.as_read.rules

    def located(self, error: ConfigError) -> ConfigError:
        """The error with the line of each place in the text of the mappings."""
        return ConfigError(self.as_read.located(str(error)))


def _threshold(config: Mapping[str, Any]) -> int | None:
    key = "reject_threshold"
    return None if config.get(key) is None else whole_number(config, key, 0, 0, root="/")


def _country(value: Any) -> str:
    """The ISO code of a country; empty is none."""
    code = value.strip().upper() if isinstance(value, str) else value or ""
    if code and not (isinstance(code, str) and is_country(code)):
        raise ConfigError("`/default_country` must be the two-letter code of a country, such as `DE`.")
    return str(code)


def _domains(value: Any) -> frozenset[str]:
    """Domains in the form in which they are compared."""
    given = value.replace(",", " ").split() if isinstance(value, str) else value or []
    if not isinstance(given, list) or not all(isinstance(each, str) and each.strip() for each in given):
        raise ConfigError("`/ignored_domains` must be a list of domains.")
    return frozenset(domain_of(each) or each.strip().lower() for each in given)


def _owner(value: Any) -> int | str | None:
    if isinstance(value, str):
        return value.strip() or None
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value or None
    raise ConfigError("`/default_owner` must be a user's id, email or name.")


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


def _result_log(config: Mapping[str, Any]) -> bool:
    is_wanted, storage = _switch(config, "result_log"), config.get("object_storage_config")
    if is_wanted and (storage is None or (isinstance(storage, Mapping) and has_no_place(storage))):
        raise ConfigError("`/result_log` needs a place for its files: choose a storage in `/object_storage_config`.")
    return is_wanted


def _policy(value: Any) -> str:
    if value is None:
        return POLICIES[0]
    if value not in POLICIES:
        raise ConfigError(f"`/conflict_policy` must be one of {', '.join(f'`{each}`' for each in POLICIES)}.")
    return str(value)
