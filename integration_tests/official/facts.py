"""What Airbyte's own source-pipedrive declares, from ``streams.yaml``, and types of a schema in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_WORDS = {"string": "text"}
_TIMES = {"timestamp_with_timezone": "time_with_zone", "timestamp_without_timezone": "time_without_zone"}


@dataclass(frozen=True)
class Stream:
    """``cursor``: the column and how its bookmark is spelled; ``columns``: name -> type."""

    key: tuple[str, ...]
    cursor: Mapping[str, str]
    columns: Mapping[str, str]


def _stream(facts: Mapping[str, Any]) -> Stream:
    columns = {name: kind for kind, names in facts.items() if kind not in ("key", "cursor") for name in names}
    return Stream(tuple(facts["key"]), facts.get("cursor", {}), columns)


#: Its streams by name.
OFFICIAL: Mapping[str, Stream] = {
    name: _stream(facts)
    for name, facts in yaml.safe_load(
        (Path(__file__).parent / "streams.yaml").read_text(encoding="utf-8"),
    ).items()
}


def kind(schema: Mapping[str, Any]) -> str:
    """The type of a column, whether it may be null or not."""
    declared = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kinds = " or ".join(_WORDS.get(str(name), str(name)) for name in declared if name != "null")
    if kinds != "text" or "format" not in schema:
        return kinds
    return "date" if schema["format"] == "date" else _TIMES.get(schema.get("airbyte_type", ""), "time")
