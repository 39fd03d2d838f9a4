"""Checks that hold for every Airbyte destination which writes rows into an application. See README.md.

``CHECKS`` is the checks by name, ``run_check(name, adapter)`` runs one, and an ``Adapter`` describes a destination.
"""

from .adapter import Adapter, Held, Json
from .suite import CHECKS, run_check

__all__ = ["CHECKS", "Adapter", "Held", "Json", "run_check"]
