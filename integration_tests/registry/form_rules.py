"""How the platform's form treats one schema: what it is drawn as, what is an error, what is cast and stripped.

Source: ``core/form/schemaToFormBlock.ts``, ``area/connector/components/ConnectorForm/components/Property/Control.tsx``,
``core/utils/form.ts`` and ``core/form/schemaToYup.ts`` (with yup 0.32) below ``airbyte-webapp/src`` of
github.com/airbytehq/airbyte-platform at 310e6cb. A value that is not there is ``None``; the specs have no null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
Values = dict[str, Any]


def block(schema: Schema) -> str:
    """What a schema is drawn as: a choice, a list of objects, a group, or one input. Free keys are drawn as nothing."""
    if schema.get("oneOf"):
        return "choice"
    if schema.get("type") == "array" and schema.get("items", {}).get("type") == "object":
        return "list"
    return "group" if schema.get("type") == "object" else "input"


def control(schema: Schema) -> str:
    """The control of an input. Of several types the first decides."""
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "boolean":
        return "switch"
    if kind == "array":
        return "several of" if schema["items"].get("enum") else "tags"
    if kind == "string" and schema.get("format") in ("date-time", "date"):
        return "date"
    if schema.get("enum"):
        return "one of"
    if schema.get("airbyte_secret"):
        return "password"
    return "text area" if schema.get("multiline") else "number" if kind in ("integer", "number") else "text"


def constant(choice: Schema) -> tuple[str, Any]:
    """Name and value of the key that tells a choice from the others."""
    return next((name, field["const"]) for name, field in choice["properties"].items() if "const" in field)


def chosen(schema: Schema, values: Values) -> Schema:
    """The choice of a ``oneOf`` whose constant the values have; none has no fields."""
    return next((each for each in schema["oneOf"] if values.get(constant(each)[0]) == constant(each)[1]), {})


def properties(schema: Schema, values: Values) -> Mapping[str, Schema]:
    """The fields of an object, of a ``oneOf`` those of the choice that the values name."""
    found: Mapping[str, Schema] = (chosen(schema, values) if schema.get("oneOf") else schema).get("properties", {})
    return found


def drawn_values(schema: Schema, values: Values) -> Values:
    """Drawing an input puts its path into the values: optional objects are there as soon as they are drawn."""
    for name, field in properties(schema, values).items():
        if field.get("airbyte_hidden"):
            continue
        if block(field) == "group" and field.get("properties"):
            values[name] = drawn_values(field, values.get(name) or {})
        elif block(field) == "choice" and values.get(name) is not None:
            values[name] = drawn_values(field, values[name])
        elif block(field) == "list":
            values |= {name: [drawn_values(field["items"], item) for item in values[name]]} if values.get(name) else {}
    return values


def errors(schema: Schema, values: Any, path: str = "") -> Iterator[str]:
    """The paths of the inputs that the form marks."""
    within = chosen(schema, values) if schema.get("oneOf") else schema
    for name, field in within.get("properties", {}).items():
        at, value = f"{path}{name}", values.get(name)
        is_needed = name in within.get("required", ())
        if block(field) == "group":
            yield from errors(field, value or {}, f"{at}.")
        elif block(field) == "choice" and value is not None:
            yield from errors(field, value, f"{at}.")
        elif block(field) == "list":
            for number, item in enumerate(value or ()):
                yield from errors(field["items"], item, f"{at}.{number}.")
        if (is_needed and value in (None, "", [])) or (value not in (None, "") and not _is_right(field, value)):
            yield at


def _is_right(field: Schema, value: Any) -> bool:
    """Enum, pattern and bounds are checked for schemas of one type only; for others yup has no rule."""
    made = cast(field, value)
    if isinstance(field.get("type"), list) or "type" not in field:
        return True
    if "enum" in field and made not in field["enum"]:
        return False
    if isinstance(made, int | float) and not isinstance(made, bool):
        return bool(field.get("minimum", made) <= made <= field.get("maximum", made))
    return not (isinstance(made, str) and "pattern" in field and not re.search(field["pattern"], made))


def without_empty(value: Any) -> Any:
    """Texts that are empty when trimmed go, at any depth, free keys included; in lists they stay."""
    if isinstance(value, list):
        return [without_empty(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: each for key, each in value.items() if not (isinstance(each, str) and not each.strip())}
    return {key: without_empty(each) for key, each in kept.items()}


def cast(field: Schema, value: Any) -> Any:
    """What yup makes of a value: keys that are not declared go, missing groups come; several types are left alone."""
    kind = field.get("type")
    if field.get("oneOf"):
        return None if value is None else _cast_choice(field, value)
    if kind == "object":
        pairs = ((name, cast(each, (value or {}).get(name))) for name, each in field.get("properties", {}).items())
        return {name: made for name, made in pairs if made is not None}
    if value is None:
        return None
    if kind == "array" and "items" in field:
        return [cast(field["items"], each) for each in value]
    if kind == "string":
        return _text(value).strip()
    if kind in ("integer", "number") and isinstance(value, str):
        return _number(value)
    return value


def _cast_choice(field: Schema, value: Values) -> Values:
    """The keys of the choice; without a choice all keys that any of them has."""
    choice = chosen(field, value)
    if not choice:
        known = {name for choice in field["oneOf"] for name in choice["properties"]}
        return {name: each for name, each in value.items() if name in known}
    pairs = ((name, cast(each, value.get(name))) for name, each in choice["properties"].items())
    return {name: made for name, made in pairs if made is not None}


def _text(value: Any) -> str:
    """``String(value)``."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    if isinstance(value, dict):
        return "[object Object]"
    return json.dumps(value) if isinstance(value, bool | int | float) else str(value)


def _number(typed: str) -> int | float | None:
    try:
        number = float(typed)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number
