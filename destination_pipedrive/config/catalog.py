"""The configured catalog as the platform sends it, read with care: one sentence instead of a stack trace."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipedrive_client.config import ConfigError

SYNC_MODES = ("append", "append_dedup", "overwrite", "update", "soft_delete")


@dataclass(frozen=True)
class ConfiguredStream:
    """One incoming stream. ``primary_key`` holds the first name of each path; ``columns`` the schema's names.

    ``sync_id`` is the platform's job; of a stream that ``is_resumable`` a later attempt may bring the rest only.
    """

    name: str
    namespace: str
    sync_mode: str
    destination_sync_mode: str
    object_name: str
    primary_key: tuple[str, ...]
    columns: tuple[str, ...]
    schemas: Mapping[str, Any] = field(default_factory=dict)
    sync_id: str = ""
    is_resumable: bool = False

    @cached_property
    def key(self) -> tuple[str, str]:
        """Namespace and name."""
        return self.namespace, self.name

    @cached_property
    def full_name(self) -> str:
        """``namespace.stream``, or the name alone."""
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


def json_types(schema: Any) -> set[str]:
    """The JSON types of a schema; one that names none is a text, and one of several schemas is nothing."""
    if not isinstance(schema, Mapping) or "oneOf" in schema or "anyOf" in schema:
        return set()
    given = schema.get("type", "string")
    return {each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)} - {"null"}


def configured_streams(catalog: Any) -> tuple[ConfiguredStream, ...]:
    """The streams of a configured catalog. Raises ConfigError."""
    entries = catalog.get("streams") if isinstance(catalog, Mapping) else None
    if not isinstance(entries, list):
        raise ConfigError("The catalog file is not a configured catalog: it has no list `streams`.")
    return tuple(_stream(entry, index) for index, entry in enumerate(entries))


def _stream(entry: Any, index: int) -> ConfiguredStream:
    stream = entry.get("stream") if isinstance(entry, Mapping) else None
    name = stream.get("name") if isinstance(stream, Mapping) else None
    if not isinstance(stream, Mapping) or not isinstance(name, str) or not name.strip():
        raise ConfigError(f"The catalog's `streams[{index}].stream.name` is missing.")
    mode = entry.get("destination_sync_mode") or "append"
    if mode not in SYNC_MODES:
        raise ConfigError(f"Stream `{name}`: the sync mode `{mode}` is unknown; known are {', '.join(SYNC_MODES)}.")
    if mode == "append" and _replaces(entry):
        mode = "overwrite"
    namespace, schema = stream.get("namespace") or "", stream.get("json_schema") or {}
    if not isinstance(namespace, str):
        raise ConfigError(f"Stream `{name}`: the catalog's `namespace` must be text.")
    if not isinstance(schema, Mapping):
        raise ConfigError(f"Stream `{name}`: the catalog's `json_schema` must be an object.")
    properties = schema.get("properties")
    return ConfiguredStream(
        name=name,
        namespace=namespace,
        sync_mode=str(entry.get("sync_mode") or ""),
        destination_sync_mode=mode,
        object_name=str(entry.get("destination_object_name") or ""),
        primary_key=_names(entry.get("primary_key")),
        columns=tuple(properties) if isinstance(properties, Mapping) else (),
        schemas=properties if isinstance(properties, Mapping) else {},
        sync_id=_id(entry.get("sync_id")),
        is_resumable=stream.get("is_resumable") is True,
    )


def _id(value: Any) -> str:
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""


def _replaces(entry: Mapping[str, Any]) -> bool:
    """Whether rows of earlier syncs are to go: so the platform sends `overwrite` to a destination with refreshes."""
    minimum, current = entry.get("minimum_generation_id"), entry.get("generation_id")
    return isinstance(minimum, int) and minimum > 0 and minimum == current


def _names(keys: Any) -> tuple[str, ...]:
    paths = keys if isinstance(keys, list) else []
    return tuple(str(path[0] if isinstance(path, list) else path) for path in paths if path)
