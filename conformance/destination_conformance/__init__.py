"""Checks that hold for every Airbyte destination which writes rows into an application. See README.md.

``CHECKS`` is the checks by name, ``run_check(name, adapter)`` runs one, and an ``Adapter`` describes a destination.
"""

from typing import TYPE_CHECKING, Any

from .adapter import Adapter, Held, Json

if TYPE_CHECKING:
    from .suite import CHECKS, run_check

__all__ = ["CHECKS", "Adapter", "Held", "Json", "run_check"]


def __getattr__(name: str) -> Any:
    # The checks load pytest and a validator, which the toy does not need in each of its processes.
    if name in __all__:
        from . import suite

        return getattr(suite, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
