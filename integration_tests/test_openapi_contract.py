"""What we send is what the vendor documents. Needs the vendor's OpenAPI documents, which are not in this repository."""

from __future__ import annotations

import pytest

from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec
from integration_tests import openapi
from integration_tests.harness import Connector, Sandbox, configured, incoming, record
from pipedrive_client.endpoints import ENDPOINTS, Endpoint
from pipedrive_client.scopes import read_scopes
from scripts.document_tables import write_scopes

pytestmark = pytest.mark.vendor_documents

ORGANIZATION = {
    "name": "Contract Ltd",
    "domain": "contract.example",
    "Founded year": 1999,
    "address": "Pikk 1, Tallinn",
}
PERSON = {"name": "Con Tract", "email": "con@contract.example", "phone": "+372 5", "Newsletter": "Weekly"}
#: Whose scopes have a `:full` beside the `:read`.
WRITABLE = {"deals", "contacts", "products", "leads", "activities", "goals", "mail", "projects"}
#: On its way out, and without a successor: an account that still has legacy teams can be read.
DEPRECATED = {"v1/legacyTeams"}


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: f"{row.method} {row.path}")
def test_endpoint_rows_are_documented(documents: openapi.Documents, row: Endpoint) -> None:
    """Every row of the endpoint table exists, costs what the vendor says, and is not on its way out."""
    operation = documents.of_template(row.method, row.path)

    assert operation is not None
    assert operation.cost == row.cost
    assert operation.is_deprecated == (row.path in DEPRECATED)


@pytest.mark.parametrize("path", [row.path for row in ENDPOINTS if row.method == "GET"])
def test_scopes_of_reads_are_documented(documents: openapi.Documents, path: str) -> None:
    """The scopes that a read takes are those that the vendor names, no more and no fewer."""
    operation = documents.of_template("GET", path)
    named = set(read_scopes(path))
    also = {scope.replace(":read", ":full") for scope in named if scope.split(":")[0] in WRITABLE}

    assert operation is not None
    assert operation.scopes == named | also


@pytest.mark.parametrize("spec", OBJECTS.values(), ids=lambda spec: spec.name)
def test_scopes_of_writes_are_documented(documents: openapi.Documents, spec: ObjectSpec) -> None:
    """Each scope of an object is enough for everything that is done with it."""
    ways = {"insert": ("POST", spec.path), "update": (spec.update_method, spec.item_path)}
    ways["delete"] = ("DELETE", spec.item_path)
    operations = {name: documents.of_template(*ways[name]) for name in spec.operations}

    assert not [name for name, each in operations.items() if each and not set(write_scopes(spec)) <= each.scopes]


def test_source_requests_are_documented(documents: openapi.Documents, sandbox: Sandbox, source: Connector) -> None:
    """A full read of all streams, and a second one from its state, send documented requests only."""
    catalog = configured(source.discover(sandbox.config()).catalog)
    first = source.read(sandbox.config(), catalog)
    second = source.read(sandbox.config(), catalog, first.last_states())

    assert (first.exit_code, second.exit_code) == (0, 0), f"{first}\n{second}"
    assert {each["path"] for each in sandbox.requests()} >= {"/api/v2/deals", "/v1/leads"}
    assert not documents.surplus(sandbox.requests())


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
    assert not documents.surplus(sandbox.requests())
