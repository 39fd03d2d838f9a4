"""JSON schemas of streams: the file in ``schemas/`` plus the account's custom fields."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

Schema = dict[str, Any]

#: Objects whose rows carry the same custom fields: a field's column has one name in all of their streams.
_SAME_FIELDS = {"deals": ("deals", "leads"), "leads": ("deals", "leads")}


@lru_cache(maxsize=128)
def load(stream: str) -> Schema:
    """The hand-written schema of a stream. Do not change the answer."""
    schema: Schema = json.loads(files("source_pipedrive").joinpath("schemas", f"{stream}.json").read_bytes())
    return schema


def built_in_columns(stream: str) -> set[str]:
    """Names that a custom field's column may not take, in every stream that carries the same fields."""
    return {name for one in _SAME_FIELDS.get(stream, (stream,)) for name in load(one)["properties"]}


def extended(stream: str, columns: Schema) -> Schema:
    """The stream's schema with further columns."""
    schema = load(stream)
    return schema | {"properties": schema["properties"] | columns}
