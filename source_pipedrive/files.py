"""The files that the platform hands over: config, catalog, state. Every mistake is one sentence."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airbyte_cdk.models import (
    AirbyteStateMessage,
    AirbyteStateMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
)

from pipedrive_client.settings import ConfigError


def read_json(path: str, what: str) -> Any:
    """The JSON in a file. Raises ConfigError that says what is wrong with the ``what`` file."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"The {what} file `{path}` cannot be opened ({error.strerror}).") from None
    except ValueError as error:
        raise ConfigError(f"The {what} file `{path}` is not valid JSON ({_place(error)}).") from None


def _place(error: ValueError) -> str:
    return f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "not UTF-8"


def read_catalog(path: str) -> ConfiguredAirbyteCatalog:
    """A configured catalog. Raises ConfigError."""
    content = read_json(path, "catalog")
    if not isinstance(content, dict) or not isinstance(content.get("streams"), list):
        raise ConfigError(f"The catalog file `{path}` must hold an object with a list `streams`.")
    try:
        return ConfiguredAirbyteCatalogSerializer.load(content)
    except Exception as error:
        raise ConfigError(f"The catalog file `{path}` is not a configured catalog: {_reason(error)}.") from None


def read_states(path: str | None) -> list[AirbyteStateMessage]:
    """State messages, also from the old form (stream name -> state). Raises ConfigError."""
    content = read_json(path, "state") if path else None
    if not content:
        return []
    if isinstance(content, dict):
        entries = [content] if "type" in content or "stream" in content else _old_form(content, path)
    else:
        entries = content
    if not isinstance(entries, list):
        raise ConfigError(f"The state file `{path}` must hold a list of state messages.")
    return [_state(entry, path) for entry in entries]


def _old_form(content: Mapping[str, Any], path: str | None) -> list[Any]:
    states = content.get("data") if isinstance(content.get("data"), dict) else content
    if not isinstance(states, Mapping) or not all(isinstance(state, dict) for state in states.values()):
        raise ConfigError(f"The state file `{path}` must hold a list of state messages.")
    return [{"type": "STREAM", "stream": _stream(name, state)} for name, state in states.items()]


def _stream(name: str, state: Mapping[str, Any]) -> dict[str, Any]:
    return {"stream_descriptor": {"name": name}, "stream_state": state}


def _state(entry: Any, path: str | None) -> AirbyteStateMessage:
    if isinstance(entry, dict) and entry.get("type") == "STATE":
        entry = entry.get("state")
    try:
        message = AirbyteStateMessageSerializer.load(entry)
    except Exception as error:
        raise ConfigError(
            f"The state file `{path}` holds an entry that is no state message: {_reason(error)}."
        ) from None
    if message.stream or message.global_ or message.data:
        return message
    raise ConfigError(f"The state file `{path}` holds an entry without `stream` or `global`.")


def _reason(error: Exception) -> str:
    """The first thing that a validation complains about, in one line."""
    errors = getattr(error, "errors", None)
    if errors:
        first = errors[0]
        return f"`{getattr(first, 'instance_path', '')}`: {getattr(first, 'message', first)}"[:200].rstrip(".")
    return (" ".join(str(error).split()) or type(error).__name__)[:200].rstrip(".")
