"""What some objects do to a row before it is sent: functions that rows of the table of objects name."""

from collections.abc import Mapping
from typing import Any

Values = dict[str, Any]


def prepare_deal(values: Values, current: Mapping[str, Any] | None) -> Values:  # noqa: ARG001
    """A pipeline beside a stage is left out: where the two differ, each write would undo the one before."""
    if values.get("stage_id") is None or "pipeline_id" not in values:
        return values
    return {key: value for key, value in values.items() if key != "pipeline_id"}


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


def prepare_activity(values: Values, current: Mapping[str, Any] | None) -> Values:  # noqa: ARG001
    """``person_id`` becomes the primary participant; sent as it is, the API refuses it."""
    if "person_id" not in values:
        return values
    rest = {key: value for key, value in values.items() if key != "person_id"}
    if "participants" in rest or values["person_id"] is None:
        return rest
    return {**rest, "participants": [{"person_id": values["person_id"], "primary": True}]}
