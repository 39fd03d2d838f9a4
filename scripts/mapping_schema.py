"""Write the JSON schema of `mappings`, for editors, anew from its models. Run by ``make docs``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.objects.records import OBJECTS

FILE = Path(__file__).resolve().parent.parent / "destination_pipedrive" / "mappings.schema.json"
#: The dialect that editors know best.
DIALECT = "http://json-schema.org/draft-07/schema#"


class _ForEditors(GenerateJsonSchema):
    """Without what helps no author of a mapping: titles that repeat the key, nulls, defaults that say nothing."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if key != "default" or value not in (None, "", [], {})}

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        made = super().tagged_union_schema(schema)
        return {key: value for key, value in made.items() if key != "discriminator"}


def schema() -> dict[str, Any]:
    """A list of mappings; the names of the objects are those of the table."""
    made = TypeAdapter(list[Rules]).json_schema(schema_generator=_ForEditors)
    entry = made["$defs"][Rules.__name__]
    # Only a copy may do without a stream, and then it is one of all of them.
    entry["anyOf"] = [{"required": [key]} for key in (*entry.pop("required"), "copy")]
    keys = entry["properties"]
    keys["object"]["enum"] = list(OBJECTS)
    for key in Rules.take_null:
        keys[key] |= {"type": ["string", "null"], "enum": [*keys[key]["enum"], None]}
    title, text = "Mappings", "One entry per incoming stream of the Pipedrive destination."
    return {"$schema": DIALECT, "title": title, "description": text, **made}


def written() -> str:
    """The content of the file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
