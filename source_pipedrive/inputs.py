"""What the platform hands to a read: which streams, their states, and the columns that it knows."""

import json
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from airbyte_cdk.models import (
    AirbyteStateMessage,
    AirbyteStateMessageSerializer,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteCatalogSerializer,
    ConfiguredAirbyteStream,
    SyncMode,
)

from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import Problems
from source_pipedrive.records.custom_fields import known_names
from source_pipedrive.streams.schemas import schema_of
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import BY_NAME, RENAMED
from source_pipedrive.sync.parent_spool import GATHERED
from source_pipedrive.sync.state import StreamState, parse_state


def read_json(path: str, what: str) -> Any:
    """The JSON in a file. Raises ConfigError that says what is wrong with the ``what`` file."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"The {what} file `{path}` cannot be opened ({error.strerror}).") from None
    except RecursionError:
        raise ConfigError(f"The {what} file `{path}` is nested too deep.") from None
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
            f"The state file `{path}` holds an entry that is not a state message: {_reason(error)}."
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


def specs_of(catalog: ConfiguredAirbyteCatalog, table: Mapping[str, StreamSpec]) -> list[StreamSpec]:
    """The rows of the table that a catalog names, each once.

    Raises ConfigError with all that is wrong: streams that do not exist, with what to select instead, and primary keys
    that no record would have.
    """
    problems = Problems()
    names = list(dict.fromkeys(one.stream.name for one in catalog.streams))
    problems.attempt(partial(_check_renamed, [name for name in names if name in RENAMED]), None)
    problems.each(partial(_check_known, table), [name for name in names if name not in RENAMED])
    problems.each(partial(_check_key, table), catalog.streams)
    problems.check()
    return [table[name] for name in names]


def _check_renamed(names: list[str]) -> None:
    if names:
        instead = ", ".join(f"`{RENAMED[name]}` instead of `{name}`" for name in names)
        raise ConfigError(
            f"The catalog has streams that are named differently here: refresh the connection's schema and select "
            f"{instead}."
        )


def _check_known(table: Mapping[str, StreamSpec], name: str) -> None:
    if name not in table:
        near = get_close_matches(name, table, n=1)
        hint = f"Did you mean `{near[0]}`? " if near else ""
        raise ConfigError(f"Stream `{name}` does not exist. {hint}Refresh the connection's schema to see all streams.")


def _check_key(table: Mapping[str, StreamSpec], configured: ConfiguredAirbyteStream) -> None:
    """A destination that dedupes by a column that no record has keeps one row, or fails."""
    stream = configured.stream
    spec = table.get(stream.name)
    paths = [*(configured.primary_key or []), *(stream.source_defined_primary_key or [])]
    wanted = dict.fromkeys(path[0] for path in paths if path)
    missing = [name for name in wanted if spec and not _is_emitted(spec, stream.json_schema, name)]
    if spec and missing:
        raise ConfigError(
            f"Stream `{stream.name}`: the catalog's primary key names {_listed(missing)}, which no record has; the key "
            f"is {_listed(spec.primary_key)} here. Refresh the connection's schema, and then the stream."
        )


def _is_emitted(spec: StreamSpec, schema: Mapping[str, Any], name: str) -> bool:
    """Whether a column is the stream's own, or one of the account's custom fields by the catalog's schema."""
    return name in schema_of(spec)["properties"] or (spec.fields is not None and name in _columns(schema))


def _columns(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The columns of a catalog's schema with their own schemas; none where it is not as it should be."""
    found = schema.get("properties")
    inner = found.items() if isinstance(found, Mapping) else ()
    return {name: each if isinstance(each, Mapping) else {} for name, each in inner}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def states_of(messages: list[AirbyteStateMessage]) -> dict[str, dict[str, Any]]:
    """Stream name -> state, from per-stream and global messages."""
    streams = [message.stream for message in messages if message.stream]
    for message in messages:
        streams += message.global_.stream_states if message.global_ else []
    old = {name: state for message in messages for name, state in (message.data or {}).items()}
    return old | {one.stream_descriptor.name: dict(one.stream_state.__dict__) for one in streams if one.stream_state}


def state_of(spec: StreamSpec, states: Mapping[str, dict[str, Any]], is_full_refresh: bool) -> StreamState:
    """Where a stream's reading starts. A full refresh starts anew, unless the state is that of an unfinished one."""
    parent = BY_NAME[spec.child.parent] if spec.child else spec
    names = [GATHERED] if spec.child and spec.child.gathers else [part.name for part in parent.lists]
    state = parse_state(spec.name, states.get(spec.name), names)
    for part in spec.lists:
        if part.legacy_stream in states and "lists" not in states.get(spec.name, {}):
            former = parse_state(part.legacy_stream, states[part.legacy_stream], (part.name,))
            state.lists[part.name] = former.progress(part.name)
    if is_full_refresh and not state.is_unfinished:
        return StreamState(is_unfinished=True)
    return state


def full_refreshes(catalog: ConfiguredAirbyteCatalog) -> set[str]:
    """Names of the streams that are to be read as a whole."""
    return {one.stream.name for one in catalog.streams if one.sync_mode is SyncMode.full_refresh}


def with_files(catalog: ConfiguredAirbyteCatalog) -> set[str]:
    """Names of the streams whose files are to be copied, too."""
    return {one.stream.name for one in catalog.streams if one.include_files}


def known_columns(catalog: ConfiguredAirbyteCatalog) -> dict[str, dict[str, str]]:
    """Stream -> custom field's key -> its column's name in the schema that the platform has."""
    return {one.stream.name: known_names(_columns(one.stream.json_schema)) for one in catalog.streams}
