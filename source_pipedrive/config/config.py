"""The source's config, parsed once. Shapes of the official connector are migrated here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import pendulum

from pipedrive_client.config import ConfigError, Settings, whole_number
from pipedrive_client.config_errors import Problems
from pipedrive_client.expressions.comparison import Moment
from source_pipedrive.config.column_names import ColumnName, parse_column_names
from source_pipedrive.config.selections import Selection, parse_selections
from source_pipedrive.streams.official import STREAMS_BY_NAME
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import BY_NAME

CustomFieldsMode = Literal["columns_by_name", "columns_by_key", "object", "object_and_columns"]
MODES = ("columns_by_name", "columns_by_key", "object", "object_and_columns")
#: The modes in which a record has the API's own ``custom_fields``.
WITH_OBJECT = ("object", "object_and_columns")
Deletions = Literal["reported", "compare", "ignore"]
DELETIONS = ("reported", "compare", "ignore")


@dataclass(frozen=True)
class Config:
    """What to read and how. ``start_date`` is RFC 3339 UTC with whole seconds, or None for all history.

    ``table``: stream name -> its row, with the official connector's columns and keys where the config is one of its.
    ``max_deleted_share`` is from 0 to 1, or None for the default.
    """

    settings: Settings
    start_date: str | None
    custom_fields: CustomFieldsMode
    deletions: Deletions
    num_workers: int
    column_names: tuple[ColumnName, ...] = ()
    mail_bodies: bool = False
    suppress_extended_requests: bool = False
    max_deleted_share: float | None = None
    selections: Mapping[str, Selection] = field(default_factory=dict)
    table: Mapping[str, StreamSpec] = field(default_factory=lambda: BY_NAME)

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> "Config":
        """Check and type a config. Raises ConfigError with a sentence for each problem, which names the key."""
        config, problems = _migrated(raw), Problems()
        take, table = problems.attempt, STREAMS_BY_NAME if _is_official(config) else BY_NAME
        settings = take(partial(Settings.from_config, config), None)
        rest: dict[str, Any] = {
            "start_date": take(partial(_start_date, config), None),
            "custom_fields": take(partial(_choice, config, "custom_fields", MODES), MODES[0]),
            "column_names": take(partial(parse_column_names, config), ()),
            "mail_bodies": take(partial(_flag, config, "mail_bodies"), False),
            "deletions": take(partial(_choice, config, "deletions", DELETIONS), DELETIONS[0]),
            "num_workers": take(partial(whole_number, config, "num_workers", 8, 1, 20), 8),
            "suppress_extended_requests": take(partial(_flag, config, "suppress_extended_requests"), False),
            "max_deleted_share": take(partial(_share, config, "max_deleted_share"), None),
            "selections": take(partial(parse_selections, config, table), {}),
            "table": table,
        }
        problems.check()
        assert settings is not None
        return cls(settings, **rest)


def _migrated(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The official connector's config in this connector's words; its users keep `custom_fields` as one object."""
    config = dict(raw)
    legacy = config.pop("authorization", None)
    if isinstance(legacy, Mapping) and not config.get("api_token"):
        config["api_token"] = legacy.get("api_token")
    if _is_official(config):
        config["custom_fields"] = config.get("custom_fields") or "object"
    return config


def _is_official(config: Mapping[str, Any]) -> bool:
    """True for a flat token, and for the newer shape: ``credentials`` beside ``replication_start_date``."""
    if config.get("credentials") is None:
        return bool(config.get("api_token"))
    return bool(config.get("replication_start_date"))


def _start_date(config: Mapping[str, Any]) -> str | None:
    key = "start_date" if config.get("start_date") else "replication_start_date"
    value = config.get(key)
    if value in (None, ""):
        return None
    try:
        parsed = pendulum.parse(value, tz="UTC", strict=True) if isinstance(value, str) else None
    except Exception:
        parsed = None
    if not isinstance(parsed, pendulum.DateTime):
        raise ConfigError(f"`{key}` must be a date or a time such as 2024-01-31 or 2024-01-31T00:00:00Z.")
    return str(Moment.of(parsed))


def _flag(config: Mapping[str, Any], key: str) -> bool:
    value = config.get(key)
    if value not in (None, True, False) or (isinstance(value, int) and not isinstance(value, bool)):
        raise ConfigError(f"`{key}` must be true or false.")
    return bool(value)


def _share(config: Mapping[str, Any], key: str) -> float | None:
    value = config.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ConfigError(f"`{key}` must be a number from 0 to 1.")
    return float(value)


def _choice(config: Mapping[str, Any], key: str, allowed: tuple[str, ...]) -> str:
    value = config.get(key) or allowed[0]
    if value not in allowed:
        raise ConfigError(f"`{key}` must be one of {', '.join(allowed)}.")
    return str(value)
