"""Activities: the API reads a person and writes participants."""

from collections.abc import Mapping
from typing import Any

Values = dict[str, Any]


def prepare_activity(values: Values, current: Mapping[str, Any] | None) -> Values:  # noqa: ARG001
    """``person_id`` becomes the primary participant; sent as it is, the API refuses it."""
    if "person_id" not in values:
        return values
    rest = {key: value for key, value in values.items() if key != "person_id"}
    if "participants" in rest or values["person_id"] is None:
        return rest
    return {**rest, "participants": [{"person_id": values["person_id"], "primary": True}]}
