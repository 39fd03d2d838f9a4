"""The checks by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .adapter import Adapter

T = TypeVar("T")
Check = Callable[[Adapter], None]


class Unsupported(Exception):
    """The destination cannot do what is checked, and does not say that it can."""


#: Name -> check. A check raises AssertionError; the message says what is wrong.
CHECKS: dict[str, Check] = {}


def check(*modes: str) -> Callable[[Check], Check]:
    """Register a function under its name, for destinations that have these sync modes."""

    def register(function: Check) -> Check:
        def checked(adapter: Adapter) -> None:
            missing = set(modes) - adapter.modes
            if missing:
                raise Unsupported(f"no sync mode {', '.join(sorted(missing))}")
            adapter.reset()
            function(adapter)

        checked.__doc__ = function.__doc__
        CHECKS[function.__name__] = checked
        return function

    return register


def needed(value: T | None, what: str) -> T:
    """A part of the adapter that not every destination has."""
    if value is None:
        raise Unsupported(f"the adapter has no {what}")
    return value
