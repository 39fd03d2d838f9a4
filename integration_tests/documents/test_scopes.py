"""The OAuth scopes that docs/streams.md and docs/source.md name are enough for every call that a stream takes."""

from __future__ import annotations

from itertools import product

import pytest

from bench.operations import endpoint_of_url
from integration_tests.source.conftest import InProcess
from pipedrive_client.scopes import read_scopes
from pipedrive_sandbox import Sandbox
from scripts.stream_docs import needs
from source_pipedrive.streams.spec import StreamSpec
from source_pipedrive.streams.table import STREAMS

#: Asked for names and emails of users; a refusal makes them null. The pages say so beside the tables.
BESIDES = {"v1/users"}


@pytest.mark.parametrize("spec", STREAMS, ids=lambda spec: spec.name)
def test_the_scopes_of_a_stream_are_enough(pipedrive: Sandbox, source: InProcess, spec: StreamSpec) -> None:
    """Whichever scope of each line is chosen, every call of a read of the stream alone takes one of them."""
    run = source.read(spec.name)
    rows = [endpoint_of_url(each["method"], each["path"]) for each in pipedrive.requests()]
    called = {row.path for row in rows if row} - (BESIDES if spec.name != "users" else set())

    assert run.exit_code == 0
    assert called
    for granted in product(*needs(spec)):
        assert not [path for path in sorted(called) if not set(read_scopes(path)) & set(granted)]


def test_leads_take_the_definitions_of_deal_fields(pipedrive: Sandbox, source: InProcess) -> None:
    """Which is why their line names a second scope: without it the stream fails, and says so."""
    catalog = source.catalog("leads")
    pipedrive.change_settings(refused_paths={"/dealFields$": 403})
    run = source.read_catalog(catalog)

    (error,) = run.errors()
    assert "OAuth scope is missing" in error["message"]
    assert "GET /api/v2/dealFields" in error["message"]
