"""What we send is what the vendor documents. Needs the vendor's OpenAPI documents, which are not in this repository."""

from __future__ import annotations

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
#: On its way out, and without a successor: an account that still has legacy teams can be read.
DEPRECATED = {"v1/legacyTeams"}


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: f"{row.method} {row.path}")
def test_endpoint_rows_are_documented(documents: openapi.Documents, row: Endpoint) -> None:
    """Every row of the endpoint table exists, costs what the vendor says, and is not on its way out."""
    operation = documents.of_template(row.method, row.path)

    assert operation is not None
    assert operation.cost == row.cost
    assert operation.is_deprecated == (row.path in DEPRECATED)


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
