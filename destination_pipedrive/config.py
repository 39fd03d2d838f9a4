"""A config to one frozen Config. Every problem is one sentence that names the key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.mapping_config import read_rules
from destination_pipedrive.parts import VISIBILITIES
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
        """Read a config. Raises ConfigError."""
        settings = Settings.from_config(config)
        threshold = config.get("reject_threshold")
        return cls(
            settings,
            _mappings(config.get("mappings")),
            _owner(config.get("default_owner")),
            _visible_to(config.get("visible_to")),
            _switch(config, "auto_create_options"),
            _switch(config, "auto_create_fields"),
            _switch(config, "dry_run"),
            None if threshold is None else whole_number(config, "reject_threshold", 0, 0),
            store_of(config.get("object_storage_config")),
            read_word(config, "conflict_policy", POLICIES, ""),
        )


def _owner(value: Any) -> int | str | None:
    if value is None or (isinstance(value, int | str) and not isinstance(value, bool)):
        return value or None
    raise ConfigError("`default_owner` must be a user's id, e-mail or name.")


def _visible_to(value: Any) -> int | None:
    if value is None:
        return None
    if value not in VISIBILITIES or isinstance(value, bool):
        raise ConfigError("`visible_to` must be 1, 3, 5 or 7.")
    return int(value)


def _switch(config: Mapping[str, Any], key: str) -> bool:
    value = config.get(key)
    if value is not None and not isinstance(value, bool):
        raise ConfigError(f"`{key}` must be true or false.")
    return bool(value)


def _mappings(value: Any) -> tuple[Rules, ...]:
    entries = read_list(value, "/mappings")
    rules = tuple(read_rules(entry, f"/mappings/{index}") for index, entry in enumerate(entries))
    seen: set[str] = set()
    for rule in rules:
        if rule.stream in seen:
            raise ConfigError(f"`{rule.where}`: stream `{rule.stream}` is mapped twice; one entry a stream.")
        seen.add(rule.stream)
    return rules
