"""All checks, to be run by pytest: ``@pytest.mark.parametrize("name", CHECKS)`` and ``run_check(name, adapter)``."""

from __future__ import annotations

import pytest

from . import checks_form, checks_states, checks_trouble, checks_writing
from .adapter import Adapter
from .registry import CHECKS as CHECKS
from .registry import Unsupported

#: Loading them has filled CHECKS.
MODULES = (checks_form, checks_states, checks_writing, checks_trouble)


def run_check(name: str, adapter: Adapter) -> None:
    """Run one check. Raises AssertionError where the destination does wrong; skips what it does not offer."""
    try:
        CHECKS[name](adapter)
    except Unsupported as reason:
        pytest.skip(str(reason))
