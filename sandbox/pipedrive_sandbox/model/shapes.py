"""How a stored row appears in an answer. Each shape prepares a function once a call, for all its rows."""

from collections.abc import Callable
from typing import Any

from pipedrive_sandbox.model.counters import included
from pipedrive_sandbox.model.resource import Call, Render, per_row, plain
from pipedrive_sandbox.store.clock import with_milliseconds, with_space
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import definitions

LABEL_KEYS = ("id", "label", "color")


@per_row
def spaced_times(call: Call, row: Row) -> Row:
    """Columns whose names end in `_time` as `YYYY-MM-DD HH:MM:SS`."""
    return {name: with_space(value) if name.endswith("_time") else value for name, value in call.stored(row).items()}


def record(call: Call) -> Render:
    """A v2 record: columns, every defined custom field (unset ones as null), counters and labels on request."""
    base, keys, extra = plain(call), _custom_keys(call), included(call)
    dress = _option_labels(call) if call.query.get("include_option_labels") else None
    labels = _labels(call) if call.query.get("include_labels") else None

    def render(row: Row) -> Row:
        shown = base(row)
        custom = row.get("custom_fields") or {}
        shown["custom_fields"] = {key: custom.get(key) for key in keys}
        if dress:
            dress(shown["custom_fields"])
        if labels is not None:
            shown["labels"] = [labels[label] for label in row.get("label_ids") or () if label in labels]
        shown.update((name, read(row)) for name, read in extra.items())
        return shown

    return render


def deal(call: Call) -> Render:
    """A v2 deal; a deleted one says so in its status."""
    base = record(call)

    def render(row: Row) -> Row:
        return {**base(row), "status": "deleted"} if row["is_deleted"] else base(row)

    return render


def activity(call: Call) -> Render:
    """A v2 activity: no custom fields; attendees on request."""
    base, extra = plain(call), included(call)

    def render(row: Row) -> Row:
        return {**base(row), **{name: read(row) or [] for name, read in extra.items()}}

    return render


def product(call: Call) -> Render:
    """A v2 product; its category is a number on write and text on read."""
    base = record(call)

    def render(row: Row) -> Row:
        category = row.get("category")
        return {**base(row), "category": None if category is None else str(category)}

    return render


@per_row
def project_change(_call: Call, row: Row) -> Row:
    """An entry of a project's change log."""
    kept = ("change_source", "change_source_user_agent", "new_values", "old_values", "actor_user_id")
    return {**{name: row[name] for name in kept}, "time": with_milliseconds(row["time"])}


def field_definition(call: Call) -> Render:
    """A v2 field definition; visibility and requirements only on request."""
    extra = included(call)

    def render(row: Row) -> Row:
        return {**call.stored(row), **{name: row.get(name) for name in extra}}

    return render


def _custom_keys(call: Call) -> list[str]:
    keys = call.custom_keys()
    wanted = call.query.get("custom_fields")
    return list(keys) if wanted is None else [key for key in wanted if key in keys]


def _option_labels(call: Call) -> Callable[[dict[str, Any]], None]:
    custom = call.custom_keys()
    options = {
        key: {option["id"]: {"id": option["id"], "label": option["label"]} for option in row["options"]}
        for key, row in custom.items()
        if row["field_type"] in ("enum", "set")
    }

    def dress(values: dict[str, Any]) -> None:
        for key in values.keys() & options.keys():
            value, known = values[key], options[key]
            if isinstance(value, list):
                values[key] = [known.get(option, {"id": option, "label": None}) for option in value]
            elif value is not None:
                values[key] = known.get(value, {"id": value, "label": None})

    return dress


def _labels(call: Call) -> dict[int, Row]:
    for row in definitions(call.state, call.resource.fields):
        if row["field_code"] == "label_ids":
            return {option["id"]: {name: option.get(name) for name in LABEL_KEYS} for option in row["options"]}
    return {}


def millisecond_times(call: Call) -> Render:
    """Columns that hold moments, with milliseconds."""
    base = record(call) if call.resource.fields else plain(call)
    times = [column for column in call.resource.names if column.endswith(("_time", "_timestamp"))]

    def render(row: Row) -> Row:
        shown = base(row)
        shown.update((column, with_milliseconds(row[column])) for column in times if row.get(column))
        return shown

    return render
