"""What the platform hands to a read: which streams, their states, and the columns that it knows."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

from airbyte_cdk.models import AirbyteStateMessage, ConfiguredAirbyteCatalog, ConfiguredAirbyteStream, SyncMode

from pipedrive_client.problems import Problems
from pipedrive_client.settings import ConfigError
from source_pipedrive.customs import known_names
from source_pipedrive.feed import GATHERED
from source_pipedrive.schema import schema_of
from source_pipedrive.state import StreamState, parse_state
from source_pipedrive.stream_spec import StreamSpec
from source_pipedrive.streams import BY_NAME, RENAMED


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
    return name in schema_of(spec)["properties"] or (spec.fields is not None and name in schema.get("properties", {}))


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
        if part.formerly in states and "lists" not in states.get(spec.name, {}):
            former = parse_state(part.formerly, states[part.formerly], (part.name,))
            state.lists[part.name] = former.progress(part.name)
    if is_full_refresh and not state.is_unfinished:
        return StreamState(is_unfinished=True)
    return state


def full_refreshes(catalog: ConfiguredAirbyteCatalog) -> set[str]:
    """Names of the streams that are to be read as a whole."""
    return {one.stream.name for one in catalog.streams if one.sync_mode is SyncMode.full_refresh}


def known_columns(catalog: ConfiguredAirbyteCatalog) -> dict[str, dict[str, str]]:
    """Stream -> custom field's key -> its column's name in the schema that the platform has."""
    return {one.stream.name: known_names(one.stream.json_schema.get("properties") or {}) for one in catalog.streams}
