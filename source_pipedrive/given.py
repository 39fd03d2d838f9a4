"""What the platform hands to a read: which streams, their states, and the columns that it knows."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from airbyte_cdk.models import AirbyteStateMessage, ConfiguredAirbyteCatalog, SyncMode

from pipedrive_client.settings import ConfigError
from source_pipedrive.customs import known_names
from source_pipedrive.feed import GATHERED
from source_pipedrive.state import StreamState, parse_state
from source_pipedrive.stream_spec import StreamSpec
from source_pipedrive.streams import BY_NAME, RENAMED


def spec_of(name: str) -> StreamSpec:
    """The row of a stream. Raises ConfigError that names what to select instead."""
    if name in BY_NAME:
        return BY_NAME[name]
    if name in RENAMED:
        raise ConfigError(
            f"Stream `{name}` does not exist here; select `{RENAMED[name]}` instead, it holds the same rows."
        )
    near = get_close_matches(name, BY_NAME, n=1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    raise ConfigError(f"Stream `{name}` does not exist. {hint}Refresh the connection's schema to see all streams.")


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
