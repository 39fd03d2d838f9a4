"""A config to one frozen Config. Every problem is one sentence that names the key."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from destination_pipedrive.mapping_config import read_rules
from destination_pipedrive.parts import VISIBILITIES
from destination_pipedrive.problems import Problems
from destination_pipedrive.readers import read_list, read_word
from destination_pipedrive.rules import Rules
from destination_pipedrive.storage import Store, store_of
from pipedrive_client.settings import ConfigError, Settings, whole_number

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

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> "Config":
        """Read a config. Raises ConfigError with every problem."""
        problems = Problems()
        take = problems.attempt
        settings = take(partial(Settings.from_config, config), None)
        rest = (
            take(partial(_mappings, config.get("mappings")), ()),
            take(partial(_owner, config.get("default_owner")), None),
            take(partial(_visible_to, config.get("visible_to")), None),
            take(partial(_switch, config, "auto_create_options"), False),
            take(partial(_switch, config, "auto_create_fields"), False),
            take(partial(_switch, config, "dry_run"), False),
            take(partial(_threshold, config), None),
            take(partial(store_of, config.get("object_storage_config")), None),
            take(partial(read_word, config, "conflict_policy", POLICIES, ""), POLICIES[0]),
        )
        problems.check()
        assert settings is not None
        return cls(settings, *rest)


def _threshold(config: Mapping[str, Any]) -> int | None:
    return None if config.get("reject_threshold") is None else whole_number(config, "reject_threshold", 0, 0)


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


def _mappings(value: Any) -> tuple[Rules, ...]:
    entries = read_list(value, "/mappings")
    problems = Problems()
    rules = problems.each(lambda pair: read_rules(pair[1], f"/mappings/{pair[0]}"), enumerate(entries))
    first: dict[str, Rules] = {}
    problems.each(lambda rule: _refuse_twice(rule, first), rules)
    problems.check()
    return tuple(rules)


def _refuse_twice(rule: Rules, first: dict[str, Rules]) -> None:
    if first.setdefault(rule.stream, rule) is not rule:
        raise ConfigError(f"`{rule.where}`: stream `{rule.stream}` is mapped twice; one entry a stream.")
