"""Airbyte's own test suite for sources, with the scenarios of ``acceptance-test-config.yml``, against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests.pytest_hooks import pytest_generate_tests as pytest_generate_tests
from airbyte_cdk.test.standard_tests.source_base import SourceTestSuiteBase

from integration_tests.harness import Sandbox
from source_pipedrive.source import SourcePipedrive

pytestmark = pytest.mark.filterwarnings(
    "error::airbyte_cdk.test.standard_tests._catalog_checks.DiscoveredCatalogWarning"
)


@pytest.fixture(autouse=True)
def point_scenarios_at_the_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of a sandbox is known only once it runs."""
    as_written = ConnectorTestScenario.get_config_dict

    def here(scenario: ConnectorTestScenario, **options: Any) -> dict[str, Any]:
        return {**as_written(scenario, **options), "api_url": sandbox.url}

    monkeypatch.setattr(ConnectorTestScenario, "get_config_dict", here)


class TestSource(SourceTestSuiteBase):
    """All tests of the suite that need no image."""

    connector = SourcePipedrive


# Images are built and tried by other means; here these tests could only be skipped.
for _name in [name for name in dir(TestSource) if name.startswith("test_docker")]:
    setattr(TestSource, _name, None)
