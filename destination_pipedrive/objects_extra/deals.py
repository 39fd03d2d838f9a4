"""Deals: a stage belongs to one pipeline, so it alone says where a deal is."""

from collections.abc import Mapping
from typing import Any

Values = dict[str, Any]


def prepare_deal(values: Values, current: Mapping[str, Any] | None) -> Values:  # noqa: ARG001
    """A pipeline beside a stage is left out: where the two differ, each write would undo the one before."""
    if values.get("stage_id") is None or "pipeline_id" not in values:
        return values
    return {key: value for key, value in values.items() if key != "pipeline_id"}
