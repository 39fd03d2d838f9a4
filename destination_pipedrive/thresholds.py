"""`min_change`: differences of numbers that are too small to be written. Pure."""

from collections.abc import Mapping
from typing import Any

#: Kinds whose values have a size.
SIZED = frozenset({"number", "integer", "monetary", "lead_value"})


def is_small(current: Any, wanted: Any, least: float) -> bool:
    """Whether both are numbers, of one currency where they have any, that differ by less than ``least``."""
    try:
        return _currency(current) == _currency(wanted) and abs(_number(current) - _number(wanted)) < least
    except (TypeError, ValueError):
        return False


def _number(value: Any) -> float:
    return float(value.get("value", value.get("amount")) if isinstance(value, Mapping) else value)


def _currency(value: Any) -> Any:
    return value.get("currency") if isinstance(value, Mapping) else None
