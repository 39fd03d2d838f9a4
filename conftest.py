"""What all tests share: those that need the vendor's OpenAPI documents are left out where these are not at hand.

The documents are not part of this repository. They lie beside a checkout that has them, in ``../shared``.
"""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

DOCUMENTS = Path(__file__).resolve().parent.parent / "shared" / "pipedrive-api" / "openapi"
#: Objects made since its last round at which the garbage collector begins the next one; Python's own number is 700.
YOUNG = 5_000


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests first, so that none is left alone at the end; contract tests only where there are the documents."""
    items.sort(key=lambda item: not item.get_closest_marker("long"))
    if DOCUMENTS.exists():
        return
    needy = [item for item in items if item.get_closest_marker("vendor_documents")]
    if needy:
        config.hook.pytest_deselected(items=needy)
        items[:] = [item for item in items if not item.get_closest_marker("vendor_documents")]


def pytest_collection_finish() -> None:
    """Keep what was imported and collected out of the garbage collector's rounds, which took a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so, in one line."""
    if not DOCUMENTS.exists():
        terminalreporter.write_line(
            "Left out: the contract tests, because the vendor's OpenAPI documents (../shared/pipedrive-api/openapi) "
            "are not beside this checkout."
        )
