"""Persons: the API takes one name, senders often hold two parts of it."""

from collections.abc import Mapping
from typing import Any

Values = dict[str, Any]


def prepare_person(values: Values, current: Mapping[str, Any] | None) -> Values:
    """First and last name become ``name``; a part that the sender did not give is the one on the server."""
    parts = {key: values[key] for key in ("first_name", "last_name") if key in values}
    if not parts:
        return values
    rest = {key: value for key, value in values.items() if key not in parts}
    if "name" in rest:
        return rest
    known = {key: parts.get(key, (current or {}).get(key)) for key in ("first_name", "last_name")}
    return {**rest, "name": " ".join(str(part) for part in known.values() if part)}
