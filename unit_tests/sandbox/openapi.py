"""The vendor's OpenAPI documents, where they lie beside the checkout, as a look-up of operations."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "pipedrive-api" / "openapi"
METHODS = ("get", "post", "put", "patch", "delete")
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}

Operation = Mapping[str, Any]


def load() -> dict[tuple[str, str, str], Operation]:
    """Operations by version, method and path with nameless parameters; empty without the documents."""
    return {
        (version, method.upper(), nameless(path)): operation
        for version in ("v1", "v2")
        if (FOLDER / f"{version}.yaml").exists()
        for path, operations in _parsed(version)["paths"].items()
        for method, operation in operations.items()
        if method in METHODS
    }


def nameless(path: str) -> str:
    """A path template without the names of its parameters."""
    return re.sub(r"\{[^}]+\}", "{}", path)


def query_names(operation: Operation) -> set[str]:
    """Documented query parameters."""
    return {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}


def body_keys(operation: Operation) -> set[str]:
    """Documented top-level body keys."""
    contents = operation.get("requestBody", {}).get("content", {}).values()
    return {name for content in contents for name in properties(content["schema"])}


def answer_schema(operation: Operation) -> tuple[Mapping[str, Any], Any]:
    """Schema and example of the first good answer."""
    status = next(status for status in operation["responses"] if status.startswith("2"))
    content = operation["responses"][status]["content"].get("application/json", {})
    return content.get("schema", {}), content.get("example")


def properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of an object schema, those of its parts included; of a list, those of its rows."""
    found = dict(schema.get("properties", {}))
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()):
            found.update(properties(part))
    if "items" in schema:
        found.update(properties(schema["items"]))
    return found


def mismatches(schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
    """Where a value has another type than documented; nulls pass, since documented nullability is unreliable."""
    if value is None or not isinstance(schema, dict):
        return
    wanted = TYPES.get(str(schema.get("type")))
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
        yield f"{where}: {type(value).__name__} instead of {schema['type']}"
        return
    if isinstance(value, list):
        for each in value:
            yield from mismatches(schema.get("items", {}), each, f"{where}[]")
    elif isinstance(value, dict):
        known = properties(schema)
        for name, part in value.items():
            yield from mismatches(known.get(name, {}), part, f"{where}.{name}")


def unknown_keys(schema: Mapping[str, Any], example: Any, rows: Any) -> set[str]:
    """Keys of rows that neither the schema nor the example knows."""
    shown = example if isinstance(example, dict) else {}
    data = shown.get("data") or {}
    samples = data if isinstance(data, list) else [data]
    known = set(properties(properties(schema).get("data", {}))).union(
        *(set(each) for each in samples if isinstance(each, dict))
    )
    found = rows if isinstance(rows, list) else [rows]
    return {name for row in found if isinstance(row, dict) for name in row} - known


def _parsed(version: str) -> Any:
    # Parsing takes ten seconds a document, so that the result is kept beside other temporary files.
    source = FOLDER / f"{version}.yaml"
    cached = Path(tempfile.gettempdir()) / f"pipedrive-openapi-{version}-{source.stat().st_mtime_ns}.json"
    if cached.exists():
        return json.loads(cached.read_text())
    parsed = yaml.load(source.read_text(encoding="utf-8"), yaml.CSafeLoader)
    text = json.dumps(parsed, default=str)
    cached.write_text(text)
    return json.loads(text)
