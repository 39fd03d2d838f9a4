"""What some objects do to a row before it is sent: functions that rows of the table of objects name."""

from collections.abc import Mapping
from typing import Any

from pipedrive_client.normalization import text_key

Values = dict[str, Any]


def prepare_deal(values: Values, current: Mapping[str, Any] | None) -> Values:
    """A pipeline beside a stage is left out, and the value of a deal that has products, which Pipedrive sets by them:
    each write would undo the one before.
    """
    dropped = {"pipeline_id"} if values.get("stage_id") is not None else set()
    dropped |= {"value"} if current and current.get("products_count") else set()
    return values if dropped.isdisjoint(values) else {key: value for key, value in values.items() if key not in dropped}


#: Fields of a person that the API takes instead of the name, never beside it. Source: the v2 migration guide.
NAME_PARTS = ("first_name", "last_name")


def prepare_person(values: Values, current: Mapping[str, Any] | None) -> Values:
    """First and last name, or the name where it says something else; a new row has both, to be found by the name.

    A lone part that is the whole name already says nothing new: Pipedrive keeps a single word as the first name. Nor do
    parts of the name of a row that shows none.
    """
    if values.get("name") and values.keys().isdisjoint(NAME_PARTS):
        return values
    parts = {key: values[key] for key in NAME_PARTS if values.get(key)}
    rest = {key: value for key, value in values.items() if key not in NAME_PARTS}
    joined = " ".join(parts[key] for key in NAME_PARTS if key in parts)
    name = rest.pop("name", None)
    if not parts or (name and text_key(name) != text_key(joined)):
        return {**rest, **({} if name is None else {"name": name})}
    if current is None:
        return {**rest, **parts, "name": name or joined}
    if name and all(current.get(key) == part for key, part in parts.items()):
        return {**rest, "name": name}
    is_lone = len(parts) < len(NAME_PARTS) or not any(current.get(key) for key in NAME_PARTS)
    is_known = is_lone and text_key(current.get("name")) == text_key(joined)
    return rest if is_known else {**rest, **parts}


def new_person_body(values: Values) -> Values:
    """Both parts of the name, a missing one as empty text, or the name; together the API refuses them."""
    parts = {key: values.get(key) or "" for key in NAME_PARTS}
    if not any(parts.values()):
        return values
    return {**{key: value for key, value in values.items() if key != "name"}, **parts}


def prepare_activity(values: Values, current: Mapping[str, Any] | None) -> Values:  # noqa: ARG001
    """``person_id`` becomes the primary participant; sent as it is, the API refuses it."""
    person = values.get("person_id")
    rest = {key: value for key, value in values.items() if key != "person_id"}
    if person is None:
        return rest if "person_id" in values else values
    people = [each for each in rest.get("participants") or () if each["person_id"] != person]
    if any(each.get("primary") for each in people):
        return rest
    return {**rest, "participants": [{"person_id": person, "primary": True}, *people]}
