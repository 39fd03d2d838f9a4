"""The connector form of Airbyte's platform, as far as it changes a config: opened, filled, sent, saved, opened again.

Source, beside that of ``form_rules``: ``setDefaultValues`` of ``…/ConnectorForm/useBuildForm.tsx`` (what a new form
holds), and on the server ``JsonSchemaValidator.kt`` and ``JsonSecretsProcessor.kt``: what is sent is validated, and
masked secrets come back.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema

from integration_tests.harness import ROOT
from integration_tests.registry.form_rules import (
    Schema,
    Values,
    block,
    cast,
    constant,
    control,
    drawn_values,
    errors,
    properties,
    without_empty,
)

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


def new(schema: Schema) -> Values:
    """The values of a form that is opened for a new connector: defaults, also nested and hidden ones, are values."""
    values: Values = {}
    for name, field in schema.get("properties", {}).items():
        if "const" in field or "default" in field:
            values[name] = copy.deepcopy(field.get("const", field.get("default")))
        if block(field) == "group":
            values[name] = new(field)
        elif block(field) == "choice":
            choice = next((each for each in field["oneOf"] if constant(each)[1] == field.get("default")), None)
            values[name] = new(choice or field["oneOf"][0])
    return values


def again(schema: Schema, stored: Values) -> Values:
    """The values of a form that is opened for a stored config: nothing is added, secrets are masked."""
    return {
        name: MASK if field.get("airbyte_secret") else again(field, value) if isinstance(value, dict) else value
        for name, value in stored.items()
        for field in [properties(schema, stored).get(name, {})]
    }


def inputs(schema: Schema, values: Values, path: str = "") -> Iterator[Input]:
    """What is drawn for these values, and can be filled in."""
    for name, field in properties(schema, values).items():
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
        choice = next(each for each in used.schema["oneOf"] if constant(each)[1] == given)
        kept = {key: value for key, value in (into.get(name) or {}).items() if key in choice["properties"]}
        into[name] = {**new(choice), **kept, **dict([constant(choice)])}
    elif used.control == "list":
        into[name] = [*(into.get(name) or ()), new(used.schema["items"])]
    elif _can_give(used, given):
        into[name] = given
    else:
        raise LookupError(f"{path} is a {used.control} and cannot give {given!r}")
    return values


def submit(schema: Schema, values: Values) -> Values:
    """The config that is sent. Raises Refused when an input has an error."""
    drawn = drawn_values(schema, copy.deepcopy(values))
    wrong = [*errors(schema, drawn)]
    if wrong:
        raise Refused(", ".join(wrong))
    sent: Values = cast(schema, without_empty(drawn))
    return sent


def save(schema: Schema, sent: Values, stored: Values | None = None) -> Values:
    """The config that is stored. Raises jsonschema.ValidationError when the server refuses it."""
    kept = _with_secrets(schema, sent, stored or {})
    jsonschema.Draft7Validator(schema).validate(kept)
    return kept


def _can_give(used: Input, given: Any) -> bool:
    if used.control == "switch":
        return isinstance(given, bool)
    if used.control == "one of":
        return any(given is each or (type(given) is type(each) and given == each) for each in used.schema["enum"])
    if used.control in ("tags", "several of"):
        return isinstance(given, list)
    return isinstance(given, str)


def _with_secrets(schema: Schema, sent: Values, stored: Values) -> Values:
    """Where the mask came back, the stored secret is meant."""
    kept = dict(sent)
    for name, field in properties(schema, sent).items():
        if field.get("airbyte_secret") and sent.get(name) == MASK:
            kept[name] = stored[name]
        elif isinstance(sent.get(name), dict) and isinstance(stored.get(name), dict):
            kept[name] = _with_secrets(field, sent[name], stored[name])
    return kept
