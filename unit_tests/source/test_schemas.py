"""The hand-written schema files: well formed, described, and complete against the vendor's documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT.parent / "shared" / "pipedrive-api" / "openapi"
SCHEMAS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "source_pipedrive" / "schemas").glob("*.json"))
}

# stream -> version, list operation and, where it is not "data", the place of the rows in the response
OPERATIONS = {
    "activities": "v2 /activities",
    "activity_fields": "v2 /activityFields",
    "activity_types": "v1 /activityTypes",
    "boards": "v2 /boards",
    "call_logs": "v1 /callLogs",
    "currencies": "v1 /currencies",
    "deal_changelog": "v1 /deals/{id}/changelog",
    "deal_discounts": "v2 /deals/{id}/discounts",
    "deal_fields": "v2 /dealFields",
    "deal_followers": "v2 /deals/{id}/followers",
    "deal_installments": "v2 /deals/installments",
    "deal_mail_messages": "v1 /deals/{id}/mailMessages data.data",
    "deal_participants": "v1 /deals/{id}/participants",
    "deal_products": "v2 /deals/products",
    "deals": "v2 /deals",
    "files": "v1 /files",
    "filters": "v1 /filters/{id}",
    "goals": "v1 /goals/find data.goals",
    "lead_fields": "v1 /leadFields",
    "lead_labels": "v1 /leadLabels",
    "lead_sources": "v1 /leadSources",
    "leads": "v1 /leads",
    "legacy_teams": "v1 /legacyTeams",
    "mail_messages": "v1 /mailbox/mailThreads/{id}/mailMessages",
    "mail_threads": "v1 /mailbox/mailThreads",
    "note_comments": "v1 /notes/{id}/comments",
    "note_fields": "v1 /noteFields",
    "notes": "v1 /notes",
    "organization_changelog": "v1 /organizations/{id}/changelog",
    "organization_fields": "v2 /organizationFields",
    "organization_followers": "v2 /organizations/{id}/followers",
    "organization_mail_messages": "v1 /organizations/{id}/mailMessages data.data",
    "organization_relationships": "v1 /organizationRelationships",
    "organizations": "v2 /organizations",
    "permission_set_assignments": "v1 /permissionSets/{id}/assignments",
    "permission_sets": "v1 /permissionSets",
    "person_changelog": "v1 /persons/{id}/changelog",
    "person_fields": "v2 /personFields",
    "person_followers": "v2 /persons/{id}/followers",
    "person_mail_messages": "v1 /persons/{id}/mailMessages data.data",
    "persons": "v2 /persons",
    "phases": "v2 /phases",
    "pipelines": "v2 /pipelines",
    "product_fields": "v2 /productFields",
    "product_followers": "v2 /products/{id}/followers",
    "product_images": "v2 /products/{id}/images",
    "product_variations": "v2 /products/{id}/variations",
    "products": "v2 /products",
    "project_fields": "v2 /projectFields",
    "project_templates": "v2 /projectTemplates",
    "projects": "v2 /projects",
    "role_assignments": "v1 /roles/{id}/assignments",
    "roles": "v1 /roles",
    "stages": "v2 /stages",
    "tasks": "v2 /tasks",
    "users": "v1 /users",
    "webhooks": "v1 /webhooks",
}

# person rows reached from a parent: they repeat a few columns of persons only
EXCERPTS = {"deal_persons", "organization_persons"}

# columns that identify a row, where "id" alone does not
PRIMARY_KEYS = {
    "activity_fields": ["field_code"],
    "deal_changelog": ["deal_id", "time", "field_key"],
    "deal_fields": ["field_code"],
    "deal_followers": ["deal_id", "user_id"],
    "deal_mail_messages": ["deal_id", "id"],
    "deal_persons": ["deal_id", "person_id"],
    "lead_fields": ["key"],
    "lead_sources": ["name"],
    "mail_threads": ["id", "folder"],
    "note_comments": ["uuid"],
    "note_fields": ["key"],
    "organization_changelog": ["organization_id", "time", "field_key"],
    "organization_fields": ["field_code"],
    "organization_followers": ["organization_id", "user_id"],
    "organization_mail_messages": ["organization_id", "id"],
    "organization_persons": ["organization_id", "person_id"],
    "organization_relationships": ["organization_id", "id"],
    "permission_set_assignments": ["permission_set_id", "user_id"],
    "person_changelog": ["person_id", "time", "field_key"],
    "person_fields": ["field_code"],
    "person_followers": ["person_id", "user_id"],
    "person_mail_messages": ["person_id", "id"],
    "product_fields": ["field_code"],
    "product_followers": ["product_id", "user_id"],
    "project_fields": ["field_code"],
    "role_assignments": ["role_id", "user_id"],
}

# documented keys that are no columns, and why
EXCEPTIONS = {
    "*": {"custom_fields": "one column per field is added at discover time"},
    "deal_participants": {
        "person": "the person stream has it; the row keeps id, name, e-mail and phone",
        "related_item_data": "the deal again",
        "related_item_id": "the deal again, as deal_id",
        "related_item_type": "always deal",
    },
    "webhooks": {"http_auth_password": "a secret; it does not belong into a warehouse"},
    "goals": {
        "assignee": "flattened to assignee_id and assignee_type",
        "duration": "flattened to duration_start and duration_end",
        "type": "flattened to type_name and type_params",
    },
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
    key = PRIMARY_KEYS.get(stream, ["id"])
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
    """No stream lacks its schema, and no file describes a stream that nobody checks."""
    assert set(SCHEMAS) == set(OPERATIONS) | EXCERPTS


@pytest.mark.parametrize("stream", sorted(set(SCHEMAS) - EXCERPTS))
def test_documented_keys_are_declared(stream: str, documented: dict[str, list[str]]) -> None:
    """Whatever the vendor documents for a row is a column, but for the exceptions listed above."""
    keys = set(documented[OPERATIONS[stream]]) - set(EXCEPTIONS["*"]) - set(EXCEPTIONS.get(stream, {}))
    assert keys, "the operation documents no rows"
    assert sorted(keys - set(SCHEMAS[stream]["properties"])) == []
