"""The source in this process, for the documents that quote what it says."""

from integration_tests.source.conftest import pipedrive as pipedrive
from integration_tests.source.conftest import served as served
from integration_tests.source.conftest import source as source
