"""A spec as the form that Airbyte draws of it: its fields, with their place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integration_tests.harness import ROOT

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Box:
    """Fields that are drawn beside each other: of the form, of one of its objects, or of one choice of a ``oneOf``."""

    place: str
    fields: Mapping[str, Schema]


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
    if "items" in schema:
        yield from boxes(schema["items"], f"{place}[]")


def fields(side: str) -> Iterator[tuple[str, Schema]]:
    """Every field of a form with its place, those of objects, lists and choices included."""
    for box in boxes(form(side)):
        yield from ((f"{box.place}/{name}", field) for name, field in box.fields.items())
