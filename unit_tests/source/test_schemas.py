"""The hand-written schema files: well formed, described, and complete against the vendor's documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import STREAMS

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT.parent / "shared" / "pipedrive-api" / "openapi"
SCHEMAS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "source_pipedrive" / "schemas").glob("*.json"))
}

# stream -> the place of the rows in the response, where it is not "data"
PLACES = {
    "deal_mail_messages": "data.data",
    "goals": "data.goals",
    "organization_mail_messages": "data.data",
    "person_mail_messages": "data.data",
}
# stream whose rows a function reads -> the operation
BY_FUNCTION = {
    "goal_results": "v1/goals/{id}/results",
    "pipeline_statistics": "v1/pipelines/{id}/movement_statistics",
}


def _operation(spec: StreamSpec) -> str:
    """Version, list operation and place of the rows of a stream."""
    path = BY_FUNCTION.get(spec.name) or (spec.child.path if spec.child else spec.lists[0].path)
    version, rest = ("v2", path[len("api/v2") :]) if path.startswith("api/v2") else ("v1", path[len("v1") :])
    return f"{version} {rest} {PLACES.get(spec.name, 'data')}"


EXCERPTS = {"deal_persons", "organization_persons"}

# columns that identify a row, and where its keys are documented
PRIMARY_KEYS = {spec.name: list(spec.primary_key) for spec in STREAMS}
OPERATIONS = {spec.name: _operation(spec) for spec in STREAMS if spec.name not in EXCERPTS}

# documented keys that are no columns, and why
EXCEPTIONS = {
    "*": {"custom_fields": "one column per field is added at discover time"},
    "deal_participants": {
        "person": "the person stream has it; the row keeps id, name, email and phone",
        "related_item_data": "the deal again",
        "related_item_id": "the deal again, as deal_id",
        "related_item_type": "always deal",
    },
    "goal_results": {"goal": "the goals stream has it; the row keeps what tells the progress"},
    "webhooks": {"http_auth_password": "a secret; it does not belong into a warehouse"},
    "organizations": {"org_id": "only in the example, where it repeats a person's key"},
}


def _walk(properties: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every declared property at any depth with its path."""
    for name, schema in properties.items():
        yield f"{path}.{name}", schema
        yield from _walk(schema.get("properties", {}), f"{path}.{name}")
        yield from _walk(schema.get("items", {}).get("properties", {}), f"{path}.{name}[]")


def _alternatives(document: dict[str, Any], schema: Any) -> Iterator[dict[str, Any]]:
    """Yield a documented schema with references followed and compositions opened."""
    while "$ref" in schema:
        target: Any = document
        for key in schema["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        schema = target
    yield schema
    for part in (part for kind in ("allOf", "oneOf", "anyOf") for part in schema.get(kind, [])):
        yield from _alternatives(document, part)


def _step(document: dict[str, Any], schemas: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Go one key down, through the list if the value is one."""
    found = [s["properties"][key] for s in schemas if key in s.get("properties", {})]
    opened = [part for schema in found for part in _alternatives(document, schema)]
    return [part for s in opened for part in (_alternatives(document, s["items"]) if s.get("type") == "array" else [s])]


def _row_keys(document: dict[str, Any], path: str, place: str) -> list[str]:
    """The keys of a row that a list operation documents: in its schema, its example, or on request."""
    content = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    schemas, rows = list(_alternatives(document, content.get("schema", {}))), [content.get("example") or {}]
    for key in place.split("."):
        schemas = _step(document, schemas, key)
        values = [row[key] for row in rows if row.get(key)]
        rows = [row for value in values for row in (value if isinstance(value, list) else [value])]
    parameters = [p for q in document["paths"][path]["get"].get("parameters", []) for p in _alternatives(document, q)]
    optional = [value for p in parameters if p.get("name") == "include_fields" for value in p["schema"]["enum"]]
    required = [key for part in [*(s.get("properties", {}) for s in schemas), *rows] for key in part]
    return sorted({*required, *(key for value in optional for key in value.split(","))})


def _parse_documents() -> dict[str, list[str]]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is needed to read the vendor's documents")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    documents = {v: yaml.load((OPENAPI / f"{v}.yaml").read_bytes(), Loader=loader) for v in ("v1", "v2")}
    found = {}
    for operation in OPERATIONS.values():
        version, path, place = (*operation.split(), "data")[:3]
        found[operation] = _row_keys(documents[version], path, place)
    return found


@pytest.fixture(scope="module")
def documented(request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """Row keys per operation; the documents take seconds to parse, so the result is cached between runs."""
    if not OPENAPI.is_dir():
        pytest.skip("the vendor's OpenAPI documents are not beside this repository")
    stamp = [[OPENAPI.joinpath(f"{v}.yaml").stat().st_size for v in ("v1", "v2")], sorted(OPERATIONS.values())]
    cache = getattr(request.config, "cache", None)
    cached = cache.get("pipedrive/documented_keys", None) if cache else None
    if cached and cached["stamp"] == stamp:
        return cached["keys"]
    keys = _parse_documents()
    if cache:
        cache.set("pipedrive/documented_keys", {"stamp": stamp, "keys": keys})
    return keys


@pytest.mark.parametrize("stream", SCHEMAS)
def test_file_is_an_open_draft_07_object(stream: str) -> None:
    """Each file is a valid draft-07 schema of an object that says what one row is."""
    schema = SCHEMAS[stream]
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert (schema["type"], schema["additionalProperties"]) == ("object", True)
    assert schema["description"].startswith("One row is ")


@pytest.mark.parametrize("stream", SCHEMAS)
def test_property_has_type_and_description(stream: str) -> None:
    """Every property, nested ones too, has one type (nullable or not) and a sentence, and needs no other file."""
    kinds = {"integer", "number", "boolean", "string", "array", "object"}
    for path, schema in _walk(SCHEMAS[stream]["properties"], stream):
        types = schema["type"] if isinstance(schema["type"], list) else ["null", schema["type"]]
        assert types[0] == "null", path
        assert len(types) == 2, path
        assert types[1] in kinds, path
        assert schema["description"].endswith("."), path
        assert "$ref" not in schema, path


@pytest.mark.parametrize("stream", SCHEMAS)
def test_only_primary_key_columns_are_never_null(stream: str) -> None:
    """Primary key columns come first and cannot be null; all other columns can."""
    columns = SCHEMAS[stream]["properties"]
    key = PRIMARY_KEYS[stream]
    assert list(columns)[: len(key)] == key
    assert [name for name, column in columns.items() if isinstance(column["type"], str)] == key


@pytest.mark.parametrize("stream", SCHEMAS)
def test_times_say_that_they_carry_a_zone(stream: str) -> None:
    """Date-times are declared with a time zone, and columns named like points in time are date-times."""
    for path, schema in _walk(SCHEMAS[stream]["properties"], stream):
        is_time = schema.get("format") == "date-time"
        assert (schema.get("airbyte_type") == "timestamp_with_timezone") == is_time, path
        if path.endswith(("add_time", "update_time", "_timestamp")):
            assert is_time, path


@pytest.mark.parametrize("stream", SCHEMAS)
def test_arrays_and_objects_say_what_they_hold(stream: str) -> None:
    """Arrays declare their items, and objects stay open for keys the API adds later."""
    for path, schema in _walk(SCHEMAS[stream]["properties"], stream):
        if "array" in schema["type"]:
            assert schema["items"]["type"], path
        inner = schema.get("items", schema)
        if "object" in inner["type"]:
            assert inner["additionalProperties"] is True, path


@pytest.mark.parametrize("stream", sorted(EXCERPTS))
def test_person_excerpts_repeat_the_columns_of_persons(stream: str) -> None:
    """A person column means the same in a person list under a parent as in persons."""
    persons = SCHEMAS["persons"]["properties"]
    own = {"deal_id", "organization_id", "person_id", "parent_update_time"}
    for name, column in SCHEMAS[stream]["properties"].items():
        assert name in own or column["type"] == persons[name]["type"]


@pytest.mark.parametrize("stream", SCHEMAS)
def test_custom_fields_are_not_declared(stream: str) -> None:
    """Custom fields come from the account at discover time, so no file names them."""
    assert "custom_fields" not in SCHEMAS[stream]["properties"]
    assert not [name for name in SCHEMAS[stream]["properties"] if len(name) == 40]


def test_every_stream_of_the_table_has_a_file() -> None:
    """No stream lacks its schema, and no file describes a stream that is not there."""
    assert set(SCHEMAS) == {spec.name for spec in STREAMS}


@pytest.mark.parametrize("stream", sorted(set(SCHEMAS) - EXCERPTS))
def test_documented_keys_are_declared(stream: str, documented: dict[str, list[str]]) -> None:
    """Whatever the vendor documents for a row is a column, but for the exceptions listed above."""
    keys = set(documented[OPERATIONS[stream]]) - set(EXCEPTIONS["*"]) - set(EXCEPTIONS.get(stream, {}))
    assert keys, "the operation documents no rows"
    assert sorted(keys - set(SCHEMAS[stream]["properties"])) == []
