"""Airbyte's own test suites, with the scenarios of both ``acceptance-test-config.yml``, against the sandbox.

A warning is a failure: the suite warns of what a later CDK will enforce (the checks of the catalog among it).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests._job_runner import run_test_job
from airbyte_cdk.test.standard_tests._spec_lint import assert_spec_is_valid, get_single_spec
from airbyte_cdk.test.standard_tests.destination_base import DestinationTestSuiteBase
from airbyte_cdk.test.standard_tests.pytest_hooks import pytest_generate_tests as pytest_generate_tests
from airbyte_cdk.test.standard_tests.source_base import SourceTestSuiteBase

from destination_pipedrive.destination import DestinationPipedrive
from integration_tests.harness import ROOT, Sandbox
from source_pipedrive.source import SourcePipedrive

pytestmark = pytest.mark.filterwarnings("error")

ADDRESSES = ("api_url", "oauth_url")


@pytest.fixture(autouse=True)
def point_scenarios_at_the_sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of a sandbox is known only once it runs."""
    as_written = ConnectorTestScenario.get_config_dict

    def here(scenario: ConnectorTestScenario, **options: Any) -> dict[str, Any]:
        config = as_written(scenario, **options)
        return config | {key: sandbox.url for key in ADDRESSES if key in config}

    monkeypatch.setattr(ConnectorTestScenario, "get_config_dict", here)


class TestSource(SourceTestSuiteBase):
    """All tests of the suite that need no image."""

    connector = SourcePipedrive

    @classmethod
    def get_connector_root_dir(cls) -> Path:
        """Where the source's registry entry is."""
        return ROOT


class TestDestination(DestinationTestSuiteBase):
    """What the suite has for destinations: the config against the spec, and check."""

    connector = DestinationPipedrive

    @classmethod
    def get_connector_root_dir(cls) -> Path:
        """Where the destination's registry entry is."""
        return ROOT / "destination_pipedrive"

    def test_spec(self) -> None:
        """The suite lints only a source's spec; secrets must be marked in a destination's, too."""
        result = run_test_job(self.create_connector(None), "spec", connector_root=self.get_connector_root_dir())

        assert_spec_is_valid(get_single_spec(result, connector_name="destination-pipedrive"), connector_name="it")


# Images are built and tried by integration_tests/image.
for _suite in (TestSource, TestDestination):
    for _name in [name for name in dir(_suite) if name.startswith("test_docker")]:
        setattr(_suite, _name, None)
