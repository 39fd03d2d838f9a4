"""What we send is what the vendor documents. Needs the vendor's OpenAPI documents, which are not in this repository."""

from __future__ import annotations

from typing import Any

import pytest

from integration_tests import openapi
from integration_tests.harness import Connector, Sandbox, configured, incoming, record
from pipedrive_client.endpoints import ENDPOINTS, Endpoint

pytestmark = pytest.mark.skipif(not openapi.FOLDER.exists(), reason=f"no OpenAPI documents in {openapi.FOLDER.name}")

ORGANIZATION = {
    "name": "Contract Ltd",
    "domain": "contract.example",
    "Founded year": 1999,
    "address": "Pikk 1, Tallinn",
}
PERSON = {"name": "Con Tract", "email": "con@contract.example", "phone": "+372 5", "Newsletter": "Weekly"}


@pytest.fixture(scope="module")
def documents() -> openapi.Documents:
    return openapi.Documents()


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: f"{row.method} {row.path}")
def test_endpoint_rows_are_documented(documents: openapi.Documents, row: Endpoint) -> None:
    """Every row of the endpoint table exists, costs what the vendor says, and is not on its way out."""
    operation = documents.of_template(row.method, row.path)

    assert operation is not None
    assert operation.cost == row.cost
    assert not operation.is_deprecated


def test_source_requests_are_documented(documents: openapi.Documents, sandbox: Sandbox, source: Connector) -> None:
    """A full read of all streams, and a second one from its state, send documented requests only."""
    catalog = configured(source.discover(sandbox.config()).catalog)
    first = source.read(sandbox.config(), catalog)
    second = source.read(sandbox.config(), catalog, first.last_states())

    assert (first.exit_code, second.exit_code) == (0, 0), f"{first}\n{second}"
    assert {each["path"] for each in sandbox.requests()} >= {"/api/v2/deals", "/v1/leads"}
    assert not undocumented(documents, sandbox.requests())


def test_destination_requests_are_documented(
    documents: openapi.Documents, sandbox: Sandbox, destination: Connector
) -> None:
    """Creates and updates of every object send documented requests only."""
    deal = sandbox.rows("api/v2/deals", status="open")[0]
    catalog = {"streams": [incoming(name) for name in ("organizations", "persons", "deals")]}
    for name in ("Contract Ltd", "Contract Limited"):
        messages = [
            record("organizations", **{**ORGANIZATION, "name": name}),
            record("persons", **{**PERSON, "name": name, "organization": name}),
            record("deals", id=deal["id"], title=name, value=len(name), **{"Lead source": "Website"}),
        ]
        run = destination.write(sandbox.config(), catalog, messages)
        assert run.exit_code == 0, run

    methods = {each["method"] for each in sandbox.requests()}
    assert methods >= {"GET", "POST", "PATCH"}
    assert not undocumented(documents, sandbox.requests())


def undocumented(documents: openapi.Documents, requests: list[dict[str, Any]]) -> list[str]:
    """What requests have that their operation's documentation does not, each kind once."""
    found: dict[str, None] = {}
    for request in requests:
        name = f"{request['method']} {request['path']}"
        operation = documents.of_request(request["method"], request["path"])
        if operation is None:
            found[f"{name}: no such operation"] = None
            continue
        surplus = {key for key, _ in request["query"]} - operation.query_names()
        found.update({f"{name}: query parameter {key}": None for key in sorted(surplus)})
        surplus = body_keys(request["body"]) - operation.body_keys()
        found.update({f"{name}: body key {key}": None for key in sorted(surplus)})
    return list(found)


def body_keys(body: Any) -> set[str]:
    """Top-level keys of a body, or of the elements of a list."""
    elements = body if isinstance(body, list) else [body or {}]
    return {key for element in elements if isinstance(element, dict) for key in element}
