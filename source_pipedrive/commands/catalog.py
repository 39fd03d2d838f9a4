"""`catalog`: a configured catalog of some streams, ready for `read` and `write`."""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Any

from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import Problems
from source_pipedrive.streams.table import RENAMED

INCREMENTAL, FULL_REFRESH = "incremental", "full_refresh"
#: Every stream has a primary key, and what is read again replaces what was read before.
DESTINATION_MODE = "append_dedup"


def selected(names: Sequence[str] | None, known: Collection[str]) -> list[str]:
    """Names of streams, each once; all where none are named. Raises ConfigError with all that do not exist."""
    if not names:
        return list(known)
    problems = Problems()
    problems.each(partial(_check, known), dict.fromkeys(names))
    problems.check()
    return list(dict.fromkeys(names))


def _check(known: Collection[str], name: str) -> None:
    if name in RENAMED:
        raise ConfigError(f"Stream `{name}` has another name here: select `{RENAMED[name]}`.")
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f" Did you mean `{near[0]}`?" if near else " `discover` prints all streams."
        raise ConfigError(f"Stream `{name}` does not exist.{hint}")


def configured_catalog(discovered: Mapping[str, Any], names: Sequence[str] | None) -> dict[str, Any]:
    """The streams of a discovered catalog as a platform would configure them: incremental where they can be.

    Raises ConfigError with every name that is not among them.
    """
    streams = {stream["name"]: stream for stream in discovered["streams"]}
    return {"streams": [_configured(streams[name]) for name in selected(names, streams)]}


def _configured(stream: Mapping[str, Any]) -> dict[str, Any]:
    can_be = stream["supported_sync_modes"]
    return {
        "stream": stream,
        "sync_mode": INCREMENTAL if INCREMENTAL in can_be else FULL_REFRESH,
        "destination_sync_mode": DESTINATION_MODE,
        "cursor_field": stream.get("default_cursor_field") or [],
        "primary_key": stream.get("source_defined_primary_key") or [],
    }
