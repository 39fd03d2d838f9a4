"""The table held against the vendor's OpenAPI documents, where they lie beside the checkout."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipedrive_sandbox.limits.auth import accepted_scopes
from pipedrive_sandbox.model.query import parameter
from pipedrive_sandbox.model.registry import RESOURCES
from pipedrive_sandbox.model.resource import Resource, Route

from . import openapi
from .conftest import Api

OPERATIONS = openapi.load()
ROUTES = [(resource, route) for resource in RESOURCES for route in resource.routes]
NAMES = [f"{route.method} {resource.version}{route.path}" for resource, route in ROUTES]
GETS = [(resource, route) for resource, route in ROUTES if route.method == "GET"]
GET_NAMES = [f"{resource.version}{route.path}" for resource, route in GETS]
VALUES = {
    "term": "an",
    "deal_ids": "1,2,3",
    "org_id": "1",
    "board_id": "1",
    "folder": "inbox",
    "field": "name",
    "entity_type": "person",
    "interval": "month",
    "amount": "12",
    "field_key": "add_time",
    "start_date": "2023-01-01",
    "end_date": "2026-12-31",
    "period.start": "2023-01-01",
    "period.end": "2026-12-31",
    "since_timestamp": "2026-11-01 00:00:00",
}
# Served apart from the table, since they need no token.
OAUTH = {("v1", "GET", "/oauth/authorize"), ("v1", "POST", "/oauth/token"), ("v1", "POST", "/oauth/token/")}
DOCUMENTED_GETS = 180

# Both are named by the migration guide and by the read schemas, though not by the write schemas.
BODY_BEYOND = {"persons": {"first_name", "last_name"}}
# Documented as writable; the API refuses it.
BODY_READ_ONLY = {"activities": {"person_id"}}
# Seen in recorded answers, not in the documents.
# The documents show followers of a person with `deal_id`.
SHOWN_BEYOND = {"leads": {"archive_time"}, "followers": {"person_id"}}
# Documented as text in a list of field definitions, sent as an object or a number.
LOOSE = re.compile(r"custom_fields|visible_to|options\[\]\.id|\.code$|\.value$|\.label_ids|\.priority$")

pytestmark = pytest.mark.vendor_documents


def documented(resource: Resource, route: Route) -> openapi.Operation:
    """The documented operation of a route."""
    return OPERATIONS[resource.version, route.method, openapi.nameless(route.path)]


def test_every_documented_read_is_served() -> None:
    """All 180 documented GET operations are served, and nothing that is not documented."""
    served = {(resource.version, route.method, openapi.nameless(route.path)) for resource, route in ROUTES} | OAUTH
    reads = {key for key in OPERATIONS if key[1] == "GET"}

    assert reads <= served <= set(OPERATIONS)
    assert len(reads) == DOCUMENTED_GETS


@pytest.mark.parametrize(("resource", "route"), ROUTES, ids=NAMES)
def test_route_is_documented_with_its_cost(resource: Resource, route: Route) -> None:
    """Every route exists, and costs what is documented."""
    assert documented(resource, route)["x-token-cost"] == route.cost


@pytest.mark.parametrize(("resource", "route"), ROUTES, ids=NAMES)
def test_query_parameters_are_those_documented(resource: Resource, route: Route) -> None:
    """A route takes exactly the documented query parameters."""
    assert set(route.query) == openapi.query_names(documented(resource, route))


@pytest.mark.parametrize(("resource", "route"), ROUTES, ids=NAMES)
def test_required_parameters_are_those_documented(resource: Resource, route: Route) -> None:
    """The same query parameters are required."""
    sent = documented(resource, route).get("parameters", ())
    required = {each["name"] for each in sent if each["in"] == "query" and each.get("required")}

    assert {name for name in route.query if parameter(resource, name).required} == required


@pytest.mark.parametrize(("resource", "route"), ROUTES, ids=NAMES)
def test_status_is_documented(resource: Resource, route: Route) -> None:
    """The status of a good answer is documented."""
    assert str(route.status) in documented(resource, route)["responses"]


@pytest.mark.parametrize(("resource", "route"), ROUTES, ids=NAMES)
def test_scopes_are_documented(resource: Resource, route: Route) -> None:
    """A scope that is enough here is enough by the documents; for reads all of those are."""
    sent = documented(resource, route).get("security", ())
    expected = {scope for each in sent for scopes in each.values() for scope in scopes or ()}

    assert accepted_scopes(resource.scopes, route.method == "GET") <= expected
    if route.method == "GET":
        assert accepted_scopes(resource.scopes, route.method == "GET") == expected


@pytest.mark.parametrize("resource", RESOURCES, ids=[f"{each.version} {each.name}" for each in RESOURCES])
def test_body_keys_are_those_documented(resource: Resource) -> None:
    """Plain creates and updates take exactly the documented keys."""
    for route in resource.routes:
        keys = {"create": resource.create, "update": resource.update}.get(route.action.__name__.partition("_")[0])
        if keys is None or route.path.endswith("/options"):
            continue
        expected = openapi.body_keys(documented(resource, route)) | BODY_BEYOND.get(resource.name, set())
        assert set(keys) == expected - BODY_READ_ONLY.get(resource.name, set()), route


@pytest.mark.parametrize(("resource", "route"), GETS, ids=GET_NAMES)
def test_answer_has_the_documented_shape(seeded: Api, resource: Resource, route: Route) -> None:
    """Keys and types of an answer are those documented, in schema or example."""
    schema, example = openapi.answer_schema(documented(resource, route))
    complete(seeded)
    body = answer(seeded, resource, route)
    wrong = [each for each in openapi.mismatches(schema, body, "") if not LOOSE.search(each.partition(": ")[0])]

    assert wrong == []
    hashes = {
        name for name in openapi.unknown_keys(schema, example, body["data"]) if not re.match("[0-9a-f]{40}", name)
    }
    assert hashes - SHOWN_BEYOND.get(resource.name, set()) == set()


def complete(api: Api) -> None:
    """Add what the example account lacks: the picture of a person, and a conversion either way."""
    api.sandbox.put_rows("persons", [{**row, "picture_id": 1} for row in api.sandbox.rows("persons")])
    for kind, path in (("deals", "convert/lead"), ("leads", "convert/deal")):
        row = next(row for row in api.sandbox.rows(kind) if is_live(row) and row["person_id"])
        assert api.post(f"/api/v2/{kind}/{row['id']}/{path}", {}).status == 200


def answer(api: Api, resource: Resource, route: Route) -> Any:
    """A good answer of a route, for the first record that there is."""
    path = ("/api/v2" if resource.version == "v2" else "/v1") + route.path
    for name in re.findall(r"\{(\w+)\}", path):
        path = path.replace(f"{{{name}}}", str(some_id(api, resource, route, name)))
    query = {name: VALUES[name] for name in route.query if parameter(resource, name).required}
    response = api.get(path, **query)
    assert response.status == 200, response.body
    return response.json() if "json" in response.headers["content-type"] else {"data": []}


def some_id(api: Api, resource: Resource, route: Route, name: str) -> Any:
    """Id of a live record for a path parameter."""
    rows = api.sandbox.rows(resource.name)
    if resource.name == "conversions":
        job = next(row for row in rows if ("lead_id" in row) == (resource.parent == "deals"))
        return job["source_id"] if name == "id" else job["id"]
    if resource.parent and name == "id":
        parents = [row["id"] for row in api.sandbox.rows(resource.parent) if is_live(row)]
        used = {row[resource.parent_column] for row in rows if resource.parent_column}
        return next((parent for parent in parents if parent in used), parents[0])
    live = next(row for row in rows if is_live(row) and belongs(api, resource, row))
    return live["numeric_id"] if resource.version == "v1" and "numeric_id" in live else live["id"]


def is_live(row: dict[str, Any]) -> bool:
    """Whether a stored row is not deleted."""
    return not row.get("is_deleted") and row.get("active_flag") is not False


def belongs(api: Api, resource: Resource, row: dict[str, Any]) -> bool:
    """Whether a row hangs below the record that the path names, where it hangs below one."""
    if not resource.parent:
        return True
    return bool(row[resource.parent_column] == some_id(api, resource, resource.routes[0], "id"))
