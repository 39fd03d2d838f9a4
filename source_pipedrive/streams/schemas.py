"""JSON schemas of streams: the file in ``schemas/`` plus the account's custom fields."""

import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from source_pipedrive.streams.spec import StreamSpec

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


def schema_of(spec: StreamSpec, columns: Mapping[str, Schema] | None = None) -> Schema:
    """The schema of a row of the table, with further columns."""
    written = _written(spec)
    own = {name: {**_description(written.get(name)), **column} for name, column in spec.columns.items()}
    return load(spec.name) | {"properties": {**written, **own, **(columns or {})}}


def read_as(spec: StreamSpec) -> Schema:
    """Column -> the schema that its values are read by: a time that is declared as mere text keeps its one spelling."""
    written, declared = _written(spec), schema_of(spec)["properties"]
    return {
        name: written[name] if name in written and written[name]["type"] == column["type"] else column
        for name, column in declared.items()
    }


def _written(spec: StreamSpec) -> Schema:
    properties: Schema = load(spec.schema or spec.name)["properties"]
    return properties


def _description(column: Schema | None) -> Schema:
    return {"description": column["description"]} if column else {}
