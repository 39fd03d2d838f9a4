"""The connector form of Airbyte's platform, as far as it changes a config: what it draws, stores, strips, shows again.

Source: github.com/airbytehq/airbyte-platform at 310e6cb, below ``airbyte-webapp/src``:
``core/form/schemaToFormBlock.ts`` (what is drawn), ``area/connector/components/ConnectorForm/useBuildForm.tsx``
(``setDefaultValues``: what a new form holds), ``…/components/Property/Control.tsx`` (which control),
``core/utils/form.ts`` (empty texts go) and ``core/form/schemaToYup.ts`` with yup 0.32 (what is refused, cast and
stripped). On the server
``JsonSchemaValidator.kt`` and ``JsonSecretsProcessor.kt``: the sent config is validated, and masked secrets come back.

A value that is not there is ``None``; the specs have no null.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

from integration_tests.harness import ROOT

Schema = Mapping[str, Any]
Values = dict[str, Any]
#: What the server shows instead of a secret.
MASK = "**********"


class Refused(Exception):
    """The form does not send the config; the message names the inputs."""


@dataclass(frozen=True)
class Box:
    """Fields that are drawn beside each other: of the form, of one of its objects, or of one choice of a ``oneOf``."""

    place: str
    fields: Mapping[str, Schema]


@dataclass(frozen=True)
class Input:
    """One control with its path in the config, such as ``credentials.api_token``."""

    path: str
    control: str
    schema: Schema


def spec(side: str) -> dict[str, Any]:
    """The spec of the source or the destination."""
    content: dict[str, Any] = json.loads((ROOT / f"{side}_pipedrive" / "spec.json").read_text(encoding="utf-8"))
    return content


def form(side: str) -> dict[str, Any]:
    """The schema of the config."""
    content: dict[str, Any] = spec(side)["connectionSpecification"]
    return content


def boxes(schema: Schema, place: str = "") -> Iterator[Box]:
    """Every box of a form."""
    if schema.get("properties"):
        yield Box(place, schema["properties"])
    for name, field in schema.get("properties", {}).items():
        yield from boxes(field, f"{place}/{name}")
    for number, choice in enumerate(schema.get("oneOf", ())):
        yield from boxes(choice, f"{place}|{number}")
    if block(schema) == "list":
        yield from boxes(schema["items"], f"{place}[]")


def fields(side: str) -> Iterator[tuple[str, Schema]]:
    """Every field of a form with its place, those of objects, lists and choices included."""
    for box in boxes(form(side)):
        yield from ((f"{box.place}/{name}", field) for name, field in box.fields.items())


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


def new(schema: Schema) -> Values:
    """The values of a form that is opened for a new connector: defaults, also nested and hidden ones, are values."""
    values: Values = {}
    for name, field in schema.get("properties", {}).items():
        if "const" in field or "default" in field:
            values[name] = copy.deepcopy(field.get("const", field.get("default")))
        if block(field) == "group":
            values[name] = new(field)
        elif block(field) == "choice":
            choice = next((each for each in field["oneOf"] if _constant(each)[1] == field.get("default")), None)
            values[name] = new(choice or field["oneOf"][0])
    return values


def again(schema: Schema, stored: Values) -> Values:
    """The values of a form that is opened for a stored config: nothing is added, secrets are masked."""
    return {
        name: MASK if field.get("airbyte_secret") else again(field, value) if isinstance(value, dict) else value
        for name, value in stored.items()
        for field in [_properties(schema, stored).get(name, {})]
    }


def inputs(schema: Schema, values: Values, path: str = "") -> Iterator[Input]:
    """What is drawn for these values, and can be filled in."""
    for name, field in _properties(schema, values).items():
        at, value = f"{path}{name}", values.get(name)
        if field.get("airbyte_hidden") or "const" in field:
            continue
        if block(field) == "choice":
            yield Input(at, "choice", field)
        if block(field) == "list":
            yield Input(at, "list", field)
            for number, item in enumerate(value or ()):
                yield from inputs(field["items"], item, f"{at}.{number}.")
        elif block(field) == "input":
            yield Input(at, control(field), field)
        else:
            yield from inputs(field, value or {}, f"{at}.")


def fill(schema: Schema, values: Values, path: str, given: Any) -> Values:
    """The values after a person used one input: text is typed, a choice is named by its constant, a list grows by one.

    Raises LookupError when the form has no such input, or it cannot give such a value.
    """
    drawn = {each.path: each for each in inputs(schema, values)}
    used = drawn[path]
    values = copy.deepcopy(values)
    into: Any = values
    *above, name = path.split(".")
    for part in above:
        into = into[int(part)] if isinstance(into, list) else into.setdefault(part, {})
    if used.control == "choice":
        choice = next(each for each in used.schema["oneOf"] if _constant(each)[1] == given)
        kept = {key: value for key, value in (into.get(name) or {}).items() if key in choice["properties"]}
        into[name] = {**new(choice), **kept, **dict([_constant(choice)])}
    elif used.control == "list":
        into[name] = [*(into.get(name) or ()), new(used.schema["items"])]
    elif _can_give(used, given):
        into[name] = given
    else:
        raise LookupError(f"{path} is a {used.control} and cannot give {given!r}")
    return values


def submit(schema: Schema, values: Values) -> Values:
    """The config that is sent. Raises Refused when an input has an error."""
    drawn = _drawn(schema, copy.deepcopy(values))
    wrong = [*_errors(schema, drawn, "")]
    if wrong:
        raise Refused(", ".join(wrong))
    sent: Values = _cast(schema, _without_empty(drawn))
    return sent


def save(schema: Schema, sent: Values, stored: Values | None = None) -> Values:
    """The config that is stored. Raises jsonschema.ValidationError when the server refuses it."""
    kept = _with_secrets(schema, sent, stored or {})
    jsonschema.Draft7Validator(schema).validate(kept)
    return kept


def _constant(choice: Schema) -> tuple[str, Any]:
    return next((name, field["const"]) for name, field in choice["properties"].items() if "const" in field)


def _chosen(schema: Schema, values: Values) -> Schema:
    """The choice of a ``oneOf`` whose constant the values have; none has no fields."""
    return next((each for each in schema["oneOf"] if values.get(_constant(each)[0]) == _constant(each)[1]), {})


def _properties(schema: Schema, values: Values) -> Mapping[str, Schema]:
    found: Mapping[str, Schema] = (_chosen(schema, values) if schema.get("oneOf") else schema).get("properties", {})
    return found


def _can_give(used: Input, given: Any) -> bool:
    if used.control == "switch":
        return isinstance(given, bool)
    if used.control == "one of":
        return any(given is each or (type(given) is type(each) and given == each) for each in used.schema["enum"])
    if used.control in ("tags", "several of"):
        return isinstance(given, list)
    return isinstance(given, str)


def _drawn(schema: Schema, values: Values) -> Values:
    """Drawing an input puts its path into the values: optional objects are there as soon as they are drawn."""
    for name, field in _properties(schema, values).items():
        if field.get("airbyte_hidden"):
            continue
        if block(field) == "group" and field.get("properties"):
            values[name] = _drawn(field, values.get(name) or {})
        elif block(field) == "choice" and values.get(name) is not None:
            values[name] = _drawn(field, values[name])
        elif block(field) == "list":
            values |= {name: [_drawn(field["items"], item) for item in values[name]]} if values.get(name) else {}
    return values


def _errors(schema: Schema, values: Any, path: str) -> Iterator[str]:
    within = _chosen(schema, values) if schema.get("oneOf") else schema
    for name, field in within.get("properties", {}).items():
        at, value = f"{path}{name}", values.get(name)
        is_needed = name in within.get("required", ())
        if block(field) == "group":
            yield from _errors(field, value or {}, f"{at}.")
        elif block(field) == "choice" and value is not None:
            yield from _errors(field, value, f"{at}.")
        elif block(field) == "list":
            for number, item in enumerate(value or ()):
                yield from _errors(field["items"], item, f"{at}.{number}.")
        if (is_needed and value in (None, "", [])) or (value not in (None, "") and not _is_right(field, value)):
            yield at


def _is_right(field: Schema, value: Any) -> bool:
    """Enum, pattern and bounds are checked for schemas of one type only; for others yup has no rule."""
    cast = _cast(field, value)
    if isinstance(field.get("type"), list) or "type" not in field:
        return True
    if "enum" in field and cast not in field["enum"]:
        return False
    if isinstance(cast, int | float) and not isinstance(cast, bool):
        return bool(field.get("minimum", cast) <= cast <= field.get("maximum", cast))
    return not (isinstance(cast, str) and "pattern" in field and not re.search(field["pattern"], cast))


def _without_empty(value: Any) -> Any:
    """Texts that are empty when trimmed go, at any depth, free keys included; in lists they stay."""
    if isinstance(value, list):
        return [_without_empty(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: each for key, each in value.items() if not (isinstance(each, str) and not each.strip())}
    return {key: _without_empty(each) for key, each in kept.items()}


def _cast(field: Schema, value: Any) -> Any:
    """What yup makes of a value: keys that are not declared go, missing groups come; several types are left alone."""
    kind = field.get("type")
    if field.get("oneOf"):
        return None if value is None else _cast_choice(field, value)
    if kind == "object":
        pairs = ((name, _cast(each, (value or {}).get(name))) for name, each in field.get("properties", {}).items())
        return {name: cast for name, cast in pairs if cast is not None}
    if value is None:
        return None
    if kind == "array" and "items" in field:
        return [_cast(field["items"], each) for each in value]
    if kind == "string":
        return _text(value).strip()
    if kind in ("integer", "number") and isinstance(value, str):
        return _number(value)
    return value


def _cast_choice(field: Schema, value: Values) -> Values:
    """The keys of the choice; without a choice all keys that any of them has."""
    chosen = _chosen(field, value)
    if not chosen:
        known = {name for choice in field["oneOf"] for name in choice["properties"]}
        return {name: each for name, each in value.items() if name in known}
    pairs = ((name, _cast(each, value.get(name))) for name, each in chosen["properties"].items())
    return {name: cast for name, cast in pairs if cast is not None}


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


def _with_secrets(schema: Schema, sent: Values, stored: Values) -> Values:
    """Where the mask came back, the stored secret is meant."""
    kept = dict(sent)
    for name, field in _properties(schema, sent).items():
        if field.get("airbyte_secret") and sent.get(name) == MASK:
            kept[name] = stored[name]
        elif isinstance(sent.get(name), dict) and isinstance(stored.get(name), dict):
            kept[name] = _with_secrets(field, sent[name], stored[name])
    return kept
